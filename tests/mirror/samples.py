"""Field pairs and records that the mirror's tests fill it with."""

from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Field, FieldType, Record, Side, Sides, Value
from mksync.engine.project import PERSON
from mksync.mirror import Mirror

KEY = "mksyncCrmId"
NAMES = {
    KEY: ("Id", FieldType.TEXT),
    "email": ("Email", FieldType.EMAIL),
    "title": ("Title", FieldType.TEXT),
    "score": ("Score__c", FieldType.INTEGER),
    "optedOut": ("HasOptedOut", FieldType.BOOLEAN),
}


def pair(object: str, marketo: str, crm: str, type: FieldType) -> FieldPair:
    return FieldPair(
        object, Sides(Field(marketo, marketo, type), Field(crm, crm, type)), Direction.BOTH, Policy.MARKETO
    )


PAIRS = {object: [pair(object, m, c, type) for m, (c, type) in NAMES.items()] for object in ("lead", "contact")}
PEOPLE = [one.fields.marketo for one in PAIRS["lead"]]
RECORDS = [one.fields.crm for one in PAIRS["lead"]]


def see_person(mirror: Mirror, id: str, generation: int = 1, /, **values: Value) -> int:
    """Stage one person, as full read `generation` or a feed after it; returns the mirror's key of it."""
    return _see(mirror, Side.MARKETO, PERSON, PEOPLE, Record(PERSON, id, values), generation)


def see_record(mirror: Mirror, id: str, generation: int = 1, object: str = "lead", **values: Value) -> int:
    return _see(mirror, Side.CRM, object, RECORDS, Record(object, id, values, "v1"), generation)


def _see(mirror: Mirror, side: Side, object: str, fields: list[Field], record: Record, generation: int) -> int:
    mirror.snapshots.stage(side, object, fields, [record], generation)
    pid = mirror.snapshots.pid(side, object, record.id)
    assert pid is not None
    return pid


def link(mirror: Mirror, person: str, record: str, object: str = "lead") -> int:
    """Stage both and link them."""
    return mirror.links.add(
        object, see_person(mirror, person), see_record(mirror, record, object=object), "email", cycle=1
    )


def planned(
    record: str | None = "L1", *, cycle: int = 1, side: Side = Side.CRM, object: str = "lead", kind: str = "update",
    person: str | None = "P1", link: int | None = 1,
) -> PlannedWrite:  # fmt: skip
    fields = (FieldWrite("title", "Title", "CTO", "CEO", "CEO", "changed"),)
    return PlannedWrite(
        cycle, object, side, kind, "Ana", fields, link, person, record, "v1", "token",  # type: ignore[arg-type]
    )  # fmt: skip
