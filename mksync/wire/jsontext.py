"""JSON without loss: numbers with a point are Decimal both ways, never binary floats."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_quoted = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would make an encoder for each text
_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode  # knows no Decimal


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Raises ValueError on anything that is not JSON, NaN and Infinity included."""
    return json.loads(text, parse_float=Decimal, parse_constant=_not_json)


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
