"""What every read of a row carries beside the selected fields, and what that says about the record."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mksync.core.records import Gone, Ref
from mksync.vendors.salesforce.codec import Columns, widen

_EVERY = ("Id", "SystemModstamp", "IsDeleted")  # opportunities, their roles and custom objects hold no more
_MERGED = (*_EVERY, "MasterRecordId")
_KEYS: Mapping[str, Sequence[str]] = {
    "lead": (*_MERGED, "IsConverted", "ConvertedContactId"),
    "contact": _MERGED,
    "account": _MERGED,
    # A user is never deleted, only made inactive, and stays a user (Object Reference, User: no delete()).
    "user": ("Id", "SystemModstamp"),
}

FLAGS = ("IsDeleted", "IsConverted")
"""The yes/no fields among them."""


def keys(object: str) -> Sequence[str]:
    """The fields that say what became of a record; everybody who may read the object may read them."""
    return _KEYS.get(object, _EVERY)


def deletable(object: str) -> bool:
    return "IsDeleted" in keys(object)


def columns(object: str, fields: Iterable[str]) -> tuple[str, ...]:
    """What to ask for: the keys, then the fields, none twice (SOQL refuses a field named twice)."""
    return tuple(dict.fromkeys((*keys(object), *fields)))


def gone(object: str, row: Mapping[str, Any]) -> Gone | None:
    """Why this row is no longer to be written, if so.

    A converted lead is kept by Salesforce and lives on as its contact, even if the lead is deleted later. The loser of
    a merge is deleted and names its survivor (SOAP API Developer Guide, merge()).
    """
    id = widen(row["Id"])
    if row.get("IsConverted"):
        return Gone(object, id, "converted", _ref("contact", row.get("ConvertedContactId")))
    if row.get("MasterRecordId"):
        return Gone(object, id, "merged", _ref(object, row["MasterRecordId"]))
    return Gone(object, id, "deleted") if row.get("IsDeleted") else None


def ended(columns: Columns) -> Sequence[bool]:
    """Which of many rows are no longer to be written; nothing if none is."""
    signs = [columns[name] for name in (*FLAGS, "MasterRecordId") if any(columns.get(name, ()))]
    return [any(row) for row in zip(*signs, strict=True)]


def _ref(object: str, id: str | None) -> Ref | None:
    return Ref(object, widen(id)) if id else None
