"""Salesforce's error codes as data: what to do about each, its cause in plain words, and a remedy.

Sources: REST API Developer Guide, "Status Codes and Error Responses"; the StatusCode and ExceptionCode enumerations of
the partner WSDL. The enumerations hold hundreds of codes: one that is not listed here refuses the record, in
Salesforce's own words.
"""

from enum import Enum, auto

from mksync.core.frozen import dataclass


class Act(Enum):
    """What a code asks of mksync."""

    RENEW = auto()  # the session ended: sign in again, once
    AGAIN = auto()  # passes by itself: repeat the call where that is safe
    QUOTA = auto()  # nothing more today
    ACCESS = auto()  # a permission or setting is missing; of a record: refused
    EXPIRED = auto()  # the feed does not reach back so far
    GONE = auto()  # the record is no longer there
    MOVED = auto()  # the record is not what it was: read it again
    LOCKED = auto()  # somebody else is saving this record: try again in a moment
    LATER = auto()  # ends when somebody finishes what is under way: every cycle tries once
    REFUSED = auto()  # this record's data, or the customer's own rules


@dataclass(frozen=True, slots=True)
class Rule:
    act: Act
    cause: str = ""
    remedy: str = ""


UNKNOWN = Rule(
    Act.REFUSED,
    "Salesforce refused this record for a reason that mksync does not know.",
    "Read Salesforce's message; correct the record or the setting it speaks of.",
)

_BUSY = Rule(Act.AGAIN, "Salesforce was busy or under maintenance.", "Run again later.")
_TOO_LONG = Rule(Act.AGAIN, "Salesforce took too long over this call.", "Run again later.")
_QUOTA = Rule(
    Act.QUOTA,
    "The organisation's API calls of the last 24 hours are used up.",
    "Run again later, or see Setup, Company Information, API Requests.",
)
_FIELD_ACCESS = Rule(
    Act.ACCESS,
    "The sync user may not see or edit a field, or the field was renamed or deleted.",
    "Grant the sync user access to the field (Setup, Object Manager, Field-Level Security), or take it out of the"
    " selection.",
)
_RECORD_ACCESS = Rule(
    Act.ACCESS,
    "The sync user may not edit this record.",
    "Grant the sync user edit access to the object and to records it does not own (sharing, or Modify All).",
)
_API_OFF = Rule(
    Act.ACCESS,
    "The API is switched off for this organisation or user.",
    "Give the sync user the permission API Enabled.",
)
_CUSTOMER_CODE = Rule(
    Act.REFUSED,
    "A trigger or flow of this organisation failed while the record was saved.",
    "Show the message to the admin who looks after that automation.",
)
_DEAD_LINK = Rule(
    Act.REFUSED,
    "The record refers to another record that is not there or of another kind.",
    "Correct the id of the other record (owner, account, …).",
)
_ROLLED_BACK = Rule(
    Act.REFUSED,
    "Salesforce took this record back because another one of the same call failed.",
    "Nothing to do: correct the other record.",
)

