"""The words of the design as types: sides, fields, records, writes and their outcomes. Plain frozen data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from mksync.core.frozen import dataclass

T = TypeVar("T")
U = TypeVar("U")

PERSON = "person"  # what Marketo's port calls the object that leads and contacts become

# A canonical value. Text is trimmed and NFC, empty is None; decimals are plain decimal text ("1500", "0.5"); dates are
# "YYYY-MM-DD"; instants "YYYY-MM-DDThh:mm:ssZ"; multi-selects their distinct values, sorted and joined with ";".
Value = str | int | bool | None


class Side(StrEnum):
    """One of the two systems of a project."""

    MARKETO = "marketo"
    CRM = "crm"

    @property
    def other(self) -> "Side":
        return Side.CRM if self is Side.MARKETO else Side.MARKETO


SIDES = tuple(Side)  # to go through an enum takes four times as long


@dataclass(frozen=True, slots=True)
class Sides(Generic[T]):
    """One thing per side, addressed by the side as data, so that no rule is written twice."""

    marketo: T
    crm: T

    def __getitem__(self, side: Side) -> T:
        return self.marketo if side is Side.MARKETO else self.crm

    def map(self, change: Callable[[T], U]) -> "Sides[U]":
        return Sides(change(self.marketo), change(self.crm))

    def swapped(self) -> "Sides[T]":
        return Sides(self.crm, self.marketo)


class FieldType(StrEnum):
    """What a field's values mean, whatever a vendor calls it. Decides what "the same" is (`core.values`)."""

    TEXT = "text"
    TEXTAREA = "textarea"  # several lines; line ends compare as \n
    EMAIL = "email"  # compares case-folded, keeps the case as written
    PHONE = "phone"
    URL = "url"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"  # a set
    REFERENCE = "reference"  # another record's id
    BOOLEAN = "boolean"  # empty means false, but in the column of the sync filter
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True)
class Field:
    """A field as the sync user sees it. A field the user may not read is not described at all."""

    name: str
    label: str
    type: FieldType
    vendor_type: str = ""
    length: int | None = None  # characters; None: no limit known
    scale: int | None = None  # decimals only: digits after the point that the vendor keeps
    creatable: bool = True
    writable: bool = True  # may be set on an existing record
    required: bool = False  # a record without it is refused
    custom: bool = False
    choices: tuple[str, ...] = ()
    default: bool | None = None  # yes/no fields: what a new record holds, where the vendor tells
    searchable: bool = False  # a record can be looked up by it
    number: int | None = None  # the vendor's own number of the field, where its change feed names fields so
    references: tuple[str, ...] = ()  # objects whose ids a reference may hold, in mksync's words: "account", "user"
    calculated: bool = False  # worked out by the system from other values; it changes without moving any stamp
    owner: str = ""  # the object that really holds the value, where this one only shows it: "company" of a person
    restricted: bool = False  # nothing but its choices is taken
    byte_length: int | None = None  # the limit in bytes of UTF-8, where the vendor counts those
    lowest: str | None = None  # numbers: the least and the most that it takes, as decimal text
    highest: str | None = None
    codes: tuple[str, ...] = ()  # other names that its choices go by when they are written
    bmp: bool = False  # a text may be cut off at the first character beyond the Basic Multilingual Plane
    first_of: tuple[str, ...] = ()  # mksync's own: the fields whose first value that is set is its value


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of one object that the sync user can read.

    `id`: the field that holds a record's own id. `dedupe`: the fields, all of them together, that a new record is
    recognised by. Empty where the port does not tell.
    """

    object: str
    label: str
    fields: Mapping[str, Field]
    id: str = ""
    dedupe: tuple[str, ...] = ()
    unavailable: str = ""  # why this system has no such object for the sync user, and what to do about it


@dataclass(frozen=True, slots=True)
class Identity:
    """Which organisation a port is connected to, and as whom."""

    system: str  # "Marketo", "Salesforce"
    organisation: str  # the vendor's own id of the instance or organisation; what a mirror is pinned to
    name: str  # what an admin calls it
    user: str  # the sync user


@dataclass(frozen=True, slots=True)
class Check:
    """One thing `init` looks at before anything is set up."""

    name: str
    passed: bool
    finding: str
    remedy: str = ""
    exit_code: int = 8


@dataclass(frozen=True, slots=True)
class Ref:
    """A record's name on its side."""

    object: str
    id: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record as its side holds it now, in canonical values, for the fields that were asked for."""

    object: str
    id: str
    values: Mapping[str, Value]
    version: str | None = None  # what a conditional write has to name; None where the vendor has none


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that is no longer there to be written."""

    object: str
    id: str
    reason: Literal["deleted", "merged", "converted"]
    into: Ref | None = None  # the survivor of a merge, the contact of a converted lead


