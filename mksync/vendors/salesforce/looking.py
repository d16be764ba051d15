"""Looking for people as leads and as contacts at once, by id and by address: one call, whatever became of them.

Five queries share a composite call, and queryAll also shows what was deleted, merged or converted (REST API Developer
Guide, "Composite" and "QueryAll").
"""

from collections.abc import Iterator, Mapping, Sequence

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
import mksync.vendors.salesforce.soql as soql
from mksync.core.records import Field, Gone, Lookup, Record
from mksync.core.survivors import survivors_named
from mksync.vendors.salesforce.client import COMPOSITE_QUERIES, Client, Part, Row
from mksync.vendors.salesforce.rows import read, slices
from mksync.wire.session import Repeat

Fields = Mapping[str, Field]
_Asked = tuple[Lookup, soql.Query]


def look(client: Client, lookups: Sequence[Lookup], fields: Mapping[str, Fields]) -> Iterator[Record | Gone]:
    """See `ports.LooksAtOnce`. `fields`: of each object, those to read, described."""
    asked = [(one, query) for one in lookups for query in _queries(one)]
    rows: dict[str, dict[str, Row]] = {one.object: {} for one in lookups}
    for some in slices(asked, COMPOSITE_QUERIES):
        for lookup, row in _rows(client, some):
            rows[lookup.object][codec.widen(row["Id"])] = row
    for one in lookups:
        yield from _judged(client, one, rows[one.object], fields[one.object])


def _queries(lookup: Lookup) -> Iterator[soql.Query]:
    """One query as a rule; where that would be too long, ids and values are asked for apart."""
    ids = [soql.literal(id) for id in dict.fromkeys(map(codec.widen, lookup.ids)) if codec.is_id(id)]
    values = [soql.literal(value) for value in dict.fromkeys(lookup.values) if soql.expressible(value)]
    wanted = [(name, some) for name, some in (("Id", ids), (lookup.field, values)) if some]
    if not wanted:
        return
    whole = _query(lookup, " OR ".join(soql.one_of(name, some) for name, some in wanted))
    if whole.fits:
        yield whole
        return
    for name, some in wanted:
        yield from soql.chunks(some, lambda few, name=name: _query(lookup, soql.one_of(name, few)))  # type: ignore[misc]


def _query(lookup: Lookup, condition: str) -> soql.Query:
    """With more fields than a URI takes, only keys: the fields are then read by id."""
    sobject, where = names.sobject(lookup.object), (f"({condition})",)
    query = soql.Query(sobject, objects.columns(lookup.object, lookup.fields), where)
    bare = soql.Query(sobject, objects.columns(lookup.object, lookup.fields))
    return (
        query if len(bare.encoded) <= soql.URI_LIMIT // 2 else soql.Query(sobject, objects.keys(lookup.object), where)
    )


def _rows(client: Client, asked: Sequence[_Asked]) -> Iterator[tuple[Lookup, Row]]:
    parts = [
        Part(f"q{number}", "GET", client.query_path(query, deleted_too=True)) for number, (_, query) in enumerate(asked)
    ]
    answers = client.composite(parts, repeat=Repeat.READ)
    for part, (lookup, _) in zip(parts, asked, strict=True):
        page = answers[part.name].checked()
        yield from ((lookup, row) for row in page["records"])
        while not page["done"]:
            page = client.next_page(page["nextRecordsUrl"])
            yield from ((lookup, row) for row in page["records"])


def _judged(client: Client, lookup: Lookup, rows: Mapping[str, Row], fields: Fields) -> Iterator[Record | Gone]:
    """What was deleted or merged away is told only of records that were asked for by id."""
    object, asked = lookup.object, list(dict.fromkeys(map(codec.widen, lookup.ids)))
    gone = {id: lost for id, row in rows.items() if (lost := objects.gone(object, row))}
    whole = {id: row for id, row in rows.items() if all(name in row for name in fields)}
    yield from codec.records(object, [row for id, row in whole.items() if _living(gone.get(id))], fields)
    yield from read(client, object, [id for id in rows if id not in whole and id not in gone], fields)
    known = [gone[id] if id in gone else Gone(object, id, "deleted") for id in asked if id in gone or id not in rows]
    found = [lost for id, lost in gone.items() if id not in asked and lost.reason == "converted"]
    yield from survivors_named([*known, *found])


def _living(lost: Gone | None) -> bool:
    """Whether its values count: a converted lead is still found by the address it had."""
    return lost is None or lost.reason == "converted"
