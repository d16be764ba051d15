"""Who might be the person of a CRM record that has no link yet: looked up for a chunk of records together."""

from collections.abc import Iterator, Sequence
from dataclasses import field

from mksync.core.frozen import dataclass
from mksync.core.match import KEY, Candidate
from mksync.core.records import Record, Ref, Side
from mksync.engine.project import PERSON, Project
from mksync.mirror.holders import Ids


@dataclass(frozen=True, slots=True)
class Asked:
    """Who holds what the records of a chunk are matched by.

    - `carriers`: people by the id of a CRM record that they carry
    - `people`: people, `records`: an object and its records; by Marketo's field, then by the value
    """

    carriers: Ids
    people: dict[str, Ids] = field(default_factory=dict)
    records: dict[str, Sequence[tuple[str, Ids]]] = field(default_factory=dict)


def ask(project: Project, object: str, records: Sequence[Record]) -> Asked:
    """Looked up for all of them together: the cross-id, then the keys of the configuration."""
    holders = project.mirror.holders
    asked = Asked(holders.of(Side.MARKETO, PERSON, project.key_field, [record.id for record in records]))
    for pair in project.match_pairs(object):
        held = (record.values.get(pair.fields.crm.name) for record in records)
        values = [value for value in held if isinstance(value, str)]
        asked.people[pair.name] = holders.of(Side.MARKETO, PERSON, pair.name, values)
        asked.records[pair.name] = [
            (one, holders.of(Side.CRM, one, twin.fields.crm.name, values, filter=project.filter_column(one)))
            for one in project.people
            for twin in project.match_pairs(one)
            if twin.name == pair.name
        ]
    return asked


def candidates(project: Project, object: str, record: Record, asked: Asked) -> Iterator[Candidate]:
    """Who might be this record's person, step by step."""
    me = Ref(object, record.id)
    yield Candidate(me, KEY, record.id, tuple(asked.carriers.get(record.id, ())), ())
    for pair in project.match_pairs(object):
        value = record.values.get(pair.fields.crm.name)
        if isinstance(value, str):
            people = tuple(asked.people[pair.name].get(value, ()))
            yield Candidate(me, pair.name, value, people, tuple(_rivals(me, asked.records[pair.name], value)))


def _rivals(me: Ref, records: Sequence[tuple[str, Ids]], value: str) -> Iterator[Ref]:
    """Other CRM records, of any object, that hold the same value and are synced."""
    for object, holding in records:
        yield from (other for id in holding.get(value, ()) if (other := Ref(object, id)) != me)
