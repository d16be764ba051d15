"""Which table of Dataverse an object of mksync's is, and what its columns refer to in mksync's words."""

import re
from collections.abc import Iterable, Mapping, Sequence

from mksync.errors import AccessError, ConfigError
from mksync.ports import Unavailable
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.objects import TABLES as PEOPLE
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.odata import query

NO_TABLE = "Install what it belongs to (opportunities come with Dynamics 365 Sales), or take it out of the selection."
ROLE = "role"  # no table: put together from opportunities and connections, see `roles`

_CUSTOMER = ("_parentaccountid_value", "_parentcontactid_value")  # beside customerid, see `companies`
STANDARD: Mapping[str, Table] = {
    **PEOPLE,
    "user": Table("user", "systemuser", "systemusers", "systemuserid", ("systemuserid",)),
    "account": Table("account", "account", "accounts", "accountid", ("accountid", "merged", "_masterid_value")),
    "opportunity": Table("opportunity", "opportunity", "opportunities", "opportunityid", ("opportunityid", *_CUSTOMER)),
    "team": Table("team", "team", "teams", "teamid", ("teamid",)),
}
_OBJECTS = {table.name: object for object, table in STANDARD.items()}

# Every custom table begins with its publisher's prefix ("Table definitions in Microsoft Dataverse", schema names).
_CUSTOM = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+", re.ASCII)


def is_custom(object: str) -> bool:
    """Whether this is the logical name of a custom table, which mksync calls by that name too."""
    return bool(_CUSTOM.fullmatch(object))


def object_of(table: str) -> str | None:
    """mksync's name for a table; None for one that it does not sync."""
    return _OBJECTS.get(table) or (table if is_custom(table) else None)


def objects_of(tables: Iterable[str]) -> tuple[str, ...]:
    """The same for several; those that mksync does not sync are left out."""
    return tuple(dict.fromkeys(filter(None, map(object_of, tables))))


def tables_of(objects: Iterable[str]) -> tuple[str, ...]:
    """The tables of objects."""
    return tuple(STANDARD[object].name if object in STANDARD else object for object in objects)


class Tables:
    """What is not known of a custom table by its name is asked once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: dict[str, Table] = {}

    def __getitem__(self, object: str) -> Table:
        """Raises ConfigError for what is no object of Dynamics', AccessError if a table is not there any more."""
        try:
            return self.of(object)
        except Unavailable as error:
            raise AccessError(error.reason, hint=error.remedy) from error

    def of(self, object: str) -> Table:
        """Raises ConfigError for what is no object of Dynamics', Unavailable for a custom table that is not there."""
        if object in STANDARD:
            return STANDARD[object]
        if not is_custom(object):
            listed = ", ".join(sorted((*STANDARD, ROLE)))
            raise ConfigError(
                f"Dynamics has no {object!r} here",
                hint=f"Objects: {listed}, or the logical name of a custom table (new_event).",
            )
        if object not in self._found:
            self._found[object] = self._ask(object)
        return self._found[object]

    def _ask(self, name: str) -> Table:
        columns: Sequence[str] = ("LogicalName", "EntitySetName", "PrimaryIdAttribute")
        rows = self._client.read(query("EntityDefinitions", select=columns, filter=f"LogicalName eq '{name}'"))["value"]
        if not rows:
            raise Unavailable(f"this environment of Dynamics has no table {name}", NO_TABLE)
        key = str(rows[0]["PrimaryIdAttribute"])
        return Table(name, name, str(rows[0]["EntitySetName"]), key, (key,))
