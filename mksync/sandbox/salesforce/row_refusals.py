"""How a row among many is refused where a call on one record would answer otherwise.

Source: REST API Developer Guide, "sObject Collections"; SOAP API Developer Guide, "StatusCode".
"""

from mksync.sandbox.salesforce import ids
from mksync.sandbox.salesforce.errors import AmbiguousKey, ApiError, refuse


def wide(type: str, raw: object) -> str:
    """The 18-character id that a row names. Raises MALFORMED_ID."""
    found = ids.widen(raw) if isinstance(raw, str) else None
    if found is None:
        raise refuse("MALFORMED_ID", f"{type} ID: id value of incorrect type: {raw}", "Id")
    return found


def lost(error: ApiError, quirks: frozenset[str]) -> ApiError:
    """How a row says that its record is not there."""
    missing = error.complaints[0].code == "NOT_FOUND" and "collection_missing_not_found" not in quirks
    return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") if missing else error


def ambiguous(key: str, several: AmbiguousKey) -> ApiError:
    message = f"{key}: more than one record found for external id field: [{', '.join(several.ids)}]"
    return refuse("DUPLICATE_EXTERNAL_ID", message)
