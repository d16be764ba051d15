"""What other people do in the organisation while a client looks on: edits, open transactions, delayed automation."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.errors import ApiError
from mksync.sandbox.salesforce.org import Actor, Org
from mksync.sandbox.salesforce.pending import Action, Pending
from mksync.sandbox.salesforce.writes import Save, Writer


class Others:
    def __init__(self, org: Org, writer: Writer, pending: Pending) -> None:
        self._org = org
        self._writer = writer
        self._pending = pending

    def edit(
        self,
        kind: str,
        object: str,
        id: str | None = None,
        values: Mapping[str, Any] | None = None,
        user: str | None = None,
        *,
        open_seconds: float = 0,
    ) -> str:
        """One edit by another user (default: the administrator); the record's id.

        With `open_seconds` the edit becomes visible only then, with the stamps of now. Raises ApiError if the edit is
        refused at once, ValueError for a kind there is not.
        """
        if kind not in ("create", "update", "delete", "undelete"):
            raise ValueError(f"no kind of edit {kind!r}")
        found = self._org.catalogue.object(object)
        if found is None:
            raise ValueError(f"no object {object!r}")
        new_id = id or self._org.tables.next_ids(found.prefix)[0]
        by = user or str(self._org.settings.get("admin_user"))
        action = Action(kind, found.name, new_id, dict(values or {}), by)
        now = self._org.clock.now()
        if open_seconds:
            self._pending.open(now, now + open_seconds, action)
        else:
            self._act(action, now)
        return new_id

    def open_transaction(self, seconds: float) -> None:
        """A transaction that edits nothing but holds back `latestDateCovered`."""
        now = self._org.clock.now()
        self._pending.open(now, now + seconds)

    def commit_all(self) -> None:
        self._pending.commit_all()
        self.catch_up()

    def catch_up(self, until: float | None = None) -> None:
        """Let happen what is due by a time (default: now).

        An edit that has become impossible meanwhile is dropped, as a failed one would be.
        """
        for due in self._pending.take_due(self._org.clock.now() if until is None else until):
            if due.action is not None:
                with suppress(ApiError), self._org.savepoint():
                    self._act(due.action, due.stamped)

    def _act(self, action: Action, stamped: float) -> None:
        actor = Actor(action.user or str(self._org.settings.get("admin_user")), admin=True)
        self._writer.act(action, Save(actor, stamp=times.stamp(stamped)))
