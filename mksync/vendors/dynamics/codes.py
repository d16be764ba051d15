"""Dataverse's error codes as data: what to do about each, its cause in plain words, and a remedy.

Source: Power Apps developer documentation, "Web service error codes" and "Compose HTTP requests and handle errors".
The list holds thousands of codes: one that is not listed here refuses the record, in Dataverse's own words. Codes come
in any letter case, and sometimes not at all.
"""

from enum import Enum, auto

from mksync.core.frozen import dataclass


class Act(Enum):
    """What a code asks of mksync."""

    WAIT = auto()  # throttled: nothing was processed
    QUOTA = auto()  # nothing more today
    AGAIN = auto()  # passes by itself: repeat the call where that is safe
    ACCESS = auto()  # a permission or setting is missing; of a record: refused
    SCHEMA = auto()  # a table or column that is not there; of a record: refused
    EXPIRED = auto()  # the feed does not reach back so far
    GONE = auto()  # the record is no longer there
    MOVED = auto()  # the record is not what it was: read it again
    EXISTS = auto()  # a record with this id, or this key, is there already
    REFUSED = auto()  # this record's data, or the customer's own rules


@dataclass(frozen=True, slots=True)
class Rule:
    act: Act
    cause: str = ""
    remedy: str = ""


UNKNOWN = Rule(
    Act.REFUSED,
    "Dynamics refused this record for a reason that mksync does not know.",
    "Read Dynamics' message; correct the record or the setting it speaks of.",
)
DEAD_LINK = Rule(
    Act.REFUSED,
    "The record refers to another record that is not there, or of another table.",
    "Correct the id of the other record (owner, account, …).",
)
THROTTLED = Rule(
    Act.WAIT, "Dynamics asked to slow down (service protection limits). This passes.", "Run again in five minutes."
)

_ACCESS = Rule(
    Act.ACCESS,
    "The sync user lacks a privilege; the message names it.",
    "Give the sync user a security role with that privilege on the table, at organisation depth.",
)
_RECORD_ACCESS = Rule(
    Act.ACCESS,
    "The sync user may not use this record.",
    "Give the sync user's security role access to records of the whole organisation.",
)
_COLUMN_ACCESS = Rule(
    Act.ACCESS,
    "The record was refused as a whole: one of its columns is secured, and the sync user may not write it.",
    "Allow it in a column security profile of the sync user, or take the field out of the selection.",
)
_NO_USER = Rule(
    Act.ACCESS,
    "The application has no user in this environment.",
    "Add an application user for it (Power Platform admin center, Environment, Settings, Application users).",
)
_USER_OFF = Rule(
    Act.ACCESS,
    "The application user is disabled, or belongs to no business unit.",
    "Activate it (Power Platform admin center, Environment, Settings, Application users).",
)
_TOO_LONG = Rule(
    Act.REFUSED, "The text is longer than the Dynamics column.", "Shorten the value, or make the column longer."
)
_NUMBER = Rule(
    Act.REFUSED,
    "The number is outside of what the Dynamics column takes.",
    "Correct the number, or widen the column's range.",
)
_DATABASE = Rule(
    Act.AGAIN,
    "Somebody else was saving this record, or the database was busy. This passes.",
    "Nothing to do: the next cycle tries again.",
)
_PLUGIN_SLOW = Rule(
    Act.AGAIN,
    "A plug-in of this environment took too long while the record was saved.",
    "Run again later; if it stays, show the message to whoever looks after the plug-in.",
)
_SCHEMA = Rule(
    Act.SCHEMA,
    "A table or column is not there: renamed, deleted, or of another name.",
    "Run mksync fields list to see what there is, and correct the selection.",
)
_DUPLICATE_KEY = Rule(
    Act.EXISTS,
    "Another record already holds this value in a key that has to be unique.",
    "Look for the other record; merge the two, or correct the value.",
)
_EXPIRED = Rule(Act.EXPIRED, "Dynamics no longer keeps changes as old as that.", "Everything is read afresh.")

