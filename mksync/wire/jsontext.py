"""JSON without loss: numbers with a point are Decimal both ways, never binary floats."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_quoted = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would make an encoder for each text
_quoted_in_ascii = json.JSONEncoder().encode
_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode  # knows no Decimal
_BEYOND = re.compile(rb"\xf0[\x80-\xbf]{3}")  # emoji and the like in UTF-8


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Raises ValueError on anything that is not JSON, NaN and Infinity included."""
    return json.loads(_narrow(text), parse_float=Decimal, parse_constant=_not_json)


def _narrow(text: str | bytes) -> str | bytes:
    """For one emoji Python keeps every character of a text in four bytes: as an escape it is no wider than others."""
    if isinstance(text, str) or b"\xf0" not in text or b"\0" in text[:4] or not text.startswith((b"{", b"[")):
        return text  # zeros, or a mark before the brackets: it is not in UTF-8
    return _BEYOND.sub(_escaped, text)


def _escaped(found: re.Match[bytes]) -> bytes:
    if found.string[found.start() - 1 : found.start()] == b"\\":
        return found[0]  # else the mistake would become an escape
    return _quoted_in_ascii(found[0].decode())[1:-1].encode()


def dumps(value: object) -> bytes:
    """Compact UTF-8. `json.dumps` can write a Decimal only through a float, which would change long amounts."""
    try:
        text = _plain(value)
    except TypeError:
        text = _text(value)
    return text.encode("utf-8", "replace")


def _text(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    match value:
        case Mapping():
            return "{" + ",".join(f"{_key(key)}:{_text(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_text, value)) + "]"
        case Decimal():
            return _number(value)
        case _:
            return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"JSON keys are text, not {type(key).__name__}")
    return _quoted(key)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"JSON has no {value}")
    return format(value, "f")


def _not_json(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
