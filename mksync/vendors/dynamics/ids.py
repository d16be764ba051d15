"""Ids of records: GUIDs, in one spelling."""

import re

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def guid(text: str) -> str | None:
    """The one spelling of a record id: lower case, without braces; None for what is no id."""
    plain = text.strip().removeprefix("{").removesuffix("}").lower()
    return plain if _GUID.fullmatch(plain) else None


def id_of(wire: object) -> str:
    """The one spelling of a record id that Dynamics sent."""
    found = guid(str(wire))
    if found is None:
        raise ValueError("Dynamics sent a record id that is no GUID")
    return found
