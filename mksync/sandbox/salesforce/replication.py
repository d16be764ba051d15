"""What changed and what was deleted in a span of time, to the minute.

Source: REST API Developer Guide, "sObject Get Updated", "sObject Get Deleted"; SOAP API Developer Guide,
"getUpdated()", "getDeleted()".
"""

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.errors import ApiError, deny, not_found
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.pending import Pending

UPDATED_DAYS = 30
DELETED_DAYS = 15
MOST_IDS = 600_000
_MINUTE = 60


class Replication:
    """The handlers of `/sobjects/{object}/updated` and `/deleted`."""

    def __init__(self, org: Org, pending: Pending) -> None:
        self._org = org
        self._pending = pending

    def updated(self, call: Call, object: str) -> Answer:
        view = self._view(call, object)
        start, end = self._span(call, UPDATED_DAYS, 0)
        ids = self._org.tables.touched(view.name, times.stamp(start), times.stamp(end))
        _check_volume(len(ids))
        return Answer(200, {"ids": ids, "latestDateCovered": self._covered(end)})

    def deleted(self, call: Call, object: str) -> Answer:
        view = self._view(call, object)
        start, end = self._span(call, DELETED_DAYS, _MINUTE)
        self.purge(view.name, self._org.clock.now() - DELETED_DAYS * times.DAY)
        earliest = self._earliest(view.name)
        if start < times.epoch(earliest) - _MINUTE:
            raise _bad_date("start date is before the earliest date available")
        found = self._org.tables.deletions(view.name, times.stamp(start), times.stamp(end))
        _check_volume(len(found))
        records = [{"id": id, "deletedDate": when} for id, when in found]
        covered = self._covered(end)
        return Answer(200, {"deletedRecords": records, "earliestDateAvailable": earliest, "latestDateCovered": covered})

    def purge(self, object: str, up_to: float) -> None:
        """Empty the recycle bin of what was deleted by then."""
        last = self._org.tables.purge(object, times.stamp(up_to))
        if last is not None:
            self._org.settings.put(f"purged.{object}", last)

    def empty_bins(self) -> None:
        """What was deleted fifteen days ago is gone for good."""
        limit = self._org.clock.now() - DELETED_DAYS * times.DAY
        for object in self._org.catalogue:
            if object.deletable:
                self.purge(object.name, limit)

    def _view(self, call: Call, object: str) -> View:
        if call.method not in ("GET", "HEAD"):
            raise not_allowed(call.method, "GET", "HEAD")
        view = self._org.view(object, call.actor)
        if not view.object.replicateable:
            raise not_found()
        return view

    def _span(self, call: Call, days: int, least: int) -> tuple[int, int]:
        """Start and end in epoch seconds, seconds of the minute dropped. Raises INVALID_REPLICATION_DATE."""
        start, end = (self._minute(call, name) for name in ("start", "end"))
        if end - start <= least:
            raise _bad_date("startDate must be earlier than endDate" + (" by more than one minute" if least else ""))
        if start < (self._org.clock.now() - days * times.DAY) // _MINUTE * _MINUTE:
            raise _bad_date(f"startDate cannot be more than {days} days ago")
        return start, end

    def _minute(self, call: Call, name: str) -> int:
        # An unescaped + arrives as a space.
        moment = times.moment_of(call.args.get(name, "").replace(" ", "+"))
        if moment is None:
            raise _bad_date(f"{name} must be an ISO 8601 date and time")
        return int(moment // _MINUTE) * _MINUTE

    def _covered(self, end: int) -> str:
        """Up to when the answer is complete: never past the beginning of a transaction that is still open."""
        began = self._pending.open_since()
        now = int(self._org.clock.now() // _MINUTE) * _MINUTE
        return times.stamp(min(end, now) if began is None else min(end, now, began))

    def _earliest(self, object: str) -> str:
        oldest = times.stamp(self._org.clock.now() - DELETED_DAYS * times.DAY)
        return max(oldest, str(self._org.settings.get(f"purged.{object}") or ""))


def _check_volume(count: int) -> None:
    if count > MOST_IDS:
        raise deny("EXCEEDED_ID_LIMIT", f"more than {MOST_IDS} records; use a shorter span")


def _bad_date(message: str) -> ApiError:
    return deny("INVALID_REPLICATION_DATE", message)
