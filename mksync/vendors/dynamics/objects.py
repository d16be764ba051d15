"""mksync's objects in Dataverse's words, and what every read of a row carries beside the selected fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Field, Gone, Ref
from mksync.errors import ConfigError
from mksync.vendors.dynamics.ids import id_of
from mksync.vendors.dynamics.kinds import column

QUALIFIED = 1  # statecode of a lead
ORIGIN = "_originatingleadid_value"  # of a contact: the lead that it was qualified from
PARENT = "_parentcontactid_value"  # of a lead: the contact that it was qualified into, new or not


@dataclass(frozen=True, slots=True)
class Table:
    """`set`: its name in addresses. `keys`: columns that are always read."""

    object: str
    name: str
    set: str
    key: str
    keys: Sequence[str]


# `modifiedon` because every update moves it: whether a delta tells rows of which nothing changed that was asked for is
# not documented, and a row that it did not tell would keep a version that no write is let through with.
_EVERY = ("merged", "_masterid_value", "modifiedon")
TABLES: Mapping[str, Table] = {
    "contact": Table("contact", "contact", "contacts", "contactid", ("contactid", *_EVERY)),
    "lead": Table("lead", "lead", "leads", "leadid", ("leadid", *_EVERY, "statecode", PARENT)),
}
"""Contacts come first: whoever is qualified while both are read is then seen as a lead that became a contact."""


def table(object: str) -> Table:
    """Raises `ConfigError` for an object that mksync does not sync with Dynamics."""
    if object not in TABLES:
        raise ConfigError(f"Dynamics has no {object!r} here", hint=f"Objects: {', '.join(sorted(TABLES))}.")
    return TABLES[object]


def columns(table: Table, fields: Iterable[Field]) -> tuple[str, ...]:
    """What to ask for: the keys, then the fields, none twice."""
    return tuple(dict.fromkeys((*table.keys, *map(column, fields))))


def merged(table: Table, row: Mapping[str, Any]) -> Gone | None:
    """The loser of a merge is deactivated, not deleted, and names its survivor ("Merge table rows using the Web API").

    Its status says nothing: only these two columns do.
    """
    if not row.get("merged"):
        return None
    master = row.get("_masterid_value")
    return Gone(table.object, id_of(row[table.key]), "merged", Ref(table.object, id_of(master)) if master else None)


def is_qualified(table: Table, row: Mapping[str, Any]) -> bool:
    """Whether this is a qualified lead; one that was merged away goes with its survivor, whatever its state."""
    return table.object == "lead" and row.get("statecode") == QUALIFIED and not row.get("merged")
