"""The handlers of `/jobs`, and the clockwork that moves jobs on.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Query Jobs", "Get Information About All Query Jobs".
"""

import sqlite3
from dataclasses import replace

from mksync.sandbox.salesforce.bulk.jobs import ABORTED, COMPLETE, ENDED, FAILED, WAITING, Job, Jobs, wrong_state
from mksync.sandbox.salesforce.bulk.query import QueryJobs
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.errors import ApiError, deny, not_found
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.others import Others
from mksync.sandbox.salesforce.replication import Replication
from mksync.sandbox.salesforce.soql.cursors import Queries


class Bulk:
    def __init__(self, org: Org, queries: Queries, replication: Replication) -> None:
        self._org = org
        self._jobs = Jobs(org)
        self._queries = QueryJobs(org, self._jobs, queries, replication)

    def answer(self, call: Call, parts: tuple[str, ...]) -> Answer:
        kind = parts[0].lower() if parts else ""
        if kind != "query":
            raise not_found()
        if len(parts) == 1:
            return self._all(call, kind)
        job = self._jobs.get(kind, parts[1])
        if len(parts) == 2:
            return self._one(call, job)
        below = {"results": self._queries.results, "resultpages": self._queries.pages}.get(parts[2].lower())
        if below is None or len(parts) > 3:
            raise not_found()
        return below(call, job)

    def limits(self) -> dict[str, dict[str, int]]:
        most, used = self._queries.most_a_day(), self._queries.used_today()
        return {"DailyBulkV2QueryJobs": {"Max": most, "Remaining": max(0, most - used)}}

    def catch_up(self, others: Others) -> None:
        """Let jobs run and end that were to by now. What other people did before a job ran, it sees; nothing later."""
        now = self._org.clock.now()
        for job in self._jobs.unfinished():
            if job.runs is None or job.runs > now:
                continue
            if job.state == WAITING:
                others.catch_up(job.runs)
                job = self._jobs.put(self._run(job))
            if job.state not in ENDED and job.ends is not None and job.ends <= now:
                self._jobs.put(replace(job, state=COMPLETE, changed=job.ends, done=job.total))

    def _run(self, job: Job) -> Job:
        ordered = int(self._org.settings.get("bulk_failures"))
        if ordered:
            self._org.settings.put("bulk_failures", ordered - 1)
            return _failed(job, self._org.settings.get("bulk_failure_message"))
        try:
            with self._org.savepoint():
                return self._queries.run(job)
        except ApiError as refused:
            return _failed(job, f"InvalidBatch : {refused.complaints[0].message}")
        except sqlite3.OperationalError as limit:
            return _failed(job, f"InvalidBatch : {limit}")

    def _all(self, call: Call, kind: str) -> Answer:
        if call.method == "POST":
            for old in self._jobs.forget_old():
                self._queries.drop(old)
            return self._queries.create(call)
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
            self._queries.drop(job)
            return Answer(204)
        raise not_allowed(call.method, "DELETE", "GET", "HEAD", "PATCH")

    def _patch(self, call: Call, job: Job) -> Answer:
        wish = call.object().get("state")
        if wish != ABORTED:
            raise deny("INVALIDJOBSTATE", f"the state of a query job can be set to {ABORTED} only, not to {wish}")
        if job.state in ENDED:
            raise wrong_state(f"a job that is {job.state} can not be aborted")
        aborted = self._jobs.put(replace(job, state=ABORTED, changed=self._org.clock.now()))
        return Answer(200, aborted.created_json())


def _failed(job: Job, message: str | None) -> Job:
    return replace(job, state=FAILED, changed=float(job.runs or 0), message=message)
