"""`$skiptoken`: where the next page begins, as an opaque cookie that says it all.

A page continues behind the last row of the one before (its values in the order asked for), so that rows that come or
go meanwhile neither repeat nor hide others.
Source: "Page results using OData".
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus

from mksync.sandbox.dynamics.errors import ODataError, bad_request
from mksync.sandbox.dynamics.odata.scope import Sql
from mksync.sandbox.dynamics.odata.tree import Options
from mksync.sandbox.dynamics.rows import Stored

_COOKIE = re.compile(
    r'<cookie pagenumber="(\d{1,9})" pagingcookie="([^"]*)" istracking="(True|False)"(?: maxTimestamp="(\d{1,18})")? />'
)
_LAST = re.compile(r'<cookie page="\d+"><row last="(.*)" /></cookie>')


@dataclass(frozen=True, slots=True)
class Cookie:
    """The page that comes next, the order values of the last row seen, and, when tracking, the watermark."""

    page: int
    last: tuple[Stored, ...]
    watermark: int | None = None

    def text(self) -> str:
        inner = f'<cookie page="{self.page - 1}"><row last="{quote(json.dumps(self.last))}" /></cookie>'
        tracking = "False" if self.watermark is None else "True"
        more = "" if self.watermark is None else f' maxTimestamp="{self.watermark}"'
        twice = quote(quote(inner, safe=""), safe="")
        return f'<cookie pagenumber="{self.page}" pagingcookie="{twice}" istracking="{tracking}"{more} />'


def read(text: str, width: int) -> Cookie:
    """A cookie that `Cookie.text` made for an order of `width` values. Raises ODataError for another text."""
    outer = _COOKIE.fullmatch(text)
    inner = _LAST.fullmatch(unquote(unquote(outer[2]))) if outer else None
    if outer is None or inner is None:
        raise malformed()
    try:
        last = json.loads(unquote(inner[1]))
    except ValueError:
        raise malformed() from None
    if not isinstance(last, list) or len(last) != width or not all(map(_is_stored, last)):
        raise malformed()
    return Cookie(int(outer[1]), tuple(last), int(outer[4]) if outer[4] else None)


def _is_stored(value: object) -> bool:
    return value is None or isinstance(value, str | float) or (isinstance(value, int) and abs(value) < 1 << 63)


def is_tracking(options: Options) -> bool:
    """Whether a URL goes on reading changes: by a delta token, or by the cookie of a page of such."""
    return options.delta_token is not None or 'istracking="True"' in (options.skip_token or "")


def malformed() -> ODataError:
    return bad_request("Malformed XML in the Paging Cookie", "0x80040203")


@dataclass(frozen=True, slots=True)
class Term:
    """One expression of an order."""

    sql: str
    descending: bool = False


def after(terms: Sequence[Term], last: Sequence[Stored]) -> Sql:
    """The rows that come behind these values. What is empty is lowest, in SQLite as in SQL Server."""
    tests: list[str] = []
    values: list[Stored] = []
    for place, (term, value) in enumerate(zip(terms, last, strict=True)):
        beyond = _beyond(term, value)
        if beyond is None:
            continue
        before = [f"{same.sql} IS ?" for same in terms[:place]]
        tests.append(" AND ".join([*before, beyond]))
        values += [*last[:place], *([] if value is None else [value])]
    return Sql(" OR ".join(f"({test})" for test in tests) or "0", tuple(values))


def _beyond(term: Term, value: Stored) -> str | None:
    if value is None:
        return None if term.descending else f"{term.sql} IS NOT NULL"
    return f"({term.sql} < ? OR {term.sql} IS NULL)" if term.descending else f"{term.sql} > ?"


def following(url: str, name: str, value: str) -> str:
    """The same URL with one option put in, or in the place of the one it had; the rest stays as it was sent."""
    path, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) not in _TOKENS]
    return f"{path}?{'&'.join([*kept, f'{name}={quote(value)}'])}"


_TOKENS = frozenset({"$skiptoken", "$deltatoken"})
