"""The tables of the organisation, with what an administrator has changed since: columns added or removed, switches.

A change outlives a restart: `dynamics_customization` holds it as JSON under `lead` or `lead.new_tier`.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from mksync.sandbox.dynamics import standard
from mksync.sandbox.dynamics.errors import no_resource
from mksync.sandbox.dynamics.tables import Column, Kind, Option, Relationship, Table

SWITCHES = frozenset(
    {"change_tracking", "can_change_tracking", "optimistic_concurrency", "duplicate_detection", "bulk"},
)


class Catalogue:
    """Tables by logical name and by entity set name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(
            "CREATE TABLE IF NOT EXISTS dynamics_customization (name TEXT PRIMARY KEY, definition TEXT NOT NULL)"
        )
        self._tables = {table.name: table for table in standard.tables()}
        self._sets: dict[str, str] = {table.set_name: table.name for table in self._tables.values()}
        for name, definition in connection.execute("SELECT name, definition FROM dynamics_customization"):
            self._apply(name, json.loads(definition))

    def __iter__(self) -> Iterator[Table]:
        return iter(self._tables.values())

    @property
    def stamp(self) -> int:
        """Rises with every change of the metadata."""
        row = self._connection.execute("SELECT COALESCE(MAX(rowid), 0) FROM dynamics_customization").fetchone()
        return 70_312_045 + int(row[0])

    def find(self, name: str) -> Table | None:
        """The table of a logical name."""
        return self._tables.get(name)

    def named(self, name: str) -> Table:
        """The table of a logical name that is known to be one. Raises KeyError."""
        return self._tables[name]

    def of_set(self, set_name: str) -> Table:
        """The table of an entity set; names are case-sensitive. Raises 404 0x8006088a."""
        name = self._sets.get(set_name)
        if name is None:
            raise no_resource(set_name)
        return self._tables[name]

    def referring(self, target: Table) -> Iterator[tuple[Table, Relationship]]:
        """Every many-to-one that leads to a table, with the table it comes from: the target's one-to-many."""
        for table in self._tables.values():
            yield from ((table, way) for way in table.relationships if way.target == target.name)

    def collection(self, target: Table, navigation: str) -> tuple[Table, Relationship] | None:
        """The one-to-many of this name on a table."""
        return next((pair for pair in self.referring(target) if pair[1].collection == navigation), None)

    def switch(self, table: str, **switches: bool) -> Table:
        """Change table settings; `SWITCHES` names them. Raises KeyError for another table, ValueError."""
        if strange := switches.keys() - SWITCHES:
            raise ValueError(f"no such table setting: {', '.join(sorted(strange))}; there are: {sorted(SWITCHES)}")
        kept = {name: getattr(self._tables[table], name) for name in SWITCHES}
        return self._keep(table, {**kept, **switches})

    def put_column(self, table: str, column: Column, relationship: Relationship | None = None) -> Table:
        """Add a column to a table, or put it in the place of the one with its name."""
        way = asdict(relationship) if relationship else None
        return self._keep(f"{table}.{column.name}", {"column": asdict(column), "relationship": way})

    def remove_column(self, table: str, name: str) -> Table:
        """Take a column out of the metadata; its values stay, unseen. Raises KeyError if there is none."""
        _ = self._tables[table].columns[name]
        return self._keep(f"{table}.{name}", {"column": None})

    def _keep(self, name: str, definition: Mapping[str, Any]) -> Table:
        row = (name, json.dumps(definition))
        self._connection.execute("INSERT OR REPLACE INTO dynamics_customization VALUES (?, ?)", row)
        return self._apply(name, definition)

    def _apply(self, name: str, definition: Mapping[str, Any]) -> Table:
        table_name, _, column_name = name.partition(".")
        table = self._tables[table_name]
        changed = _with_column(table, column_name, definition) if column_name else replace(table, **definition)
        self._tables[table_name] = changed
        return changed


def _with_column(table: Table, name: str, definition: Mapping[str, Any]) -> Table:
    columns = dict(table.columns)
    ways = [way for way in table.relationships if way.column != name]
    if definition["column"] is None:
        del columns[name]
        return replace(table, columns=columns, relationships=tuple(ways))
    columns[name] = column_of(definition["column"])
    if way := definition.get("relationship"):
        ways.append(Relationship(**way))
    else:
        ways += [way for way in table.relationships if way.column == name]
    return replace(table, columns=columns, relationships=tuple(ways))


def column_of(definition: Mapping[str, Any]) -> Column:
    """A column from its JSON. Raises TypeError or ValueError for a bad definition."""
    options = tuple(Option(**option) for option in definition.get("options", ()))
    made = {**definition, "kind": Kind(definition["kind"]), "options": options}
    return Column(**{**made, "targets": tuple(definition.get("targets", ()))})
