"""Which Marketo field a CRM field is taken for where nobody said so: by the catalogue, else by its name or label."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping

from mksync.core.frozen import dataclass
from mksync.core.pairs import Direction, feeds, natural_direction, problems
from mksync.core.records import Catalogue, Field, FieldType

_MOMENTS = frozenset({FieldType.DATE, FieldType.DATETIME})
_OF_MOMENTS = ("at", "on", "date", "time")  # how names of dates and times end: lastDemoAt, Last_Demo__c


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Marketo's fields, to be looked up by what one object of the CRM calls its own."""

    people: Mapping[str, Field]
    catalogue: Catalogue
    _names: Mapping[str, Field]
    _labels: Mapping[str, Field]
    _moments: Mapping[str, Field]

    @classmethod
    def of(
        cls, people: Mapping[str, Field], catalogue: Catalogue, reserved: Container[str] = frozenset()
    ) -> "Counterparts":
        """`reserved`: names of Marketo's fields that are nobody's counterpart."""
        free = {name: field for name, field in people.items() if name not in reserved}
        keys = (_name, _label, lambda field: _moment(field, _name(field)))
        names, labels, moments = (_index(free.values(), key) for key in keys)
        return cls(free, catalogue, names, labels, moments)

    def find(self, field: Field) -> Field | None:
        """The Marketo field that goes with this one, if there is exactly one."""
        for pair in self.catalogue.pairs:
            if pair.crm == field.name:
                return self.people.get(pair.marketo)
        name, label = _name(field), _label(field)
        found = (self._names.get(name), self._labels.get(name), self._names.get(label), self._labels.get(label))
        moments = (self._moments.get(_moment(field, one)) for one in (name, label))
        return next((one for one in (*found, *moments) if one), None)

    def direction(self, marketo: Field, crm: Field) -> Direction | None:
        """The catalogue's direction for this pair if both sides allow it, else the widest one; None: no way at all."""
        if self.catalogue.one_way:
            return Direction.TO_MARKETO if feeds(crm, marketo) else None
        for pair in self.catalogue.pairs:
            if (pair.marketo, pair.crm) == (marketo.name, crm.name):
                return allowed(marketo, crm, Direction(pair.direction))
        return natural_direction(marketo, crm)


def allowed(marketo: Field, crm: Field, wished: Direction) -> Direction | None:
    """The direction that is wished for, or what both sides allow instead."""
    return wished if not problems(marketo, crm, wished) else natural_direction(marketo, crm)


def _index(fields: Iterable[Field], of: Callable[[Field], str]) -> Mapping[str, Field]:
    """What two fields go by tells neither of them."""
    named = [(of(field), field) for field in fields]
    uses = Counter(name for name, _ in named)
    return {name: field for name, field in named if name and uses[name] == 1}


def _name(field: Field) -> str:
    return _plain(field.name.removesuffix("__c"))


def _label(field: Field) -> str:
    return _plain(field.label)


def _moment(field: Field, name: str) -> str:
    """The name, or label, of a date or time without its ending."""
    if field.type not in _MOMENTS:
        return ""
    ending = next((end for end in _OF_MOMENTS if name.endswith(end) and name != end), "")
    return name.removesuffix(ending)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
