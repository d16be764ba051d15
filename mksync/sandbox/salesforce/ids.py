"""Salesforce record ids: 15 case-sensitive characters, and 18 with a suffix that tells their case.

Source: Salesforce Object Reference, "ID Field Type".
"""

import string
from functools import lru_cache

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SUFFIX = string.ascii_uppercase + "012345"
_POD = "5g"  # which Salesforce instance made the id; any two characters
_CHARACTERS = frozenset(ALPHABET)


def suffix(id15: str) -> str:
    """The three characters that spell which letters of the first fifteen are upper case."""
    return "".join(_case(id15[start : start + 5]) for start in (0, 5, 10))


@lru_cache(maxsize=1 << 12)
def _case(block: str) -> str:
    return _SUFFIX[sum(1 << bit for bit, char in enumerate(block) if "A" <= char <= "Z")]


@lru_cache(maxsize=1 << 12)
def _digits(number: int) -> str:
    """Five digits to base 62."""
    digits = ""
    for _ in range(5):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


def make(prefix: str, number: int) -> str:
    """The 18-character id of the `number`th record of the object with this three-character prefix."""
    high, low = divmod(number, 62**5)
    first, second, third = prefix + _POD, _digits(high), _digits(low)
    return f"{first}{second}{third}{_case(first)}{_case(second)}{_case(third)}"


def widen(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None if it is neither or its suffix is wrong."""
    if not _CHARACTERS.issuperset(text):
        return None
    if len(text) == 15:
        return text + suffix(text)
    if len(text) == 18 and text[15:] == suffix(text[:15]):
        return text
    return None
