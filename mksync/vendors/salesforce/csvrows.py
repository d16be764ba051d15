"""The CSV of a bulk query job as rows like those of a query. Pure.

Source: Bulk API 2.0 Developer Guide, "Valid CSV Record Rows" and "Get Results for a Query Job". Every cell is text and
an empty one is null; `codec.decode` reads the text of every type as it reads JSON. What remains to be done here is what
nobody decodes: the flags among the keys, which have to be true or false.
"""

import csv
import io
from collections.abc import Iterator, Sequence

import mksync.vendors.salesforce.objects as objects
from mksync.vendors.salesforce.client import Row
from mksync.wire.reply import UnexpectedReply

_NUL = b"\0"  # seen in results (simple-salesforce, `bulk2.py`); no field of Salesforce's can hold it


def rows(body: bytes, columns: Sequence[str]) -> Iterator[Row]:
    """One mapping a record, by the names in `columns`; one that is not in the header row is not in the row either.

    Raises UnexpectedReply for what is no CSV, or has no ids.
    """
    if not body:
        return
    text = io.TextIOWrapper(io.BytesIO(body.replace(_NUL, b"") if _NUL in body else body), "utf-8-sig", newline="")
    try:
        # A quoted cell may hold line breaks: only the csv module may find the ends of rows.
        lines = csv.reader(text, strict=True)
        names = _names(next(lines, []), columns)
        flags = [name for name in objects.FLAGS if name in names]
        for cells in lines:
            row: dict[str, object] = dict(zip(names, cells, strict=True))
            for flag in flags:
                row[flag] = str(row[flag]).strip().lower() == "true"
            yield row
    except (csv.Error, ValueError) as error:
        # Its text would quote the row, which is personal data.
        raise UnexpectedReply(f"Salesforce's CSV cannot be read ({type(error).__name__})") from None


def _names(header: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The header's names as they were asked for: Salesforce's names are told apart in any case."""
    known = {name.lower(): name for name in columns}
    names = [known.get(name.strip().lower(), name) for name in header]
    if "Id" not in names:
        raise UnexpectedReply("Salesforce's CSV has no column of ids")
    return names
