"""The tokens of `$filter`, `$orderby`, `$expand` and `$apply`, after percent-decoding."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mksync.sandbox.dynamics.odata import problems

_GUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_DATE = r"\d{4}-\d{2}-\d{2}"
_PATTERN = re.compile(
    rf"""(?P<blank>\s+)
    |(?P<guid>{_GUID})(?![\w.-])
    |(?P<datetime>{_DATE}T\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?(?:Z|[+-]\d{{2}}:\d{{2}})?)(?![\w.])
    |(?P<date>{_DATE})(?![\w.])
    |(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[mMdDfFlL]?(?![\w.])
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<alias>@[A-Za-z_]\w*)
    |(?P<name>\$?[A-Za-z_][\w.]*)
    |(?P<sign>[(),/:;=\[\]*])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a group of the pattern above, or "end"."""

    kind: str
    text: str
    at: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Raises ODataError for an unterminated string or a character that begins nothing."""
    place = 0
    while place < len(text):
        found = _PATTERN.match(text, place)
        if found is None:
            if text[place] in "'\"":
                raise problems.unterminated(text, place)
            raise problems.syntax(text, place)
        kind = str(found.lastgroup)
        if kind != "blank":
            yield Token(kind, found[kind], place, found.end())
        place = found.end()
    yield Token("end", "", place, place)


def unquote_text(token: str) -> str:
    """What a quoted string says: doubled quotes are one."""
    return token[1:-1].replace("''", "'")
