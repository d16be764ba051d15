"""The query string of a request: decoding, the options Dataverse has, and those it refuses.

Source: "Query data using the Web API".
"""

from collections.abc import Mapping
from urllib.parse import unquote_plus

from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.parser import Parser
from mksync.sandbox.dynamics.odata.tree import Options

_KNOWN = frozenset(
    {"$select", "$filter", "$orderby", "$expand", "$top", "$count", "$apply", "$skiptoken", "$deltatoken"}
)


def pairs(query: str) -> list[tuple[str, str]]:
    """`%24select=a+b` and `$select=a%20b` alike, as ("$select", "a b")."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]


def read(query: str) -> Options:
    """The options of a raw query string. Raises ODataError for what Dataverse does not know."""
    given: dict[str, str] = {}
    custom: dict[str, str] = {}
    for name, value in pairs(query):
        if name[:1] not in ("$", "@"):
            custom[name] = value
        elif name in given:
            message = f"Query option '{name}' was specified more than once, but it must be specified at most once."
            raise problems.bad(message)
        else:
            given[name] = value
    aliases = {name: value for name, value in given.items() if name[0] == "@"}
    options = {name: value for name, value in given.items() if name[0] == "$"}
    if strange := sorted(options.keys() - _KNOWN):
        raise problems.unsupported(strange[0])
    return _options(options, aliases, custom)


def _options(given: Mapping[str, str], aliases: Mapping[str, str], custom: Mapping[str, str]) -> Options:
    def parser(name: str) -> Parser | None:
        text = given.get(name, "").strip()
        return Parser(text, aliases) if text else None

    filter, order, expand, apply = (parser(name) for name in ("$filter", "$orderby", "$expand", "$apply"))
    return Options(
        select=_select(given.get("$select", "")),
        filter=filter.filter() if filter else None,
        order=order.order() if order else (),
        expand=expand.expand() if expand else (),
        top=_top(given["$top"]) if "$top" in given else None,
        count=_count(given["$count"]) if "$count" in given else False,
        apply=apply.apply() if apply else None,
        skip_token=given.get("$skiptoken"),
        delta_token=given.get("$deltatoken"),
        given=tuple(given),
        custom={**custom, **aliases},
    )


def _select(text: str) -> tuple[str, ...] | None:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    return None if not names or "*" in names else names


def _top(text: str) -> int:
    if not text.strip().isdigit():
        message = f"Invalid value '{text}' for $top query option found. "
        raise problems.bad(message + "The $top query option requires a non-negative integer value.")
    return int(text)


def _count(text: str) -> bool:
    if text.strip().lower() not in ("true", "false"):
        message = f"Invalid value '{text}' for $count query option found. Valid values are 'true' or 'false'."
        raise problems.bad(message)
    return text.strip().lower() == "true"
