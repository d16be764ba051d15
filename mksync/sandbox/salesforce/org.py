"""The emulated organisation: everything that outlives a call, in one place, and who is acting on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.catalogue import Catalogue, View
from mksync.sandbox.salesforce.errors import not_found
from mksync.sandbox.salesforce.tables import Tables
from mksync.sandbox.settings import Settings
from mksync.sandbox.store import Store

DEFAULTS: dict[str, Any] = {
    "session_seconds": 7_200,
    "daily_requests": 115_000,
    "visibility_delay": 0,  # seconds that other people's transactions stay open
    "convert_leads": True,  # the permission "Convert Leads"
    "edit_converted_leads": False,  # the permission "View and Edit Converted Leads"
    "max_page": 2_000,
    "bulk_page": 50_000,  # the most rows that one answer of a bulk query holds
    "bulk_queue_seconds": 0,  # how long a bulk job waits
    "bulk_seconds": 0,  # how long it runs then
    "bulk_failures": 0,  # so many of the next bulk jobs fail
    "bulk_failure_message": None,  # what they say; failed query jobs often say nothing
    "bulk_failure_after": 0,  # and so many rows of an ingest are saved before
    "bulk_upload_bytes": 150_000_000,  # of one ingest job, counted as base64
    "daily_query_jobs": 10_000,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. An administrator of the sandbox is not held back by the sync user's profile."""

    user_id: str
    admin: bool = False


class Org:
    """State, time and switches. Hold `store.transaction()` around anything done with it."""

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str]) -> None:
        self.store = store
        self.clock = clock
        self.quirks = quirks
        self.connection = store.connection
        self.connection.create_function("sf_fold", 1, _fold, deterministic=True)
        self.connection.create_function("sf_choices", 1, _choices, deterministic=True)
        self.settings = Settings(self.connection, "salesforce_setting", DEFAULTS)
        self.catalogue = Catalogue(self.connection)
        self.tables = Tables(self.connection, self.catalogue)

    @property
    def now(self) -> str:
        """This second, as the API prints it."""
        return times.stamp(self.clock.now())

    @property
    def id(self) -> str:
        return str(self.settings.get("organization"))

    @property
    def sync_user(self) -> str:
        """The id of the user that clients sign in as."""
        return str(self.settings.get("sync_user"))

    def view(self, object: str, actor: Actor) -> View:
        """The object as the actor may use it. Raises NOT_FOUND."""
        found = self.catalogue.view(object, actor.admin)
        if found is None:
            raise not_found()
        return found

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done inside is undone if an exception leaves it. May be nested."""
        self.connection.execute("SAVEPOINT salesforce")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO salesforce")
            raise
        finally:
            self.connection.execute("RELEASE salesforce")


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _choices(text: str | None) -> str | None:
    """The choices of a multi-select in one order, so that equal sets are equal texts."""
    return None if text is None else ";".join(sorted(text.casefold().split(";")))
