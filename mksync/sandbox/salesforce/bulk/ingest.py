"""Ingest jobs: made, given their data, run row by row, and told of in three tables.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Create a Job", "Upload Job Data", "Get Job Successful Record
Results", "Get Job Failed Record Results", "Get Job Unprocessed Record Results".
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from mksync.sandbox.salesforce.bulk import sheet as sheets
from mksync.sandbox.salesforce.bulk.jobs import (
    COMPLETE,
    DELIMITERS,
    ENDED,
    FAILED,
    LINE_ENDS,
    OPEN,
    RUNNING,
    Job,
    Jobs,
    form_of,
    wrong_state,
)
from mksync.sandbox.salesforce.bulk.lines import UNSUPPORTED
from mksync.sandbox.salesforce.bulk.saving import Saving, said
from mksync.sandbox.salesforce.bulk.sheet import BadSheetError, Sheet
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.errors import ApiError, deny, not_found
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.writes import Writer

_OLDEST = 41
_OPERATIONS = ("insert", "update", "upsert", "delete")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS salesforce_job_upload (job TEXT PRIMARY KEY, content BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS salesforce_job_row (
        job TEXT, place INTEGER, id TEXT, created INTEGER, error TEXT, PRIMARY KEY (job, place)) WITHOUT ROWID""",
)


