"""Bulk query jobs of a scripted organisation, as Salesforce documents them: jobs in JSON, their records in CSV."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mksync.core.records import Page
from mksync.ports import Port
from tests.vendors.feed_reader import FeedReader
from tests.vendors.salesforce.scripted_org import BASE, Answer, Asked, Org, error, lead
from tests.wire.scripted import Say

QUEUED, RUNNING, COMPLETE = "UploadComplete", "InProgress", "JobComplete"
LEADS = {"lead": ["Email", "Title"]}
NONE_DELETED = {"deletedRecords": [], "earliestDateAvailable": "2026-01-16T02:11:00.000+0000"}


@dataclass
class Job:
    """`states`: what the next looks find; the last one stays. `rows`: what the records held when it was made."""

    id: str
    query: str
    operation: str
    rows: list[Mapping[str, Any]]
    states: list[str]
    deleted: bool = False

    @property
    def columns(self) -> list[str]:
        found = re.match(r"SELECT (.*) FROM", self.query)
        assert found
        return found[1].split(", ")


@dataclass
class BulkOrg:
    """One object's records. A query gives the first page only: `first` rows, and how many there are."""

    org: Org
    sobject: str
    rows: list[Mapping[str, Any]]
    first: int = 2
    page: int = 25_000  # the most records of a page of results, whatever is asked for
    states: Sequence[str] = (RUNNING, COMPLETE)
    jobs: list[Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.org.on("GET", "/(query|queryAll)", self._query)
        self.org.on("GET", "/query/more-.*", self._more)
        self.org.on("POST", "/jobs/query", self._create)
        self.org.on("GET", r"/jobs/query/\w+", self._look)
        self.org.on("GET", r"/jobs/query/\w+/results", self._results)
        self.org.on("PATCH", r"/jobs/query/\w+", self._abort)
        self.org.on("DELETE", r"/jobs/query/\w+", self._delete)

    @property
    def job(self) -> Job:
        return self.jobs[-1]

    def _found(self, soql: str) -> list[Mapping[str, Any]]:
        """Knows the conditions by which a feed goes on, and nothing else."""
        if f"FROM {self.sobject}" not in soql:
            return []
        since = re.search(r"SystemModstamp >= (\S+)Z", soql)
        return [row for row in self.rows if since is None or row["SystemModstamp"][:19] >= since[1]]

    def _query(self, asked: Asked) -> Answer:
        rows = self._found(asked.soql)
        return 200, self._said(rows, rows[: self.first], 0)

    def _more(self, asked: Asked) -> Answer:
        start = int(asked.path.rpartition("-")[2])
        return 200, self._said(self.rows, self.rows[start : start + self.first], start)

    def _said(self, every: Sequence[Any], shown: Sequence[Any], start: int) -> dict[str, Any]:
        end = start + len(shown)
        more = {} if end == len(every) else {"nextRecordsUrl": f"{BASE}/query/more-{end}"}
        return {"totalSize": len(every), "done": not more, "records": list(shown), **more}

    def _create(self, asked: Asked) -> Answer:
        assert (asked.body["columnDelimiter"], asked.body["lineEnding"]) == ("COMMA", "LF")
        rows = self._found(asked.body["query"])
        id = f"7505g0000000{len(self.jobs):03}AAV"
        self.jobs.append(Job(id, asked.body["query"], asked.body["operation"], rows, list(self.states)))
        return 200, {"id": id, "state": QUEUED, "apiVersion": 67.0}

    def _look(self, asked: Asked) -> Answer:
        job = self._named(asked)
        if job is None:
            return 404, error("NOT_FOUND", "The requested resource does not exist")
        state = job.states.pop(0) if len(job.states) > 1 else job.states[0]
        return 200, {"id": job.id, "state": state, "jobType": "V2Query", "numberRecordsProcessed": len(job.rows)}

    def _results(self, asked: Asked) -> Answer | Say:
        job = self._named(asked)
        if job is None:
            return 404, error("NOT_FOUND", "The requested resource does not exist")
        if job.states != [COMPLETE]:
            return 400, error("INVALIDJOBSTATE", "the job is not complete")
        start = int(b64decode(asked.query["locator"])) if "locator" in asked.query else 0
        end = start + min(self.page, int(asked.query["maxRecords"]))
        rows = job.rows[start:end]
        behind = b64encode(str(end).encode()).decode() if end < len(job.rows) else "null"
        return results(csv_of(job.columns, rows), len(rows), behind)

    def _abort(self, asked: Asked) -> Answer:
        assert asked.body == {"state": "Aborted"}
        return 200, {"id": asked.path, "state": "Aborted"}

    def _delete(self, asked: Asked) -> Answer | Say:
        job = self._named(asked)
        if job is None:
            return 404, error("NOT_FOUND", "The requested resource does not exist")
        job.deleted = True
        return Say(204, b"")  # a body would be taken for the next call's answer

    def _named(self, asked: Asked) -> Job | None:
        id = asked.path.removeprefix(f"{BASE}/jobs/query/").partition("/")[0]
        return next((job for job in self.jobs if job.id == id and not job.deleted), None)


def seven_leads(org: Org) -> BulkOrg:
    """Whom nobody edited lately."""
    org.on("GET", "/sobjects/Lead/updated/", {"ids": [], "latestDateCovered": "2026-01-31T09:39:00.000+0000"})
    org.on("GET", "/sobjects/Lead/deleted/", NONE_DELETED)
    return BulkOrg(org, "Lead", [person(number) for number in range(7)])


def person(number: int, stamp: str = "2026-01-31T08:00:00.000+0000", **values: Any) -> dict[str, Any]:
    return lead(id_of(number), stamp, **{"Email": f"p{number}@x.io", "Title": "CEO", **values})


def id_of(number: int) -> str:
    return f"00Q5g0000000{number:03}AAA"


def read(port: Port, cursor: str | None = None) -> FeedReader:
    reader = FeedReader(LEADS)
    reader.cursor = cursor
    reader.pulls(port)
    return reader


def notes(pages: Sequence[Page]) -> list[str]:
    return [note for page in pages for note in page.notes]


def calls_of_jobs(org: Org) -> list[str]:
    jobs = f"{BASE}/jobs/query"
    return [call.replace(jobs, "jobs") for call in org.calls if jobs in call]


def results(body: bytes, records: int, locator: str = "null") -> Say:
    headers = {
        "Content-Type": "text/csv",
        "Sforce-NumberOfRecords": str(records),
        "Sforce-Locator": locator,
    }
    return Say(200, body, headers, zipped=True)


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Every cell quoted, quotes doubled, null as nothing (Bulk API 2.0 Developer Guide, "Valid CSV Record Rows")."""
    lines = [columns, *([cell(row[name]) for name in columns] for row in rows)]
    text = "".join(",".join('"' + one.replace('"', '""') + '"' for one in line) + "\n" for line in lines)
    return text.encode()


def cell(value: Any) -> str:
    """What a query's JSON value is in CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return re.sub(r"(?<=\d\.\d{3})\+0000$", "Z", str(value))
