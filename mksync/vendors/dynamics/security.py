"""Column security: what the sync user may do with secured columns. A hidden one reads as null, like an empty one.

So a null in a secured column says nothing before the permission is proven. Source: Power Apps developer documentation,
"Column-level security with code".
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from mksync.core.frozen import dataclass
from mksync.vendors.dynamics.batch import Answer
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.errors import raised
from mksync.vendors.dynamics.odata import query

# The profile that every system administrator has; it allows everything, and lists nothing.
ADMINISTRATORS = "572329c1-a042-4e22-be47-367c6374ea45"
_ALLOWED = 4
_RIGHTS = ("canread", "cancreate", "canupdate")
_PROFILE = "fieldsecurityprofileid"


@dataclass(frozen=True, slots=True)
class Rights:
    """On one secured column."""

    read: bool = False
    create: bool = False
    update: bool = False


@dataclass(frozen=True, slots=True)
class Permissions:
    """On the secured columns of one table. `unproven`: why nothing is known of them, if so."""

    rights: Mapping[str, Rights]
    everything: bool = False
    unproven: str = ""

    def of(self, column: str) -> Rights:
        return Rights(True, True, True) if self.everything else self.rights.get(column, Rights())


class Security:
    """`user` gives the sync user's id."""

    def __init__(self, client: Client, user: Callable[[], str]) -> None:
        self._client = client
        self._user = user

    def hidden(self, table: str, columns: Collection[str], told: Answer | None = None) -> list[str]:
        """Which of these columns are secured by now and not proven to be readable. `told`: what `secured_of` told."""
        rows = (told or self._client.get(secured_of(table))).checked()["value"]
        secured = {row["LogicalName"] for row in rows if row.get("IsSecured", True)}
        concerned = [column for column in columns if column in secured]
        if not concerned:
            return []
        permissions = self.permissions(table)[table]
        return [column for column in concerned if not permissions.of(column).read]

    def permissions(self, *tables: str) -> Mapping[str, Permissions]:
        """By table: what the profiles of the sync user and of its teams allow, added up. As many calls for several."""
        try:
            profiles = self._profiles()
            if ADMINISTRATORS in profiles:
                return dict.fromkeys(tables, Permissions({}, everything=True))
            names = ["entityname", "attributelogicalname", *_RIGHTS, f"_{_PROFILE}_value"]
            wanted = " or ".join(f"entityname eq '{table}'" for table in tables)
            rows = self._rows(query("fieldpermissions", select=names, filter=wanted))
        except _Unproven as error:
            return dict.fromkeys(tables, Permissions({}, unproven=str(error)))
        rows = [row for row in rows if str(row[f"_{_PROFILE}_value"]).lower() in profiles]
        return {table: Permissions(_added_up(row for row in rows if row["entityname"] == table)) for table in tables}

    def _profiles(self) -> set[str]:
        user = f"systemusers({self._user()})"
        found = self._ids(f"{user}/systemuserprofiles_association", _PROFILE)
        for team in self._ids(f"{user}/teammembership_association", "teamid"):
            found |= self._ids(f"teams({team})/teamprofiles_association", _PROFILE)
        return found

    def _ids(self, path: str, key: str) -> set[str]:
        return {str(row[key]).lower() for row in self._rows(query(path, select=[key]))}

    def _rows(self, resource: str) -> list[Any]:
        """Raises _Unproven where they may not be read, which takes privileges that ordinary roles do not have."""
        answer = self._client.get(resource)
        if answer.problem is None:
            return list(answer.body["value"])
        if answer.status in (403, 404):
            raise _Unproven("the sync user may not read column security profiles and their permissions")
        raise raised(answer.problem)


def secured_of(table: str) -> str:
    """Asks which columns of a table are secured."""
    path = f"EntityDefinitions(LogicalName='{table}')/Attributes"
    return query(path, select=["LogicalName", "IsSecured"], filter="IsSecured eq true")


def _added_up(rows: Iterable[Mapping[str, Any]]) -> dict[str, Rights]:
    found: dict[str, Rights] = {}
    for row in rows:
        before = found.get(name := row["attributelogicalname"], Rights())
        read, create, update = (row.get(right) == _ALLOWED for right in _RIGHTS)
        found[name] = Rights(before.read or read, before.create or create, before.update or update)
    return found


class _Unproven(Exception):  # noqa: N818
    """Nothing is known of the permissions."""
