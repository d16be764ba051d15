"""What has to be true of a Marketo instance before its first sync."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mksync.vendors.marketo.codec as codec
from mksync.core.records import Check, Field, FieldType
from mksync.errors import AccessError, MksyncError, Temporary
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.feed import BEGINNING

_CREATE = "mksync init --create-key-field"
_NOBODY = 0  # ids begin at 1
_LISTED = 3


def checks(client: Client, key_field: str) -> Iterator[Check]:
    """One after the other, as each is done; after a sign-in that failed there is nothing more to ask."""
    sign_in = _guarded("Marketo sign-in", lambda: _signed_in(client))
    yield sign_in
    if not sign_in.passed:
        return
    described = _Described(client)
    read = _guarded("Marketo people, read", described.ask)
    yield read
    yield _guarded("Marketo people, write", lambda: _may_write(client))
    yield _guarded("Marketo activities", lambda: _activities(client))
    if not read.passed:
        return
    yield _native_sync(described.newer)
    yield _key_field(codec.schema(described.older, described.newer).fields.get(key_field), key_field, client)


class _Described:
    """The metadata, asked for once and used by several checks."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.older: list[dict[str, Any]] = []
        self.newer: dict[str, Any] = {}

    def ask(self) -> str:
        self.older, self.newer = self._client.describe(), self._client.describe2()
        return f"{len(codec.schema(self.older, self.newer).fields)} fields are visible"


def _guarded(name: str, ask: Callable[[], str]) -> Check:
    """A check that fails with what the question raised; passing trouble is no finding, and goes on."""
    try:
        return Check(name, True, ask())
    except Temporary:
        raise
    except MksyncError as error:
        return Check(name, False, error.message, error.hint, error.exit_code)


def _signed_in(client: Client) -> str:
    client.sign_in_anew()
    return f"signed in as {client.user or 'an API user'}"


def _may_write(client: Client) -> str:
    """An update of a person that cannot exist: without the permission it is refused as a whole, with it by record.

    Marketo developer guide, Leads: updateOnly without a match is skipped (1004), and nothing is written.
    """
    client.sync_leads("updateOnly", "id", [{"id": _NOBODY}])
    return "the API user may write people (an update of nobody was accepted)"


def _activities(client: Client) -> str:
    start = client.paging_token(BEGINNING)
    client.activities(start.token, (12,))
    client.deleted_leads(start.token)
    return "new, changed and deleted people can be followed"


def _native_sync(newer: dict[str, Any]) -> Check:
    name = "Marketo's built-in CRM sync"
    fields: Sequence[dict[str, Any]] = newer.get("fields") or ()
    found = [field["name"] for field in fields if field.get("crmManaged") or field["name"].startswith("sfdc")]
    if not found:
        return Check(name, True, "is off")
    listed = ", ".join(found[:_LISTED]) + (" …" if len(found) > _LISTED else "")
    remedy = "Two syncs would work against each other. Use an instance without the built-in sync, or have it removed."
    return Check(name, False, f"is or was on: it owns fields ({listed})", remedy, exit_code=2)


def _key_field(field: Field | None, name: str, client: Client) -> Check:
    title = f"Marketo field {name}"
    if field is None:
        return Check(title, False, f"does not exist{_may_create(client)}", _CREATE, exit_code=2)
    if field.type is not FieldType.TEXT:
        remedy = f"Name another key_field in mksync.toml, and run {_CREATE}."
        return Check(title, False, f"is of type {field.vendor_type}, not string", remedy, exit_code=2)
    if not field.searchable or not field.writable:
        lacking = "searchable" if field.writable else "writable"
        remedy = f"Name another key_field in mksync.toml, and run {_CREATE}."
        return Check(title, False, f"is not {lacking} by the API", remedy, exit_code=2)
    return Check(title, True, "holds the CRM's record id")


def _may_create(client: Client) -> str:
    try:
        client.schema_fields()
    except AccessError:
        return '; the API user may not create it (permission "Read-Write Schema Custom Field")'
    return ""
