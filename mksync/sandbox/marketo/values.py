"""Lead values: what the API takes, what is stored, what is read, and what the activity log says of it.

Stored are text, int (booleans as 0 and 1), float, and None for empty. Sources: developer guide, Field Types.
"""

import math
import re
from typing import Any

from mksync.sandbox.marketo.catalogue import TEXT_TYPES, LeadField
from mksync.sandbox.marketo.times import central_text, instant, parse_instant

Stored = str | int | float | None
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,.]+(\.[^@\s,.]+)+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TEXT_BYTES = 30_000
_BOOLEANS = {"true": 1, "false": 0, "1": 1, "0": 0}


class BadValueError(Exception):
    """The value does not fit the field."""


def to_store(field: LeadField, value: Any, quirks: frozenset[str]) -> Stored:  # noqa: ANN401 - any JSON
    """The stored form of a JSON value. Raises BadValueError."""
    if field.type == "boolean":
        return _boolean(value)
    if value is None or (value == "" and "empty_string_kept" not in quirks):
        return None
    if value == "":
        return "" if field.type in TEXT_TYPES or field.type == "text" else None
    if isinstance(value, dict | list):
        raise BadValueError
    return _typed(field, value, quirks)


def _typed(field: LeadField, value: Any, quirks: frozenset[str]) -> Stored:  # noqa: ANN401
    match field.type:
        case "integer" | "score" | "percent":
            return _integer(value)
        case "float" | "currency":
            return _float(value)
        case "date":
            return _date(str(value))
        case "datetime":
            return _datetime(str(value))
        case "email":
            return _email(_text(field, value, quirks), quirks)
        case _:
            return _text(field, value, quirks)


def present(field: LeadField, stored: Stored) -> Any:  # noqa: ANN401
    """What the API reads out: an empty boolean is false, never null."""
    return bool(stored) if field.type == "boolean" else stored


def same(field: LeadField, one: Stored, other: Stored) -> bool:
    """Whether writing one over the other changes nothing."""
    return bool(one) == bool(other) if field.type == "boolean" else one == other


def log_text(field: LeadField, stored: Stored) -> str:
    """The value as the activity log words it: always text, times in US Central."""
    if field.type == "boolean":
        return "True" if stored else "False"
    if stored is None:
        return ""
    if field.type == "datetime":
        return central_text(parse_instant(str(stored)))
    return str(stored)


def _boolean(value: Any) -> int:  # noqa: ANN401
    if value is None or value == "":
        return 0
    known = _BOOLEANS.get(str(value).lower())
    if known is None:
        raise BadValueError
    return known


def _integer(value: Any) -> int:  # noqa: ANN401
    number = _float(value)
    whole = int(value) if isinstance(value, int) else int(number)
    if number != math.floor(number) or not -(1 << 63) <= whole < 1 << 63:
        raise BadValueError
    return whole


def _float(value: Any) -> float:  # noqa: ANN401
    if isinstance(value, bool):
        raise BadValueError
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise BadValueError from None
    if not math.isfinite(number):
        raise BadValueError
    return number


def _date(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        parse_instant(f"{text}T00:00:00Z")
    except ValueError:
        raise BadValueError from None
    return text


def _datetime(text: str) -> str:
    try:
        return instant(parse_instant(text))
    except (ValueError, OverflowError):
        raise BadValueError from None


def _text(field: LeadField, value: Any, quirks: frozenset[str]) -> str:  # noqa: ANN401
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "astral_truncates" in quirks:
        text = re.split(r"[\U00010000-\U0010ffff]", text, maxsplit=1)[0]
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:  # half a surrogate pair
        raise BadValueError from None
    if (field.type == "text" and size > _TEXT_BYTES) or (field.length and len(text) > field.length):
        raise BadValueError
    return text


def _email(text: str, quirks: frozenset[str]) -> str:
    if "any_email" not in quirks and not (text.isascii() and _EMAIL.fullmatch(text)):
        raise BadValueError
    return text
