"""SOQL text to tokens, and the escapes of its quoted strings.

Source: SOQL and SOSL Reference, "Quoted String Escape Sequences", "Date Formats and Date Literals in WHERE".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mksync.sandbox.salesforce.soql import problems

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?::\d+)?)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}
_LIKE_SPECIAL = {"%": "\\%", "_": "\\_", "\\": "\\\\"}
LONGEST_STATEMENT = 100_000
LONGEST_STRING = 4_000


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # text, datetime, date, number, name, sign, end
    text: str  # as written; a quoted string without its quotes
    at: int

    @property
    def word(self) -> str:
        """The keyword this may be: empty for anything that is not a name."""
        return self.text.upper() if self.kind == "name" else ""


def tokens(text: str) -> Iterator[Token]:
    """Every token, the last of kind `end`. Raises MALFORMED_QUERY."""
    if len(text) > LONGEST_STATEMENT:
        raise problems.syntax(text, 0, "SOQL statements cannot be longer than 100000 characters.")
    place = 0
    while True:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _strange(text, place)
        token = _token(match, text)
        yield token
        if token.kind == "end":
            return
        place = match.end()


def _token(match: re.Match[str], text: str) -> Token:
    kind = str(match.lastgroup)
    at = match.start(kind)
    if kind != "text":
        return Token(kind, match[kind], at)
    inside = match[kind][1:-1]
    if len(inside) > LONGEST_STRING:
        raise problems.syntax(text, at, "string literal is too long: at most 4000 characters are allowed")
    _check_escapes(inside, text, at)
    return Token(kind, inside, at)


def _strange(text: str, place: int) -> Exception:
    offset = len(text) - len(text[place:].lstrip())
    return problems.syntax(text, offset, f"unexpected char: '{text[offset]}'")


def _check_escapes(inside: str, text: str, at: int) -> None:
    for pair in re.findall(r"\\.", inside, re.DOTALL):
        if pair[1] not in _ESCAPES:
            message = f"Invalid string literal '{inside}'. Illegal character sequence '{pair}' in string literal"
            raise problems.syntax(text, at, message)


def unescape(inside: str) -> str:
    """The text a quoted string means."""
    return re.sub(r"\\(.)", lambda match: _ESCAPES[match[1]], inside, flags=re.DOTALL)


def like_pattern(inside: str) -> str:
    r"""The pattern a quoted string means to SQL's LIKE with `\` as its escape: `\%` and `\_` stay literal."""
    return re.sub(r"\\(.)", _like_escape, inside, flags=re.DOTALL)


def _like_escape(match: re.Match[str]) -> str:
    meant = _ESCAPES[match[1]]
    return _LIKE_SPECIAL.get(meant, meant)
