"""Custom tables that hang off people or accounts.

Source: Power Apps developer documentation, "Query table definitions using the Web API".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mksync.core.custom import CustomObject, Hop, paths_to_people
from mksync.vendors.dynamics.choices import label_of
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.privileges import GLOBAL, Privileges
from mksync.vendors.dynamics.tables import is_custom, object_of

_COLUMNS = ("LogicalName", "DisplayName", "TableType", "IsActivity", "IsIntersect", "IsPrivate", "Privileges")
TEAM = "team"
_LOOKUPS = "ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity)"


def custom_objects(client: Client, user: str) -> list[CustomObject]:
    """See `ports.OffersCustomObjects`. Two calls: what tables there are, and which the sync user may read.

    Teams are among them, which hang off nobody. Left out are activities, tables that only tie others together, and
    those that are kept elsewhere (virtual ones).
    """
    wanted = f"IsCustomEntity eq true or LogicalName eq '{TEAM}'"
    resource = query("EntityDefinitions", select=_COLUMNS, filter=wanted, expand=_LOOKUPS)
    held = Privileges(client, user)
    found = {row["LogicalName"]: row for row in client.read(resource)["value"] if _is_plain(row)}
    read = {name: row for name, row in found.items() if held.on(row, name, "Read")[1] in GLOBAL}
    paths = paths_to_people({name: list(_hops(row)) for name, row in read.items() if name != TEAM})
    names = sorted((*paths, *({TEAM} & read.keys())))
    return [CustomObject(one, label_of(read[one].get("DisplayName")) or one, paths.get(one, ())) for one in names]


def _is_plain(row: Mapping[str, Any]) -> bool:
    if row["LogicalName"] == TEAM:
        return True
    special = row.get("IsActivity") or row.get("IsIntersect") or row.get("IsPrivate")
    return is_custom(row["LogicalName"]) and row.get("TableType") in (None, "Standard") and not special


def _hops(row: Mapping[str, Any]) -> Iterator[Hop]:
    for way in row.get("ManyToOneRelationships") or ():
        object = object_of(way["ReferencedEntity"])
        if object:
            yield Hop(way["ReferencingAttribute"], object)
