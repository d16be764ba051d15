"""Option sets: integers on the wire, labels everywhere else.

Labels are what people see, and what Marketo's text fields are to hold; integers are what Dataverse compares. A label
that does not stand for one option alone is not used: then the integer is its name.

What an option is called is for Dynamics alone to say, and labels are renamed and may change places. What an earlier run
was told of them is believed as long as each row agrees, which says with a value what it is called now; and a label
becomes an integer that is written only by what Dynamics says in this run.

Sources: Power Apps developer documentation, "Column definitions" (choice columns), "Query data using the Web API"
(formatted values).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Value
from mksync.core.values import canonical
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.kinds import CHOICES, kind
from mksync.vendors.dynamics.odata import query

SEPARATOR = ";"  # of a multi-select's canonical value, and of the labels that come with one
LABEL = "OData.Community.Display.V1.FormattedValue"


@dataclass(frozen=True, slots=True)
class OptionSet:
    """One column's options: the name of each integer, and the integer of each name, case aside."""

    names: Mapping[int, str]
    numbers: Mapping[str, int]

    @classmethod
    def of(cls, labels: Mapping[int, str]) -> "OptionSet":
        spoken = {number: str(canonical(FieldType.TEXT, label) or "") for number, label in labels.items()}
        often = Counter(label.casefold() for label in spoken.values())
        names = {
            number: label if often[label.casefold()] == 1 and _is_name(label, number, labels) else str(number)
            for number, label in spoken.items()
        }
        return cls.named(names)

    @classmethod
    def named(cls, names: Mapping[int, str]) -> "OptionSet":
        """The options of these names, each of which is one option's alone."""
        numbers = {str(number): number for number in names}
        return cls(names, numbers | {label.casefold(): number for number, label in names.items()})

    def name(self, number: int) -> str | None:
        """None for an option that is not there."""
        return self.names.get(number)

    def number(self, text: str) -> int | None:
        """The option that is called so, by its label in any case or by its integer; None if there is none."""
        return self.numbers.get(text.strip().casefold())


def _is_name(label: str, number: int, labels: Mapping[int, str]) -> bool:
    """Whether a label can stand for its option: not empty, no list, and not another option's integer."""
    another = label.lstrip("-").isdecimal() and int(label) in labels and int(label) != number
    return bool(label) and SEPARATOR not in label and not another


EMPTY = OptionSet.of({})
OptionSets = Mapping[str, OptionSet]


def read(client: Client, table: str, kinds: Iterable[str]) -> dict[str, OptionSet]:
    """The option sets of a table's columns of these kinds, by column: one call a kind."""
    found: dict[str, OptionSet] = {}
    for one in dict.fromkeys(kinds):
        path = f"EntityDefinitions(LogicalName='{table}')/Attributes/Microsoft.Dynamics.CRM.{one}AttributeMetadata"
        expand = "OptionSet($select=Options)"
        if one in ("Picklist", "MultiSelectPicklist"):
            expand += ",GlobalOptionSet($select=Options)"
        rows = client.read(query(path, select=["LogicalName"], expand=expand))["value"]
        found |= {row["LogicalName"]: OptionSet.of(labels_of(row)) for row in rows}
    return found


def label_of(wire: Any) -> str:  # noqa: ANN401 - any JSON value
    """A label in the sync user's language, else in any; empty without one."""
    spoken = (wire or {}).get("UserLocalizedLabel") or next(iter((wire or {}).get("LocalizedLabels") or ()), None)
    return str((spoken or {}).get("Label") or "")


def labels_of(row: Mapping[str, Any]) -> dict[int, str]:
    """The options of a column's definition: what each integer is called."""
    options = (row.get("OptionSet") or row.get("GlobalOptionSet") or {}).get("Options") or ()
    return {int(option["Value"]): label_of(option.get("Label")) for option in options}


class Choices:
    """The option sets of one table, asked for when a value first needs them: an idle cycle needs none."""

    def __init__(self, ask: Callable[[Iterable[str]], OptionSets], recalled: OptionSets) -> None:
        """`recalled`: by column, as an earlier run was told."""
        self._ask = ask
        self._known = dict(recalled)
        self._asked: set[str] = set()  # kinds of columns that are known as they are now

    def learn(self, told: OptionSets) -> None:
        """All of them, as they are now."""
        self._known |= told
        self._asked.update(CHOICES)

    def forget(self) -> None:
        """Forget what only an earlier run was told: for many rows, asking is less than a label in each of them."""
        if not self._asked:
            self._known.clear()

    def hearsay(self, fields: Iterable[Field]) -> bool:
        """Whether only an earlier run was told of one of these: then rows have to say what their values are called."""
        return any(field.name in self._known and kind(field) not in self._asked for field in fields)

    def heed(self, field: Field, wire: object, label: object) -> None:
        """Before a value is read: if a row does not call it as an earlier run was told, its name is asked for."""
        if wire is None or kind(field) in self._asked:
            return
        numbers = [int(one) for one in str(wire).split(",") if one.strip()]
        names = [self._name(field, number) for number in numbers]
        if None not in names and _spoken(field, label) != _spoken(field, SEPARATOR.join(map(str, names))):
            self._ask_for(kind(field))

    def of(self, field: Field) -> OptionSet:
        """As they are now, for writing."""
        if kind(field) not in self._asked:
            self._ask_for(kind(field))
        return self._known.setdefault(field.name, EMPTY)

    def name(self, field: Field, number: int) -> str:
        """The name of an option; of one that came to be since, or is no more, the name is asked for once."""
        found = self._name(field, number)
        if found is None:
            self._ask_for(kind(field))
            found = self._name(field, number)
        if found is None:
            found = str(number)
            self._known[field.name] = _with(self._known.get(field.name, EMPTY), number)
        return found

    def _name(self, field: Field, number: int) -> str | None:
        return self._known.get(field.name, EMPTY).name(number)

    def _ask_for(self, kind: str) -> None:
        self._known |= self._ask([kind])
        self._asked.add(kind)


def recalled(fields: Iterable[Field]) -> OptionSets:
    """The option sets that stand in a description."""
    return {
        field.name: OptionSet.named(dict(zip(map(int, field.codes), field.choices, strict=True)))
        for field in fields
        if kind(field) in CHOICES and field.codes and len(field.codes) == len(field.choices)
    }


def _spoken(field: Field, label: object) -> Value:
    return canonical(field.type, label if isinstance(label, str) else None)


def _with(options: OptionSet, number: int) -> OptionSet:
    return OptionSet({**options.names, number: str(number)}, {**options.numbers, str(number): number})


def kinds_of(fields: Iterable[Field]) -> list[str]:
    """The kinds of choice columns among these fields."""
    return [one for one in CHOICES if any(kind(field) == one for field in fields)]
