"""Canonical values: one spelling per meaning, so that "changed" and "the same" are decided by meaning, not by spelling.

Every value is made canonical where a vendor's answer is read (`canonical`). Two values of one field are compared with
`same`; a value travels from one side's field to the other's with `translate`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial

from mksync.core.records import Field, FieldType, Value

PLAIN = frozenset({FieldType.TEXT, FieldType.TEXTAREA})
TEXTS = PLAIN | {FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.PICKLIST, FieldType.REFERENCE}
LITERAL = TEXTS - {FieldType.TEXTAREA, FieldType.EMAIL}  # each holds every text of the others, letter by letter
NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})

SPACE = " \t\n\r\v\f"  # a no-break space is content: people use it to keep words together
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?)?"
    r"\s?(?:[Zz]|UTC)?(?P<offset>[+-]\d\d(?::?\d\d)?)?",  # Marketo's asset API writes both: "Z+0000"
    re.ASCII,
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:?00)", re.ASCII)  # as nearly all are sent
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EXPONENT = 400  # beyond what a double can hold; keeps "1e9999" from becoming ten thousand digits
_WHOLE = range(-(2**63), 2**63)  # what a SQLite INTEGER holds
_ARITHMETIC = Context(prec=1000, rounding=ROUND_HALF_UP)  # our own: the caller's decimal context must not matter


def canonical(type: FieldType, raw: object, scale: int | None = None) -> Value:
    """The canonical value (see `records.Value`) of a JSON scalar or CSV text that a field of this type holds.

    `scale` is the number of digits after the point that the field keeps; decimals are rounded half up to it. Raises
    ValueError for what cannot be read as the type.
    """
    return reader(type, scale)(raw)


def reader(type: FieldType, scale: int | None = None) -> Callable[[object], Value]:
    """`canonical` of one field, looked up once for many values."""
    return partial(_decimal, scale=scale) if type is FieldType.DECIMAL else _READERS[type]


def same(type: FieldType, a: Value, b: Value) -> bool:
    """Whether two canonical values of one field mean the same: e-mail case-folded, boolean empty = false, else exact.

    SQLite gives booleans back as 0 and 1; only for a boolean field are these the same as False and True.
    """
    if type is FieldType.BOOLEAN:
        return bool(a) is bool(b)
    if type is FieldType.EMAIL and isinstance(a, str) and isinstance(b, str):
        return a.casefold() == b.casefold()
    return a == b and isinstance(a, bool) is isinstance(b, bool)


def compatible(source: FieldType, target: FieldType) -> bool:
    """Whether every value of a `source` field has an image in a `target` field."""
    if source is target or target in PLAIN:
        return True
    if source in TEXTS and target in TEXTS:
        return True
    if source in NUMBERS and target in NUMBERS:
        return True
    return (source in PLAIN and target is FieldType.MULTIPICKLIST) or (
        source is FieldType.DATETIME and target is FieldType.DATE
    )


def translate(value: Value, source: Field, target: Field) -> Value:
    """The image of a canonical value of `source` in `target`, canonical there; numbers are rounded to its scale.

    Between compatible types this always succeeds; otherwise raises ValueError where the value has no image.
    """
    if source.type in LITERAL and target.type in LITERAL:
        return value
    if source.type is FieldType.BOOLEAN:
        value = bool(value)  # SQLite gives 0 and 1
    if target.type is FieldType.INTEGER and source.type in NUMBERS:
        number = _number(value)
        return None if number is None else int(_rounded(number, 0))
    return canonical(target.type, value, target.scale)


def _text(raw: object) -> str | None:
    if raw is None:
        return None
    text = raw if isinstance(raw, str) else _spelled(raw)
    if not text.isascii():
        text = _composed(text)
    return text.strip(SPACE) or None


def _composed(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # neither SQLite nor an HTTP body could carry it
        raise ValueError("the text holds half a character (a lone surrogate)") from None
    return unicodedata.normalize("NFC", text)


def _spelled(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float | Decimal):
        return _decimal(raw, None) or ""
    raise ValueError(f"a {raw.__class__.__name__} is not a single value")


def _textarea(raw: object) -> str | None:
    text = _text(raw)
    return text.replace("\r\n", "\n").replace("\r", "\n") if text and "\r" in text else text


def _multipicklist(raw: object) -> str | None:
    choices = (choice.strip(SPACE) for choice in (_text(raw) or "").split(";"))
    return ";".join(sorted({choice for choice in choices if choice})) or None


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = (_text(raw) or "false").lower()
    if word not in _WORDS:
        raise ValueError(f"{word[:40]!r} is neither true nor false")
    return _WORDS[word]


def _integer(raw: object) -> int | None:
    if type(raw) is int and raw in _WHOLE:
        return raw
    number = _number(raw)
    if number is None:
        return None
    whole = int(number)
    if whole != number:
        raise ValueError(f"{raw} is not a whole number")
    if whole not in _WHOLE:
        raise ValueError(f"{raw} is beyond the 64 bits of a whole number")
    return whole


def _decimal(raw: object, scale: int | None) -> str | None:
    number = _number(raw)
    if number is None:
        return None
    text = format(number if scale is None else _rounded(number, scale), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _rounded(number: Decimal, scale: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-scale), context=_ARITHMETIC)


def _number(raw: object) -> Decimal | None:
    if raw is None:
        return None
    text = str(raw).strip(SPACE)
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number")
    number = Decimal(text)
    if abs(number.adjusted()) > _EXPONENT:
        raise ValueError(f"{text[:40]} is beyond any number field")
    return number


def _datetime(raw: object) -> str | None:
    if isinstance(raw, str) and _INSTANT.fullmatch(raw):
        datetime.fromisoformat(second := raw[:19])  # no 31st of February
        return second + "Z"
    moment = _moment(raw)
    return None if moment is None else moment.isoformat(timespec="seconds") + "Z"


def _date(raw: object) -> str | None:
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        datetime.fromisoformat(raw)
        return raw
    moment = _moment(raw)
    return None if moment is None else moment.date().isoformat()


def _moment(raw: object) -> datetime | None:
    """An instant in UTC, without zone, to the second; text without a zone is UTC, text without a time is midnight."""
    if raw is None:
        return None
    text = raw.strip(SPACE) if isinstance(raw, str) else repr(raw)
    if not text:
        return None
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a date or time")
    day, time, offset = found.groups()
    local = datetime.fromisoformat(f"{day}T{time or '00:00'}")
    if offset is None or offset == "+0000":  # as nearly every instant is sent
        return local
    try:
        return local - _offset(offset)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:].lstrip(":") or 0))


_WORDS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}

_READERS: Mapping[FieldType, Callable[[object], Value]] = {
    **dict.fromkeys(TEXTS, _text),
    FieldType.TEXTAREA: _textarea,
    FieldType.MULTIPICKLIST: _multipicklist,
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
}
