"""Query jobs: made, run, read page by page.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Create a Query Job", "Get Results for a Query Job", "Get Parallel
Results for a Query Job".
"""

import base64
import binascii
from dataclasses import replace
from typing import Any

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.bulk import lines
from mksync.sandbox.salesforce.bulk.jobs import (
    COMPLETE,
    DELIMITERS,
    LINE_ENDS,
    RUNNING,
    Job,
    Jobs,
    form_of,
    wrong_state,
)
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.errors import deny, not_found
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.replication import Replication
from mksync.sandbox.salesforce.soql.compiler import Compiled
from mksync.sandbox.salesforce.soql.cursors import Queries, Question

_OLDEST, _OLDEST_PAGES = 47, 58
_PAGES_AN_ANSWER = 5
_LINES = "CREATE TABLE IF NOT EXISTS salesforce_job_line (place INTEGER PRIMARY KEY, line TEXT NOT NULL)"


class QueryJobs:
    """The handlers of `/jobs/query`."""

    def __init__(self, org: Org, jobs: Jobs, queries: Queries, replication: Replication) -> None:
        self._org = org
        self._jobs = jobs
        self._queries = queries
        self._replication = replication
        org.connection.execute(_LINES)

    def create(self, call: Call) -> Answer:
        if float(call.version) < _OLDEST:
            raise not_found()
        body = call.object()
        operation, statement = body.get("operation"), body.get("query")
        if operation not in ("query", "queryAll"):
            raise deny("INVALIDOPERATION", f"a query job's operation is query or queryAll, not {operation}")
        if not isinstance(statement, str) or not statement.strip():
            raise deny("INVALIDJOB", "query is required for a query job")
        delimiter, line_ending = form_of(body)
        now = self._org.clock.now()
        if self.used_today() >= self.most_a_day():
            raise deny("LIMIT_EXCEEDED", "Exceeded the maximum number of query jobs in 24 hours")
        made = Job(
            id=self._jobs.new_id(),
            kind="query",
            operation=operation,
            object="",
            version=call.version,
            delimiter=delimiter,
            line_ending=line_ending,
            user=call.actor.user_id,
            admin=call.actor.admin,
            created=now,
            changed=now,
            state="",
            detail=statement,
        )
        object = self._compile(made).view.name
        return Answer(200, self._jobs.queue(replace(made, object=object)).created_json())

    def run(self, job: Job) -> Job:
        """Find what the statement finds now and keep it. Raises ApiError."""
        if job.operation == "queryAll":
            self._replication.empty_bins()
        compiled = self._compile(job)
        delimiter = DELIMITERS[job.delimiter]
        quirks = self._org.quirks
        sql, values = lines.of_lines(
            compiled, delimiter, zulu="bulk_plus_zero" not in quirks, shuffled="bulk_query_unordered" in quirks
        )
        first = self._last_place() + 1
        self._org.connection.execute(f"INSERT INTO salesforce_job_line (line) {sql}", values)
        total = self._last_place() - first + 1
        head = lines.header(compiled, delimiter)
        return replace(job, state=RUNNING, changed=float(job.runs or 0), first=first, total=total, header=head)

    def used_today(self) -> int:
        return self._jobs.made_since("query", self._org.clock.now() - times.DAY)

    def most_a_day(self) -> int:
        return int(self._org.settings.get("daily_query_jobs"))

    def drop(self, job: Job) -> None:
        """Its results go."""
        self._org.connection.execute(
            "DELETE FROM salesforce_job_line WHERE place BETWEEN ? AND ?", (job.first, job.first + job.total - 1)
        )

    def results(self, call: Call, job: Job) -> Answer:
        self._readable(call, job)
        start = _place(call, job)
        count = min(_most(call), self._page_size())
        found = self._org.connection.execute(
            "SELECT line FROM salesforce_job_line WHERE place >= ? AND place < ? ORDER BY place",
            (job.first + start, job.first + min(start + count, job.total)),
        ).fetchall()
        end = LINE_ENDS[job.line_ending]
        text = end.join([job.header, *[row[0] for row in found], ""])
        if "bulk_nul_bytes" in self._org.quirks and found:
            text = text.replace(f'{end}"', f'{end}"\x00', 1)
        following = start + len(found)
        headers = {
            "Content-Type": "text/csv",
            "Sforce-NumberOfRecords": str(len(found)),
            "Sforce-Locator": _locator(following) if following < job.total else "null",
        }
        return Answer(200, text.encode(), headers)

    def pages(self, call: Call, job: Job) -> Answer:
        """Where up to five pages can be read side by side."""
        if float(call.version) < _OLDEST_PAGES:
            raise not_found()
        self._readable(call, job)
        base = f"/services/data/v{call.version}/jobs/query/{job.id}"
        size = self._page_size()
        starts = range(_place(call, job), max(job.total, 1), size)
        pages = [{"resultUrl": f"{base}/results?locator={_locator(start)}"} for start in starts[:_PAGES_AN_ANSWER]]
        answer: dict[str, Any] = {"resultPages": pages, "done": len(starts) <= _PAGES_AN_ANSWER}
        if not answer["done"]:
            name = "nextRecordUrl" if "bulk_next_record_url" in self._org.quirks else "nextRecordsUrl"
            answer[name] = f"{base}/resultPages?locator={_locator(starts[_PAGES_AN_ANSWER])}"
        return Answer(200, answer)

    def _compile(self, job: Job) -> Compiled:
        question = Question(job.actor, job.version)
        compiled = self._queries.compile(job.detail, question, deleted_too=job.operation == "queryAll")
        lines.check(compiled)
        return compiled

    def _readable(self, call: Call, job: Job) -> None:
        if call.method not in ("GET", "HEAD"):
            raise not_allowed(call.method, "GET", "HEAD")
        if call.version != job.version:
            message = f"The results of a job of API version {job.version} can not be read with version {call.version}"
            raise deny("INVALIDJOB", message, 409)
        if job.state != COMPLETE:
            raise wrong_state(f"The results can not be read: the job is {job.state}, not {COMPLETE}")

    def _page_size(self) -> int:
        return int(self._org.settings.get("bulk_page"))

    def _last_place(self) -> int:
        row = self._org.connection.execute("SELECT COALESCE(MAX(place), 0) FROM salesforce_job_line").fetchone()
        return int(row[0])


def _most(call: Call) -> int:
    wished = call.args.get("maxRecords")
    if wished is None:
        return 1 << 31
    if not wished.isdigit() or int(wished) < 1:
        raise deny("INVALIDJOB", f"maxRecords is a number of at least 1, not {wished}")
    return int(wished)


def _locator(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(call: Call, job: Job) -> int:
    """How many rows come before a locator. Raises INVALID_QUERY_LOCATOR."""
    text = call.args.get("locator")
    if text is None:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        place = -1
    if not 0 <= place < max(job.total, 1):
        raise deny("INVALID_QUERY_LOCATOR", f"invalid query locator: {text}")
    return place
