"""Texts that are too long for their field, cut off where that was asked for."""

from unicodedata import combining

from mksync.core.misfit import overlong
from mksync.core.records import Field, FieldType, Value
from mksync.core.values import PLAIN, canonical

_LISTS = FieldType.MULTIPICKLIST
_CUTTABLE = PLAIN | {FieldType.PICKLIST, FieldType.MULTIPICKLIST}
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")  # zero-width joiner, variation selectors: parts of one emoji
_TONES = range(0x1F3FB, 0x1F400)  # of skin: the same


def can_cut(source: Field, target: Field) -> bool:
    """Whether a part of a value is still true of the whole: of texts, not of addresses, ids or fixed choices."""
    return source.type in _CUTTABLE and target.type in _CUTTABLE and not target.restricted


def cut(value: Value, source: Field, target: Field) -> Value:
    """As much of a canonical value of `target` as that field holds, ending between characters as people see them.

    Of a multi-select whole choices are left out; if not even one fits, it stays too long.
    """
    if not isinstance(value, str) or not can_cut(source, target) or overlong(value, target) is None:
        return value
    if _LISTS in (source.type, target.type):
        return _some_choices(value, target)
    return canonical(target.type, value[: _end(value, target)])


def _some_choices(value: str, target: Field) -> str:
    kept = value
    while overlong(kept, target) is not None and ";" in kept:
        kept = kept.rpartition(";")[0]
    return value if overlong(kept, target) is not None else kept


def _end(text: str, target: Field) -> int:
    """Where to cut: as far behind as fits, and not inside what is one character to its reader."""
    last = len(text[: target.length])
    if target.byte_length is not None:
        last = min(last, len(text.encode()[: target.byte_length].decode(errors="ignore")))
    end = last
    while end > 0 and _inside(text, end):
        end -= 1
    return end or last


def _inside(text: str, at: int) -> bool:
    if at >= len(text):
        return False
    after = text[at]
    return bool(combining(after)) or after in _JOINERS or ord(after) in _TONES or text[at - 1] == "\u200d"
