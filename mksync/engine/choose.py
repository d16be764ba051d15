"""Turn what an admin types into field pairs: names of either side, `CRM=marketo`, with `:direction` behind."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from mksync.core.frozen import dataclass
from mksync.core.pairs import NAMES, Direction, feeds, problems
from mksync.core.records import Catalogue, Field, Side
from mksync.engine.counterparts import Counterparts
from mksync.engine.fields import Schemas
from mksync.errors import ConfigError
from mksync.selection import Custom, Selected, Selection, add, remove, ruled, with_pairs

ALIKE = 0.7  # of 1: typing errors are nearer, other names are farther
CREATE = "--create-in-marketo"
LIST_HINT = "mksync fields list --object {object} --all"


class Missing(ConfigError):  # noqa: N818 - what the field is
    """The CRM shows no field of this name, nor of one that is like it."""

    def __init__(self, message: str, hint: str, object: str, name: str) -> None:
        super().__init__(message, hint=hint)
        self.object = object
        self.name = name


@dataclass(frozen=True, slots=True)
class Wish:
    """A field pair as somebody typed it: one name or both, and perhaps a direction."""

    text: str
    crm: str
    marketo: str | None
    direction: Direction | None


def wish(text: str) -> Wish:
    """Read `Title`, `Title=title` or `Title=title:to-marketo`. Raises ConfigError."""
    names, _, way = (part.strip() for part in text.partition(":"))
    crm, _, marketo = (part.strip() for part in names.partition("="))
    if not crm:
        raise ConfigError(f"{text!r} names no field", hint="write Title, or Title=title, or Title=title:to-marketo")
    if way and way not in tuple(Direction):
        raise ConfigError(f"{text!r}: {way!r} is no direction", hint=f"one of {', '.join(Direction)}")
    return Wish(text.strip(), crm, marketo or None, Direction(way) if way else None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an admin wants: `only` these and no others, these `added` or `removed`, perhaps every custom field.

    `usual`: the pairs that the catalogue proposes; `none`: nothing of this object any more.
    """

    only: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    customs: bool = False
    usual: bool = False
    none: bool = False

    @property
    def named(self) -> bool:
        """Whether single fields are named."""
        return bool(self.only or self.added or self.removed or self.none)

    @property
    def given(self) -> bool:
        """Whether anything is wanted at all."""
        return self.named or self.customs or self.usual or self.none


