"""What has to be true of an environment before its first sync."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mksync.core.records import Check
from mksync.errors import MksyncError, Temporary
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.definitions import asked
from mksync.vendors.dynamics.ids import id_of
from mksync.vendors.dynamics.objects import TABLES, Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.privileges import GLOBAL, Privileges
from mksync.vendors.dynamics.security import Security, secured_of

_USER = ("fullname", "applicationid", "isdisabled", "accessmode")
_USERS = "Power Platform admin center, Environment, Settings, Application users"
# systemuser.accessmode: 0 read-write, 4 non-interactive, which is what application users have.
_WORKING_MODES = (None, 0, 4)
_NEEDED = ("Read", "Create", "Write", "Append", "AppendTo")
_TABLE = (
    "LogicalName", "ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "Privileges",
)  # fmt: skip
_LISTED = 5


_MATCHING = ("emailaddress1", "lastname")  # whom a record is, and what a person is created with


def checks(client: Client, security: Security) -> Iterator[Check]:
    """One after the other, as each is done; after a sign-in that failed there is nothing more to ask."""
    signed_in: dict[str, Any] = {}
    sign_in = _guarded("Dynamics sign-in", lambda: _signed_in(client, signed_in))
    yield sign_in
    if not sign_in.passed:
        return
    user = id_of(signed_in["UserId"])
    yield _guarded("Dynamics sync user", lambda: _sync_user(client, user))
    held = Privileges(client, user)
    for table in TABLES.values():
        yield from _table(client, table, held, security)
    yield _guarded("Marketo's built-in sync in Dynamics", lambda: _native_sync(client))


def _guarded(name: str, ask: Callable[[], str | Check]) -> Check:
    """A check that fails with what the question raised; passing trouble is no finding, and goes on."""
    try:
        finding = ask()
    except Temporary:
        raise
    except MksyncError as error:
        return Check(name, False, error.message, error.hint, error.exit_code)
    return finding if isinstance(finding, Check) else Check(name, True, finding)


def _signed_in(client: Client, told: dict[str, Any]) -> str:
    client.sign_in_anew()
    told |= client.whoami()
    return f"signed in to organisation {told['OrganizationId']}"


def _sync_user(client: Client, user: str) -> Check:
    name = "Dynamics sync user"
    row = client.read(query(f"systemusers({user})", select=_USER))
    who = row.get("fullname") or user
    if row.get("isdisabled"):
        return Check(name, False, f"{who} is disabled", f"Activate it ({_USERS}).")
    if row.get("accessmode") not in _WORKING_MODES:
        found = f"{who} has access mode {row['accessmode']}, which may not write"
        return Check(name, False, found, "Give it the access mode Read-Write or Non-interactive.")
    if not row.get("applicationid"):
        return Check(name, False, f"{who} is a person, not an application user", f"Add an application user ({_USERS}).")
    return Check(name, True, f"{who} is an application user, and enabled")


def _table(client: Client, table: Table, held: Privileges, security: Security) -> Iterator[Check]:
    name = f"Dynamics {table.name}"
    try:
        found = asked(client, table, _TABLE)
    except Temporary:
        raise
    except MksyncError as error:
        yield Check(name, False, error.message, error.hint, error.exit_code)
        return
    yield _guarded(name, lambda: _may(table, found, held))
    yield _tracking(f"{name} change tracking", table, found)
    yield _versions(f"{name} versions", found)
    yield _guarded(f"{name} secured columns", lambda: _secured(client, table, security))


def _may(table: Table, found: Mapping[str, Any], held: Privileges) -> Check:
    """Changes are told only to a user who may read the records of the whole organisation."""
    title = f"Dynamics {table.name}"
    lacking = []
    for kind in _NEEDED:
        name, depth = held.on(found, table.name, kind)
        if depth is None or (kind == "Read" and depth not in GLOBAL):
            lacking.append(name if depth is None else f"{name} at organisation depth")
    if not lacking:
        return Check(title, True, "the sync user can read all of it, and write it")
    remedy = f"Give the sync user a security role with {', '.join(lacking)} on the table {table.name}."
    return Check(title, False, f"the sync user lacks {', '.join(lacking)}", remedy)


def _tracking(name: str, table: Table, found: Mapping[str, Any]) -> Check:
    """Not a hindrance: without it changes are found by when they were made, and deletions once a week."""
    how = f"Power Apps, Tables, {table.name}, Properties, Advanced options, Track changes"
    if found.get("ChangeTrackingEnabled"):
        return Check(name, True, "is on")
    return Check(name, True, f"is off: deletions are noticed once a week only. To switch it on: {how}", how)


def _versions(name: str, found: Mapping[str, Any]) -> Check:
    if found.get("IsOptimisticConcurrencyEnabled") is not False:
        return Check(name, True, "an edit that somebody makes meanwhile is never written over")
    remedy = "Switch on optimistic concurrency for the table (IsOptimisticConcurrencyEnabled)."
    return Check(name, False, "the table has no optimistic concurrency", remedy, exit_code=2)


def _secured(client: Client, table: Table, security: Security) -> Check:
    name = f"Dynamics {table.name} secured columns"
    rows = client.read(secured_of(table.name))["value"]
    secured = [row["LogicalName"] for row in rows if row.get("IsSecured", True)]
    permissions = security.permissions(table.name)[table.name] if secured else None
    hidden = [one for one in secured if permissions is None or not permissions.of(one).read]
    if permissions is None or not hidden:
        return Check(name, True, f"{len(secured)} columns, all readable" if secured else "there are none")
    listed = ", ".join(hidden[:_LISTED]) + (" …" if len(hidden) > _LISTED else "")
    why = permissions.unproven or "no column security profile of the sync user reads them"
    remedy = (
        "Add the sync user to a column security profile that may read them, and give its role"
        " prvReadFieldSecurityProfile and prvReadFieldPermission, so that it can prove it."
    )
    needed = [column for column in _MATCHING if column in hidden]
    if needed:
        return Check(name, False, f"people cannot be told apart without {', '.join(needed)} ({why})", remedy)
    return Check(name, True, f"not offered: {listed} ({why})", remedy)


def _native_sync(client: Client) -> Check:
    """Marketo's own sync comes as the managed solution "Marketo Lead Management", whose plug-in steps report changes.

    Marketo product documentation, "Validate Microsoft Dynamics Sync" looks for both.
    """
    name = "Marketo's built-in sync in Dynamics"
    found = client.get(
        query(
            "solutions",
            select=["friendlyname", "uniquename"],
            filter="contains(friendlyname,'Marketo') or contains(uniquename,'Marketo')",
        )
    )
    if found.problem:
        return Check(name, True, "is not to be seen by the sync user; Marketo is asked for it too")
    if not found.body["value"]:
        return Check(name, True, "is not installed")
    solution = found.body["value"][0].get("friendlyname") or found.body["value"][0].get("uniquename")
    steps = client.get(
        query(
            "sdkmessageprocessingsteps",
            select=["name", "statecode"],
            filter="contains(name,'Marketo') and statecode eq 0",
        )
    )
    if steps.problem is None and not steps.body["value"]:
        return Check(name, True, f"is installed ({solution}), and none of its plug-in steps is enabled")
    remedy = "Two syncs would work against each other. Disable the built-in sync, or the plug-in steps of its solution."
    working = "is installed" if steps.problem else f"is at work: {len(steps.body['value'])} plug-in steps are enabled"
    return Check(name, False, f"{working} ({solution})", remedy, exit_code=2)
