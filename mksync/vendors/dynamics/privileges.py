"""What the sync user's security roles let it do. Source: Web API reference, "RetrieveUserPrivileges"."""

from collections.abc import Mapping
from typing import Any

from mksync.vendors.dynamics.client import Client

GLOBAL = ("Global", 3)  # the depth that reaches the whole organisation, in words or as its number


class Privileges:
    """The sync user's privileges by id and by name, asked for once."""

    def __init__(self, client: Client, user: str) -> None:
        self._client = client
        self._path = f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
        self._depths: dict[str, object] | None = None

    def on(self, definition: Mapping[str, Any], table: str, kind: str) -> tuple[str, object]:
        """The name of a table's privilege of this kind, and how far it reaches; None without it."""
        for row in definition.get("Privileges") or ():
            if row.get("PrivilegeType") == kind:
                name = str(row.get("Name"))
                return name, self._depth(str(row.get("PrivilegeId")), name)
        name = f"prv{kind}{table.title()}"
        return name, self._depth("", name)

    def _depth(self, id: str, name: str) -> object:
        if self._depths is None:
            self._depths = {}
            for row in self._client.read(self._path)["RolePrivileges"]:
                self._depths[str(row.get("PrivilegeId")).lower()] = row.get("Depth")
                self._depths[str(row.get("PrivilegeName")).lower()] = row.get("Depth")
        return self._depths.get(id.lower()) or self._depths.get(name.lower())
