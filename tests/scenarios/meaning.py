"""What a raw value of either system means, told apart from the program's own rules: text as people read it, numbers as
amounts, times as moments, choices as sets. Two sides agree if their values mean the same.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_BLANK = " \t\n\r\v\f"


def _text(raw: Any) -> str | None:
    if raw is None:
        return None
    return unicodedata.normalize("NFC", str(raw)).strip(_BLANK).replace("\r\n", "\n").replace("\r", "\n") or None


def _email(raw: Any) -> str | None:
    text = _text(raw)
    return text and text.lower()


def _choices(raw: Any) -> frozenset[str] | None:
    return frozenset(part.strip() for part in str(raw or "").split(";") if part.strip()) or None


def _amount(raw: Any) -> Decimal | None:
    """Salesforce keeps two digits of it."""
    return None if raw in (None, "") else Decimal(str(raw)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _whole(raw: Any) -> int | None:
    return None if raw in (None, "") else int(raw)


def _moment(raw: Any) -> int | None:
    if not raw:
        return None
    return int(datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", str(raw))).timestamp())


MEANINGS: Mapping[str, Callable[[Any], Any]] = {
    "email": _email,
    "unsubscribed": bool,
    "interests": _choices,
    "lastDemoAt": _moment,
    "fitScore": _amount,
    "numberOfEmployees": _whole,
}


def meaning(field: str, raw: Any) -> Any:
    """What a raw value of a field, by Marketo's name, means."""
    read: Callable[[Any], Any] = MEANINGS.get(field, _text)
    return read(raw)
