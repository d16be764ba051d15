"""Who takes part in an opportunity, as records of an object that Dynamics has no table of.

A contact that is the customer of an opportunity has one role in it, and everybody who is connected to the opportunity
has one: such a connection is what the opportunity's form shows as a stakeholder. Where the customer is an account, no
contact is. The connection of a lead that became a contact is that contact's. Source: Marketo product documentation,
"Microsoft Dynamics Sync: Opportunity Sync".

A connection is two rows, one seen from either end (Power Apps developer documentation, "Connection entities"): the one
that begins at the opportunity counts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

import mksync.vendors.dynamics.ids as ids
from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Gone, Record, Schema, Value
from mksync.core.values import canonical
from mksync.errors import ConfigError
from mksync.vendors.dynamics.choices import LABEL
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.companies import contact_of
from mksync.vendors.dynamics.ids import guid
from mksync.vendors.dynamics.lookups import ANNOTATION
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.odata import annotated, by_ids
from mksync.vendors.dynamics.qualified import successors
from mksync.vendors.dynamics.sources import Judged, Row, Source
from mksync.vendors.dynamics.tables import ROLE

BY_CONNECTION = f"{ROLE} by connection"  # what the feed calls the second of the two tables that tell of roles
CUSTOMER = "Customer"  # the role of the contact that is an opportunity's customer
_OF_CUSTOMER = ":customer"  # behind the opportunity's id: the id of that role
_PREFER = annotated(ANNOTATION, LABEL)
_PEOPLE = ("contact", "lead")
_KIND = f"@{ANNOTATION}"
_OPPORTUNITY, _PERSON = "_record1id_value", "_record2id_value"
_ACTIVE = 0


def _refers(name: str, label: str, *objects: str) -> Field:
    return Field(name, label, FieldType.REFERENCE, "Lookup", creatable=False, writable=False, references=objects)


def _of_type(name: str, label: str, type: FieldType, kind: str) -> Field:
    return Field(name, label, type, kind, creatable=False, writable=False)


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        _of_type("roleid", "Role Id", FieldType.REFERENCE, "Uniqueidentifier"),
        _refers("opportunityid", "Opportunity", "opportunity"),
        _refers("personid", "Person", *_PEOPLE),
        _of_type("role", "Role", FieldType.TEXT, "String"),
        _of_type("isprimary", "Primary", FieldType.BOOLEAN, "Boolean"),
        _of_type("createdon", "Created On", FieldType.DATETIME, "DateTime"),
    )
}
SCHEMA = Schema(ROLE, "Opportunity Role", FIELDS)


@dataclass(frozen=True, slots=True)
class Customers:
    """Opportunities, and the contacts that are their customers. Meets `sources.Source`."""

    fields: Sequence[str]

    table: ClassVar = Table(
        ROLE, "opportunity", "opportunities", "opportunityid",
        ("opportunityid", "_customerid_value", "_parentaccountid_value", "_parentcontactid_value"),
    )  # fmt: skip
    columns: ClassVar[tuple[str, ...]] = tuple(table.keys)
    prefer: ClassVar[tuple[str, ...]] = (_PREFER,)
    finders: ClassVar[Mapping[str, Sequence[str]]] = {
        "opportunityid": ("opportunityid",), "personid": ("customerid", "parentcontactid"),
    }  # fmt: skip

    def judged(self, rows: Iterable[Row], beside: object = None) -> Judged:  # noqa: ARG002 - nothing is told beside
        records, gone = list[Record](), list[Gone]()
        for row in rows:
            id, contact = ids.id_of(row["opportunityid"]), contact_of(row)
            if contact is None:
                gone.extend(self.gone(id))
                continue
            values: dict[str, Value] = {
                "opportunityid": id,
                "personid": ids.id_of(contact),
                "role": CUSTOMER,
                "isprimary": True,
            }
            records.append(_record(id + _OF_CUSTOMER, values, self.fields))
        return Judged(records, gone)

    def doubted(self, judged: Judged) -> list[str]:
        """A customer that is hidden looks like none."""
        return ["customerid", "parentaccountid", "parentcontactid"] if judged.gone or judged.records else []

    def gone(self, id: str) -> list[Gone]:
        return [Gone(ROLE, id + _OF_CUSTOMER, "deleted")]

    def row_of(self, role: str) -> str | None:
        """The id of the row that tells this role; None if it is of the other kind."""
        return guid(role.removesuffix(_OF_CUSTOMER)) if role.endswith(_OF_CUSTOMER) else None


@dataclass(frozen=True, slots=True)
class Connections:
    """Connections from an opportunity to a contact or lead. Meets `sources.Source`."""

    client: Client
    fields: Sequence[str]

    table: ClassVar = Table(
        ROLE, "connection", "connections", "connectionid",
        ("connectionid", _OPPORTUNITY, _PERSON, "_record2roleid_value", "statecode", "createdon"),
    )  # fmt: skip
    columns: ClassVar[tuple[str, ...]] = tuple(table.keys)
    prefer: ClassVar[tuple[str, ...]] = (_PREFER,)
    finders: ClassVar[Mapping[str, Sequence[str]]] = {"opportunityid": ("record1id",), "personid": ("record2id",)}

    def judged(self, rows: Iterable[Row], beside: object = None) -> Judged:  # noqa: ARG002
        records, gone, rows = list[Record](), list[Gone](), list(rows)
        leads = [ids.id_of(row[_PERSON]) for row in rows if _is_role(row) and row[_PERSON + _KIND] == "lead"]
        now = successors(self.client, list(dict.fromkeys(leads)))
        for row in rows:
            id = ids.id_of(row["connectionid"])
            if not _is_role(row):
                gone.extend(self.gone(id))
                continue
            person = ids.id_of(row[_PERSON])
            values = {
                "opportunityid": ids.id_of(row[_OPPORTUNITY]),
                "personid": now.get(person, person),
                "role": canonical(FieldType.TEXT, row.get(f"_record2roleid_value@{LABEL}")),
                "isprimary": False,
                "createdon": canonical(FieldType.DATETIME, row.get("createdon")),
            }
            records.append(_record(id, values, self.fields))
        return Judged(records, gone)

    def doubted(self, judged: Judged) -> list[str]:
        """A hidden end of a connection looks like none."""
        return ["record1id", "record2id", "record2roleid"] if judged.gone or judged.records else []

    def gone(self, id: str) -> list[Gone]:
        return [Gone(ROLE, id, "deleted")]

    def row_of(self, role: str) -> str | None:
        return guid(role)


def _is_role(row: Row) -> bool:
    """Whether a connection leads from an opportunity to a person. One that was deactivated leads nowhere any more."""
    here, there = row.get(_OPPORTUNITY + _KIND), row.get(_PERSON + _KIND)
    return here == "opportunity" and there in _PEOPLE and row.get("statecode") == _ACTIVE


def _record(id: str, values: Mapping[str, Value], fields: Sequence[str]) -> Record:
    return Record(ROLE, id, {name: id if name == "roleid" else values.get(name) for name in fields})


def moved_with(client: Client, connections: Source, leads: Sequence[str]) -> Iterator[Judged]:
    """Roles of these leads, which are contacts now."""
    for resource in by_ids(connections.table.set, "record2id", leads, connections.columns):
        yield connections.judged(client.rows(resource, connections.prefer))


Told = Customers | Connections


@dataclass(frozen=True, slots=True)
class Roles:
    """Roles by their ids, or by a record that they tie."""

    client: Client
    fields: Sequence[str]
    believe: Callable[[Told, Judged], None]

    @property
    def sources(self) -> Sequence[Told]:
        return Customers(self.fields), Connections(self.client, self.fields)

    def read(self, ids: Sequence[str]) -> Iterator[Record | Gone]:
        """What these roles are now; one that is no more counts as deleted."""
        asked = list(dict.fromkeys(ids))
        found: dict[str, Record] = {}
        for source in self.sources:
            rows = [row for id in asked if (row := source.row_of(id))]
            found |= {record.id: record for record in self._found(source, source.table.key, rows)}
        for id in asked:
            yield found.get(id.lower()) or Gone(ROLE, id, "deleted")

    def find(self, field: str, values: Sequence[str]) -> Iterator[Record]:
        """Roles that tie one of these records. Raises ConfigError for another field."""
        if field == "roleid":
            yield from (one for one in self.read(values) if isinstance(one, Record))
            return
        if field not in Customers.finders:
            raise ConfigError(f"roles are looked up by their id, opportunity or person, and not by {field}")
        wanted = list(dict.fromkeys(id for value in values if (id := guid(value))))
        seen: set[str] = set()
        for source in self._whole.sources:
            for key in source.finders[field]:
                for one in self._found(source, key, wanted):
                    if one.values[field] in wanted and one.id not in seen:
                        seen.add(one.id)
                        yield Record(ROLE, one.id, {name: one.values[name] for name in self.fields})

    @property
    def _whole(self) -> "Roles":
        return Roles(self.client, tuple(FIELDS), self.believe)

    def _found(self, source: Told, key: str, ids: Sequence[str]) -> Iterator[Record]:
        for resource in by_ids(source.table.set, key, ids, source.columns):
            judged = source.judged(self.client.rows(resource, source.prefer))
            self.believe(source, judged)
            yield from judged.records
