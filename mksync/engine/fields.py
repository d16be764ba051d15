"""Which fields there are on both sides, which are selected, and which could be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mksync.core.pairs import Direction, FieldPair, Policy, natural_direction, problems
from mksync.core.records import Catalogue, Field, Schema, Side, Sides
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from mksync.ports import Clock, Port
from mksync.selection import Selected, Selection

SCHEMA_AGE = 3600.0  # seconds; a describe costs calls, and fields change seldom

Schemas = Mapping[tuple[Side, str], Schema]
PairKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """A CRM field as `fields list` shows it: selected, selectable, or why it is not offered."""

    object: str
    crm: Field
    marketo: Field | None
    direction: Direction | None
    selected: bool
    obstacle: str = ""


def describe(
    mirror: Mirror, ports: Sides[Port], clock: Clock, objects: Sequence[str], max_age: float = SCHEMA_AGE
) -> Schemas:
    """The fields that the sync users see, from the mirror if they were described less than `max_age` seconds ago."""
    wanted = [(Side.MARKETO, PERSON), *((Side.CRM, object) for object in objects)]
    return {(side, object): _describe(mirror, ports, clock, side, object, max_age) for side, object in wanted}


def _describe(mirror: Mirror, ports: Sides[Port], clock: Clock, side: Side, object: str, max_age: float) -> Schema:
    cached = mirror.project.cached_schema(side, object)
    if cached and 0 <= clock.now() - cached[1] < max_age:
        ports[side].recall(cached[0])
        return cached[0]
    schema = ports[side].describe(object)
    mirror.project.cache_schema(side, schema, clock.now())
    return schema


def key_pair(object: str, schemas: Schemas, key_field: str, key: str) -> FieldPair | None:
    """The cross-id: Marketo's own field that holds the id of the CRM record. Not part of anybody's selection."""
    marketo = schemas[Side.MARKETO, PERSON].fields.get(key_field)
    crm = schemas[Side.CRM, object].fields.get(key)
    if marketo is None or crm is None:
        return None
    return FieldPair(object, Sides(marketo, crm), Direction.TO_MARKETO, Policy.CRM)


def resolve(
    selection: Selection, schemas: Schemas, policy: Callable[[str, str], Policy], states: Mapping[PairKey, str]
) -> tuple[dict[str, list[FieldPair]], list[PairKey]]:
    """The selection as field pairs, and the keys of those that a side does not show: they are suspended.

    `states` is what the mirror knows of the pairs; before the first cycle it knows none, and none is new.
    """
    pairs: dict[str, list[FieldPair]] = {object: [] for object in selection.pairs}
    suspended = []
    for object, line in _lines(selection):
        marketo = schemas[Side.MARKETO, PERSON].fields.get(line.marketo)
        crm = schemas[Side.CRM, object].fields.get(line.crm)
        if marketo is None or crm is None:
            suspended.append((object, line.marketo, line.crm))
            continue
        live = not states or states.get((object, line.marketo, line.crm)) == "live"
        rule = policy(object, line.marketo)
        pairs[object].append(FieldPair(object, Sides(marketo, crm), line.direction, rule, "live" if live else "new"))
    return pairs, suspended


def _lines(selection: Selection) -> Iterator[tuple[str, Selected]]:
    for object, lines in selection.pairs.items():
        for line in lines:
            yield object, line


def propose(schemas: Schemas, catalogue: Mapping[str, Catalogue], objects: Sequence[str]) -> Selection:
    """The default pairs that both sync users can see, each in the widest direction both sides allow."""
    people = schemas[Side.MARKETO, PERSON].fields
    return Selection({object: tuple(_proposed(schemas, catalogue[object], people)) for object in objects})


def _proposed(schemas: Schemas, catalogue: Catalogue, people: Mapping[str, Field]) -> Iterator[Selected]:
    for pair in catalogue.pairs:
        marketo, crm = people.get(pair.marketo), schemas[Side.CRM, catalogue.object].fields.get(pair.crm)
        direction = _direction(marketo, crm, Direction(pair.direction)) if marketo and crm else None
        if direction:
            yield Selected(pair.marketo, pair.crm, direction)


def _direction(marketo: Field, crm: Field, wished: Direction) -> Direction | None:
    return wished if not problems(marketo, crm, wished) else natural_direction(marketo, crm)


def offers(schemas: Schemas, catalogue: Mapping[str, Catalogue], object: str, selection: Selection) -> Iterator[Offer]:
    """Every field of the CRM's object that the sync user sees, and what can be done with it."""
    people = schemas[Side.MARKETO, PERSON].fields
    chosen = {line.crm: line for line in selection.of(object)}
    for field in schemas[Side.CRM, object].fields.values():
        line = chosen.get(field.name)
        marketo = people.get(line.marketo) if line else counterpart(field, catalogue[object], people)
        reason = catalogue[object].not_offered.get(field.name, "") if line is None else ""
        if line and marketo:
            yield Offer(object, field, marketo, line.direction, True)
        elif reason or marketo is None:
            yield Offer(object, field, None, None, line is not None, reason or _no_counterpart(field))
        else:
            direction = natural_direction(marketo, field)
            obstacle = "" if direction else "; ".join(problems(marketo, field, Direction.BOTH))
            yield Offer(object, field, marketo, direction, False, obstacle)


def _no_counterpart(field: Field) -> str:
    return f"Marketo has no field for it: name one with {field.name}=marketoField"


def counterpart(field: Field, catalogue: Catalogue, people: Mapping[str, Field]) -> Field | None:
    """The Marketo field that a CRM field is taken for: by the catalogue, else by its name or label."""
    for pair in catalogue.pairs:
        if pair.crm == field.name:
            return people.get(pair.marketo)
    plain = {_plain(name): one for name, one in people.items()} | {_plain(one.label): one for one in people.values()}
    return plain.get(_plain(field.name.removesuffix("__c"))) or plain.get(_plain(field.label))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
