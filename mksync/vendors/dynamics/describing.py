"""What the sync user sees of objects: their fields, or why there is nothing to be had of one."""

from collections.abc import Iterable, Mapping

from mksync.core.records import Schema
from mksync.ports import Unavailable
from mksync.vendors.dynamics import metadata, roles
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.definitions import Definition, asked, by_casts
from mksync.vendors.dynamics.errors import raised
from mksync.vendors.dynamics.metadata import Description
from mksync.vendors.dynamics.objects import TABLES as PEOPLE
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.security import Permissions, Security
from mksync.vendors.dynamics.tables import ROLE, Tables
from mksync.vendors.dynamics.together import Together

_TRACK = ("odata.track-changes", "odata.maxpagesize=1")
_ROLES: tuple[Table, ...] = (roles.Customers.table, roles.Connections.table)

Definitions = Mapping[str, Definition]  # by table
Found = dict[str, Description | Unavailable]


class Describing:
    """Asks about objects. What one call tells of several of them is asked for in one call."""

    def __init__(self, client: Client, tables: Tables, security: Security) -> None:
        self._client = client
        self._tables = tables
        self._security = security
        self._together = Together(client)

    def describe(self, objects: Iterable[str]) -> Found:
        """Unavailable is an object other than people that is not there, or that may not be read as a whole."""
        found: Found = {}
        tables: dict[str, tuple[Table, ...]] = {}
        for object in objects:
            try:
                tables[object] = _ROLES if object == ROLE else (self._tables.of(object),)
            except Unavailable as error:
                found[object] = error
        told = self._told(tables, found)
        plain = [tables[object][0].name for object in tables if object != ROLE and object not in found]
        secured = [name for name in plain if told[name].secured]
        permissions = self._security.permissions(*secured) if secured else {}
        reached: set[str] = set()
        for object in tables:
            if object in found:
                continue
            try:
                for table in tables[object]:
                    self._check_reach(table, reached)
                found[object] = _described(tables[object], told, permissions)
            except Unavailable as error:
                found[object] = error
        return found

    def _told(self, tables: Mapping[str, tuple[Table, ...]], found: Found) -> Definitions:
        """The definitions of all tables that are there; of objects whose tables are not, `found` is told."""
        names = dict.fromkeys(table.name for some in tables.values() for table in some)
        told = dict(self._together.definitions(list(names)))
        for object, some in tables.items():
            for table in some:
                try:
                    if table.name in told:
                        continue
                    if object == ROLE:
                        asked(self._client, table, ("LogicalName",))
                    else:
                        told[table.name] = by_casts(self._client, table)
                except Unavailable as error:
                    found[object] = error
        return told

    def _check_reach(self, table: Table, reached: set[str]) -> None:
        """Metadata is for everybody; changes of a table are told to whoever may read the whole organisation's rows."""
        if table.object in PEOPLE or table.name in reached:
            return
        answer = self._client.get(query(table.set, select=[table.key]), _TRACK)
        if answer.problem and answer.problem.act is not Act.ACCESS and answer.status < 500:
            answer = self._client.get(query(table.set, select=[table.key], top="1"))  # one that does not track changes
        if answer.problem is None:
            reached.add(table.name)
            return
        if answer.problem.act in (Act.ACCESS, Act.SCHEMA) or answer.status == 403:
            raise Unavailable(
                f"the sync user may not read Dynamics' {table.name} of the whole organisation",
                f"Give its security role Read on the table {table.name}, at organisation depth.",
            )
        raise raised(answer.problem)


def _described(tables: tuple[Table, ...], told: Definitions, permissions: Mapping[str, Permissions]) -> Description:
    if tables == _ROLES:
        return Description(roles.SCHEMA, {})
    (table,) = tables
    found = metadata.described(table, told[table.name], permissions.get(table.name, Permissions({})))
    if table.object not in PEOPLE:
        _check_followed(table, told[table.name], found.schema)
    return found


def _check_followed(table: Table, definition: Definition, schema: Schema) -> None:
    """Whether its changes can be read: by tracking, else by when a record was modified."""
    if "modifiedon" not in schema.fields and not definition.table.get("ChangeTrackingEnabled"):
        raise Unavailable(
            f"Dynamics does not tell what changes in {table.name}",
            f"Switch on Track changes in the settings of the table {table.name}.",
        )
