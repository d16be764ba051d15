"""Who may do what: table privileges with their depth, row filtering, column security.

A role's privileges stand in `dynamics_privilege`; who holds which role or column security profile is read from the
organisation's own tables, so that a client sees what is in force.
Source: Microsoft Learn, "Security roles and privileges", "Column-level security to control access".
"""

import sqlite3
import uuid
from collections.abc import Iterable

from mksync.sandbox.dynamics.call import User
from mksync.sandbox.dynamics.catalogue import Catalogue
from mksync.sandbox.dynamics.errors import ODataError, denied
from mksync.sandbox.dynamics.rows import Row, Rows, Stored
from mksync.sandbox.dynamics.tables import Column, Table

RIGHTS = ("Create", "Read", "Write", "Delete", "Assign", "Append", "AppendTo")
DEPTHS = ("None", "Basic", "Local", "Deep", "Global")
EVERYTHING = "*"
# The fixed profile of system administrators: every secured column may be read and written.
ADMINISTRATOR_PROFILE = "572329c1-a042-4e22-be47-367c6374ea45"
_NAMESPACE = uuid.UUID("5d1f6f0e-0000-4000-8000-000000000000")
_USERS_ROLES = """SELECT roleid FROM dynamics_systemuserroles WHERE systemuserid = :user
    UNION SELECT roleid FROM dynamics_teamroles WHERE teamid IN (
        SELECT teamid FROM dynamics_teammembership WHERE systemuserid = :user)"""
_USERS_PROFILES = """SELECT fieldsecurityprofileid FROM dynamics_systemuserprofiles WHERE systemuserid = :user
    UNION SELECT fieldsecurityprofileid FROM dynamics_teamprofiles WHERE teamid IN (
        SELECT teamid FROM dynamics_teammembership WHERE systemuserid = :user)"""
_DEPTH = "CASE depth WHEN 'Global' THEN 4 WHEN 'Deep' THEN 3 WHEN 'Local' THEN 2 WHEN 'Basic' THEN 1 ELSE 0 END"
_BELOW = """WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT businessunitid FROM dynamics_businessunit
    JOIN below ON parentbusinessunitid = below.id) SELECT id FROM below"""
_DENIED_COLUMN = {
    "create": ("0x8004f502", "create"),
    "update": ("0x8004f507", "update"),
}


