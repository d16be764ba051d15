"""The CSV that an ingest job is given: its cells, and what its columns stand for.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Prepare CSV Files", "Valid CSV Record Rows", "Relationship Fields in
a Header Row".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.catalogue import Catalogue, View
from mksync.sandbox.salesforce.errors import refuse
from mksync.sandbox.salesforce.fields import Field

_NULL = "#N/A"
_PARENT = re.compile(r"(\w+)(?::(\w+))?\.(\w+)")


class BadSheetError(Exception):
    """The job fails as a whole, with this message."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header's names and the rows' cells, as they were sent."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a field of the record, or a parent's key (`parent` is the relationship, `field` the parent's)."""

    field: Field
    parent: str | None = None
    parent_type: str | None = None

    def value(self, cell: str) -> Any:  # noqa: ANN401 - JSON
        """What a request would say. Raises ApiError for a date that is none."""
        if cell == _NULL:
            return None
        if self.parent is not None:
            type = {"attributes": {"type": self.parent_type}} if self.parent_type else {}
            return {**type, self.field.name: cell}
        read = {"date": times.day, "datetime": times.instant}.get(self.field.type)
        if read is not None and read(cell.strip()) is None:
            message = f"{self.field.label}: value not of required type: {cell}"
            raise refuse("INVALID_TYPE_ON_FIELD_IN_RECORD", message, self.field.name)
        return cell


def parse(content: bytes, delimiter: str, line_end: str) -> Sheet:
    """Raises BadSheetError for what is no CSV of this form."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSheetError("InvalidBatch : The data are not UTF-8") from None
    first = text.find("\n")
    if first >= 0 and (text[first - 1 : first] == "\r") != (line_end == "\r\n"):
        raise BadSheetError("ClientInputError : LineEnding is invalid on user data")
    rows = list(_rows(text, delimiter, line_end))
    if not rows:
        raise BadSheetError("InvalidBatch : The data have no header row")
    names, *cells = rows
    for number, row in enumerate(cells, 1):
        if len(row) != len(names):
            raise BadSheetError(f"InvalidBatch : Record {number} has {len(row)} fields, the header has {len(names)}")
    return Sheet(names, cells)


def columns(names: Sequence[str], view: View, catalogue: Catalogue) -> list[Column]:
    """What the header names. Raises BadSheetError naming the first that is unknown or out of sight."""
    return [_column(name, view, catalogue) for name in names]


def _rows(text: str, delimiter: str, line_end: str) -> Iterator[list[str]]:
    mark = re.escape(delimiter)
    cell = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^"{mark}\r\n]*))({mark}|{line_end}|\Z)')
    place, row, size = 0, list[str](), len(text)
    while place < size:
        found = cell.match(text, place)
        if found is None:
            ends = text[place:].lstrip('"')[:1] == "\r" or "\r" in text[place : place + 200]
            problem = "ClientInputError : LineEnding is invalid on user data" if ends else _no_csv(text, place)
            raise BadSheetError(problem)
        quoted, plain, end = found.groups()
        row.append(plain if quoted is None else quoted.replace('""', '"'))
        place = found.end()
        if end == delimiter and place < size:
            continue
        if end == delimiter:
            row.append("")
        if row != [""]:
            yield row
        row = []


def _no_csv(text: str, place: int) -> str:
    line = text.count("\n", 0, place) + 1
    return f"InvalidBatch : Failed to parse CSV at line {line}"


def _column(name: str, view: View, catalogue: Catalogue) -> Column:
    field = view.find(name)
    if field is not None:
        return Column(field)
    if (match := _PARENT.fullmatch(name)) and (found := _parent(view, catalogue, *match.groups())):
        return found
    raise BadSheetError(f"InvalidBatch : Field name not found : {name}")


def _parent(view: View, catalogue: Catalogue, relation: str, type: str | None, key: str) -> Column | None:
    reference = view.references.get(relation.lower())
    # The type of the parent is told only where it could be another.
    if reference is None or (type is not None and len(reference.reference_to) < 2):
        return None
    for target in reference.reference_to:
        object = catalogue.object(target)
        field = object.fields.get(key.lower()) if object and (type or target).lower() == target.lower() else None
        if field is not None and field.is_key:
            return Column(field, str(reference.relationship), target if type else None)
    return None
