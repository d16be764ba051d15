"""What `push-person` is asked for, and what became of everybody who was named. Plain frozen data."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from mksync.core.convert import ConvertReport
from mksync.core.frozen import dataclass
from mksync.core.records import Schema, Value
from mksync.core.report import RecordName, RunReport

As = Literal["lead", "contact"]

Kind = Literal[
    "created",  # the CRM had no record, and has one now
    "synced",  # both sides were brought into step
    "in step",  # there was nothing to do
    "background",  # there is a record, and this CRM's records are brought into step by the background sync only
    "filtered",  # the CRM's filter says No
    "deleted",  # the person's record was deleted in the CRM
    "several",  # more than one record of the CRM may be theirs, or one that is somebody else's
    "incomplete",  # the CRM needs a field that the person has nothing for
    "refused",  # the CRM, or Marketo, refused a write
    "held",  # something is left for a human
    "moved",  # somebody edited a record in the very moment
    "unknown",  # Marketo has nobody like that
    "ambiguous",  # several people have that address
    "merged",  # the person was merged into another one
    "left",  # the person is not in Marketo any more
]
WRONG: tuple[Kind, ...] = ("unknown", "ambiguous", "merged", "left")  # what was typed means nobody, or not one person
DONE: tuple[Kind, ...] = ("created", "synced", "in step")


@dataclass(frozen=True, slots=True)
class PushWish:
    """What an admin asked for. `owner`: an id in the CRM, or a user's e-mail address; empty: nothing about it.

    `force`: also a record that only the background sync brings into step. `recreate`: anew, where it was deleted.
    `defaults`: object -> the CRM's field -> what a new record gets where the person has nothing.
    """

    becomes: As = "lead"
    owner: str = ""
    force: bool = False
    recreate: bool = False
    dry: bool = False
    defaults: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one WHO. `message` says it in a sentence, `hint` what to type next."""

    who: str
    kind: Kind
    message: str
    hint: str = ""
    record: RecordName | None = None

    @property
    def exit_code(self) -> int:
        """2: type another WHO; 3: something is left."""
        if self.kind in WRONG:
            return 2
        return 0 if self.kind in DONE else 3


@dataclass(frozen=True, slots=True)
class PushReport:
    """`run`: what was written, as of any cycle. `converted`: leads that were made to become contacts."""

    people: Sequence[Told]
    run: RunReport
    converted: Sequence[ConvertReport] = ()

    @property
    def exit_code(self) -> int:
        """That of the run if it failed, else the lowest of those of the people that is not 0."""
        codes = {one.exit_code for one in self.people} | {one.exit_code for one in self.converted}
        return self.run.exit_code or min(codes - {0}, default=0)


Schemas = Mapping[str, Schema]  # of the CRM's objects