RULES = {
    "INVALID_SESSION_ID": Rule(Act.RENEW, "The session ended."),
    "REQUEST_LIMIT_EXCEEDED": _QUOTA,
    "REQUEST_RUNNING_TOO_LONG": _TOO_LONG,
    "QUERY_TIMEOUT": _TOO_LONG,
    "SERVER_UNAVAILABLE": _BUSY,
    "ORG_IN_MAINTENANCE": _BUSY,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": _BUSY,
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE": _BUSY,
    "UNKNOWN_EXCEPTION": Rule(
        Act.AGAIN,
        "Salesforce failed inside while it worked on this record.",
        "Run again later; if it stays, give the error id of the message to Salesforce support.",
    ),
    "UNABLE_TO_LOCK_ROW": Rule(
        Act.LOCKED,
        "Somebody else was saving this record, or one it belongs to, every time mksync tried. This passes.",
        "Nothing to do: the next cycle tries again; if it happens often, look for automation that edits many records of"
        " one account.",
    ),
    "ENTITY_IS_LOCKED": Rule(
        Act.LATER,
        "The record is locked for editing, most often by an approval that is under way.",
        "Finish or recall the approval, or let the sync user edit locked records; every cycle tries again.",
    ),
    "REQUIRED_FIELD_MISSING": Rule(
        Act.REFUSED, "A field that Salesforce requires is empty.", "Fill the fields that the message names."
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Rule(
        Act.REFUSED,
        "A validation rule of this organisation refused the record; the message is the rule's own.",
        "Correct the value, or exempt the sync user in the rule.",
    ),
    "FIELD_INTEGRITY_EXCEPTION": Rule(
        Act.REFUSED,
        "Two fields of the record do not go together, for example a state without its country.",
        "Correct the fields that the message names.",
    ),
    "INVALID_EMAIL_ADDRESS": Rule(
        Act.REFUSED, "Salesforce does not accept this as an e-mail address.", "Correct the e-mail address."
    ),
    "STRING_TOO_LONG": Rule(
        Act.REFUSED,
        "The text is longer than the Salesforce field. The message names the field by its label.",
        "Shorten the value, or make the field longer.",
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Rule(
        Act.REFUSED,
        "The value is not one of the field's choices, and the picklist is restricted.",
        "Add the value to the picklist, or use one that it has.",
    ),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Rule(
        Act.REFUSED, "The value is of another type than the Salesforce field.", "Pair the field with one of its type."
    ),
    "NUMBER_OUTSIDE_VALID_RANGE": Rule(
        Act.REFUSED, "The number is too large for the Salesforce field.", "Correct the number, or widen the field."
    ),
    "JSON_PARSER_ERROR": Rule(
        Act.REFUSED, "The value is of another type than the Salesforce field.", "Pair the field with one of its type."
    ),
    "DUPLICATE_VALUE": Rule(
        Act.REFUSED,
        "Another record already holds this value in a field that has to be unique.",
        "Look at the record that the message names; merge the two, or correct the value.",
    ),
    "DUPLICATES_DETECTED": Rule(
        Act.REFUSED,
        "A duplicate rule of this organisation takes this record for one that it already has.",
        "Merge the two records, or exempt the sync user in the duplicate rule.",
    ),
    "INVALID_STATUS": Rule(
        Act.REFUSED,
        "The status is not one that a converted lead may have.",
        "Choose one with --status, or mark one as converted (Setup, Lead Status).",
    ),
    "CANNOT_UPDATE_CONVERTED_LEAD": Rule(Act.MOVED, "The lead was converted.", "mksync goes on with its contact."),
    "ENTITY_IS_DELETED": Rule(Act.GONE, "The record was deleted."),
    "NOT_FOUND": Rule(Act.GONE, "The record is not there, or the sync user may no longer see it."),
    "INVALID_CROSS_REFERENCE_KEY": _DEAD_LINK,
    "MALFORMED_ID": _DEAD_LINK,
    "INSUFFICIENT_ACCESS_OR_READONLY": _RECORD_ACCESS,
    "INSUFFICIENT_ACCESS": _RECORD_ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Rule(
        Act.ACCESS,
        "The sync user may not use a record that this one refers to.",
        "Grant the sync user access to the record that the message names.",
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": _FIELD_ACCESS,
    "INVALID_FIELD": _FIELD_ACCESS,
    "INVALID_TYPE": Rule(
        Act.ACCESS,
        "The sync user does not see this object.",
        "Grant the sync user read access to the object in its profile or a permission set.",
    ),
    "INVALID_QUERY_LOCATOR": Rule(
        Act.AGAIN, "Salesforce keeps the place in a long answer for two days only.", "Run again: it goes on from there."
    ),
    "INVALID_REPLICATION_DATE": Rule(
        Act.EXPIRED, "Salesforce keeps deletions for 15 days, or until the bin is emptied."
    ),
    "INACTIVE_OWNER_OR_USER": Rule(
        Act.REFUSED, "The owner of the record is an inactive user.", "Give the record to an active user."
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _CUSTOMER_CODE,
    "CANNOT_EXECUTE_FLOW_TRIGGER": _CUSTOMER_CODE,
    "TXN_SECURITY_METERING_ERROR": Rule(
        Act.ACCESS,
        "A transaction security policy took too long over this call.",
        "Exempt the sync user from transaction security policies.",
    ),
    "STORAGE_LIMIT_EXCEEDED": Rule(
        Act.ACCESS, "The organisation's storage is full.", "Free storage in Salesforce (Setup, Storage Usage)."
    ),
    "API_DISABLED_FOR_ORG": _API_OFF,
    "API_CURRENTLY_DISABLED": _API_OFF,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": _ROLLED_BACK,
    "PROCESSING_HALTED": _ROLLED_BACK,
    "BATCH_PROCESSING_HALTED": _ROLLED_BACK,
}