@dataclass(frozen=True, slots=True)
class Chooser:
    """The fields of one object on both sides, to choose from. `reserved`: Marketo's that nobody may choose, and why.

    `custom`: what is known of it as a custom object; `unmade`: Marketo has no type for it yet, but is to have one.
    """

    object: str
    people: Mapping[str, Field]
    records: Mapping[str, Field]
    catalogue: Catalogue
    reserved: Mapping[str, str]
    counterparts: Counterparts
    custom: Custom | None = None
    unmade: bool = False

    @classmethod
    def of(cls, schemas: Schemas, catalogue: Catalogue, reserved: Mapping[str, str]) -> "Chooser":
        described = schemas[Side.MARKETO, catalogue.counterpart]
        people = described.fields
        reserved = {**dict.fromkeys(described.dedupe, "mksync fills it by itself"), **reserved}
        counterparts = Counterparts.of(people, catalogue, reserved)
        return cls(
            catalogue.object, people, schemas[Side.CRM, catalogue.object].fields, catalogue, reserved, counterparts
        )

    def pair(self, wish: Wish) -> Selected:
        """The pair that is meant. Raises ConfigError, naming the nearest field there is, if there is none."""
        record = self._record(wish)
        person = self._person(wish, record)
        direction = wish.direction or self.counterparts.direction(person, record)
        reasons = self._problems(person, record, direction)
        if direction is None or reasons:
            raise ConfigError(f"{self.object}: {record.name} cannot be paired with {person.name}: {'; '.join(reasons)}")
        return Selected(person.name, record.name, direction)

    def _problems(self, person: Field, record: Field, direction: Direction | None) -> list[str]:
        if not self.catalogue.one_way:
            return problems(person, record, direction or Direction.BOTH)
        if direction is not Direction.TO_MARKETO and feeds(record, person):
            return [f"{self.catalogue.label} flows to Marketo only: nothing of it is ever written to the CRM"]
        return [] if feeds(record, person) else problems(person, record, Direction.TO_MARKETO)

    def selectable(self, selection: Selection) -> Iterator[Selected]:
        """Every pair that could be selected beside what is: offered, with a counterpart that no other pair has."""
        chosen = selection.of(self.object)
        taken = {name.casefold() for line in chosen for name in (line.crm, line.marketo)}
        for field in self.records.values():
            person = None if field.name in self.catalogue.not_offered else self.counterparts.find(field)
            direction = self.counterparts.direction(person, field) if person else None
            if person and direction and not taken & {field.name.casefold(), person.name.casefold()}:
                taken |= {field.name.casefold(), person.name.casefold()}
                yield Selected(person.name, field.name, direction)

    def customs(self, selection: Selection) -> list[Selected]:
        """The selectable pairs of custom fields."""
        return [pair for pair in self.selectable(selection) if self.records[pair.crm].custom]

    def usual(self, selection: Selection) -> Iterator[Selected]:
        """The catalogue's pairs that both sides show and that stand in no other pair."""
        taken = {name.casefold() for line in selection.of(self.object) for name in (line.crm, line.marketo)}
        for pair in self.catalogue.pairs:
            person, record = self.people.get(pair.marketo), self.records.get(pair.crm)
            free = (
                person
                and person.name not in self.reserved
                and not taken & {pair.crm.casefold(), pair.marketo.casefold()}
            )
            if free and person and record and (direction := self.counterparts.direction(person, record)):
                yield Selected(person.name, record.name, direction)

    def _record(self, wish: Wish) -> Field:
        """The CRM field by its name or label, or by the Marketo field that goes with it."""
        found = named(self.records, wish.crm)
        if found is not None:
            self._offered(found)
            return found
        person = named(self.people, wish.crm) if wish.marketo is None else None
        if person is None:
            raise self._unknown(wish, Side.CRM, wish.crm)
        going = [field for field in self._offerable() if self.counterparts.find(field) == person]
        if len(going) != 1:
            text = f"{self.object}: no field of the CRM goes with Marketo's {person.name}"
            raise ConfigError(text, hint=f"name the one that is meant: FieldOfTheCRM={person.name}")
        return going[0]

    def _offerable(self) -> Iterator[Field]:
        return (field for field in self.records.values() if field.name not in self.catalogue.not_offered)

    def _offered(self, field: Field) -> None:
        reason = self.catalogue.not_offered.get(field.name)
        if reason:
            hint = LIST_HINT.format(object=self.object)
            raise ConfigError(f"{self.object}: {field.name} is not offered: {reason}", hint=hint)

    def _person(self, wish: Wish, record: Field) -> Field:
        if wish.marketo is None:
            found = self.counterparts.find(record)
            if found is None:
                text = f"{self.object}: Marketo has no field like {record.name}"
                hint = f"name the one that is meant: {record.name}=marketoField, or have it made: {CREATE}"
                raise ConfigError(text, hint=hint)
            return found
        found = named(self.people, wish.marketo)
        if found is None:
            raise self._unknown(wish, Side.MARKETO, wish.marketo)
        if reason := self.reserved.get(found.name):
            raise ConfigError(f"{self.object}: Marketo's {found.name} is not offered: {reason}", hint="leave it out")
        return found

    def _unknown(self, wish: Wish, side: Side, name: str) -> ConfigError:
        """A field that is not there, or hidden: nobody can tell which."""
        known = [*self.records, *(self.people if wish.marketo is None else ())]
        match = _nearest(name, self.people if side is Side.MARKETO else known)
        text = f"{self.object}: {NAMES[side]} has no field {name} that its sync user can see"
        if side is Side.CRM and not match:
            return Missing(text, LIST_HINT.format(object=self.object), self.object, name)
        return ConfigError(text, hint=f"did you mean {match}?" if match else LIST_HINT.format(object=self.object))


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one; letter case and the ending of custom fields make nobody alike."""
    by_stem: dict[str, str] = {}
    for one in known:
        by_stem.setdefault(_stem(one), one)
    near = get_close_matches(_stem(name), by_stem, n=1, cutoff=ALIKE)
    return by_stem[near[0]] if near else None


def _stem(name: str) -> str:
    return name.casefold().removesuffix("__c")


def named(fields: Mapping[str, Field], name: str) -> Field | None:
    """A field by its name, letter case aside, else by its label if no other has it."""
    wanted = name.casefold()
    for known, field in fields.items():
        if known.casefold() == wanted:
            return field
    labelled = [field for field in fields.values() if field.label.casefold() == wanted]
    return labelled[0] if len(labelled) == 1 else None


def chosen(chooser: Chooser, selection: Selection, choice: Choice) -> Selection:
    """The selection after this choice. Raises ConfigError, and then nothing is changed."""
    object = chooser.object
    if choice.only or choice.none:
        selection = with_pairs(selection, object, ())
    for pair in list(chooser.usual(selection)) if choice.usual else ():
        selection = add(selection, object, pair)
    for text in choice.removed:
        selection = remove(selection, object, selected_name(chooser, selection, text))
    for text in (*choice.only, *choice.added):
        selection = _with(selection, object, chooser.pair(wish(text)))
    for pair in chooser.customs(selection) if choice.customs else ():
        selection = add(selection, object, pair)
    return selection


def _with(selection: Selection, object: str, pair: Selected) -> Selection:
    """Add a pair; one that is there already takes the direction that is named now, and keeps its other rules."""
    for one in selection.of(object):
        if (one.marketo, one.crm) == (pair.marketo, pair.crm):
            return ruled(selection, object, replace(one, direction=pair.direction))
    return add(selection, object, pair)


def selected_name(chooser: Chooser, selection: Selection, text: str) -> str:
    """The Marketo name of a selected pair, by either of its names or as `CRM=marketo`. Raises ConfigError."""
    wanted = text.strip().casefold()
    lines = selection.of(chooser.object)
    for line in lines:
        if wanted in (line.marketo.casefold(), line.crm.casefold(), f"{line.crm}={line.marketo}".casefold()):
            return line.marketo
    near = _nearest(wanted, [name for line in lines for name in (line.crm, line.marketo)])
    hint = f"did you mean {near}?" if near else f"mksync fields list --object {chooser.object}"
    raise ConfigError(f"{chooser.object}: {text.strip()} is not selected", hint=hint)
