"""mksync's objects in Salesforce's words, and what every read of a row carries beside the selected fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mksync.core.records import Gone, Ref
from mksync.errors import ConfigError
from mksync.vendors.salesforce.codec import widen

SOBJECTS: Mapping[str, str] = {"lead": "Lead", "contact": "Contact"}

_EVERY = ("Id", "SystemModstamp", "IsDeleted", "MasterRecordId")
KEYS: Mapping[str, Sequence[str]] = {
    "lead": (*_EVERY, "IsConverted", "ConvertedContactId"),
    "contact": _EVERY,
}


def sobject(object: str) -> str:
    """Salesforce's name. Raises `ConfigError` for an object that mksync does not sync with Salesforce."""
    if object not in SOBJECTS:
        raise ConfigError(f"Salesforce has no {object!r} here", hint=f"Objects: {', '.join(SOBJECTS)}.")
    return SOBJECTS[object]


def columns(object: str, fields: Iterable[str]) -> tuple[str, ...]:
    """What to ask for: the keys, then the fields, none twice (SOQL refuses a field named twice)."""
    return tuple(dict.fromkeys((*KEYS[object], *fields)))


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


def survivors_named(gone: Sequence[Gone]) -> list[Gone]:
    """The same, each loser pointing to its last survivor: of A into B and B into C both end in C."""
    into = {one.id: one.into for one in gone if one.reason == "merged"}
    return [_to_the_end(one, into) for one in gone]


def _to_the_end(one: Gone, into: Mapping[str, Ref | None]) -> Gone:
    if one.reason != "merged":
        return one
    target, seen = one.into, {one.id}
    while target is not None and target.id not in seen and into.get(target.id):
        seen.add(target.id)
        target = into[target.id]
    return Gone(one.object, one.id, one.reason, target)


def _ref(object: str, id: str | None) -> Ref | None:
    return Ref(object, widen(id)) if id else None
