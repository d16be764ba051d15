"""Jobs as they are kept and shown, and when each of them changes its state.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Information About a Query Job", "Get Job Info".
"""

# SQL is put together here: the names are this module's own, values are always bound.

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from mksync.sandbox.salesforce import ids, times
from mksync.sandbox.salesforce.errors import deny, not_found
from mksync.sandbox.salesforce.org import Actor, Org

RETENTION_DAYS, OPEN_DAYS = 7, 1
WAITING, RUNNING, COMPLETE, FAILED, ABORTED = "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"
OPEN = "Open"  # an ingest job that takes its data still
ENDED = frozenset({COMPLETE, FAILED, ABORTED})
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
_GONE = "Deleted"  # kept for the count of the day's jobs
_TYPES = {"query": "V2Query", "ingest": "V2Ingest"}


@dataclass(frozen=True, slots=True)
class Job:
    """One job. Times are epoch seconds; `runs` and `ends` are known once it waits.

    `detail` is the statement of a query, the key field of an upsert. `first` and `total` tell where a query's lines
    stand among all lines, `done` and `failed` count an ingest's rows.
    """

    id: str
    kind: str  # query, ingest
    operation: str
    object: str
    version: str
    delimiter: str
    line_ending: str
    user: str
    admin: bool
    created: float
    changed: float
    state: str
    detail: str = ""
    rule: str | None = None  # assignment rule of an ingest
    runs: float | None = None
    ends: float | None = None
    first: int = 0
    total: int = 0
    done: int = 0
    failed: int = 0
    fails_after: int | None = None  # rows that an ordered failure lets pass
    header: str = ""
    message: str | None = None
    row_error: str | None = None  # what its first row is refused with

    @property
    def actor(self) -> Actor:
        return Actor(self.user, bool(self.admin))

    def created_json(self) -> dict[str, Any]:
        """What its creation answers."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": times.stamp(self.created),
            "systemModstamp": times.stamp(self.changed),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
            **self._of_ingest(),
        }

    def _of_ingest(self) -> dict[str, Any]:
        if self.kind != "ingest":
            return {}
        key = {"externalIdFieldName": self.detail} if self.detail else {}
        rule = {"assignmentRuleId": self.rule} if self.rule else {}
        # Without a leading slash, unlike every other path.
        return {**key, **rule, "contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"}

    def polled_json(self, now: float) -> dict[str, Any]:
        """What somebody who asks after it is told."""
        until = now if self.state == RUNNING else self.changed
        spent = 0 if self.runs is None else max(0, until - self.runs)
        told = {} if self.message is None or self.state != FAILED else {"errorMessage": self.message}
        return {
            **self.created_json(),
            "jobType": _TYPES[self.kind],
            "numberRecordsProcessed": self._done_by(now),
            "retries": 0,
            "totalProcessingTime": int(spent * 1_000),
            **self._times_of_ingest(spent),
            **told,
        }

    def _times_of_ingest(self, spent: float) -> dict[str, int]:
        if self.kind != "ingest":
            return {}
        counts = {"numberRecordsFailed": self.failed, "apexProcessingTime": 0}
        return {**counts, "apiActiveProcessingTime": int(spent * 1_000)}

    def _done_by(self, now: float) -> int:
        if self.kind == "ingest" or self.state != RUNNING or self.runs is None or self.ends is None:
            return self.done
        return int(self.total * min(1, (now - self.runs) / (self.ends - self.runs)))


_COLUMNS = tuple(field.name for field in fields(Job))
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_MARKS = ", ".join("?" * len(_COLUMNS))


class Jobs:
    """All jobs of an organisation."""

    def __init__(self, org: Org) -> None:
        self._org = org
        columns = ", ".join(f'"{name}"' for name in _COLUMNS[1:])
        org.connection.execute(f"CREATE TABLE IF NOT EXISTS salesforce_job (id TEXT PRIMARY KEY, {columns})")
        # Every call of anybody asks which jobs are to go on.
        org.connection.execute("CREATE INDEX IF NOT EXISTS salesforce_job_state ON salesforce_job (state)")

    def new_id(self) -> str:
        return self._org.tables.next_ids("750")[0]

    def put(self, job: Job) -> Job:
        self._org.connection.execute(
            f"INSERT OR REPLACE INTO salesforce_job ({_NAMES}) VALUES ({_MARKS})", astuple(job)
        )
        return job

    def get(self, kind: str, id: str) -> Job:
        """Raises NOT_FOUND."""
        found = self._select("id = ? AND kind = ? AND state <> ?", ids.widen(id), kind, _GONE)
        if not found:
            raise not_found()
        return found[0]

    def of_kind(self, kind: str) -> list[Job]:
        return self._select("kind = ? AND state <> ? ORDER BY created, id", kind, _GONE)

    def unfinished(self) -> list[Job]:
        """What is open, then what waits or runs in the order in which it runs."""
        return self._select("state IN (?, ?, ?) ORDER BY runs, id", OPEN, WAITING, RUNNING)

    def queue(self, job: Job) -> Job:
        """Let a job whose data are there wait for its turn."""
        now = self._org.clock.now()
        runs = now + float(self._org.settings.get("bulk_queue_seconds"))
        ends = runs + float(self._org.settings.get("bulk_seconds"))
        return self.put(replace(job, state=WAITING, changed=now, runs=runs, ends=ends))

    def remove(self, job: Job) -> None:
        """Raises INVALIDJOBSTATE for one that has not ended."""
        if job.state not in ENDED:
            raise wrong_state(f"a job that is {job.state} can not be deleted; abort it first")
        self.put(replace(job, state=_GONE, total=0))

    def made_since(self, kind: str, since: float) -> int:
        row = self._org.connection.execute(
            "SELECT COUNT(*) FROM salesforce_job WHERE kind = ? AND created > ?", (kind, since)
        ).fetchone()
        return int(row[0])

    def forget_old(self) -> list[Job]:
        """What ended seven days ago vanishes; the jobs that did."""
        limit = self._org.clock.now() - RETENTION_DAYS * times.DAY
        marks = ", ".join("?" * (len(ENDED) + 1))
        where = f"state IN ({marks}) AND changed < ?"
        old = self._select(where, *ENDED, _GONE, limit)
        self._org.connection.execute(f"DELETE FROM salesforce_job WHERE {where}", (*ENDED, _GONE, limit))
        return old

    def _select(self, where: str, *values: object) -> list[Job]:
        rows = self._org.connection.execute(f"SELECT {_NAMES} FROM salesforce_job WHERE {where}", values)
        return [Job(*row) for row in rows]


def wrong_state(message: str) -> Exception:
    return deny("INVALIDJOBSTATE", message)


def form_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """The delimiter and the line end that a new job declares. Raises INVALIDJOB."""
    delimiter, line_ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS:
        raise deny("INVALIDJOB", f"columnDelimiter {delimiter} is none of {', '.join(DELIMITERS)}")
    if line_ending not in LINE_ENDS:
        raise deny("INVALIDJOB", f"lineEnding {line_ending} is none of {', '.join(LINE_ENDS)}")
    if body.get("contentType", "CSV") != "CSV":
        raise deny("INVALIDJOB", "contentType can only be CSV")
    return delimiter, line_ending
