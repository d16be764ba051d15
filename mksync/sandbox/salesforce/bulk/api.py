"""The handlers of `/jobs`, and the clockwork that moves jobs on.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Query", "Ingest", "Get Information About All Query Jobs".
"""

import sqlite3
from dataclasses import replace

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.bulk.ingest import IngestJobs
from mksync.sandbox.salesforce.bulk.jobs import (
    ABORTED,
    COMPLETE,
    ENDED,
    FAILED,
    OPEN,
    OPEN_DAYS,
    WAITING,
    Job,
    Jobs,
    wrong_state,
)
from mksync.sandbox.salesforce.bulk.query import QueryJobs
from mksync.sandbox.salesforce.bulk.sheet import BadSheetError
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.errors import ApiError, deny, not_found
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.others import Others
from mksync.sandbox.salesforce.replication import Replication
from mksync.sandbox.salesforce.soql.cursors import Queries
from mksync.sandbox.salesforce.writes import Writer


class Bulk:
    def __init__(self, org: Org, queries: Queries, replication: Replication, writer: Writer) -> None:
        self._org = org
        self._jobs = Jobs(org)
        self._queries = QueryJobs(org, self._jobs, queries, replication)
        self._ingests = IngestJobs(org, self._jobs, writer)
        self._kinds: dict[str, QueryJobs | IngestJobs] = {"query": self._queries, "ingest": self._ingests}
        self._below = {
            ("query", "results"): self._queries.results,
            ("query", "resultpages"): self._queries.pages,
            ("ingest", "batches"): self._ingests.upload,
            ("ingest", "successfulresults"): self._ingests.successful,
            ("ingest", "failedresults"): self._ingests.failed,
            ("ingest", "unprocessedrecords"): self._ingests.unprocessed,
        }

    def answer(self, call: Call, parts: tuple[str, ...]) -> Answer:
        kind = parts[0].lower() if parts else ""
        if kind not in self._kinds or len(parts) > 3:
            raise not_found()
        if len(parts) == 1:
            return self._all(call, kind)
        job = self._jobs.get(kind, parts[1])
        if len(parts) == 2:
            return self._one(call, job)
        below = self._below.get((kind, parts[2].lower()))
        if below is None:
            raise not_found()
        return below(call, job)

    def limits(self) -> dict[str, dict[str, int]]:
        most, used = self._queries.most_a_day(), self._queries.used_today()
        return {"DailyBulkV2QueryJobs": {"Max": most, "Remaining": max(0, most - used)}}

    def catch_up(self, others: Others) -> None:
        """Let jobs run and end that were to by now. What other people did before a job ran, it sees; nothing later."""
        now = self._org.clock.now()
        for waiting in self._jobs.unfinished():
            job = waiting
            if job.state == OPEN and now >= job.created + OPEN_DAYS * times.DAY:
                self._jobs.put(replace(job, state=ABORTED, changed=job.created + OPEN_DAYS * times.DAY))
            if job.runs is None or job.runs > now:
                continue
            if job.state == WAITING:
                others.catch_up(job.runs)
                job = self._jobs.put(self._started(job))
            if job.state not in ENDED:
                self._go_on(job, now)

    def _started(self, job: Job) -> Job:
        ordered = int(self._org.settings.get("bulk_failures"))
        if ordered:
            self._org.settings.put("bulk_failures", ordered - 1)
            message = self._org.settings.get("bulk_failure_message")
            if job.kind == "query":
                return _failed(job, message)
            job = replace(job, message=message, fails_after=int(self._org.settings.get("bulk_failure_after")))
        try:
            with self._org.savepoint():
                return self._queries.run(job) if job.kind == "query" else self._ingests.start(job)
        except BadSheetError as bad:
            return _failed(job, str(bad))
        except ApiError as refused:
            return _failed(job, f"InvalidBatch : {refused.complaints[0].message}")
        except sqlite3.OperationalError as limit:
            # SQLite's own bounds on nesting and on bound values; any other failure is a bug of ours.
            if "too large" not in str(limit) and "too many" not in str(limit):
                raise
            return _failed(job, f"InvalidBatch : {limit}")

    def _go_on(self, job: Job, now: float) -> None:
        if job.kind == "ingest":
            try:
                self._jobs.put(self._ingests.go_on(job, now))
            except BadSheetError as bad:  # a column went out of sight while it ran
                self._jobs.put(replace(job, state=FAILED, changed=now, message=str(bad)))
        elif job.ends is not None and job.ends <= now:
            self._jobs.put(replace(job, state=COMPLETE, changed=job.ends, done=job.total))

    def _all(self, call: Call, kind: str) -> Answer:
        if call.method == "POST":
            for old in self._jobs.forget_old():
                self._kinds[old.kind].drop(old)
            return self._kinds[kind].create(call)
        if call.method not in ("GET", "HEAD"):
            raise not_allowed(call.method, "GET", "HEAD", "POST")
        now = self._org.clock.now()
        records = [job.polled_json(now) for job in self._jobs.of_kind(kind)]
        return Answer(200, {"done": True, "nextRecordsUrl": None, "records": records})

    def _one(self, call: Call, job: Job) -> Answer:
        if call.method in ("GET", "HEAD"):
            return Answer(200, job.polled_json(self._org.clock.now()))
        if call.method == "PATCH":
            return self._patch(call, job)
        if call.method == "DELETE":
            self._jobs.remove(job)
            self._kinds[job.kind].drop(job)
            return Answer(204)
        raise not_allowed(call.method, "DELETE", "GET", "HEAD", "PATCH")

    def _patch(self, call: Call, job: Job) -> Answer:
        wish = call.object().get("state")
        if job.kind == "ingest" and wish == WAITING:
            return self._ingests.close(call, job)
        if wish != ABORTED:
            raise deny("INVALIDJOBSTATE", f"the state of a job can not be set to {wish}")
        if job.state in ENDED:
            raise wrong_state(f"a job that is {job.state} can not be aborted")
        aborted = self._jobs.put(replace(job, state=ABORTED, changed=self._org.clock.now()))
        return Answer(200, aborted.created_json())


def _failed(job: Job, message: str | None) -> Job:
    return replace(job, state=FAILED, changed=float(job.runs or 0), message=message)
