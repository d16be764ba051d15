"""Fields that Marketo lacks: what one would be called there that is made for a field of the CRM."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mksync.core.frozen import dataclass
from mksync.core.pairs import Direction
from mksync.core.records import Field
from mksync.engine.choose import Choice, Chooser, Wish, chosen, named, wish
from mksync.errors import ConfigError
from mksync.ports import Port
from mksync.selection import Selection

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)  # Marketo developer guide, Leads, "Create Field"
_PREFIX = re.compile(r"(?!mscrm)[a-z][a-z0-9]{1,7}_(?=[a-z0-9])")  # of a publisher's columns in Dataverse
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Making:
    """A Marketo field that is to be made, and the CRM field that it is to go with."""

    object: str
    counterpart: str  # Marketo's object
    crm: Field
    marketo: Field
    direction: Direction | None
    text: str = ""  # what was typed; empty where every custom field is wanted

    @property
    def pair(self) -> str:
        """The pair as somebody would type it."""
        return f"{self.crm.name}={self.marketo.name}" + (f":{self.direction.value}" if self.direction else "")


def lacking(chooser: Chooser, selection: Selection, choice: Choice, before: list[Making]) -> Iterator[Making]:
    """What Marketo lacks of the fields that are chosen. `before`: what is to be made for other objects.

    Raises ConfigError for whatever is wrong with the rest of the choice, and for a name that Marketo does not take.
    """
    found = [(wish(text), record) for text in (*choice.only, *choice.added) if (record := _lone(chooser, wish(text)))]
    texts = [one.text for one, _ in found]
    chosen(chooser, selection, _without(choice, texts))
    wanted = [*found, *(_usual(chooser) if choice.usual and chooser.custom else ())]
    wanted += _customs(chooser, selection) if choice.customs else ()
    mine: list[Making] = []
    for asked, record in wanted:
        if record.name not in [one.crm.name for one in mine]:
            mine.append(_making(chooser, asked, record, [*before, *mine]))
            yield mine[-1]


def _lone(chooser: Chooser, asked: Wish) -> Field | None:
    """The CRM field that is meant, if Marketo has none for it."""
    record = named(chooser.records, asked.crm)
    if record is None or record.name in chooser.catalogue.not_offered:
        return None
    there = chooser.counterparts.find(record) if asked.marketo is None else named(chooser.people, asked.marketo)
    return None if there else record


def _usual(chooser: Chooser) -> Iterator[tuple[Wish, Field]]:
    """What the catalogue proposes of a custom object, by the names that it proposes."""
    for pair in chooser.catalogue.pairs:
        asked = Wish("", pair.crm, pair.marketo, None)
        if pair.marketo not in chooser.reserved and (record := _lone(chooser, asked)):
            yield asked, record


def _customs(chooser: Chooser, selection: Selection) -> Iterator[tuple[Wish, Field]]:
    taken = [line.crm for line in selection.of(chooser.object)]
    for field in chooser.records.values():
        asked = Wish("", field.name, None, None)
        if field.custom and field.name not in taken and _lone(chooser, asked):
            yield asked, field


def _making(chooser: Chooser, asked: Wish, record: Field, before: list[Making]) -> Making:
    counterpart = chooser.catalogue.counterpart
    here = [one for one in before if one.counterpart == counterpart]
    twin = next((one.marketo for one in here if (one.crm.name, one.crm.type) == (record.name, record.type)), None)
    people = {**chooser.people, **{one.marketo.name: one.marketo for one in here}}
    made = twin or _field(record, people, chooser.reserved, asked.marketo)
    return Making(chooser.object, counterpart, record, made, asked.direction, asked.text)


def _field(crm: Field, people: Mapping[str, Field], reserved: Iterable[str], wanted: str | None) -> Field:
    if wanted is not None and not _NAME.fullmatch(wanted):
        raise ConfigError(f"Marketo takes no field name {wanted!r}", hint="a letter, then letters, digits and _")
    taken = {name.casefold() for name in (*people, *reserved)}
    name = wanted or name_for(crm, taken)
    labels = {_plain(field.label) for field in people.values()}
    label = next(text for text in _numbered(crm.label, f"{crm.label} CRM") if _plain(text) not in labels)
    return Field(name, label, crm.type, custom=True)


def name_for(crm: Field, taken: Container[str]) -> str:
    """A name in Marketo's manner: Customer_Tier__c → customerTier, new_tier → tier. `taken`: names in lower case."""
    whole = crm.name.removesuffix("__c")
    short = _PREFIX.sub("", whole, count=1) if crm.custom and whole == crm.name else whole
    candidates = dict.fromkeys((_camel(short), _camel(whole)))
    return next(name for name in _numbered(*candidates) if name.casefold() not in taken)


def _camel(name: str) -> str:
    words = _WORDS.findall(name)
    joined = "".join([words[0].lower(), *(word[0].upper() + word[1:] for word in words[1:])]) if words else ""
    return joined if _NAME.fullmatch(joined) else f"crm{joined[:1].upper()}{joined[1:]}"


def _numbered(*names: str) -> Iterator[str]:
    """These, and then the last of them with numbers behind."""
    yield from names
    number = 2
    while True:
        yield f"{names[-1]}{number}" if " " not in names[-1] else f"{names[-1]} {number}"
        number += 1


def _plain(label: str) -> str:
    return "".join(letter for letter in label.casefold() if letter.isalnum())


def _without(choice: Choice, texts: list[str]) -> Choice:
    def rest(wishes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in wishes if one.strip() not in texts)

    return replace(choice, only=rest(choice.only), added=rest(choice.added))


def with_made(choice: Choice, object: str, made: Sequence[Making]) -> Choice:
    """The choice with the fields that were made for this object named in full."""
    mine = [one for one in made if one.object == object]
    pairs = {one.text: one.pair for one in mine if one.text}
    only = tuple(pairs.get(text.strip(), text) for text in choice.only)
    added = tuple(pairs.get(text.strip(), text) for text in choice.added)
    return replace(choice, only=only, added=(*added, *(one.pair for one in mine if not one.text)))


def make(port: Port, making: Making) -> None:
    """Create the field in Marketo. Raises what the port raises: ConfigError for a type that its API does not make."""
    port.create_field(making.counterpart, making.marketo)
