"""Rows of one table as records of ours, and what became of those that are not to be written any more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mksync.vendors.dynamics.codec as codec
import mksync.vendors.dynamics.companies as companies
import mksync.vendors.dynamics.ids as ids
import mksync.vendors.dynamics.objects as objects
from mksync.core.columns import Records
from mksync.core.records import Field, FieldType, Gone, Record, Ref
from mksync.core.survivors import survivors_named
from mksync.core.values import same
from mksync.vendors.dynamics.choices import LABEL, Choices
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.ids import guid
from mksync.vendors.dynamics.kinds import CHOICES, LOOKUPS, column, kind
from mksync.vendors.dynamics.lookups import ANNOTATION, SEVERAL, Lookups, point_anywhere
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.odata import LITERAL_LIMIT, VALUES_AT_ONCE, annotated, by_ids, chunks, equal, query
from mksync.vendors.dynamics.qualified import contacts_for
from mksync.vendors.dynamics.sources import Judged, Row, Source, Sources
from mksync.vendors.dynamics.tables import tables_of

Origins = Mapping[str, Row]  # lead -> the contact that was made of it


@dataclass(frozen=True)
class Rows:
    """One table and the fields that are read of it."""

    client: Client
    table: Table
    fields: Mapping[str, Field]
    choices: Choices
    lookups: Lookups

    @property
    def columns(self) -> tuple[str, ...]:
        return objects.columns(self.table, self.fields.values())

    @property
    def prefer(self) -> tuple[str, ...]:
        names = [ANNOTATION] if point_anywhere(self.fields.values()) else []
        if self.choices.hearsay(field for field, _ in self._labelled):
            names.append(LABEL)
        return (annotated(*names),) if names else ()

    def record(self, row: Row) -> Record:
        return self.records([row])[0]

    def records(self, rows: Sequence[Row]) -> Records:
        for row in rows if self._pointers else ():
            self.lookups.remember(row, self._pointers)
        for field, label in self._labelled:
            for row in rows:
                self.choices.heed(field, row.get(field.name), row.get(label))
        found = codec.records(self.table.object, self.table.key, rows, self._readers)
        # Ids of tables that do not count are left out.
        own = {
            name: [
                None if row.get(told) and row[told] not in tables else id
                for row, id in zip(rows, found.values[name], strict=True)
            ]
            for name, told, tables in self._several
        }
        return replace(found, values={**found.values, **own}) if own else found

    def gone(self, id: str) -> list[Gone]:
        """What goes with a row that was deleted."""
        return [Gone(self.table.object, id, "deleted")]

    def doubted(self, judged: Judged) -> list[str]:
        """Columns whose nulls are to be believed only if none of them is secured."""
        return list(self.fields) if any(None in record.values.values() for record in judged.records) else []

    @cached_property
    def _readers(self) -> codec.Readers:
        return codec.readers(self.fields, self.choices)

    @cached_property
    def _pointers(self) -> list[str]:
        return [column(field) for field in self.fields.values() if kind(field) in LOOKUPS]

    @cached_property
    def _labelled(self) -> list[tuple[Field, str]]:
        """Choices, and what tells how the one in a row is called."""
        return [(field, f"{field.name}@{LABEL}") for field in self.fields.values() if kind(field) in CHOICES]

    @cached_property
    def _several(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Lookups into several tables: the field, what tells of which table an id is, and the tables that count."""
        return [
            (field.name, f"{column(field)}@{ANNOTATION}", tables_of(field.references))
            for field in self.fields.values()
            if kind(field) in SEVERAL and field.references
        ]

    def judged(self, rows: Iterable[Row], beside: Sources | None = None) -> Judged:
        """Records and those that are gone. A qualified lead that became a contact is both: its last values count.

        Where contacts are read beside, that contact is told as well, as of the same moment, so that the lead never
        points to nobody.
        """
        contacts = (beside or {}).get("contact") if self.table.object == "lead" else None
        rows = self._settled(rows)
        gone = [lost for row in rows if (lost := objects.merged(self.table, row))]
        records: Sequence[Record] = self.records([row for row in rows if not row.get("merged")])
        origins = self._origins(rows, contacts)
        gone += [_converted(lead, row) for lead, row in origins.items()]
        if contacts is not None and origins:
            told = contacts.judged(origins.values())
            records, gone = [*told.records, *records], told.gone + gone
        return Judged(records, survivors_named(gone))

    def living(self, rows: Iterable[Row]) -> Iterator[Record | Gone]:
        """One answer a row: the record, or why it is not to be written."""
        rows = self._settled(rows)
        origins = self._origins(rows, None)
        ends = [objects.merged(self.table, row) or self._end(row, origins) for row in rows]
        records = iter(self.records([row for row, end in zip(rows, ends, strict=True) if end is None]))
        named = iter(survivors_named([end for end in ends if end]))
        yield from (next(named) if end else next(records) for end in ends)

    def _end(self, row: Row, origins: Origins) -> Gone | None:
        id = ids.id_of(row[self.table.key])
        return _converted(id, origins[id]) if id in origins else None

    def _settled(self, rows: Iterable[Row]) -> list[Row]:
        found = list(rows)
        if self.table.object == "opportunity" and companies.CUSTOMER in self.columns:
            return companies.settled(self.client, found)
        return found

    def read(self, ids: Sequence[str]) -> Iterator[Record | Gone]:
        """What these records hold now; one that is not there, or not to be seen, counts as deleted."""
        asked = list(dict.fromkeys(ids))
        spelled = {id: guid(id) for id in asked}
        askable = list(dict.fromkeys(id for id in spelled.values() if id))
        found: dict[str, Record | Gone] = {}
        for resource in by_ids(self.table.set, self.table.key, askable, self.columns):
            found |= {one.id: one for one in self.living(self.client.rows(resource, self.prefer))}
        for id in asked:
            yield found.get(spelled[id] or "") or Gone(self.table.object, id, "deleted")

    def find(self, key: Field, values: Sequence[str]) -> Iterator[Record]:
        """Those whose field is the same as one of the values, and who are still to be written."""
        found = list(self.found(key, values))
        gone = {one.id for one in found if isinstance(one, Gone)}
        yield from (one for one in found if isinstance(one, Record) and one.id not in gone)

    def found(self, key: Field, values: Sequence[str]) -> Iterator[Record | Gone]:
        """The same, and leads that were qualified: with what they last held, and as gone.

        Dataverse finds too much: case, accents, wildcards.
        """
        wanted = [value for value in dict.fromkeys(values) if value and len(value) <= LITERAL_LIMIT]
        name = column(key)
        if key.type is FieldType.REFERENCE:
            queries = by_ids(self.table.set, key.name, [id for id in map(guid, wanted) if id], self._with(name))
        else:
            conditions = [equal(name, value) for value in wanted]
            queries = chunks(conditions, VALUES_AT_ONCE, self._filtered(name))
        seen: set[str] = set()
        for resource in queries:
            rows = [row for row in self.client.rows(resource, self.prefer) if self._holds(row, key, wanted)]
            judged = self.judged([row for row in rows if ids.id_of(row[self.table.key]) not in seen])
            seen.update(ids.id_of(row[self.table.key]) for row in rows)
            yield from judged.records
            yield from (one for one in judged.gone if one.reason == "converted")

    def _with(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.columns, name)))

    def _filtered(self, name: str) -> Any:  # noqa: ANN401 - a function of a filter
        return lambda filter: query(self.table.set, select=self._with(name), filter=filter)

    def _holds(self, row: Row, key: Field, values: Sequence[str]) -> bool:
        held = codec.decode(key, row.get(column(key)), self.choices)
        return any(same(key.type, held, codec.decode(key, value, self.choices)) for value in values)

    def _origins(self, rows: Iterable[Row], contacts: Source | None) -> Origins:
        leads = [row for row in rows if objects.is_qualified(self.table, row)]
        if contacts is None:
            return contacts_for(self.client, leads)
        return contacts_for(self.client, leads, contacts.columns, contacts.prefer)


def _converted(lead: str, contact: Row) -> Gone:
    return Gone("lead", lead, "converted", Ref("contact", ids.id_of(contact["contactid"])))
