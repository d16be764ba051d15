"""What other people do in the organisation while a client looks on."""

from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics.call import User
from mksync.sandbox.dynamics.merging import Merging
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.tables import Column, Table
from mksync.sandbox.dynamics.writes import Save, Writer

KINDS = ("create", "update", "delete", "merge")
_TYPE = "Microsoft.Dynamics.CRM."


class Others:
    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer
        self._merging = Merging(org, writer)

    def edit(
        self,
        kind: str,
        table: str,
        id: str | None = None,
        values: Mapping[str, Any] | None = None,
        user: str | None = None,
    ) -> str:
        """One edit by another user (default: the administrator); the row's id.

        `values` is a body of the Web API, but that a lookup may be given by its column and the id it is to hold. A
        merge keeps `id`, and `values` hold the `loser`. Raises ODataError if the edit is refused, ValueError for a
        kind or table there is not.
        """
        found = self._org.catalogue.find(table)
        if found is None or kind not in KINDS:
            raise ValueError(f"no table {table!r} or no kind of edit {kind!r}; kinds are {', '.join(KINDS)}")
        save = Save(User(user or str(self._org.settings.get("admin_user")), system=True))
        with self._org.savepoint():
            return self._act(kind, found, id, values or {}, save)

    def _act(self, kind: str, table: Table, id: str | None, values: Mapping[str, Any], save: Save) -> str:
        if kind == "create":
            return self._writer.create(table, self._body(table, values), save, id)
        if id is None:
            raise ValueError(f"a kind {kind!r} of edit needs an id")
        if kind == "update":
            self._writer.update(table, id, self._body(table, values), save)
        elif kind == "delete":
            self._writer.delete(table, id, save)
        else:
            named = {"@odata.type": f"{_TYPE}{table.name}"}
            target, loser = ({**named, table.primary_id: one} for one in (id, values["loser"]))
            self._merging.merge({"Target": target, "Subordinate": loser}, save)
        return id

    def _body(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, value in values.items():
            column = table.columns.get(name)
            if column is not None and column.is_lookup:
                body |= self._bound(table, column, value)
            else:
                body[name] = value
        return body

    def _bound(self, table: Table, column: Column, id: str | None) -> dict[str, str | None]:
        ways = [way for way in table.relationships if way.column == column.name]
        if id is None:
            return {f"{ways[0].navigation}@odata.bind": None}
        for way in ways:
            target = self._org.catalogue.named(way.target)
            if self._org.rows.get(target, id) is not None:
                return {f"{way.navigation}@odata.bind": f"/{target.set_name}({id})"}
        raise ValueError(f"{column.name}: there is no row {id}")