class Access:
    """What users may do. `User.system` may do everything."""

    def __init__(self, rows: Rows, catalogue: Catalogue, quirks: frozenset[str]) -> None:
        self._rows = rows
        self._catalogue = catalogue
        self._quirks = quirks
        self._connection: sqlite3.Connection = rows.connection
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS dynamics_privilege"
            " (role TEXT, name TEXT, verb TEXT, depth TEXT, PRIMARY KEY (role, name, verb))"
        )

    def grant(self, role: str, name: str, verbs: Iterable[str], depth: str = "Global") -> None:
        """Set a role's privileges on a table (`*`: every one) or, with `name` empty, by their own names."""
        rows = [(role, name, verb, depth) for verb in verbs]
        self._connection.executemany("INSERT OR REPLACE INTO dynamics_privilege VALUES (?, ?, ?, ?)", rows)

    def depth(self, user: User, name: str, verb: str) -> str:
        """How far a privilege of a user reaches: one of `DEPTHS`. The exact entry of a role beats its `*`."""
        if user.system:
            return "Global"
        if user.on_behalf_of:  # what both of them may do
            own = (self._depth(who, name, verb) for who in (user.id, user.on_behalf_of))
            return DEPTHS[min(DEPTHS.index(depth) for depth in own)]
        return self._depth(user.id, name, verb)

    def _depth(self, user: str, name: str, verb: str) -> str:
        row = self._connection.execute(
            f"SELECT MAX({_DEPTH}) FROM dynamics_privilege AS p WHERE role IN ({_USERS_ROLES}) AND verb IN (:verb, '*')"
            " AND (name = :name OR name = '*' AND NOT EXISTS (SELECT 1 FROM dynamics_privilege AS q"
            " WHERE q.role = p.role AND q.name = :name AND q.verb = :verb))",
            {"user": user, "name": name, "verb": verb},
        ).fetchone()
        return DEPTHS[int(row[0] or 0)]

    def has_role(self, user: User) -> bool:
        """Whether a user holds any role; without one it may not even ask who it is."""
        found = self._connection.execute(f"SELECT 1 FROM ({_USERS_ROLES}) LIMIT 1", {"user": user.id}).fetchone()
        return user.system or found is not None

    def has(self, user: User, privilege: str) -> bool:
        """Whether a user holds a privilege that belongs to no table: `prvActOnBehalfOfAnotherUser`."""
        return self.depth(user, "", privilege) != "None"

    def require(self, user: User, table: Table, right: str) -> str:
        """The depth of a user's privilege on a table. Raises 403 0x80040220 if there is none."""
        depth = self.depth(user, table.name, right)
        if depth == "None" and not self._always(table, right):
            raise self._missing(user, table, right)
        return "Global" if depth == "None" else depth

    def require_global(self, user: User, table: Table, right: str) -> None:
        """Raises 403 0x80040220 unless the privilege reaches the entire organisation, as change tracking needs."""
        if self.require(user, table, right) != "Global":
            raise self._missing(user, table, right)

    def visible(self, user: User, table: Table, alias: str) -> tuple[str, tuple[Stored, ...]]:
        """A SQL condition (and its values) that holds for the rows a user may read; `alias` is their SQL table.

        Raises 403 0x80040220 if the user may read none at all.
        """
        return self._reach(user, table, self.require(user, table, "Read"), alias)

    def check_row(self, user: User, table: Table, right: str, row: Row) -> None:
        """Raises 403 where the privilege is there but does not reach this row."""
        depth = self.require(user, table, right)
        if depth == "Global" or not table.has_owner:
            return
        condition, values = self._reach(user, table, depth, "t")
        found = self._connection.execute(
            f'SELECT 1 FROM "dynamics_{table.name}" AS t WHERE t."{table.primary_id}" = ? AND {condition}',
            (row[table.primary_id], *values),
        ).fetchone()
        if found is None:
            code = "0x80040220" if "row_denied_as_privilege" in self._quirks else "0x80048306"
            message = f"Principal with id {user.id} does not have {right}Access right(s) for record with id "
            raise denied(f"{message}{row[table.primary_id]} of entity {table.name}", code)

    def hidden(self, user: User, table: Table) -> frozenset[str]:
        """Logical names of the secured columns that this user reads as null."""
        return self._without(user, table, "canread")

    def check_columns(self, user: User, table: Table, columns: Iterable[str], operation: str) -> None:
        """Raises 403 if one of the columns is secured and the user may not write it; `operation` create or update."""
        forbidden = self._without(user, table, f"can{operation}")
        for name in columns:
            if name in forbidden:
                code, verb = _DENIED_COLUMN[operation]
                message = f"Caller user with Id {user.id} does not have {verb} permissions to a "
                label = table.columns[name].label
                raise denied(f"{message}{label} secured field on entity {table.label} table.", code)

    def _without(self, user: User, table: Table, permission: str) -> frozenset[str]:
        secured = frozenset(column.name for column in table.columns.values() if column.secured)
        if not secured or user.system or self._is_administrator(user):
            return frozenset()
        rows = self._connection.execute(
            "SELECT attributelogicalname FROM dynamics_fieldpermission WHERE entityname = :table"
            f" AND {permission} = 4 AND fieldsecurityprofileid IN ({_USERS_PROFILES})",
            {"user": user.id, "table": table.name},
        )
        return secured - {str(row[0]) for row in rows}

    def _is_administrator(self, user: User) -> bool:
        rows = self._connection.execute(_USERS_PROFILES, {"user": user.id})
        return any(row[0] == ADMINISTRATOR_PROFILE for row in rows)

    def _reach(self, user: User, table: Table, depth: str, alias: str) -> tuple[str, tuple[Stored, ...]]:
        if depth == "Global" or not table.has_owner:
            return "1", ()
        mine = (
            f'({alias}."ownerid" = ? OR {alias}."ownerid" IN'
            " (SELECT teamid FROM dynamics_teammembership WHERE systemuserid = ?))"
        )
        if depth == "Basic":
            return mine, (user.id, user.id)
        units = [self._unit(user)]
        if depth == "Deep":
            units = [str(row[0]) for row in self._connection.execute(_BELOW, (units[0],))]
        marks = ", ".join("?" * len(units))
        return f'({mine} OR {alias}."owningbusinessunit" IN ({marks}))', (user.id, user.id, *units)

    def _unit(self, user: User) -> str:
        row = self._connection.execute(
            "SELECT businessunitid FROM dynamics_systemuser WHERE systemuserid = ?", (user.id,)
        ).fetchone()
        return str(row[0]) if row else ""

    def _always(self, table: Table, right: str) -> bool:
        return table.intersect and right == "Read"

    def _missing(self, user: User, table: Table, right: str) -> ODataError:
        name = privilege_name(table, right)
        roles = self._connection.execute(f"SELECT COUNT(*) FROM ({_USERS_ROLES})", {"user": user.id}).fetchone()[0]
        counted = self._connection.execute(
            f"SELECT COUNT(*) FROM dynamics_privilege WHERE depth <> 'None' AND role IN ({_USERS_ROLES})",
            {"user": user.id},
        ).fetchone()[0]
        who = f"Principal user (Id={user.id}, type=8, roleCount={roles}, privilegeCount={counted}, accessMode=4)"
        what = f"is missing {name} privilege (Id={privilege_id(name)}) on OTC={table.code} for entity '{table.name}'"
        return denied(f"{who}, {what} (LocalizedName='{table.label}'). context.Caller={user.id}")


def privilege_name(table: Table, right: str) -> str:
    """`prvReadLead`."""
    return f"prv{right}{table.schema_name}"


def privilege_id(name: str) -> str:
    """The same GUID for a privilege in every organisation."""
    return str(uuid.uuid5(_NAMESPACE, name))


def is_writable(column: Column, operation: str) -> bool:
    """Whether a value sent for this column counts; what is not writable is silently ignored."""
    return column.create if operation == "create" else column.update
