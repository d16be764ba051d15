"""The seam between the engine and a vendor: one small protocol, met by every folder under `vendors/`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from mksync.core.frozen import dataclass
from mksync.core.records import (
    Catalogue,
    Check,
    Field,
    Gone,
    Identity,
    Outcome,
    Page,
    Record,
    Schema,
    Selection,
    Write,
)


class Clock(Protocol):
    """The time, so that tests can let hours pass at no cost."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None: ...


class Port(Protocol):
    """One signed-in system. Values are canonical (`core.records.Value`); objects are mksync's words, not the vendor's.

    Every method raises `errors.Temporary` for what passes by itself and `errors.AccessError` for sign-in and
    permission. What concerns one record only is a value, never an exception.
    """

    @property
    def batch(self) -> int:
        """The most writes that `write` takes in one call, by now: asked for before every one."""
        ...

    @property
    def calls(self) -> int:
        """API calls made so far through this port, as the vendor counts them against its quota."""
        ...

    def organisation(self) -> str:
        """The organisation's id (`Identity.organisation`), at no API call beyond signing in where that is possible."""
        ...

    def identify(self) -> Identity: ...

    def checks(self) -> Iterator[Check]:
        """What has to be true before a first sync: permissions, API access, no built-in CRM sync in the way."""
        ...

    def describe(self, object: str) -> Schema:
        """The object's fields, asked for afresh. Raises `ports.Unavailable` where this system has no such object."""
        ...

    def recall(self, schema: Schema) -> None:
        """Go by this earlier answer of `describe`; a field that is gone since makes a later call an AccessError."""
        ...

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        """Every record of the selected objects that may have changed since `cursor` (None: every record there is).

        Feeds overlap on purpose: reading a record again is harmless, missing one is not. The cursor of a page may be
        stored as soon as that page is; a feed that is cut off goes on from there. The last page's cursor is where the
        next cycle begins. A feed with nothing to tell still yields one empty page. Raises `ports.CursorExpired` when
        the vendor no longer keeps what lies behind the cursor.
        """
        ...

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        """What these records hold now; every id is answered for."""
        ...

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        """The records whose `field` is the same as one of the values (case-insensitively for e-mail)."""
        ...

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        """Send one batch (at most `batch` writes) and read back `fields`; one outcome per write, matched by `ref`.

        Raises `errors.OutcomeUnknown` if the batch was sent and its answer lost.
        """
        ...

    def create_field(self, object: str, field: Field) -> None:
        """Create a custom field, where the system lets mksync do so (Marketo only, on the admin's word)."""
        ...


class Unavailable(Exception):  # noqa: N818 - a situation of one object; the others go on
    """This system has no such object, or the sync user may not use it. `reason` says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy

    @property
    def told(self) -> str:
        """Reason and remedy in one line."""
        return f"{self.reason}; {self.remedy}".rstrip("; ")


class Misuse(Exception):  # noqa: N818 - never a situation
    """A port was called as its protocol does not allow: a mistake of the caller's, which nothing was sent for."""


class CursorExpired(Exception):  # noqa: N818 - a situation of the feed, answered by a full read
    """The change feed does not reach back to this cursor any more; read everything afresh."""


class Vendor(Protocol):
    """A folder under `vendors/` (or another package's entry point in `mksync.systems`)."""

    name: str  # "marketo", "salesforce": how mksync.toml calls it
    title: str  # "Marketo", "Salesforce": how people call it
    catalogue: Mapping[str, Catalogue]
    # What `init` asks for: keys of this vendor's table, in the order they are asked and written, each with the question
    # to an admin, and an example of the answer in brackets.
    questions: Mapping[str, str]

    def settings(self, table: Mapping[str, object], where: str) -> object:
        """Check this vendor's table of mksync.toml; raise `errors.ConfigError` naming the key in `where`."""
        ...

    def open(self, settings: object, clock: Clock) -> Port: ...


TOKENS = "tokens"  # the file that tokens are kept in between runs


@dataclass(frozen=True, slots=True)
class Beside:
    """Where the processes of one project leave things for each other: files that begin as the mirror's path does."""

    mirror: Path
    keep_tokens: bool = True  # for the next run

    def file(self, name: str) -> Path:
        return self.mirror.with_name(f"{self.mirror.name}.{name}")


@runtime_checkable
class Shares(Protocol):
    """The folder of a vendor whose ports share with other processes of their project what can be shared."""

    def open_beside(self, settings: object, clock: Clock, beside: Beside) -> Port:
        """As `Vendor.open`."""
        ...
