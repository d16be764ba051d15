"""Lookups: read as an id, written as a link, by the name of the relationship and the table that the id is in.

Source: Power Apps developer documentation, "Use lookup columns", "Associate and disassociate table rows".
"""

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any

from mksync.core.records import Field
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.ids import guid
from mksync.vendors.dynamics.kinds import kind
from mksync.vendors.dynamics.odata import query

ANNOTATION = "Microsoft.Dynamics.CRM.lookuplogicalname"
SEVERAL = ("Customer", "Owner")  # kinds of lookups into several tables
REMEMBERED = 10_000  # ids, the latest ones: of another one that is written it is asked which table it is in
_OWNERS = {"systemuser": "ownerid", "team": "ownerid"}


class NoSuchRecord(ValueError):  # noqa: N818 - what a value is
    """An id that no record has in any of the tables that a lookup may point to."""

    def __init__(self, field: Field, tables: Iterable[str]) -> None:
        super().__init__(f"{field.label} names a record that is not there")
        self.field = field
        self.tables = tuple(tables)


def point_anywhere(fields: Iterable[Field]) -> bool:
    """Whether one of these points to several tables, so that only an annotation tells to which."""
    return any(kind(field) in SEVERAL for field in fields)


class Lookups:
    """The lookups of one table. Nothing is asked before something is to be written."""

    def __init__(self, client: Client, table: str) -> None:
        self._client = client
        self._table = table
        self._ways: dict[str, dict[str, str]] | None = None
        self._sets: dict[str, tuple[str, str]] = {}  # table: its set, its primary key
        self._tables: dict[str, str] = {}  # id: the table that it was seen in

    def remember(self, row: Mapping[str, Any], columns: Iterable[str]) -> None:
        """Keep in mind which tables the ids in these columns of a row are in, where it says so."""
        for column in columns:
            table = row.get(f"{column}@{ANNOTATION}")
            if table and row.get(column):
                self._tables[str(row[column]).lower()] = intern(str(table))
        while len(self._tables) > REMEMBERED:
            del self._tables[next(iter(self._tables))]

    def bind(self, field: Field, value: object) -> dict[str, str | None]:
        """The properties that point this lookup to a record, or to none. Raises NoSuchRecord."""
        ways = self._ways_of(field)
        if not value:
            return {f"{way}@odata.bind": None for way in dict.fromkeys(ways.values())}
        id = guid(str(value))
        table = self._table_of(id, list(ways)) if id else None
        if table is None:
            raise NoSuchRecord(field, ways)
        return {f"{ways[table]}@odata.bind": f"/{self._set(table)[0]}({id})"}

    def _ways_of(self, field: Field) -> Mapping[str, str]:
        """The navigation property by target table."""
        if kind(field) == "Owner":
            return _OWNERS
        if self._ways is None:
            self._ways = {}
            path = f"EntityDefinitions(LogicalName='{self._table}')/ManyToOneRelationships"
            names = ["ReferencingAttribute", "ReferencedEntity", "ReferencingEntityNavigationPropertyName"]
            for row in self._client.read(query(path, select=names))["value"]:
                ways = self._ways.setdefault(row["ReferencingAttribute"], {})
                ways[row["ReferencedEntity"]] = row["ReferencingEntityNavigationPropertyName"]
        return self._ways.get(field.name, {})

    def _table_of(self, id: str, tables: list[str]) -> str | None:
        if len(tables) == 1:
            return tables[0]
        if self._tables.get(id) not in tables:
            found = next((table for table in tables if self._holds(table, id)), None)
            if found is None:
                return None
            self._tables[id] = found
        return self._tables[id]

    def _holds(self, table: str, id: str) -> bool:
        set, key = self._set(table)
        answer = self._client.get(query(set, select=[key], filter=f"{key} eq {id}"))
        return answer.problem is None and bool(answer.body["value"])

    def _set(self, table: str) -> tuple[str, str]:
        if table not in self._sets:
            names = ["LogicalName", "EntitySetName", "PrimaryIdAttribute"]
            rows = self._client.read(query("EntityDefinitions", select=names, filter=f"LogicalName eq '{table}'"))
            self._sets |= {
                row["LogicalName"]: (row["EntitySetName"], row["PrimaryIdAttribute"]) for row in rows["value"]
            }
        return self._sets[table]
