"""Every GET on data: lists and their pages, single rows, their properties and what they refer to.

Sources: "Query data using the Web API", "Retrieve a table row using the Web API", "Page results using OData".
"""

from dataclasses import dataclass, replace
from typing import Any

from mksync.sandbox.dynamics import addresses
from mksync.sandbox.dynamics.call import Answer, Call, User
from mksync.sandbox.dynamics.errors import ODataError, no_property, no_resource
from mksync.sandbox.dynamics.odata import annotations, cursors, options, problems
from mksync.sandbox.dynamics.odata.aggregates import aggregated
from mksync.sandbox.dynamics.odata.annotations import EXCEEDED, METADATA_VERSION, TOTAL, Wanted
from mksync.sandbox.dynamics.odata.compiler import Compiled
from mksync.sandbox.dynamics.odata.cursors import Cookie
from mksync.sandbox.dynamics.odata.reader import Reader
from mksync.sandbox.dynamics.odata.scope import Setting, Sql, collection_of
from mksync.sandbox.dynamics.odata.shape import Record
from mksync.sandbox.dynamics.odata.tree import Options
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.tables import Column, Relationship, Table
from mksync.sandbox.dynamics.tracking import Tracking

COUNT_LIMIT = 5_000
_OF_COLLECTIONS = ("$filter", "$orderby", "$count", "$top", "$apply", "$skiptoken", "$deltatoken")
_PREFERENCES = ("odata.include-annotations", "odata.maxpagesize")


@dataclass(frozen=True, slots=True)
class Found:
    """A row that a URL leads to, readable for the caller."""

    table: Table
    row: Row

    @property
    def id(self) -> str:
        return str(self.row[self.table.primary_id])


def answer(org: Org, call: Call) -> Answer:
    """The answer to a GET on data: its path begins with an entity set. Raises ODataError."""
    return Queries(org).get(call)


