"""Which fields there are on both sides, which are selected, and which could be."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mksync.core.fitness import Fitness
from mksync.core.pairs import NAMES, Direction, FieldPair, Policy, problems
from mksync.core.records import Catalogue, Field, Schema, Side, Sides
from mksync.core.value_map import ValueMap
from mksync.engine.counterparts import Counterparts, allowed
from mksync.engine.fit import fit
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from mksync.ports import Clock, Port, Unavailable
from mksync.selection import Selected, Selection

SCHEMA_AGE = 3600.0  # seconds; a describe costs calls, and fields change seldom

Schemas = Mapping[tuple[Side, str], Schema]
PairKey = tuple[str, str, str]


State = Literal["selected", "suspended", "selectable", "unpaired", "not offered"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A CRM field as `fields list` shows it.

    state: selected; suspended (selected, and a side does not show it); selectable; unpaired (custom or useful, but no
    Marketo field goes with it); not offered. `reason` says why the last two and a suspended one are what they are.
    """

    object: str
    name: str
    crm: Field | None  # None: the sync user does not see it
    marketo: str | None
    direction: Direction | None
    state: State
    reason: str = ""
    line: Selected | None = None  # the pair, selected or to be selected
    fitness: Fitness | None = None  # how well its fields go together; None where there is no other field


def describe(
    mirror: Mirror, ports: Sides[Port], clock: Clock, objects: Mapping[str, str], max_age: float = SCHEMA_AGE
) -> Schemas:
    """The fields that the sync users see, from the mirror if they were described less than `max_age` seconds ago.

    `objects`: what the CRM calls it -> what Marketo does.
    """
    there = [(Side.MARKETO, counterpart) for counterpart in dict.fromkeys((PERSON, *objects.values()))]
    wanted = [*there, *((Side.CRM, object) for object in objects)]
    return {(side, object): _describe(mirror, ports, clock, side, object, max_age) for side, object in wanted}


def _describe(mirror: Mirror, ports: Sides[Port], clock: Clock, side: Side, object: str, max_age: float) -> Schema:
    cached = mirror.project.cached_schema(side, object)
    if cached and 0 <= clock.now() - cached[1] < max_age:
        if not cached[0].unavailable:
            ports[side].recall(cached[0])
        return cached[0]
    try:
        schema = ports[side].describe(object)
    except Unavailable as error:
        schema = Schema(object, object, {}, unavailable=error.told)
    mirror.project.cache_schema(side, schema, clock.now())
    return schema


def key_pair(object: str, schemas: Schemas, key_field: str, key: str) -> FieldPair | None:
    """The cross-id: Marketo's own field that holds the id of the CRM record. Not part of anybody's selection."""
    marketo = schemas[Side.MARKETO, PERSON].fields.get(key_field)
    crm = schemas[Side.CRM, object].fields.get(key)
    if marketo is None or crm is None:
        return None
    return FieldPair(object, Sides(marketo, crm), Direction.TO_MARKETO, Policy.CRM)


def own_pairs(
    schemas: Schemas, catalogue: Mapping[str, Catalogue], objects: Sequence[str], object: str
) -> list[FieldPair]:
    """Pairs that nobody selects: what a one-way record is told by in Marketo, and what leads to a parent that syncs."""
    entry = catalogue[object]
    people, records = schemas[Side.MARKETO, entry.counterpart], schemas[Side.CRM, object].fields
    told = [pair for pair in entry.pairs if entry.one_way and pair.marketo in people.dedupe]
    found = []
    for pair in (*told, *entry.ties):
        marketo, crm = people.fields.get(pair.marketo), records.get(pair.crm)
        if marketo and crm and (pair in told or _leads_to(marketo, crm, catalogue, objects)):
            found.append(FieldPair(object, Sides(marketo, crm), Direction.TO_MARKETO, Policy.CRM))
    return found


def _leads_to(marketo: Field, crm: Field, catalogue: Mapping[str, Catalogue], objects: Sequence[str]) -> bool:
    return any(catalogue[one].counterpart in marketo.references for one in crm.references if one in objects)


