"""The CSV of a bulk query job as columns. Pure.

Source: Bulk API 2.0 Developer Guide, "Valid CSV Record Rows" and "Get Results for a Query Job". Every cell is text and
an empty one is null; `codec.decode` reads the text of every type as it reads JSON. What remains to be done here is what
nobody decodes: the flags among the keys, which have to be true or false.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

import mksync.vendors.salesforce.objects as objects
from mksync.core.columns import Column
from mksync.vendors.salesforce.codec import Columns
from mksync.wire.reply import UnexpectedReply

_NUL = b"\0"  # seen in results (simple-salesforce, `bulk2.py`); no field of Salesforce's can hold it


def columns(body: bytes, asked: Sequence[str], most: int) -> Iterator[Columns]:
    """The records, at most so many at a time, by the names in `asked`; one that is not in the header row is not there.

    Raises UnexpectedReply for what is no CSV, or has no ids.
    """
    if not body:
        return
    text = io.TextIOWrapper(io.BytesIO(body.replace(_NUL, b"") if _NUL in body else body), "utf-8-sig", newline="")
    try:
        # A quoted cell may hold line breaks: only the csv module may find the ends of rows.
        lines = csv.reader(text, strict=True)
        names = _names(next(lines, []), asked)
        flags = [name for name in objects.FLAGS if name in names]
        while some := list(islice(lines, most)):
            found: dict[str, Column] = dict(zip(names, zip(*some, strict=True), strict=True))
            yield {**found, **{flag: _flags(found[flag]) for flag in flags}}
    except (csv.Error, ValueError) as error:
        # Its text would quote the row, which is personal data.
        raise UnexpectedReply(f"Salesforce's CSV cannot be read ({type(error).__name__})") from None


def _flags(column: Column) -> Column:
    known = {cell: str(cell).strip().lower() == "true" for cell in set(column)}
    return [known[cell] for cell in column]


def _names(header: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The header's names as they were asked for: Salesforce's names are told apart in any case."""
    known = {name.lower(): name for name in asked}
    names = [known.get(name.strip().lower(), name) for name in header]
    if "Id" not in names:
        raise UnexpectedReply("Salesforce's CSV has no column of ids")
    return names
