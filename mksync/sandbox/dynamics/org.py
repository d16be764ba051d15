"""The emulated organisation: everything that outlives a call, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.dynamics.access import Access
from mksync.sandbox.dynamics.catalogue import Catalogue
from mksync.sandbox.dynamics.odata import patterns
from mksync.sandbox.dynamics.rows import Rows
from mksync.sandbox.dynamics.tables import ManyToMany
from mksync.sandbox.settings import Settings
from mksync.sandbox.store import Store

DEFAULTS: dict[str, Any] = {
    "token_seconds": 3_599,
    "requests_limit": 6_000,  # per user in five minutes
    "seconds_limit": 1_200,  # combined execution time per user in five minutes
    "concurrency_limit": 52,
    "dop_hint": 8,  # x-ms-dop-hint
    "retention_days": 7,  # of change tracking: organization.expirechangetrackingindays
    "tenants": None,  # names of the tenants there are; None: every one
    "duplicate_detection": True,  # the organisation's switch
    "max_page": 5_000,
    "subscription_days": 90,  # of metadata stamps: organization.expiresubscriptionsindays
    "request_seconds": 0.02,  # execution time that a call is counted with
}


class Org:
    """State, time and switches. Hold `store.transaction()` around anything done with it."""

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str]) -> None:
        self.store = store
        self.clock = clock
        self.quirks = quirks
        self.connection = store.connection
        self.connection.create_function("dv_like", 2, patterns.like, deterministic=True)
        self.settings = Settings(self.connection, "dynamics_setting", DEFAULTS)
        self.rows = Rows(self.connection)
        self.catalogue = Catalogue(self.connection)
        for table in self.catalogue:
            self.rows.prepare(table)
        self.access = Access(self.rows, self.catalogue, quirks)

    @property
    def now(self) -> str:
        """This second, as the API prints it."""
        return stamp(self.clock.now())

    def ago(self, seconds: float) -> str:
        """That long before now, as the API prints it."""
        return stamp(self.clock.now() - seconds)

    @property
    def id(self) -> str:
        return str(self.settings.get("organization"))

    def associate(self, pair: ManyToMany, here: str, there: str) -> None:
        """Join two rows in an N:N; joining them again changes nothing."""
        through = self.catalogue.named(pair.through)
        row = {pair.here: here, pair.there: there}
        if not self.rows.find(through, row):
            id = self.rows.next_ids(through)[0]
            self.rows.insert(pair.through, {through.primary_id: id, **row, "versionnumber": self.rows.next_version()})

    def disassociate(self, pair: ManyToMany, here: str, there: str) -> None:
        through = self.catalogue.named(pair.through)
        for row in self.rows.find(through, {pair.here: here, pair.there: there}):
            self.rows.delete(through, str(row[through.primary_id]), self.clock.now())

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done inside is undone if an exception leaves it. May be nested."""
        self.connection.execute("SAVEPOINT dynamics")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO dynamics")
            raise
        finally:
            self.connection.execute("RELEASE dynamics")


def stamp(seconds: float) -> str:
    """Epoch seconds as `2026-03-04T10:11:12Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19] + "Z"