def resolve(
    selection: Selection,
    schemas: Schemas,
    catalogue: Mapping[str, Catalogue],
    policy: Callable[[str, str], Policy],
    states: Mapping[PairKey, str],
) -> tuple[dict[str, list[FieldPair]], list[PairKey]]:
    """The selection as field pairs, and the keys of those that a side does not show: they are suspended.

    `states` is what the mirror knows of the pairs; before the first cycle it knows none, and none is new.
    """
    pairs: dict[str, list[FieldPair]] = {object: [] for object in selection.pairs}
    suspended = []
    for object, line in _lines(selection):
        marketo = schemas[Side.MARKETO, catalogue[object].counterpart].fields.get(line.marketo)
        crm = schemas[Side.CRM, object].fields.get(line.crm)
        if marketo is None or crm is None:
            suspended.append((object, line.marketo, line.crm))
            continue
        if marketo.references and crm.references and not _leads_to(marketo, crm, catalogue, tuple(selection.pairs)):
            continue  # names a record of an object that does not sync
        live = not states or states.get((object, line.marketo, line.crm)) == "live"
        rule = Policy.CRM if catalogue[object].one_way else policy(object, line.marketo)
        direction = Direction.TO_MARKETO if catalogue[object].one_way else line.direction
        pair = FieldPair(object, Sides(marketo, crm), direction, rule, "live" if live else "new")
        pairs[object].append(_ruled(pair, line))
    return pairs, suspended


def _ruled(pair: FieldPair, line: Selected) -> FieldPair:
    """The pair with what its line says of values and of texts that are too long."""
    if not line.values and not line.truncate:
        return pair
    return replace(pair, values=ValueMap.of(line.values, pair.fields), truncate=line.truncate)


def _lines(selection: Selection) -> Iterator[tuple[str, Selected]]:
    for object, lines in selection.pairs.items():
        for line in lines:
            yield object, line


def propose(schemas: Schemas, catalogue: Mapping[str, Catalogue], objects: Sequence[str]) -> Selection:
    """The default pairs that both sync users can see, each in the widest direction both sides allow."""
    return Selection({object: tuple(_proposed(schemas, catalogue[object])) for object in objects})


def _proposed(schemas: Schemas, catalogue: Catalogue) -> Iterator[Selected]:
    people, dedupe = (
        schemas[Side.MARKETO, catalogue.counterpart].fields,
        schemas[Side.MARKETO, catalogue.counterpart].dedupe,
    )
    for pair in catalogue.pairs:
        if pair.marketo in dedupe:
            continue  # comes along by itself
        marketo, crm = people.get(pair.marketo), schemas[Side.CRM, catalogue.object].fields.get(pair.crm)
        direction = allowed(marketo, crm, Direction(pair.direction)) if marketo and crm else None
        if direction:
            yield Selected(pair.marketo, pair.crm, direction)


def offers(schemas: Schemas, catalogue: Catalogue, selection: Selection, reserved: Container[str]) -> Iterator[Offer]:
    """Every field of the CRM's object that the sync user sees or that is selected, and what can be done with it."""
    object, people = catalogue.object, schemas[Side.MARKETO, catalogue.counterpart].fields
    records = schemas[Side.CRM, object].fields
    counterparts = Counterparts.of(people, catalogue, reserved)
    selected = {line.crm: line for line in selection.of(object)}
    for line in selected.values():
        yield _selected(object, line, people.get(line.marketo), records.get(line.crm))
    taken = {line.marketo for line in selected.values()}
    for field in records.values():
        if field.name not in selected:
            yield _unselected(catalogue, field, counterparts, taken)


def _selected(object: str, line: Selected, marketo: Field | None, crm: Field | None) -> Offer:
    if marketo and crm:
        fitness = fit(object, line, Sides(marketo, crm))
        return Offer(object, line.crm, crm, line.marketo, line.direction, "selected", "", line, fitness)
    where = NAMES[Side.MARKETO if marketo is None else Side.CRM]
    reason = f"not visible in {where}; its values are kept"
    return Offer(object, line.crm, crm, line.marketo, line.direction, "suspended", reason, line)


def _unselected(catalogue: Catalogue, field: Field, counterparts: Counterparts, taken: Container[str]) -> Offer:
    if reason := catalogue.not_offered.get(field.name):
        return Offer(catalogue.object, field.name, field, None, None, "not offered", reason)
    marketo = counterparts.find(field)
    if marketo is None or marketo.name in taken:
        why = f"{marketo.name} is paired already" if marketo else "Marketo has no field for it"
        reason = f"{why}; name one with {field.name}=marketoField"
        return Offer(catalogue.object, field.name, field, None, None, "unpaired", reason)
    direction = counterparts.direction(marketo, field)
    if direction is None:
        refused = Fitness(tuple(problems(marketo, field, Direction.BOTH)))
        reason = "; ".join(refused.refused)
        return Offer(catalogue.object, field.name, field, marketo.name, None, "unpaired", reason, None, refused)
    line = Selected(marketo.name, field.name, direction)
    fitness = fit(catalogue.object, line, Sides(marketo, field))
    return Offer(catalogue.object, field.name, field, marketo.name, direction, "selectable", "", line, fitness)
