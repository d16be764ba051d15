"""What becomes of linked records by somebody else's hand, in the words of reports and of the log.

A kind is the end of the link that it happened to and what happened: "crm deleted", "person merged". No value is written
by any of it; links rest, or move to the record that took over.
"""

from mksync.core.records import Side, Sides

ENDS = Sides("person", "crm")
UNDELETED = "undeleted"  # both records are there again: the link lives on
REMOVED = "crm removed"  # what ties records together was deleted in the CRM, and is deleted in Marketo too

KINDS = (
    *(f"{ENDS.crm} {what}" for what in ("deleted", UNDELETED, "merged", "converted")),
    REMOVED,
    *(f"{ENDS.marketo} {what}" for what in ("deleted", UNDELETED, "merged")),
)


def kind(side: Side, what: str) -> str:
    """What happened to this side's end of a link: also the state of a link that rests because of it."""
    return f"{ENDS[side]} {what}"


def lost(state: str, side: Side) -> bool:
    """Whether a link in this state rests because this end of it is gone."""
    return state.startswith(f"{ENDS[side]} ")