class Queries:
    """Answers GETs. Every method raises ODataError for what it refuses."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._tracking = Tracking(org)

    def get(self, call: Call) -> Answer:
        """The answer to a GET whose path begins with an entity set: `leads`, `leads(…)`, `leads(…)/x`."""
        first, *rest = call.segments
        if "(" not in first:
            return self._set(call, self._org.catalogue.of_set(first), rest)
        place = addresses.address(self._org, first)
        found = Found(place.table, addresses.row(self._org, place))
        self._org.access.check_row(call.user, found.table, "Read", found.row)
        if not rest:
            return self._single(call, found)
        return self._below(call, found, rest)

    def _set(self, call: Call, table: Table, rest: list[str]) -> Answer:
        chosen = options.read(call.query)
        if not rest:
            return self._list(call, table, chosen)
        if rest != ["$count"]:
            raise no_resource(rest[0])
        if chosen.delta_token is not None:
            return _text(str(self._tracking.count(call, table, chosen)))
        return self._count(call, table, chosen)

    def _list(self, call: Call, table: Table, chosen: Options, restricted: Sql | None = None) -> Answer:
        for name in ("fetchXml", "sql", "savedQuery", "userQuery"):
            if name in chosen.custom:
                raise ODataError(501, problems.ODATA, f"The query parameter {name} is not answered here.")
        asks_to_track = "odata.track-changes" in call.preferences
        if restricted is None and (asks_to_track or cursors.is_tracking(chosen)):
            return self._tracked(call, table, chosen, asks_to_track)
        read = self._reader(call)
        if chosen.apply is not None:
            value = aggregated(read, table, chosen.apply, restricted)
            return Answer(200, {"@odata.context": _context(call, table, ""), "value": value})
        compiled = read.compile(table, chosen, restricted)
        return self._page(call, read, compiled, chosen)

    def _page(self, call: Call, read: Reader, compiled: Compiled, chosen: Options) -> Answer:
        size = page_size(call, self._org)
        # Documented: $top means nothing where the page size was asked for.
        top = chosen.top if "odata.maxpagesize" not in call.preferences else None
        cookie = cursors.read(chosen.skip_token, len(compiled.terms)) if chosen.skip_token is not None else None
        behind = cursors.after(compiled.terms, cookie.last) if cookie else None
        limit = size + 1 if top is None else min(top, size)
        rows = read.run(compiled.select(limit, behind))
        body: dict[str, Any] = {"@odata.context": _context(call, compiled.table, compiled.context)}
        body |= self._totals(read, compiled, chosen)
        body["value"] = read.records(compiled, rows[:size])
        if top is None and len(rows) > size:
            last = tuple(rows[size - 1][-len(compiled.terms) :])
            following = Cookie(cookie.page + 1 if cookie else 2, last)
            body["@odata.nextLink"] = cursors.following(url_of(call), "$skiptoken", following.text())
        return Answer(200, body, applied(call, *_PREFERENCES))

    def _totals(self, read: Reader, compiled: Compiled, chosen: Options) -> Record:
        count = self._counted(read, compiled) if chosen.count else -1
        found: Record = {"@odata.count": min(count, COUNT_LIMIT)} if chosen.count else {}
        known = {
            TOTAL: min(count, COUNT_LIMIT),
            EXCEEDED: count > COUNT_LIMIT,
            METADATA_VERSION: str(self._org.catalogue.stamp),
        }
        return found | {f"@{name}": value for name, value in known.items() if name in read.wanted}

    def _counted(self, read: Reader, compiled: Compiled) -> int:
        counted = compiled.count(COUNT_LIMIT + 1)
        return int(read.run(counted)[0][0])

    def _count(self, call: Call, table: Table, chosen: Options, restricted: Sql | None = None) -> Answer:
        read = self._reader(call)
        compiled = read.compile(table, replace(chosen, order=(), expand=()), restricted)
        return _text(str(min(self._counted(read, compiled), COUNT_LIMIT)))

    def _tracked(self, call: Call, table: Table, chosen: Options, asked: bool) -> Answer:
        body = self._tracking.answer(self._reader(call), call, table, chosen, page_size(call, self._org))
        names = (*_PREFERENCES, "odata.track-changes") if asked else _PREFERENCES
        return Answer(200, body, applied(call, *names))

    def _single(self, call: Call, found: Found) -> Answer:
        chosen = options.read(call.query)
        if any(option in chosen.given for option in _OF_COLLECTIONS):
            message = "Query options $filter, $orderby, $count, $skip, and $top can be applied only on collections."
            raise problems.bad(message)
        record = self._record(call, found, chosen)
        etag = str(record.get("@odata.etag", ""))
        headers = {**applied(call, *_PREFERENCES), **({"ETag": etag} if etag else {})}
        plain = not chosen.expand and "odata.include-annotations" not in call.preferences
        if found.table.optimistic_concurrency and plain and call.header("If-None-Match") == etag:
            return Answer(304, None, headers)
        return Answer(200, record, headers)

    def _record(self, call: Call, found: Found, chosen: Options) -> Record:
        read = self._reader(call)
        asked = Options(select=chosen.select, expand=chosen.expand)
        compiled = read.compile(found.table, asked, Sql(f't."{found.table.primary_id}" = ?', (found.id,)))
        records = read.records(compiled, read.run(compiled.select(1)))
        context = _context(call, found.table, f"{compiled.context}/$entity")
        return {"@odata.context": context, **(records[0] if records else {})}

    def _below(self, call: Call, found: Found, rest: list[str]) -> Answer:
        """`leads(…)/firstname`, `/firstname/$value`, `/parentaccountid`, `/parentaccountid/$ref`, `/contacts`."""
        name, *tail = rest
        if len(tail) > 1:
            raise no_resource(tail[1])
        column = found.table.by_property(name)
        if column is not None and tail in ([], ["$value"]):
            return self._property(call, found, column, raw=bool(tail))
        if ways := list(found.table.navigations(name)):
            return self._referred(call, found, ways, tail)
        collection = collection_of(self._org, found.table, name)
        if collection is None:
            raise no_property(name, found.table.name) if not tail else no_resource(name)
        tied = Sql(collection.link("t", "?"), (found.id,))
        chosen = options.read(call.query)
        if tail == ["$count"]:
            return self._count(call, collection.table, chosen, tied)
        if tail == ["$ref"]:
            return self._references(call, collection.table, tied)
        if tail:
            raise no_resource(tail[0])
        return self._list(call, collection.table, chosen, tied)

    def _property(self, call: Call, found: Found, column: Column, *, raw: bool) -> Answer:
        value = self._record(call, found, Options(select=(column.property,)))[column.property]
        if value is None:
            return Answer(204)
        if raw:
            return _text(str(value).lower() if isinstance(value, bool) else str(value).removeprefix("\x00amount "))
        context = f"{call.root}/$metadata#{found.table.set_name}({found.id})/{column.property}"
        return Answer(200, {"@odata.context": context, "value": value})

    def _referred(self, call: Call, found: Found, ways: list[Relationship], tail: list[str]) -> Answer:
        kind = found.row.get(f"{ways[0].column}type")
        way = next((way for way in ways if kind in (None, way.target)), None)
        id = found.row[ways[0].column]
        if way is None or id is None:
            return Answer(204)
        target = self._org.catalogue.named(way.target)
        if tail == ["$ref"]:
            reference = addresses.url(call.root, target, str(id))
            return Answer(200, {"@odata.context": f"{call.root}/$metadata#$ref", "@odata.id": reference})
        if tail:
            raise no_resource(tail[0])
        row = addresses.row(self._org, addresses.Address(target, str(id)))
        self._org.access.check_row(call.user, target, "Read", row)
        return self._single(call, Found(target, row))

    def _references(self, call: Call, table: Table, tied: Sql) -> Answer:
        read = self._reader(call)
        compiled = read.compile(table, Options(select=(table.primary_id,)), tied)
        records = read.records(compiled, read.run(compiled.select(COUNT_LIMIT)))
        ids = [str(record[table.primary_id]) for record in records]
        value = [{"@odata.id": addresses.url(call.root, table, id)} for id in ids]
        return Answer(200, {"@odata.context": f"{call.root}/$metadata#Collection($ref)", "value": value})

    def _reader(self, call: Call) -> Reader:
        return reader_for(self._org, call.user, annotations.wanted(call.preferences), call.root)


def reader_for(org: Org, user: User, wanted: Wanted, root: str) -> Reader:
    return Reader(Setting(org, user, org.clock.now()), wanted, root)


def page_size(call: Call, org: Org) -> int:
    """What `odata.maxpagesize` asks for, at most what the organisation allows."""
    largest = int(org.settings.get("max_page"))
    wished = call.preferences.get("odata.maxpagesize", "")
    return min(max(1, int(wished)), largest) if wished.isdigit() else largest


def url_of(call: Call) -> str:
    return f"{call.root}/{call.path}?{call.query}"


def applied(call: Call, *names: str) -> dict[str, str]:
    """The `Preference-Applied` header: the preferences among these that were sent."""
    sent = call.preferences
    honoured = [f'{name}="{sent[name]}"' if "annotations" in name else name for name in names if name in sent]
    with_values = [f"{name}={sent[name]}" if name == "odata.maxpagesize" else name for name in honoured]
    return {"Preference-Applied": ",".join(with_values)} if with_values else {}


def _context(call: Call, table: Table, inside: str) -> str:
    return f"{call.root}/$metadata#{table.set_name}{inside}"


def _text(text: str) -> Answer:
    return Answer(200, text, content_type="text/plain")
