"""Wildcards of SQL Server's LIKE: `%`, `_`, `[a-c]`, `[^a]`; brackets around a wildcard make it a plain character.

Source: "Use wildcard characters in conditions for string values".
"""

import re
from functools import lru_cache

_FORMS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}


def of(function: str, text: str) -> str:
    """The LIKE pattern that `contains`, `startswith` or `endswith` stands for."""
    return _FORMS[function].format(text)


def is_simple(pattern: str) -> bool:
    """Whether SQLite's own LIKE means the same: no brackets, and ASCII, beyond which it minds case."""
    return pattern.isascii() and "[" not in pattern


def like(text: str | None, pattern: str) -> bool | None:
    """Whether a text fits a pattern, without regard to case; None for no text."""
    return None if text is None else _compiled(pattern.casefold()).fullmatch(text.casefold()) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    made, place = "", 0
    while place < len(pattern):
        character = pattern[place]
        end = pattern.find("]", place + 2) if character == "[" else -1
        if end > 0:
            made += _set(pattern[place + 1 : end])
            place = end
        else:
            made += {"%": ".*", "_": "."}.get(character) or re.escape(character)
        place += 1
    return re.compile(made, re.DOTALL)


def _set(inside: str) -> str:
    """`a-c` or `^abc` as a set of a regular expression; an impossible range fits nothing."""
    negated = inside.startswith("^")
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", inside.removeprefix("^"))
    if not escaped:
        return r"\^"
    made = f"[{'^' if negated else ''}{escaped}]"
    try:
        re.compile(made)
    except re.error:
        return r"(?!)"
    return made
