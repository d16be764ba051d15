"""Turn what an admin types into field pairs: names of either side, `CRM=marketo`, with `:direction` behind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mksync.core.pairs import Direction, natural_direction, problems
from mksync.core.records import Catalogue, Field, Side
from mksync.engine.fields import Schemas, counterpart
from mksync.engine.project import PERSON
from mksync.errors import ConfigError
from mksync.selection import Selected, Selection, add, remove

LIST_HINT = "mksync fields list --object {object} --all"


@dataclass(frozen=True, slots=True)
class Wish:
    """A field pair as somebody typed it: one name or both, and perhaps a direction."""

    text: str
    crm: str
    marketo: str | None
    direction: Direction | None


def wish(text: str) -> Wish:
    """Read `Title`, `Title=title` or `Title=title:to-marketo`. Raises ConfigError."""
    names, _, way = text.strip().partition(":")
    crm, _, marketo = (part.strip() for part in names.partition("="))
    if not crm:
        raise ConfigError(f"{text!r} names no field", hint="write Title, or Title=title, or Title=title:to-marketo")
    if way and way not in tuple(Direction):
        raise ConfigError(f"{text!r}: {way!r} is no direction", hint=f"one of {', '.join(Direction)}")
    return Wish(text.strip(), crm, marketo or None, Direction(way) if way else None)


@dataclass(frozen=True, slots=True)
class Chooser:
    """The fields of one object on both sides, to choose from."""

    object: str
    people: Mapping[str, Field]
    records: Mapping[str, Field]
    catalogue: Catalogue
    key_field: str

    @classmethod
    def of(cls, schemas: Schemas, catalogue: Catalogue, key_field: str) -> "Chooser":
        object = catalogue.object
        return cls(object, schemas[Side.MARKETO, PERSON].fields, schemas[Side.CRM, object].fields, catalogue, key_field)

    def pair(self, wish: Wish) -> Selected:
        """The pair that is meant. Raises ConfigError, naming the nearest field there is, if there is none."""
        record = self._record(wish)
        person = self._person(wish, record)
        if person.name == self.key_field:
            raise ConfigError(f"{person.name} is mksync's own field: it holds the CRM record's id", hint="leave it out")
        direction = wish.direction or natural_direction(person, record)
        reasons = problems(person, record, direction or Direction.BOTH)
        if direction is None or reasons:
            raise ConfigError(f"{self.object}: {record.name} cannot be paired with {person.name}: {'; '.join(reasons)}")
        return Selected(person.name, record.name, direction)

    def _record(self, wish: Wish) -> Field:
        """The CRM field by its name, or by the Marketo name that goes with it."""
        found = _named(self.records, wish.crm)
        if found is not None:
            self._offered(found)
            return found
        for field in self.records.values() if wish.marketo is None else ():
            other = counterpart(field, self.catalogue, self.people)
            offered = other is not None and field.name not in self.catalogue.not_offered
            if other and offered and other.name.casefold() == wish.crm.casefold():
                return field
        raise self._unknown(wish.crm, [*self.records, *self.people], "is not there, or the sync user cannot read it")

    def _offered(self, field: Field) -> None:
        reason = self.catalogue.not_offered.get(field.name)
        if reason:
            hint = LIST_HINT.format(object=self.object)
            raise ConfigError(f"{self.object}: {field.name} is not offered: {reason}", hint=hint)

    def _person(self, wish: Wish, record: Field) -> Field:
        if wish.marketo is None:
            found = counterpart(record, self.catalogue, self.people)
            if found is None:
                text = f"{self.object}: Marketo has no field like {record.name}"
                raise ConfigError(text, hint=f"name the one that is meant: {record.name}=marketoField")
            return found
        found = _named(self.people, wish.marketo)
        if found is None:
            raise self._unknown(wish.marketo, list(self.people), "is no field of Marketo")
        return found

    def _unknown(self, name: str, known: Iterable[str], what: str) -> ConfigError:
        near = get_close_matches(name.casefold(), [one.casefold() for one in known], n=1, cutoff=0.5)
        match = next((one for one in known if near and one.casefold() == near[0]), None)
        hint = f"did you mean {match}?" if match else LIST_HINT.format(object=self.object)
        return ConfigError(f"{self.object}: {name} {what}", hint=hint)

    def customs(self, selection: Selection) -> list[Selected]:
        """Every custom field that has a counterpart and is not selected yet."""
        taken = {line.crm for line in selection.of(self.object)} | {line.marketo for line in selection.of(self.object)}
        found = []
        for field in self.records.values():
            person = counterpart(field, self.catalogue, self.people) if field.custom else None
            direction = natural_direction(person, field) if person else None
            if person and direction and not taken & {field.name, person.name}:
                found.append(Selected(person.name, field.name, direction))
        return found


def _named(fields: Mapping[str, Field], name: str) -> Field | None:
    """A field by its name, letter case aside."""
    return fields.get(name) or next((one for known, one in fields.items() if known.casefold() == name.casefold()), None)


def chosen(
    chooser: Chooser, selection: Selection, *, only: list[str], added: list[str], removed: list[str], customs: bool
) -> Selection:
    """The selection after this choice. Raises ConfigError, and then nothing is changed."""
    object = chooser.object
    if only:
        selection = Selection({**selection.pairs, object: ()})
    for text in (*only, *added):
        selection = _with(selection, object, chooser.pair(wish(text)))
    for text in removed:
        selection = remove(selection, object, _selected_name(chooser, selection, text))
    for pair in chooser.customs(selection) if customs else ():
        selection = add(selection, object, pair)
    return selection


def _with(selection: Selection, object: str, pair: Selected) -> Selection:
    """Add a pair; one that is there already takes the direction that is named now."""
    kept = tuple(one for one in selection.of(object) if (one.marketo, one.crm) != (pair.marketo, pair.crm))
    if len(kept) < len(selection.of(object)):
        lines = tuple(
            pair if (one.marketo, one.crm) == (pair.marketo, pair.crm) else one for one in selection.of(object)
        )
        return Selection({**selection.pairs, object: lines})
    return add(selection, object, pair)


def _selected_name(chooser: Chooser, selection: Selection, text: str) -> str:
    """The Marketo name of a selected pair, by either of its names."""
    for line in selection.of(chooser.object):
        if text.casefold() in (line.marketo.casefold(), line.crm.casefold()):
            return line.marketo
    return text
