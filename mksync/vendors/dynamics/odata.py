"""Building queries. Values only ever enter a query through `literal` and `guid`, names only through `name`.

Sources: Power Apps developer documentation, "Query data using the Web API", "Filter rows", "Query function reference".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from mksync.errors import ConfigError
from mksync.vendors.dynamics.client import URL_LIMIT, URL_RESERVE

IDS_AT_ONCE = 400
VALUES_AT_ONCE = 100
LITERAL_LIMIT = 4_000  # no column that can be searched by is longer

_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_WILDCARDS = re.compile(r"[%_\[]")
_SAFE = "(),'=:@$"


def name(text: str) -> str:
    """A column's name; anything else never reaches a query."""
    if not _NAME.fullmatch(text):
        raise ConfigError(f"{text!r} is not the name of a Dynamics column")
    return text


def annotated(*names: str) -> str:
    """The preference that has rows come with these annotations."""
    return f'odata.include-annotations="{",".join(names)}"'


def literal(text: str) -> str:
    """A quoted string that stands for exactly `text`, but for wildcards (see `equal`)."""
    return "'" + text.replace("'", "''") + "'"


def equal(column: str, text: str) -> str:
    """A condition that `text` meets. Comparisons take %, _ and [ for wildcards, in which [%] is a plain %.

    Asked in both ways, so that nothing is missed wherever they are taken as they stand; too much may be found. A
    leading wildcard is not supported, so there only the second way is asked.
    """
    conditions = [literal(_WILDCARDS.sub(lambda found: f"[{found[0]}]", text))]
    if _WILDCARDS.search(text) and not _WILDCARDS.match(text):
        conditions.append(literal(text))
    return " or ".join(f"{name(column)} eq {one}" for one in conditions)


def one_of(column: str, ids: Sequence[str]) -> str:
    """A condition on an id column, by its logical name; the ids have been through `guid`."""
    values = ",".join(f"'{id}'" for id in ids)
    return f"Microsoft.Dynamics.CRM.In(PropertyName='{name(column)}',PropertyValues=[{values}])"


def query(set: str, **options: str | Sequence[str]) -> str:
    """`query("leads", select=[…], filter="…")`, percent-encoded."""
    return f"{set}?{'&'.join(f'${key}={_option(value)}' for key, value in options.items() if value)}"


def chunks(conditions: Sequence[str], most: int, build: Callable[[str], str]) -> Iterator[str]:
    """As few queries as hold the conditions, joined by `or`. `build` makes a query of a filter."""
    room = URL_LIMIT - URL_RESERVE - len(build("x"))
    run: list[str] = []
    used = 0
    for one in conditions:
        size = len(quote(f" or {one}", safe=_SAFE))
        if run and (used + size > room or len(run) >= most):
            yield build(" or ".join(run))
            run, used = [], 0
        run.append(one)
        used += size
    if run:
        yield build(" or ".join(run))


def by_ids(set: str, key: str, ids: Sequence[str], columns: Sequence[str], **more: str) -> Iterator[str]:
    """Queries for rows whose id column `key` is one of these."""
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield query(set, select=columns, filter=one_of(key, ids[start : start + IDS_AT_ONCE]), **more)


def _option(value: str | Sequence[str]) -> str:
    text = value if isinstance(value, str) else ",".join(map(name, value))
    return quote(text, safe=_SAFE)