class IngestJobs:
    """The handlers of `/jobs/ingest`."""

    def __init__(self, org: Org, jobs: Jobs, writer: Writer) -> None:
        self._org = org
        self._jobs = jobs
        self._writer = writer
        self._sheet = lru_cache(maxsize=1)(self._parsed)
        for statement in _SCHEMA:
            org.connection.execute(statement)

    def create(self, call: Call) -> Answer:
        if float(call.version) < _OLDEST:
            raise not_found()
        body = call.object()
        operation = body.get("operation")
        if operation == "hardDelete":
            raise deny("FEATURENOTENABLED", "hardDelete needs the permission Bulk API Hard Delete")
        if operation not in _OPERATIONS:
            raise deny("INVALIDOPERATION", f"an ingest job's operation is {', '.join(_OPERATIONS)}, not {operation}")
        view = self._view(body.get("object"), call)
        delimiter, line_ending = form_of(body)
        now = self._org.clock.now()
        rule = body.get("assignmentRuleId")
        made = Job(
            id=self._jobs.new_id(),
            kind="ingest",
            operation=operation,
            object=view.name,
            version=call.version,
            delimiter=delimiter,
            line_ending=line_ending,
            user=call.actor.user_id,
            admin=call.actor.admin,
            created=now,
            changed=now,
            state=OPEN,
            detail=self._key(view, body) if operation == "upsert" else "",
            rule=str(rule) if rule else None,
            row_error=_row_error(call),
        )
        return Answer(200, self._jobs.put(made).created_json())

    def upload(self, call: Call, job: Job) -> Answer:
        if call.method != "PUT":
            raise not_allowed(call.method, "PUT")
        if not call.headers.get("content-type", "").lower().startswith("text/csv"):
            raise deny("UNSUPPORTED_MEDIA_TYPE", "the data of a job are text/csv", 415)
        if job.state != OPEN:
            raise wrong_state(f"data can be uploaded to a job that is {OPEN}, not to one that is {job.state}")
        content = call.content if isinstance(call.content, bytes) else b""
        most = int(self._org.settings.get("bulk_upload_bytes"))
        if -(-len(content) // 3) * 4 > most:  # counted as base64
            raise deny("EXCEEDEDQUOTA", f"the data of a job are at most {most} bytes after base64 encoding")
        if self._content(job) is not None:
            message = f"Found multiple contents for job: <{job.id}>, please make sure you only do 'PUT' once on a job"
            raise deny("CLIENTINPUTERROR", message)
        self._org.connection.execute("INSERT INTO salesforce_job_upload VALUES (?, ?)", (job.id, content))
        self._jobs.put(replace(job, row_error=_row_error(call) or job.row_error))
        return Answer(201)

    def close(self, call: Call, job: Job) -> Answer:
        """All data are there: the job waits for its turn."""
        if job.state != OPEN:
            raise wrong_state(f"a job that is {job.state} can not be closed")
        if self._content(job) is None:
            raise deny("INVALIDBATCH", "no data were uploaded to the job")
        waiting = self._jobs.queue(replace(job, row_error=_row_error(call) or job.row_error))
        return Answer(200, waiting.created_json())

    def start(self, job: Job) -> Job:
        """Look the data over. Raises BadSheetError."""
        sheet = self._sheet(job.id)
        self._columns(job, sheet)
        return replace(job, state=RUNNING, changed=float(job.runs or 0), total=len(sheet.rows))

    def go_on(self, job: Job, now: float) -> Job:
        """Save the rows whose time has come; the job as it is then. An ordered failure stops it in the middle."""
        runs, ends = float(job.runs or 0), float(job.ends or 0)
        due = job.total if ends <= now else int(job.total * (now - runs) / (ends - runs))
        stop = job.total if job.fails_after is None else min(job.fails_after, job.total)
        moment = min(now, ends)
        failed = self._saved(job, range(job.done, min(due, stop)), moment)
        went = replace(job, done=max(job.done, min(due, stop)), failed=job.failed + failed)
        if job.fails_after is not None and due >= stop:
            return replace(went, state=FAILED, changed=moment)
        return replace(went, state=COMPLETE, changed=ends) if ends <= now else went

    def drop(self, job: Job) -> None:
        self._org.connection.execute("DELETE FROM salesforce_job_upload WHERE job = ?", (job.id,))
        self._org.connection.execute("DELETE FROM salesforce_job_row WHERE job = ?", (job.id,))

    def successful(self, call: Call, job: Job) -> Answer:
        rows = self._ended(call, job, "error IS NULL")
        return self._table(job, ("sf__Id", "sf__Created"), ((p, (id, _flag(created))) for p, id, created, _ in rows))

    def failed(self, call: Call, job: Job) -> Answer:
        rows = self._ended(call, job, "error IS NOT NULL")
        return self._table(job, ("sf__Id", "sf__Error"), ((p, (id or "", error)) for p, id, _, error in rows))

    def unprocessed(self, call: Call, job: Job) -> Answer:
        self._ended(call, job, "0")
        try:
            left = range(job.done, len(self._sheet(job.id).rows))
        except BadSheetError:
            return Answer(200, self._content(job) or b"", {"Content-Type": "text/csv"})
        return self._table(job, (), ((place, ()) for place in left))

    def _saved(self, job: Job, places: range, moment: float) -> int:
        """How many of these rows were refused."""
        if not places:
            return 0
        sheet = self._sheet(job.id)
        saving = Saving(self._org, self._writer, job, sheet, self._columns(job, sheet))
        outcomes = [(place, saving.row(place, moment)) for place in places]
        rows = [(job.id, place, one.id, one.created, one.error) for place, one in outcomes]
        self._org.connection.executemany("INSERT INTO salesforce_job_row VALUES (?, ?, ?, ?, ?)", rows)
        return sum(one.error is not None for _, one in outcomes)

    def _ended(self, call: Call, job: Job, which: str) -> list[Any]:
        """The rows of a kind, in the order of results, which is not that of the upload."""
        if call.method not in ("GET", "HEAD"):
            raise not_allowed(call.method, "GET", "HEAD")
        if job.state not in ENDED:
            raise wrong_state(f"there are no results yet: the job is {job.state}")
        return self._org.connection.execute(
            f"SELECT place, id, created, error FROM salesforce_job_row WHERE job = ? AND {which}"
            " ORDER BY (place * 7919 + 3) % 10007, place",
            (job.id,),
        ).fetchall()

    def _table(self, job: Job, names: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> Answer:
        try:
            sheet = self._sheet(job.id)
        except BadSheetError:
            sheet = Sheet((), ())
        head = [*names, *sheet.names]
        lines = [head, *([*more, *sheet.rows[place]] for place, more in rows)]
        delimiter, end = DELIMITERS[job.delimiter], LINE_ENDS[job.line_ending]
        text = "".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) + end for line in lines)
        return Answer(200, text.encode(), {"Content-Type": "text/csv"})

    def _view(self, name: object, call: Call) -> View:
        view = self._org.catalogue.view(str(name), call.actor.admin)
        if view is None:
            raise deny("INVALIDJOB", f"InvalidJob : Unable to find object: {name}")
        if view.name in UNSUPPORTED:
            raise deny("INVALIDENTITY", f"Entity '{view.name}' is not supported by the Bulk API.")
        return view

    def _key(self, view: View, body: dict[str, Any]) -> str:
        name = body.get("externalIdFieldName")
        field = view.find(str(name))
        if field is None or not field.is_key:
            message = f"InvalidJob : Field name provided, {name} does not match an External ID for {view.name}"
            raise deny("INVALIDJOB", message)
        return field.name

    def _columns(self, job: Job, sheet: Sheet) -> list[sheets.Column]:
        view = self._org.catalogue.view(job.object, job.actor.admin)
        if view is None:
            raise BadSheetError(f"InvalidBatch : Unable to find object: {job.object}")
        return sheets.columns(sheet.names, view, self._org.catalogue)

    def _parsed(self, id: str) -> Sheet:
        job = self._jobs.get("ingest", id)
        return sheets.parse(self._content(job) or b"", DELIMITERS[job.delimiter], LINE_ENDS[job.line_ending])

    def _content(self, job: Job) -> bytes | None:
        row = self._org.connection.execute(
            "SELECT content FROM salesforce_job_upload WHERE job = ?", (job.id,)
        ).fetchone()
        return None if row is None else bytes(row[0])


def _flag(created: int) -> str:
    return "true" if created else "false"


def _row_error(call: Call) -> str | None:
    """A fault that was ordered on a row of this call: the job's first row meets it."""
    fault: ApiError | None = call.row_fault(None) if call.row_fault else None
    return said(fault) if fault else None
