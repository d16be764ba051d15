"""What a port or a vendor may be able to do beyond the protocol that all of them meet: asked for with isinstance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from mksync.core.activity import Entry
from mksync.core.convert import Account, Answer, Conversion, Converted, Convertible, Terms
from mksync.core.custom import CustomObject
from mksync.core.object_types import ObjectType
from mksync.core.quota import Quota, Rates
from mksync.core.records import (
    Catalogue,
    Gone,
    Lookup,
    Outcome,
    Record,
    Refusal,
    Schema,
    Write,
)
from mksync.ports import Unavailable


@runtime_checkable
class DescribesTogether(Protocol):
    """A port that describes several objects in fewer calls than each by itself."""

    def describe_together(self, objects: Sequence[str]) -> Mapping[str, Schema | Unavailable]:
        """As `describe` for each of them; an object that this system has not is answered for, and not raised."""
        ...


@runtime_checkable
class MakesObjects(Protocol):
    """A port whose system lets mksync create kinds of record, on the admin's word (Marketo only)."""

    def object_types(self) -> Iterator[ObjectType]:
        """The custom objects there are. Raises Unavailable."""
        ...

    def create_object(self, type: ObjectType) -> str:
        """Create and approve a custom object; the answer is its name, to which the vendor may have added.

        One of the same shape is left as it is; what was begun and interrupted is finished. Raises Unavailable, and
        `errors.ConfigError` if there is one of that name in another shape, or if the vendor refuses this one.
        """
        ...


@runtime_checkable
class KeepsActivities(Protocol):
    """A port whose people have an Activity Log that mksync may write into (Marketo only)."""

    def activity_type(self) -> str | None:
        """The number of mksync's own type of activity; None if there is none yet. Raises Unavailable."""
        ...

    def create_activity_type(self) -> str:
        """Create and approve that type, or finish what was begun; on the admin's word. The answer is its number.

        Raises Unavailable, and `errors.ConfigError` where the vendor refuses it or has another one of that name.
        """
        ...

    def may_log(self, type: str) -> None:
        """Raises Unavailable if entries may not be written."""
        ...

    def log_activities(self, type: str, entries: Sequence[Entry]) -> Sequence[Refusal | None]:
        """Write at most `batch` entries; one answer each, None for one that was written.

        Writing an entry again makes a second one. Raises `errors.OutcomeUnknown` if an answer was lost, Unavailable if
        nothing may be written.
        """
        ...

    def logged(self, type: str, people: Sequence[str], since: str) -> set[str]:
        """The references of the entries that these people's logs hold since then (an instant)."""
        ...


@runtime_checkable
class OffersCustomObjects(Protocol):
    """A CRM whose custom objects may be selected, one way."""

    def custom_objects(self) -> Sequence[CustomObject]:
        """Those that hang off a lead, a contact or an account, by one hop or two, and that the sync user may read.

        Also, without a path, what else becomes a custom object in Marketo: teams. In the order of their names. It costs
        some calls: for setting up, not for every cycle.
        """
        ...


@runtime_checkable
class LooksAtOnce(Protocol):
    """A CRM of which several objects can be asked for at once, and that also finds who went on as another record."""

    def look(self, lookups: Sequence[Lookup]) -> Iterator[Record | Gone]:
        """Every id is answered for. Who is found by a value and went on as another record comes twice: with the values
        it last held, and as `Gone`."""
        ...


class Converter(Protocol):
    """Makes a contact of a lead, on the admin's word."""

    terms: Terms

    def convertible(self, lead: str) -> Convertible | Gone:
        """What there is to choose before this lead is converted; or what became of it already."""
        ...

    def account(self, id: str) -> Account | None:
        """None where there is no such account, or the sync user may not see it."""
        ...

    def convert(self, order: Conversion) -> Answer:
        """Convert one lead. Never sent twice: raises `errors.OutcomeUnknown` if it was sent and its answer lost.

        Raises `errors.AccessError` where the sync user may not convert; then nothing was done.
        """
        ...

    def settle(self, order: Conversion) -> Converted | None:
        """What became of an order whose answer was lost: the lead is read again, and what is left of it is done.

        None: the lead was not converted.
        """
        ...


@runtime_checkable
class Converts(Protocol):
    """A CRM that lets others convert its leads."""

    @property
    def converter(self) -> Converter: ...


@runtime_checkable
class WritesUnread(Protocol):
    """A port whose system answers a write without what the record then holds: reading it back is a call of its own."""

    def write_unread(self, object: str, writes: Sequence[Write]) -> Iterator[Outcome]:
        """As `write`, for updates only, and of what was written no outcome has a `record`."""
        ...


@runtime_checkable
class TellsEdits(Protocol):
    """A system whose log tells how often a field was changed, though not reliably to what."""

    def edits(self, object: str, ids: Sequence[str], since: float) -> Mapping[tuple[str, str], int]:
        """(record, field) -> how often it was changed since then (seconds since the epoch), as far as the log tells."""
        ...


class Budget(Protocol):
    """How many calls of a day a system has left for mksync."""

    @property
    def quota(self) -> Quota | None:
        """As the system told it last, else as mksync.toml sets it; None: not known, or not yet."""
        ...

    @property
    def day_began(self) -> float:
        """When the day that calls are counted in began, in seconds since the epoch."""
        ...

    def spent(self, calls: int) -> None:
        """At least so many calls of this day were made, by earlier runs too."""
        ...

    def room(self, writes: int) -> int:
        """How many of so many writes can still be made."""
        ...

    def afford(self, writes: int) -> None:
        """Raises `errors.Temporary` if a batch of so many writes might cross the reserve."""
        ...


@runtime_checkable
class Budgeted(Protocol):
    """A port that keeps its calls within a daily budget."""

    @property
    def budget(self) -> Budget: ...

    def ask_usage(self) -> None:
        """Have the system tell how many calls of today are used, at one call, if it does so at all."""
        ...


@runtime_checkable
class KeepsTokens(Protocol):
    """A port that goes on with the token of an earlier run, and by what that run was told of its organisation."""

    def sign_in_anew(self) -> None:
        """Forget both, and sign in now."""
        ...


@runtime_checkable
class TellsRates(Protocol):
    """The folder of a vendor that knows what its client's calls bring."""

    rates: Rates

    def bounds(self, table: Mapping[str, object], where: str) -> tuple[int | None, float]:
        """`daily_calls` and `reserve` of its table, whose secrets may not be looked up. Raises as `Vendor.settings`."""
        ...


@runtime_checkable
class KnowsCustomObjects(Protocol):
    """The folder of a CRM whose ports offer custom objects."""

    def custom(self, object: str, label: str, counterpart: str) -> Catalogue:
        """What is known of a custom object by its name alone. `counterpart`: what Marketo calls it."""
        ...