@dataclass(frozen=True, slots=True)
class Lookup:
    """What to look for of one object: these records, and those whose `field` is the same as one of the values."""

    object: str
    fields: Sequence[str]  # to read
    ids: Sequence[str] = ()
    field: str = ""
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Logged:
    """A canonical value as a change log tells it, which may be less than what the field held."""

    value: Value
    cut: bool = False  # perhaps its beginning only
    doubt: int = 0  # seconds by which a time may be off, as its zone is not told

    @property
    def whole(self) -> bool:
        """Whether this is the very value."""
        return not self.cut and not self.doubt


@dataclass(frozen=True, slots=True)
class Replaced:
    """One entry of a side's own change log: a field of a record held `old`, and `new` since."""

    object: str
    id: str
    field: str | None  # None: the record was merged, and any of its fields may have taken another value
    entry: str  # the log's own name of the entry: an entry that is told twice is one
    at: float  # by the side's own clock
    old: Logged = Logged(None)
    new: Logged = Logged(None)
    by_api: bool = True  # whether it may be a write of mksync's


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a change feed: what to fold into the mirror together with the cursor that follows it.

    `replaced`: what was written over, where the side cannot guard a write and its log tells.
    `notes`: what an admin may want to know of how it was read.
    """

    records: Sequence[Record] = ()
    gone: Sequence[Gone] = ()
    cursor: str = ""  # opaque; where to go on after this page
    full: bool = False  # part of a first or full read, not of a change feed
    replaced: Sequence[Replaced] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One sparse write. `id` None creates the record; `token` is then the cross-id that a retry finds it by.

    Where the schema names `dedupe` fields, their values stand for the token. `delete`: remove the record of this `id`.
    """

    ref: int  # ours, to match the outcome by
    object: str
    id: str | None
    values: Mapping[str, Value]
    version: str | None = None
    token: str | None = None
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a vendor refused a record: its own words, a plain cause, and what to do about it."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    cause: str = ""
    remedy: str = ""
    passing: bool = False  # passes by itself (a lock): the next cycle tries again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one write.

    written: the record now holds `record.values` (read back, also where the server reformatted what was sent); None
    after a delete.
    refused: nothing was written; `refusal` says why.
    moved: somebody edited the record since it was read; nothing was written; it is read and judged again.
    gone: the record is no longer there.
    unread: `record` is what the write was to make of it, and not what was read back.
    """

    ref: int
    kind: Literal["written", "refused", "moved", "gone"]
    record: Record | None = None
    refusal: Refusal | None = None
    created: bool = False
    unread: bool = False


Selection = Mapping[str, Sequence[str]]  # object -> names of the fields to read


@dataclass(frozen=True, slots=True)
class DefaultPair:
    """A field pair that a CRM's catalogue proposes: names on both sides and which way it may flow."""

    crm: str
    marketo: str
    direction: str = "both"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a CRM's folder knows about an object beyond its metadata."""

    object: str  # "lead", "contact", "account"
    label: str  # "Lead"
    key: str = "Id"  # the field that holds a record's own id; Marketo's cross-id is filled from it
    pairs: tuple[DefaultPair, ...] = ()
    not_offered: Mapping[str, str] = field(default_factory=dict)  # standard field -> why it is of no use
    filter: str | None = None  # the yes/no column that the CRM's records are filtered by, if the organisation has it
    counterpart: str = PERSON  # Marketo's object: also "company", "salesperson", "opportunity", "role"
    one_way: bool = False  # only ever read: the CRM's values go to Marketo, never the other way
    created: str = ""  # the fields that say when a record was made, and last changed
    updated: str = ""
    owner: str = ""  # the field that names who owns a record
    pushed: bool = True  # push-person brings a record that is there into step at once; else only if the admin insists
    ties: tuple[DefaultPair, ...] = ()  # lead to another object's records: they come along as soon as that one syncs
    opt_outs: frozenset[str] = frozenset()  # yes/no fields whose yes says: do not contact me

    def is_opt_out(self, crm: str, marketo: str) -> bool:
        """Whether a yes in this pair says not to be contacted, going by either field."""
        usual = {pair.marketo for pair in self.pairs if pair.crm in self.opt_outs}
        return crm in self.opt_outs or marketo in usual
