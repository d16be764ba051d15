"""Marketo's error codes as data.

Source: Marketo developer guide, Error Codes; wordings that it lacks were seen in public integrations' recordings.
"""

from collections.abc import Mapping
from typing import Literal

from mksync.core.frozen import dataclass

Kind = Literal["renew", "access", "throttle", "quota", "retry", "refused", "bug"]


@dataclass(frozen=True, slots=True)
class Code:
    """One error code. `free`: the call is not counted. `wait`: least seconds before the next attempt."""

    kind: Kind
    cause: str
    remedy: str = ""
    free: bool = False
    wait: float = 0.0


_GRANT = "give the API user's role the permission (Marketo: Admin, Users & Roles), and allow this computer's IP address"
_MERGE = "merge the duplicates in Marketo (Database, Possible Duplicates)"
_PARTITION = "check `partition` in mksync.toml and the workspaces of the API user"
REPORT = "run again; if it stays, please report it as a bug of mksync"

CODES: Mapping[str, Code] = {
    # The whole reply. Codes with an asterisk in the guide are free of quota and rate limit.
    "500": Code("retry", "Marketo had an internal error"),
    "502": Code("retry", "Marketo's gateway timed out"),
    "600": Code("renew", "no token was sent", free=True),  # retired in August 2022
    "601": Code("renew", "the token is not valid", free=True),
    "602": Code("renew", "the token has expired", free=True),
    "603": Code("access", "the API user may not do this", _GRANT),
    "604": Code("retry", "the call timed out inside Marketo; it may have been processed", free=True),
    "605": Code("bug", "the HTTP method is not supported", REPORT, free=True),
    "606": Code("throttle", "the instance's limit of 100 calls in 20 seconds is reached", wait=20.0),
    "607": Code("quota", "the instance's daily API calls are used up", "run again after midnight, US Central time"),
    "608": Code("retry", "the API is temporarily unavailable", free=True),
    "609": Code("bug", "the request's JSON was not understood", REPORT),
    "610": Code("refused", "the address does not exist in this instance", "check `url` in mksync.toml"),
    "611": Code("retry", "Marketo had an unhandled error", free=True),
    "612": Code("bug", "the content type is wrong", REPORT),
    "613": Code("bug", "the multipart request is wrong", REPORT),
    "614": Code("retry", "the subscription is not valid or cannot be reached"),
    "615": Code("throttle", "the instance's limit of 10 calls at a time is reached", wait=1.0),
    "616": Code(
        "refused",
        "this subscription has no custom-object metadata API",
        "create the custom object in Marketo (Admin, Marketo Custom Objects), or ask Adobe for the API",
    ),
    "713": Code("retry", "Marketo had a passing error"),
    "719": Code("retry", "Marketo waited too long for a lock"),
    # A request or a record.
    "701": Code("refused", "a field that may not be blank is blank", "give it a value, or leave the field out"),
    "702": Code("refused", "no data was found", "look for the record in Marketo"),
    "703": Code("refused", "the feature is not enabled in this instance", "ask Marketo support to enable it"),
    "704": Code("refused", "a date is not valid", "correct the date"),
    "712": Code("refused", "Salesforce person accounts cannot be merged", "merge them in Salesforce"),
    "714": Code("refused", "there is no default record type in Salesforce", "set a default record type there"),
    "718": Code(
        "refused",
        "Marketo does not know the sales person or company that is named",
        "sync users and accounts first",
    ),
    "1001": Code("refused", "a value is not of the field's type", "correct the value, or map the field to another one"),
    "1002": Code("refused", "a required value is missing", "give it a value"),
    "1003": Code("refused", "a value is not valid for its field", "correct the value, or map the field to another one"),
    "1004": Code("refused", "the person does not exist any more", "nothing to do: the next cycle learns of it"),
    "1005": Code("refused", "the person exists already", _MERGE),
    # Of a record it is a refusal like any other; of a whole read it says that a field went since it was described.
    "1006": Code("access", "the field does not exist in Marketo", "deselect the field, or create it in Marketo"),
    "1007": Code("refused", "several people have the same key", _MERGE),
    "1008": Code("refused", "the API user may not use this person partition", _PARTITION),
    "1009": Code("refused", "the person partition has to be named", _PARTITION),
    "1010": Code("refused", "the person is in another partition, and an update cannot move it", _PARTITION),
    "1011": Code("refused", "the field is not supported here: not searchable, or read-only", "deselect the field"),
    "1013": Code(
        "refused", "the record, or one that it names, does not exist in Marketo", "sync the record that it names first"
    ),
    "1014": Code("retry", "Marketo failed to create the record"),
    "1017": Code("refused", "the record exists already", "look for the other one in Marketo, and delete one of them"),
    "1018": Code(
        "refused",
        "Marketo's built-in CRM sync owns these records",
        "switch the built-in CRM sync off: mksync is for instances without it",
    ),
    "1021": Code(
        "refused",
        "a company field cannot be changed through a person",
        "deselect the company's fields for people, and select them for accounts",
    ),
    "1022": Code("retry", "Marketo is using the record"),
    "1026": Code(
        "refused",
        "custom objects are not enabled in this instance",
        "ask Adobe to enable custom objects, or deselect the object",
    ),
    "1027": Code(
        "refused",
        "the instance has as many custom activity types as it may",
        "delete one in Marketo (Admin, Marketo Custom Activities), or do without entries in Activity Logs",
    ),
    "1036": Code("refused", "the same key is twice in one batch", REPORT),
}
# What some of them mean of a company, sales person, opportunity, role or custom object.
_OTHER_CODES: Mapping[str, Code] = {
    "1004": Code(
        "refused",
        "the person that the record belongs to does not exist in Marketo",
        "sync that person to Marketo first",
    ),
    "1005": Code("refused", "the record exists already", "look for the other one in Marketo, and delete one of them"),
    "1007": Code("refused", "several records have the same key", "delete all but one of them in Marketo"),
    "1006": Code(
        "access",
        "the field does not exist in Marketo, or may not change once a record is created",
        "deselect the field, or create it in Marketo",
    ),
    "1022": Code(
        "retry",
        "the record is in use: people, or a company that was deleted, still name it",
        "give these people another owner first",
    ),
}
OBJECT_CODES: Mapping[str, Code] = {**CODES, **_OTHER_CODES}
# Codes about one record that may refuse a whole request: the catalogue lists some with the errors of requests, and the
# others occur there as well.
ABOUT_LINKS = frozenset({"718", "1013", "1021"})
ABOUT_RECORDS = ABOUT_LINKS | {"701", "704", "1001", "1002", "1003", "1004", "1005", "1007", "1017", "1036"}
UNKNOWN = Code("refused", "Marketo refused it", "see Marketo's message")
