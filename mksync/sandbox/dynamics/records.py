"""Calls that write one row: create, update or upsert, single columns, delete, references, and their preconditions.

Source: Microsoft Learn, "Perform conditional operations using the Web API", "Use Upsert to create or update a record".
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mksync.sandbox.dynamics import addresses, query
from mksync.sandbox.dynamics.addresses import Address
from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.errors import (
    ODataError,
    bad_payload,
    denied,
    duplicate,
    no_property,
    version_mismatch,
)
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.tables import Table
from mksync.sandbox.dynamics.writes import Save, Writer

_ETAG = re.compile(r'W/"(\d+)"')
_REPRESENTATION = "representation"


class Records:
    """The handlers of `/leads` and what lies below it, but for reads."""

    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def create(self, call: Call, table: Table) -> Answer:
        id = self._writer.create(table, call.json(table.set_name), save_of(self._org, call))
        if call.preferences.get("return") == _REPRESENTATION:
            return self._represented(call, table, id, 201)
        return _pointed(addresses.url(call.root, table, id))

    def patch(self, call: Call, place: Address) -> Answer:
        """Update, or create where there is no such row and no `If-Match` forbids it."""
        body = call.json(place.table.set_name)
        row = addresses.find(self._org, place)
        id = self._upsert(call, place, row, body)
        if call.preferences.get("return") == _REPRESENTATION:
            return self._represented(call, place.table, id, 201 if row is None else 200)
        return _pointed(f"{call.root}/{place.table.set_name}({addresses.key_text(place)})")

    def _upsert(self, call: Call, place: Address, row: Row | None, body: Mapping[str, Any]) -> str:
        save = save_of(self._org, call)
        if row is not None:
            if call.header("if-none-match") == "*":
                raise duplicate()
            check_match(call, place.table, row)
        elif condition := call.header("if-match"):
            gone = condition != "*" and "etag_on_missing_412" in self._org.quirks
            raise version_mismatch() if gone else addresses.missing(place)
        return self._writer.upsert(place, row, body, save)

    def put_column(self, call: Call, place: Address, name: str) -> Answer:
        table = place.table
        body = call.json(table.set_name)
        if "value" not in body:
            raise bad_payload(table.set_name, "The property 'value' is missing.")
        return self._set(call, place, name, body["value"])

    def delete_column(self, call: Call, place: Address, name: str) -> Answer:
        return self._set(call, place, name, None)

    def delete(self, call: Call, place: Address) -> Answer:
        row = addresses.row(self._org, place)
        check_match(call, place.table, row)
        self._writer.delete(place.table, str(row[place.table.primary_id]), save_of(self._org, call))
        return Answer(204)

    def point(self, call: Call, place: Address, navigation: str) -> Answer:
        """PUT or POST `…/$ref`: a lookup is pointed at a row, or an N:N gains a pair."""
        reference = call.json(place.table.set_name).get("@odata.id")
        pair = next((one for one in place.table.many_to_many if one.navigation == navigation), None)
        if pair is None:
            self._update(call, place, {f"{_known(place.table, navigation)}@odata.bind": reference})
            return Answer(204)
        other = addresses.referred(self._org, reference)
        self._org.access.require(call.user, place.table, "Append")
        self._org.access.require(call.user, other.table, "AppendTo")
        here = addresses.row(self._org, place)[place.table.primary_id]
        there = addresses.row(self._org, other)[other.table.primary_id]
        self._org.associate(pair, str(here), str(there))
        return Answer(204)

    def unpoint(self, call: Call, place: Address, navigation: str, there: str | None) -> Answer:
        """DELETE `…/$ref`; of an N:N the other side's id stands behind the navigation name."""
        pair = next((one for one in place.table.many_to_many if one.navigation == navigation), None)
        if pair is None or there is None:
            self._update(call, place, {f"{_known(place.table, navigation)}@odata.bind": None})
            return Answer(204)
        self._org.access.require(call.user, place.table, "Append")
        here = addresses.row(self._org, place)[place.table.primary_id]
        self._org.disassociate(pair, str(here), there)
        return Answer(204)

    def _set(self, call: Call, place: Address, name: str, value: object) -> Answer:
        if place.table.by_property(name) is None:
            raise no_property(name, place.table.name)
        self._update(call, place, {name: value})
        return Answer(204)

    def _update(self, call: Call, place: Address, body: Mapping[str, Any]) -> None:
        row = addresses.row(self._org, place)
        check_match(call, place.table, row)
        self._writer.update(place.table, str(row[place.table.primary_id]), body, save_of(self._org, call))

    def _represented(self, call: Call, table: Table, id: str, status: int) -> Answer:
        """The row as a GET answers it; `$select` and `$expand` of the write count."""
        prefer = call.preferences.get("odata.include-annotations")
        headers = {"prefer": f'odata.include-annotations="{prefer}"'} if prefer else {}
        read = replace(call, method="GET", path=f"{table.set_name}({id})", headers=headers, content=b"")
        answer = query.answer(self._org, read)
        applied = [f"return={_REPRESENTATION}", *(_split(answer.headers.get("Preference-Applied")))]
        return replace(answer, status=status, headers={**answer.headers, "Preference-Applied": ", ".join(applied)})


def save_of(org: Org, call: Call) -> Save:
    """What a call's headers ask of a save. Raises 403 where bypassing logic is not the caller's to ask for."""
    detect = (call.header("mscrm.suppressduplicatedetection") or "").lower() == "false"
    legacy = (call.header("mscrm.bypasscustompluginexecution") or "").lower() == "true"
    newer = "customsync" in (call.header("mscrm.bypassbusinesslogicexecution") or "").lower()
    wanted = {"prvBypassCustomPlugins": legacy, "prvBypassCustomBusinessLogic": newer}
    for privilege, asked in wanted.items():
        if asked and not org.access.has(call.user, privilege):
            raise denied(f"Principal user (Id={call.user.id}, type=8) is missing {privilege} privilege.")
    return Save(call.user, detect_duplicates=detect, bypass_logic=legacy or newer)


def check_match(call: Call, table: Table, row: Row) -> None:
    """Raises 412 0x80060882 if `If-Match` names another version, 400 0x8006088D if the table keeps none."""
    condition = call.header("if-match")
    if condition is None or condition == "*":
        return
    if not table.optimistic_concurrency:
        message = f"Optimistic concurrency isn't enabled for entity type {table.name}."
        raise ODataError(400, "0x8006088D", message)
    found = _ETAG.fullmatch(condition.strip())
    if found is None or int(found.group(1)) != row["versionnumber"]:
        raise version_mismatch()


def _known(table: Table, navigation: str) -> str:
    if not any(table.navigations(navigation)):
        raise no_property(navigation, table.name)
    return navigation


def _pointed(url: str) -> Answer:
    return Answer(204, headers={"OData-EntityId": url, "Location": url})


def _split(header: str | None) -> list[str]:
    return [header] if header else []
