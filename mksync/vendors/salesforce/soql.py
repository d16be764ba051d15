"""Building SOQL. Values only ever enter a query through `literal`, names only through `name`.

Source of the escapes: SOQL and SOSL Reference, "Quoted String Escape Sequences".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError

URI_LIMIT = 16_384  # Developer Limits, "API Request Limits and Allocations": a longer URI answers 414
# Developer Limits count the whole URI: scheme, host and path need room beside the query.
URI_RESERVE = 512
# SOQL and SOSL Limits: 4,000 characters in a string of WHERE. Counted percent-encoded, so that it also fits into a URI;
# no field that can be searched by is longer (255 characters).
LITERAL_LIMIT = 4_000

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ESCAPES = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
}  # fmt: skip
# What XML 1.0 cannot hold, Salesforce does not store, so no field can be equal to it. (\b and \f have an escape.)
_UNSTORABLE = re.compile("[\x00-\x07\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT. `where` are conditions that all have to hold."""

    object: str  # Salesforce's name
    fields: Sequence[str]
    where: Sequence[str] = ()
    order: Sequence[str] = ()

    @property
    def text(self) -> str:
        parts = ["SELECT", ", ".join(map(name, self.fields)), "FROM", name(self.object)]
        if self.where:
            parts.append("WHERE " + " AND ".join(self.where))
        if self.order:
            parts.append("ORDER BY " + ", ".join(map(name, self.order)))
        return " ".join(parts)

    @property
    def encoded(self) -> str:
        """Percent-encoded for `?q=`; a `+` in a literal must not arrive as a blank."""
        return quote(self.text, safe="")

    @property
    def fits(self) -> bool:
        """Whether it fits into one URI; `query` has no other way to take it."""
        return len(self.encoded) <= URI_LIMIT - URI_RESERVE


def name(text: str) -> str:
    """A field or object name, or a path of them; anything else never reaches a query."""
    if not _NAME.fullmatch(text):
        raise ConfigError(f"{text!r} is not the name of a Salesforce field or object")
    return text


def literal(text: str) -> str:
    """A quoted string that stands for exactly `text`."""
    return "'" + "".join(_ESCAPES.get(char, char) for char in text) + "'"


def expressible(text: str) -> bool:
    """Whether a record could hold this text and a query could ask for it."""
    return bool(text) and not _UNSTORABLE.search(text) and len(quote(literal(text), safe="")) <= LITERAL_LIMIT


def one_of(field: str, literals: Sequence[str]) -> str:
    return f"{name(field)} IN ({','.join(literals)})"


def after(stamp: str, id: str) -> str:
    """Everything behind a position in the order (SystemModstamp, Id); rows of one second are not lost."""
    return f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {literal(id)}))"


def chunks(literals: Sequence[str], build: Callable[[Sequence[str]], Query]) -> Iterator[Query]:
    """As few queries as fit into a URI each. `build` makes the query of a run of literals."""
    room = URI_LIMIT - URI_RESERVE - len(build(()).encoded)
    run: list[str] = []
    used = 0
    for one in literals:
        size = len(quote(f"{one},", safe=""))
        if run and used + size > room:
            yield build(run)
            run, used = [], 0
        run.append(one)
        used += size
    if run:
        yield build(run)