RULES = {
    "0x80040217": Rule(Act.GONE, "The record is no longer there."),
    "0x80060891": Rule(Act.GONE, "The record is no longer there."),
    "0x80040220": _ACCESS,
    "0x80048405": _ACCESS,
    "0x8004020d": _ACCESS,
    "0x80040231": _ACCESS,
    "0x80040256": _ACCESS,
    "0x80048306": _RECORD_ACCESS,
    "0x8004a110": Rule(
        Act.ACCESS,
        "The sync user may not act on behalf of another user.",
        "Give it the privilege prvActOnBehalfOfAnotherUser.",
    ),
    "0x8004f502": _COLUMN_ACCESS,
    "0x8004f507": _COLUMN_ACCESS,
    "0x8004f504": _COLUMN_ACCESS,
    "0x8004f506": _COLUMN_ACCESS,
    "0x80072560": _NO_USER,
    "0x80040225": _USER_OFF,
    "0x80081018": Rule(
        Act.ACCESS,
        "The sync user may not create what the lead was to become.",
        "Let its security role create contacts, and accounts and opportunities where they are wanted.",
    ),
    "0x80040519": Rule(
        Act.MOVED,
        "The lead is closed: disqualified, or qualified without a contact.",
        "Reactivate it in Dynamics, and convert it then.",
    ),
    "0x80060882": Rule(Act.MOVED, "Somebody edited the record since it was read.", "It is read and judged again."),
    "0x80060883": Rule(
        Act.REFUSED, "Dynamics wants the version of the record with this write.", "Report it to mksync."
    ),
    "0x8006088d": Rule(
        Act.REFUSED,
        "The table has no optimistic concurrency, so somebody's edit could be written over unseen.",
        "Switch it on for the table (IsOptimisticConcurrencyEnabled).",
    ),
    "0x80040237": _DUPLICATE_KEY,
    "0x80060892": _DUPLICATE_KEY,
    "0x80040333": Rule(
        Act.REFUSED,
        "A duplicate detection rule of this environment takes this record for one that it already has.",
        "Merge the two records, or change the rule (Settings, Data management, Duplicate detection rules).",
    ),
    "0x80044331": _TOO_LONG,
    "0x80073001": _TOO_LONG,
    "0x8004431a": Rule(
        Act.REFUSED,
        "The value is not one of the column's choices.",
        "Use one of the choices, or add this one to the column.",
    ),
    "0x8004432f": _NUMBER,
    "0x80044330": _NUMBER,
    "0x80061004": _NUMBER,
    "0x80040239": Rule(
        Act.REFUSED, "The date cannot be stored: Dynamics begins with the year 1753.", "Correct the date."
    ),
    "0x80048408": Rule(
        Act.REFUSED, "Status and status reason do not go together.", "Choose a status reason of that status."
    ),
    "0x80048d19": Rule(
        Act.REFUSED,
        "Dynamics could not read a value: a column is not there, or is of another type.",
        "Run mksync fields list to see what there is; pair the field with one of its type.",
    ),
    "0x80060888": _SCHEMA,
    "0x8006088a": _SCHEMA,
    "0x80060890": Rule(Act.SCHEMA, "The table has no such alternate key.", "Report it to mksync."),
    "0x80040203": Rule(Act.REFUSED, "Dynamics takes a value for wrong.", "Correct the value that the message names."),
    "0x80040200": Rule(
        Act.REFUSED, "A column that Dynamics requires is empty.", "Fill the column that the message names."
    ),
    "0x80040265": Rule(
        Act.REFUSED,
        "A plug-in, workflow or business rule of this environment refused the record; the message is its own.",
        "Correct the value, or show the message to whoever looks after that rule.",
    ),
    "0x80040224": Rule(
        Act.REFUSED,
        "A plug-in of this environment failed while the record was saved.",
        "Show the message to whoever looks after that plug-in.",
    ),
    "0x80044171": _PLUGIN_SLOW,
    "0x80044172": _PLUGIN_SLOW,
    "0x80040216": Rule(
        Act.AGAIN,
        "Dynamics failed inside while it worked on this record.",
        "Run again later; if it stays, give the message to Microsoft's support.",
    ),
    "0x80044150": _DATABASE,
    "0x80044151": _DATABASE,
    "0x80040255": _DATABASE,
    "0x80071154": _DATABASE,
    "0x80072321": THROTTLED,
    "0x80072322": THROTTLED,
    "0x80072326": THROTTLED,
    "0x8005f103": Rule(
        Act.QUOTA,
        "The tenant's Power Platform requests of the last 24 hours are used up.",
        "Run again later, or see Power Platform admin center, Licensing, Capacity.",
    ),
    "0x80040227": Rule(Act.REFUSED, "Other records belong to this one.", "Delete or move those first."),
    "0x8004023b": Rule(Act.REFUSED, "Dynamics does not offer this operation.", "Report it to mksync."),
    "0x8004418a": Rule(Act.REFUSED, "The request is too large.", "Shorten the longest values of the record."),
    "0x80072491": Rule(
        Act.EXPIRED, "The table does not track changes.", "Switch on Track changes in the table's settings."
    ),
    "0x80044352": _EXPIRED,
    "0x8004022b": Rule(Act.REFUSED, "The owner is a disabled user.", "Give the record to an active user."),
    "0x80040352": DEAD_LINK,
    "0x80040353": DEAD_LINK,
    "0x80040230": Rule(Act.REFUSED, "The record is inactive and refuses this change.", "Activate the record."),
    "0x80040233": Rule(Act.REFUSED, "The record's status refuses this change.", "Change its status in Dynamics."),
}

SCHEMA = _SCHEMA
ACCESS = _ACCESS
