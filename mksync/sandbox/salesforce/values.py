"""What one field takes in: JSON value to stored value, with the vendor's checks and clean-ups.

Texts are stripped and "" becomes null, e-mail is lower-cased, numbers are rounded half up to the field's scale,
instants lose their fraction of a second, multi-selects come in the picklist's order.
Source: Object Reference, "Field Types"; REST API Developer Guide, "Status Codes and Error Responses".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from mksync.sandbox.salesforce import ids, times
from mksync.sandbox.salesforce.errors import ApiError, malformed, refuse
from mksync.sandbox.salesforce.fields import TEXTS, Field
from mksync.sandbox.salesforce.tables import Stored

_BLANK = " \t\n\r\f\v"
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_+\-`{|}~.]+@[A-Za-z0-9](?:[A-Za-z0-9\-]*\.)+[A-Za-z]{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no room for them in XML 1.0
_LINE_END = re.compile(r"\r\n|\r|\n")
_LARGEST_INT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Intake:
    """How strictly values are taken: the switches, and SOAP's AllowFieldTruncationHeader."""

    quirks: frozenset[str]
    truncate: bool = False

    def stored(self, field: Field, value: object) -> Stored:
        """The value as it is kept. Raises ApiError; a JSON type that cannot be read fails the whole request."""
        if field.type == "boolean":
            return self._boolean(field, value)
        if value is None:
            return None
        if field.type not in _TAKERS:
            raise _wrong_type(field, value)
        return _TAKERS[field.type](self, field, value)

    def _boolean(self, field: Field, value: object) -> int:
        if value is None and "null_boolean_is_false" in self.quirks:
            return 0
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return int(value.lower() == "true")
        if not isinstance(value, bool):
            raise _wrong_type(field, value)
        return int(value)

    def text(self, field: Field, value: object) -> str | None:
        if not isinstance(value, str):
            raise _wrong_type(field, value)
        cleaned = self._clean(field, value)
        if not cleaned:
            return None
        if field.length and len(cleaned) > field.length:
            if not self.truncate:
                raise _too_long(field, cleaned)
            cleaned = cleaned[: field.length].rstrip(_BLANK)
        return cleaned

    def _clean(self, field: Field, value: str) -> str:
        if _CONTROL.search(value) and "reject_control_characters" in self.quirks:
            raise refuse("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: invalid character", field.name)
        text = _CONTROL.sub("", value)
        if field.type == "textarea" and "crlf" in self.quirks:
            text = _LINE_END.sub("\r\n", text)
        return text.strip(_BLANK + "\u00a0" if "strip_nbsp" in self.quirks else _BLANK)

    def email(self, field: Field, value: object) -> str | None:
        text = self.text(field, value)
        if text is None:
            return None
        if not _EMAIL.fullmatch(text) or ".." in text:
            raise refuse("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", field.name)
        return text if "keep_email_case" in self.quirks else text.lower()

    def choice(self, field: Field, value: object) -> str | None:
        text = self.text(field, value)
        if text is None or not field.restricted:
            return text
        return self._restricted(field, text)

    def _restricted(self, field: Field, text: str) -> str:
        exact = "exact_choices" in self.quirks
        for choice in field.choices:
            if choice.active and (choice.value == text or (not exact and choice.value.lower() == text.lower())):
                return choice.value
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)

    def choices(self, field: Field, value: object) -> str | None:
        text = self.text(field, value)
        if text is None:
            return None
        wanted = list(dict.fromkeys(part for raw in text.split(";") if (part := raw.strip(_BLANK))))
        if field.restricted:
            wanted = [self._restricted(field, part) for part in wanted]
        if "keep_choice_order" not in self.quirks:
            place = {choice.value: number for number, choice in enumerate(field.choices)}
            wanted.sort(key=lambda part: place.get(part, len(place)))
        return ";".join(wanted) or None

    def number(self, field: Field, value: object) -> float | None:
        number = _decimal(field, value)
        if number is None:
            return None
        rounded = number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP) if abs(number) < 10**18 else number
        if abs(rounded) >= Decimal(10) ** (field.precision - field.scale):
            raise _out_of_range(field, value)
        return float(rounded)

    def integer(self, field: Field, value: object) -> int | None:
        number = _decimal(field, value)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise _wrong_type(field, value)
        if abs(number) > _LARGEST_INT:
            raise _out_of_range(field, value)
        return int(number)

    def reference(self, field: Field, value: object) -> str | None:
        """An 18-character id. Whether such a record exists is checked elsewhere."""
        if not isinstance(value, str):
            raise _wrong_type(field, value)
        text = value.strip(_BLANK)
        if not text:
            return None
        id = ids.widen(text)
        if id is None:
            raise bad_id(field, text)
        return id


def bad_id(field: Field, text: str) -> ApiError:
    return refuse("MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}", field.name)


Taker = Callable[[Intake, Field, object], Stored]
_TAKERS: dict[str, Taker] = {
    **dict.fromkeys(TEXTS, Intake.text),
    "email": Intake.email,
    "picklist": Intake.choice,
    "multipicklist": Intake.choices,
    "double": Intake.number,
    "currency": Intake.number,
    "percent": Intake.number,
    "int": Intake.integer,
    "date": lambda _, __, value: _read(times.day, "date", value),
    "datetime": lambda _, __, value: _read(times.instant, "datetime", value),
    "reference": Intake.reference,
    "id": Intake.reference,
}


def _decimal(field: Field, value: object) -> Decimal | None:
    """A number, also one written as text; "" is null."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong_type(field, value)
    if isinstance(value, str) and not value.strip(_BLANK):
        return None
    try:
        number = Decimal(str(value).strip(_BLANK))
    except InvalidOperation:
        raise _wrong_type(field, value) from None
    if not number.is_finite():
        raise _wrong_type(field, value)
    return number


def _read(parse: Callable[[str], str | None], type: str, value: object) -> str | None:
    if isinstance(value, str) and not value.strip(_BLANK):
        return None
    parsed = parse(value.strip(_BLANK)) if isinstance(value, str) else None
    if parsed is None:
        raise malformed(
            f"Cannot deserialize instance of {type} from VALUE_STRING value {value} "
            "or request may be missing a required field"
        )
    return parsed


def _wrong_type(field: Field, value: object) -> ApiError:
    shown = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    message = f"{field.label}: value not of required type: {shown}"
    return refuse("INVALID_TYPE_ON_FIELD_IN_RECORD", message, field.name)


def _out_of_range(field: Field, value: object) -> ApiError:
    message = f"{field.label}: value outside of valid range on numeric field: {value}"
    return refuse("NUMBER_OUTSIDE_VALID_RANGE", message, field.name)


def _too_long(field: Field, text: str) -> ApiError:
    message = f"{field.label}: data value too large: {text} (max length={field.length})"
    return refuse("STRING_TOO_LONG", message, field.name)
