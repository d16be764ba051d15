"""What a cycle did, or would do, as data. Every face renders these; none of them prints, nor asks the engine again.

The rows of an `ObjectReport` are the first ones only, so that a report of a million changes stays small; the totals
beside them count them all.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from mksync.core.frozen import dataclass
from mksync.core.quota import Quota
from mksync.core.records import Identity, Side, Sides, Value

PEOPLE = ("lead", "contact")  # the objects whose records are people in Marketo

State = Literal["planned", "written", "refused", "moved"]


@dataclass(frozen=True, slots=True)
class RecordName:
    """Which record a row speaks of, on both sides, and how people call it."""

    object: str  # the CRM's object: "lead", "contact"
    id: str | None  # of the CRM record; None: it has none yet
    person_id: str | None  # of the person in Marketo; None: not linked, or not created yet
    label: str  # "Ana Ruiz <ana@example.com>"; empty if neither name nor e-mail is selected

    @property
    def is_person(self) -> bool:
        """Whether Marketo keeps it as a person, and not as a company, an opportunity …"""
        return self.object in PEOPLE

    @property
    def in_marketo(self) -> str | None:
        """How to find it in Marketo; None if it is not there."""
        if self.person_id is None:
            return None
        return f"person {self.person_id}" if self.is_person else f"Marketo {self.person_id}"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record that is written to `to`."""

    object: str
    record: RecordName
    field: str  # Marketo's name
    crm_field: str
    was: Value  # what `to` holds before the write
    now: Value
    to: Side
    kind: str  # "changed", "created", "filled", "initial", "collision"
    state: State


@dataclass(frozen=True, slots=True)
class Collision:
    """A field that both sides changed, or that differed when they were linked: one of the two values loses."""

    record: RecordName
    field: str  # Marketo's name
    crm_field: str
    marketo: Value
    crm: Value
    base_marketo: Value
    base_crm: Value
    winner: Side | None  # None: nobody, it is held
    rule: str  # the policy that decided, in words
    kind: str = "collision"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A write that a side refused, with its own words and what to do about it."""

    record: RecordName
    to: Side
    fields: tuple[str, ...]  # as `to` calls them; empty: the vendor did not say
    code: str
    message: str  # the vendor's own
    cause: str
    remedy: str
    since: str  # when it was refused first: an instant, "" if that is now
    tries: int = 1  # cycles that met this refusal


@dataclass(frozen=True, slots=True)
class Held:
    """A difference left for a human. `field` None: the whole record, as with an ambiguous match."""

    record: RecordName
    field: str | None
    reason: str
    marketo: Value
    crm: Value
    remedy: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a link without any write.

    kind: the filter froze it ("filtered") or let it go on ("sync started"); or one of `core.lives`. survivor: the id of
    the record that took over, of a merge or a conversion.
    """

    record: RecordName
    kind: str
    survivor: str = ""


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """One object's part of a cycle. `created` and `updated` count records, the totals count rows."""

    object: str
    label: str  # "Lead"
    created: int = 0
    updated: int = 0
    changes: tuple[Change, ...] = ()
    changes_total: int = 0
    collisions: tuple[Collision, ...] = ()
    collisions_total: int = 0  # without first differences
    initial_total: int = 0  # first differences: values that differed when two records were linked
    rejected: tuple[Rejected, ...] = ()
    rejected_total: int = 0
    held: tuple[Held, ...] = ()
    held_total: int = 0
    filtered: tuple[RecordName, ...] = ()  # links that were frozen, as the CRM's filter says No since
    filtered_total: int = 0
    started: tuple[RecordName, ...] = ()  # frozen links that take up again
    started_total: int = 0
    lives: tuple[Event, ...] = ()  # what became of linked records: deleted, undeleted, merged, converted
    lives_total: Mapping[str, int] = field(default_factory=dict)  # by kind
    orphans: tuple[RecordName, ...] = ()  # opportunities without a role that leads to a person in Marketo
    orphans_total: int = 0
    orphans_changed: bool = False  # since the last cycle

    @property
    def quiet(self) -> bool:
        """Nothing was written, nothing lost, nothing left over."""
        return not (
            self.created or self.updated or self.changes_total or self.collisions_total or self.initial_total
            or self.rejected_total or self.held_total or self.filtered_total or self.started_total
            or self.lives_total or self.orphans_changed
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunReport:
    """One cycle. `dry`: everything below is what would have been done."""

    cycle: int
    dry: bool
    started: str  # instants, "YYYY-MM-DDThh:mm:ssZ"
    finished: str
    objects: tuple[ObjectReport, ...]
    calls: Mapping[str, int]  # system title -> API calls made
    warnings: tuple[str, ...] = ()
    exit_code: int = 0
    notes: tuple[str, ...] = ()  # worth knowing, and nothing to do about
    quota: Mapping[str, Quota] = field(
        default_factory=dict
    )  # of the systems whose limit is known, as they told it last

    @property
    def quiet(self) -> bool:
        """Nothing happened, and there is nothing to tell."""
        return not self.warnings and not self.notes and all(report.quiet for report in self.objects)


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What `init` found: who is linked, who is not, and what the first cycle would do."""

    identities: Sides[Identity]
    linked: Mapping[str, int]  # object -> links
    only_marketo: int  # people whom the CRM does not know: they stay there
    first_cycle: RunReport
    left_out: Mapping[str, int] = field(default_factory=dict)  # object -> records whose filter says No
