"""Row ids: GUIDs, made from a table's object type code and a number so that every run has the same ones."""

import re

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?")


def make(code: int, number: int) -> str:
    """The id of the row with this number; rises with it."""
    return f"{code:08x}-0000-4000-8000-{number:012x}"


def read(text: object) -> str | None:
    """A GUID in lower case without braces; None if it is none."""
    found = _GUID.fullmatch(text) if isinstance(text, str) else None
    return found.group(1).lower() if found else None
