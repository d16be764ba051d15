"""Every change of a row: created, updated, deleted, with all that Dataverse does and refuses on the way.

Source: Microsoft Learn, "Create a table row using the Web API", "Update and delete table rows using the Web API",
"Assign table rows", "Manage duplicate detection".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.dynamics import connections, derived, intake, states
from mksync.sandbox.dynamics.addresses import Address
from mksync.sandbox.dynamics.call import User
from mksync.sandbox.dynamics.cascade import Cascade
from mksync.sandbox.dynamics.errors import ODataError, duplicate, invalid, not_found
from mksync.sandbox.dynamics.intake import Body, Intake
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.rules import Rules
from mksync.sandbox.dynamics.tables import Table


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves, and what the request's headers ask for."""

    user: User
    detect_duplicates: bool = False
    bypass_logic: bool = False  # custom synchronous plug-ins do not run


class Writer:
    """Methods act within the caller's transaction; whoever goes on after a refusal needs a savepoint around each."""

    def __init__(self, org: Org, rules: Rules) -> None:
        self._org = org
        self._rules = rules
        self._cascade = Cascade(org)

    def upsert(self, place: Address, row: Row | None, body: Body, save: Save) -> str:
        """Update `row`, which was found at an address, or create it where none was; its id.

        An alternate key's columns in the body count only for a new row, where they beat those of the address.
        """
        table = place.table
        if row is None:
            return self.create(table, body, save, place.id, place.key)
        keyed = {table.columns[name].property for name in place.key}
        self.update(table, str(row[table.primary_id]), {k: v for k, v in body.items() if k not in keyed}, save)
        return str(row[table.primary_id])

    def create(
        self, table: Table, body: Body, save: Save, id: str | None = None, preset: Mapping[str, Stored] | None = None
    ) -> str:
        """Make a row (and those nested in the body); its id. `preset` are stored values that the body may beat.

        Raises 412 0x80040237 if the id is taken.
        """
        access = self._org.access
        access.require(save.user, table, "Create")
        found = intake.read(self._org, table, body, "create")
        sent = {**(preset or {}), **self._allowed(table, found, save, "create")}
        row_id = id or str(sent.get(table.primary_id) or self._org.rows.next_ids(table)[0])
        if self._org.rows.get(table, row_id) is not None:
            raise duplicate()
        for way, nested in found.parents:
            sent |= self._nested(way.column, table, self._org.catalogue.named(way.target), nested, save)
        row = {**self._defaults(table), **sent, table.primary_id: row_id, **self._founded(table, sent, save)}
        row |= states.created(table, row_id, sent)
        self._required(table, row)
        row |= derived.derive(self._org, table, row, row)
        row |= self._logic(table, "create", row, sent, save)
        row |= self._moved(table, save)
        self._check_unique(table, row, row_id, row, save)
        self._insert(table, row)
        for child, way, nested in found.children:
            self._nested_child(table, row_id, child, way.column, nested, save)
        return row_id

    def update(self, table: Table, id: str, body: Body, save: Save) -> None:
        """Change a row that exists. Raises 404 if it does not."""
        row = self._existing(table, id)
        self._org.access.check_row(save.user, table, "Write", row)
        found = intake.read(self._org, table, body, "update")
        sent = self._allowed(table, found, save, "update")
        if sent.get("ownerid", row.get("ownerid")) != row.get("ownerid"):
            self._check_assign(table, row, sent, save)
        sent |= states.updated(table, id, row, sent)
        self._required(table, sent)
        self.change(table, row, sent, save)

    def change(self, table: Table, row: Row, sent: Row, save: Save) -> None:
        """Store values that were already taken in; for actions that write what a caller may not."""
        id = str(row[table.primary_id])
        whole = {**row, **sent}
        sent = {**sent, **derived.derive(self._org, table, whole, sent)}
        sent |= self._logic(table, "update", {**row, **sent}, sent, save)
        self._check_unique(table, {**row, **sent}, id, sent, save)
        self._org.rows.update(table, id, {**sent, **self._moved(table, save)})
        if table.name == "connection" and row["relatedconnectionid"]:
            other = {**connections.followed({**row, **sent}), **self._moved(table, save)}
            self._org.rows.update(table, str(row["relatedconnectionid"]), other)

    def delete(self, table: Table, id: str, save: Save) -> None:
        """Delete a row and what hangs on it. Raises 404, 405 0x80040227 if children forbid it."""
        row = self._existing(table, id)
        self._org.access.check_row(save.user, table, "Delete", row)
        self._cascade.delete(table, id, self._moved)

    def _insert(self, table: Table, row: Row) -> None:
        rows = self._org.rows
        if table.name == "connection":
            other = connections.counterpart(row, rows.next_ids(table)[0], rows.next_version())
            row = {**row, "relatedconnectionid": other["connectionid"]}
            rows.insert(table.name, other)
        rows.insert(table.name, row)

    def _existing(self, table: Table, id: str) -> Row:
        row = self._org.rows.get(table, id)
        if row is None:
            raise not_found(table.name, id)
        return row

    def _allowed(self, table: Table, found: Intake, save: Save, operation: str) -> Row:
        access = self._org.access
        access.check_columns(save.user, table, found.values, operation)
        if found.referred:
            access.require(save.user, table, "Append")
        for target in found.referred:
            access.require(save.user, target, "AppendTo")
        return dict(found.values)

    def _defaults(self, table: Table) -> Row:
        return {column.name: column.default for column in table.columns.values() if column.default is not None}

    def _founded(self, table: Table, sent: Row, save: Save) -> Row:
        """Creation stamps and the owner; `overriddencreatedon` takes the place of the date of creation."""
        found: Row = {}
        if "createdon" in table.columns:
            found["createdon"] = sent.get("overriddencreatedon") or self._org.now
            found |= {"createdby": save.user.id, "createdonbehalfby": save.user.on_behalf_of}
            if sent.get("overriddencreatedon"):
                found["overriddencreatedon"] = self._org.now
        if table.has_owner and sent.get("ownerid") is None:
            found |= {"ownerid": save.user.id, "owneridtype": "systemuser"}
        elif table.has_owner and sent["ownerid"] != save.user.id:
            self._org.access.require(save.user, table, "Assign")
            self._check_owner(sent)
        return found

    def _moved(self, table: Table, save: Save | None = None) -> Row:
        """What every write moves. Without a caller, the system does it: the row's stamps stay."""
        found: Row = {}
        if "modifiedon" in table.columns:
            found["modifiedon"] = self._org.now
        if save is not None and "modifiedby" in table.columns:
            found |= {"modifiedby": save.user.id, "modifiedonbehalfby": save.user.on_behalf_of}
        return {**found, "versionnumber": self._org.rows.next_version()}

    def _logic(self, table: Table, operation: str, row: Row, sent: Row, save: Save) -> Row:
        if save.bypass_logic:
            return {}
        added = self._rules.run(table.name, operation, row, sent)
        whole = {**row, **added}
        return {**added, **derived.derive(self._org, table, whole, added)} if added else {}

    def _required(self, table: Table, values: Row) -> None:
        for name, value in values.items():
            if value is None and table.columns[name].required == "SystemRequired":
                message = f"Required field '{name}' is missing for entity '{table.name}'."
                raise invalid(message, "0x80040200")

    def _check_assign(self, table: Table, row: Row, sent: Row, save: Save) -> None:
        if sent.get("ownerid") is None:
            raise invalid(f"Required field 'ownerid' is missing for entity '{table.name}'.", "0x80040200")
        self._org.access.check_row(save.user, table, "Assign", row)
        self._check_owner(sent)

    def _check_owner(self, sent: Row) -> None:
        if sent.get("owneridtype") == "team":
            return
        user = self._org.rows.get(self._org.catalogue.named("systemuser"), str(sent["ownerid"]))
        if user is not None and user["isdisabled"]:
            raise ODataError(400, "0x8004022B", "The new owner of this record is disabled or does not exist.")

    def _check_unique(self, table: Table, row: Row, id: str, sent: Row, save: Save) -> None:
        for key in table.keys:
            values = {name: row.get(name) for name in key.columns}
            if not sent.keys() & values.keys() or None in values.values():
                continue
            if any(other[table.primary_id] != id for other in self._org.rows.find(table, values)):
                raise self._key_clash(table, key.name, key.columns)
        if save.detect_duplicates and table.duplicate_detection and self._org.settings.get("duplicate_detection"):
            self._find_duplicates(table, row, id)

    def _key_clash(self, table: Table, key: str, columns: tuple[str, ...]) -> ODataError:
        if "key_clash_is_duplicate_record" in self._org.quirks:
            return duplicate()
        labels = ", ".join(table.columns[name].label for name in columns)
        message = (
            f"A record that has the attribute values {labels} already exists. The entity key {key} requires that this "
            "set of attributes contains unique values. Select unique values and try again."
        )
        return ODataError(412, "0x80060892", message)

    def _find_duplicates(self, table: Table, row: Row, id: str) -> None:
        for rule in self._rules.active("duplicate", table.name, row):
            field = str(rule.data["field"])
            value: Stored = row.get(field)
            others = self._org.rows.find(table, {field: value}) if value is not None else []
            if any(other[table.primary_id] != id for other in others):
                status = 500 if "duplicates_500" in self._org.quirks else 412
                message = (
                    "A record was not created or updated because a duplicate of the current record already exists."
                )
                raise ODataError(status, "0x80040333", message)

    def _nested(self, column: str, table: Table, target: Table, body: Mapping[str, Any], save: Save) -> Row:
        pointed: Row = {column: self.create(target, body, save)}
        if table.columns[column].is_polymorphic:
            pointed[f"{column}type"] = target.name
        return pointed

    def _nested_child(self, table: Table, id: str, child: Table, column: str, body: Body, save: Save) -> None:
        way = next(way for way in child.relationships if way.column == column and way.target == table.name)
        self.create(child, {**body, f"{way.navigation}@odata.bind": f"/{table.set_name}({id})"}, save)
