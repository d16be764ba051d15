"""One row of an ingest job, saved as a call on one record would be; and the text that tells why it was not.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Job Failed Record Results".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.bulk.jobs import Job
from mksync.sandbox.salesforce.bulk.sheet import Column, Sheet
from mksync.sandbox.salesforce.errors import AmbiguousKey, ApiError, refuse
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.row_refusals import ambiguous, lost, wide
from mksync.sandbox.salesforce.writes import Save, Writer

_TOGETHER = 200  # rows that the platform saves at once


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. `error` is None for success."""

    id: str | None
    created: bool = False
    error: str | None = None


class Saving:
    """Saves the rows of one job."""

    def __init__(self, org: Org, writer: Writer, job: Job, sheet: Sheet, columns: Sequence[Column]) -> None:
        self._org = org
        self._writer = writer
        self._job = job
        self._sheet = sheet
        self._columns = columns
        self._repeated = self._repeats()

    def row(self, place: int, moment: float) -> Outcome:
        """Save the row that stands at a place."""
        id: str | None = None
        try:
            if place == 0 and self._job.row_error:
                return Outcome(None, error=self._job.row_error)
            key, body = self._body(self._sheet.rows[place])
            if self._job.operation in ("update", "delete"):
                id = self._id(key)
            if key.lower() in self._repeated.get(place // _TOGETHER, ()):
                raise self._repeat(key)
            with self._org.savepoint():
                return self._saved(id, key, body, self._save(moment))
        except AmbiguousKey as several:
            return Outcome(None, error=said(ambiguous(self._job.detail, several)))
        except ApiError as error:
            return Outcome(id, error=said(lost(error, self._org.quirks) if id else error))

    def _saved(self, id: str | None, key: str, body: Mapping[str, Any], save: Save) -> Outcome:
        object = self._job.object
        if self._job.operation == "upsert":
            found, created = self._writer.upsert(object, self._job.detail, key or None, body, save)
            return Outcome(found, created)
        if id is None:
            return Outcome(self._writer.create(object, body, save), created=True)
        if self._job.operation == "delete":
            self._writer.delete(object, id, save)
        else:
            self._writer.update(object, id, body, save)
        return Outcome(id)

    def _body(self, cells: Sequence[str]) -> tuple[str, dict[str, Any]]:
        """The key that the operation goes by, and the rest. An empty cell says nothing."""
        by, key, body = self._key_name(), "", {}
        for column, cell in zip(self._columns, cells, strict=True):
            if column.parent is None and column.field.name == by:
                key = cell
            elif cell:
                body[column.parent or column.field.name] = column.value(cell)
        return key, body

    def _key_name(self) -> str | None:
        return {"insert": None, "upsert": self._job.detail}.get(self._job.operation, "Id")

    def _id(self, key: str) -> str:
        if not key:
            raise refuse("MISSING_ARGUMENT", f"Id not specified in an {self._job.operation} call")
        return wide(self._job.object, key)

    def _repeats(self) -> dict[int, set[str]]:
        """Keys in lower case that stand twice among rows which are saved together, by the number of their chunk."""
        by = self._key_name()
        place = next((n for n, one in enumerate(self._columns) if one.parent is None and one.field.name == by), None)
        if place is None:
            return {}
        found: dict[int, set[str]] = {}
        for start in range(0, len(self._sheet.rows), _TOGETHER):
            keys = Counter(row[place].lower() for row in self._sheet.rows[start : start + _TOGETHER])
            found[start // _TOGETHER] = {key for key, count in keys.items() if key and count > 1}
        return found

    def _repeat(self, key: str) -> ApiError:
        if self._job.operation == "upsert":
            return refuse("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", self._job.detail)
        return refuse("DUPLICATE_VALUE", "duplicate id in list", "Id")

    def _save(self, moment: float) -> Save:
        # Unlike REST, Bulk assigns no owners by rule unless the job names one.
        assign = self._job.rule is not None or "bulk_assigns" in self._org.quirks
        path = f"/services/data/v{self._job.version}/sobjects/"
        return Save(self._job.actor, assign=assign, stamp=times.stamp(moment), path=path)


def said(error: ApiError) -> str:
    """`CODE:message:Field1, Field2 --`, or `CODE:message:--` where no field is named."""
    return "".join(
        f"{complaint.code}:{complaint.message}:{', '.join(complaint.fields) + ' ' if complaint.fields else ''}--"
        for complaint in error.complaints
    )
