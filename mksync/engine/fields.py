"""Which fields there are on both sides, and which of them are selected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from mksync.core.pairs import NAMES, Direction, FieldPair, Policy, are_checkboxes, both_refer
from mksync.core.records import Catalogue, Field, Schema, Side, Sides
from mksync.core.value_map import ValueMap
from mksync.engine.counterparts import allowed
from mksync.engine.drift import Suspension, invisible, too_short, unfit
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from mksync.ports import Clock, Port, Unavailable
from mksync.ports.abilities import DescribesTogether
from mksync.selection import Selected, Selection

SCHEMA_AGE = 3600.0  # seconds; a describe costs calls, and fields change seldom

Schemas = Mapping[tuple[Side, str], Schema]


class Policies(Protocol):
    """Who wins a collision on a field, as the configuration has it."""

    def __call__(self, object: str, field: str, /, *, checkbox: bool, opt_out: bool) -> Policy: ...


def policy_of(policies: Policies, entry: Catalogue, marketo: Field, crm: Field) -> Policy:
    """Who wins a collision of these two fields."""
    if entry.one_way:
        return Policy.CRM
    opt_out = entry.is_opt_out(crm.name, marketo.name)
    return policies(entry.object, marketo.name, checkbox=are_checkboxes(marketo, crm), opt_out=opt_out)


def describe(
    mirror: Mirror, ports: Sides[Port], clock: Clock, objects: Mapping[str, str], max_age: float = SCHEMA_AGE
) -> Schemas:
    """The fields that the sync users see, from the mirror if they were described less than `max_age` seconds ago.

    `objects`: what the CRM calls it -> what Marketo does.
    """
    wanted = Sides((PERSON, *objects.values()), tuple(objects))
    found: dict[tuple[Side, str], Schema] = {}
    for side in Side:
        names = list(dict.fromkeys(wanted[side]))
        known = {object: one for object in names if (one := _known(mirror, clock, side, object, max_age))}
        for schema in known.values():
            ports[side].recall(schema)
        for object, schema in _asked(ports[side], [object for object in names if object not in known]):
            mirror.project.cache_schema(side, schema, clock.now())
            known[object] = schema
        found |= {(side, object): known[object] for object in names}
    return found


def _known(mirror: Mirror, clock: Clock, side: Side, object: str, max_age: float) -> Schema | None:
    cached = mirror.project.cached_schema(side, object)
    # What is not to be had is asked for every time: as soon as it is granted, it syncs.
    fresh = cached and not cached[0].unavailable and 0 <= clock.now() - cached[1] < max_age
    return cached[0] if cached and fresh else None


def _asked(port: Port, objects: Sequence[str]) -> Iterator[tuple[str, Schema]]:
    """These objects, described afresh: one after the other, or together where that takes fewer calls."""
    if objects and isinstance(port, DescribesTogether):
        answers: Iterable[tuple[str, Schema | Unavailable]] = port.describe_together(objects).items()
    else:
        answers = ((object, _alone(port, object)) for object in objects)
    for object, told in answers:
        yield object, Schema(object, object, {}, unavailable=told.told) if isinstance(told, Unavailable) else told


def _alone(port: Port, object: str) -> Schema | Unavailable:
    try:
        return port.describe(object)
    except Unavailable as error:
        return error


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
        if marketo and crm and (pair in told or _leads_to(marketo, crm, schemas, catalogue, objects)):
            found.append(FieldPair(object, Sides(marketo, crm), Direction.TO_MARKETO, Policy.CRM))
    return found


def _leads_to(
    marketo: Field, crm: Field, schemas: Schemas, catalogue: Mapping[str, Catalogue], objects: Sequence[str]
) -> bool:
    """Whether the CRM's field names what Marketo's does, or something that belongs to that by a tie of its own."""
    there = [one for one in crm.references if one in objects]
    if any(catalogue[one].counterpart in marketo.references for one in there):
        return True
    ties = [(one, tie.crm) for one in there if catalogue[one].one_way for tie in catalogue[one].ties]
    further = [schemas[Side.CRM, one].fields.get(name) for one, name in ties if name == crm.name]
    named = [one for field in further if field for one in field.references if one in objects]
    return any(catalogue[one].counterpart in marketo.references for one in named)


def resolve(
    selection: Selection,
    schemas: Schemas,
    catalogue: Mapping[str, Catalogue],
    policies: Policies,
    mirror: Mirror,
    titles: Sides[str] = NAMES,
) -> tuple[dict[str, list[FieldPair]], list[Suspension]]:
    """The selection as field pairs, and those that have to rest: a side shows no such field, or it fits no more."""
    pairs: dict[str, list[FieldPair]] = {object: [] for object in selection.pairs}
    suspended, known = [], mirror.project.pairs()
    for object, line in _lines(selection):
        entry = catalogue[object]
        marketo = schemas[Side.MARKETO, entry.counterpart].fields.get(line.marketo)
        crm = schemas[Side.CRM, object].fields.get(line.crm)
        if marketo is None or crm is None:
            suspended.append(invisible(object, line, Side.MARKETO if marketo is None else Side.CRM, titles))
            continue
        if both_refer(marketo, crm) and not _leads_to(marketo, crm, schemas, catalogue, tuple(selection.pairs)):
            continue  # names a record of an object that does not sync
        rule = policy_of(policies, entry, marketo, crm)
        direction = Direction.TO_MARKETO if entry.one_way else line.direction
        pair = _ruled(FieldPair(object, Sides(marketo, crm), direction, rule), line)
        before = known.get((object, line.marketo, line.crm))
        rests = unfit(pair, entry) or (too_short(pair, before.seen, mirror, entry.counterpart) if before else None)
        if rests:
            suspended.append(rests)
        else:
            pairs[object].append(pair)
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
    there = schemas[Side.MARKETO, catalogue.counterpart]
    for pair in catalogue.pairs:
        if pair.marketo in there.dedupe:
            continue  # comes along by itself
        marketo, crm = there.fields.get(pair.marketo), schemas[Side.CRM, catalogue.object].fields.get(pair.crm)
        direction = allowed(marketo, crm, Direction(pair.direction)) if marketo and crm else None
        if direction:
            yield Selected(pair.marketo, pair.crm, direction)
