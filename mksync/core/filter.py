"""The sync filter: a yes/no column of the CRM's records that says whether a record is synced.

Only an explicit No leaves a record out. Where there is no such column, or it is empty, the record is synced (Marketo
product documentation, "Create a Custom Dynamics Sync Filter"). Of a merge the winner's flag alone decides ("Microsoft
Dynamics Sync Filter: Merge"); of a conversion, both ("Microsoft Dynamics Sync Filter: Qualify").
"""

from typing import Literal

from mksync.core.records import Value

LIVE = "live"
FROZEN = "filtered"  # a link whose record says No: nothing flows either way, and its bases are kept
WAITING = "filtered converted"  # a link whose lead went into a contact that says No: it stays with the lead until then

STARTED = "sync started"  # what the log says of a frozen link that takes up again

Verdict = Literal["freeze", "thaw"]


def synced(value: Value, *, present: bool = True) -> bool:
    """Whether a record with this value in the filter column is synced. `present`: whether there is such a column."""
    return not present or value is None or bool(value)


def frozen(state: str) -> bool:
    """Whether a link in this state rests because of the filter."""
    return state in (FROZEN, WAITING)


def verdict(state: str, value: Value, *, present: bool = True) -> Verdict | None:
    """What becomes of a link in this state whose record is there and holds this value; None: it stays as it is."""
    if state == LIVE and not synced(value, present=present):
        return "freeze"
    return "thaw" if state == FROZEN and synced(value, present=present) else None
