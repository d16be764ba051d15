"""CreateMultiple, UpdateMultiple, UpsertMultiple: many rows of one table in one transaction, or none of them.

Source: "Use bulk operation messages".
"""

from collections.abc import Callable, Mapping
from typing import Any

from mksync.sandbox.dynamics import addresses
from mksync.sandbox.dynamics.addresses import Address
from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.errors import ODataError, bad_payload, bad_request, no_resource
from mksync.sandbox.dynamics.intake import Body
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.records import save_of
from mksync.sandbox.dynamics.tables import Table
from mksync.sandbox.dynamics.writes import Save, Writer

NAMESPACE = "Microsoft.Dynamics.CRM."
MESSAGES = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple", "DeleteMultiple")
BY_ID_ONLY = "update_multiple_by_id_only"


class Bulk:
    """The actions `POST leads/Microsoft.Dynamics.CRM.CreateMultiple` and the like."""

    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def answer(self, call: Call, table: Table, message: str) -> Answer:
        """Run one of `MESSAGES`. Raises ODataError, that of the first row that fails, with nothing written."""
        if message == "DeleteMultiple":
            raise ODataError(501, "0x0", "DeleteMultiple has not yet been implemented.")
        handlers: Mapping[str, Callable[[Table, list[Body], Save], Any]] = {
            "CreateMultiple": self._create,
            "UpdateMultiple": self._update,
            "UpsertMultiple": self._upsert,
        }
        if message not in handlers or not table.bulk:
            raise no_resource(f"{NAMESPACE}{message}")
        targets = _targets(call, table)
        with self._org.savepoint():
            ids = handlers[message](table, targets, save_of(self._org, call))
        if ids is None:
            return Answer(204)
        context = f"{call.root}/$metadata#{NAMESPACE}{message}Response"
        return Answer(200, {"@odata.context": context, "Ids": ids})

    def _create(self, table: Table, targets: list[Body], save: Save) -> list[str]:
        return [self._writer.create(table, target, save) for target in targets]

    def _update(self, table: Table, targets: list[Body], save: Save) -> None:
        for target in targets:
            if "@odata.id" in target and BY_ID_ONLY in self._org.quirks:
                raise bad_request("The primary key of every target must be given.")
            place = self._place(table, target)
            self._writer.upsert(place, addresses.row(self._org, place), target, save)

    def _upsert(self, table: Table, targets: list[Body], save: Save) -> None:
        for target in targets:
            place = self._place(table, target)
            self._writer.upsert(place, addresses.find(self._org, place), target, save)

    def _place(self, table: Table, target: Body) -> Address:
        """Which row a target means: by `@odata.id`, or by its id column."""
        if "@odata.id" in target:
            place = addresses.referred(self._org, target["@odata.id"])
            if place.table.name != table.name:
                raise bad_request(f"The @odata.id of a target does not address a row of {table.set_name}.")
            return place
        return addresses.keyed(table, str(target.get(table.primary_id, "")))


def _targets(call: Call, table: Table) -> list[Body]:
    """The rows of the body. Raises 400 unless each says that it is of this table."""
    targets = call.json(table.set_name).get("Targets")
    if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
        raise bad_payload(table.set_name, "The parameter 'Targets' must be a collection of rows.")
    for target in targets:
        named = str(target.get("@odata.type", "")).removeprefix("#")
        if named != f"{NAMESPACE}{table.name}":
            raise bad_payload(
                table.set_name,
                "Microsoft.OData.ODataException: A type named "
                f"'{named}' was found where '{NAMESPACE}{table.name}' is needed: every target has its @odata.type.",
            )
    return targets
