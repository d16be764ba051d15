"""What `decide` can answer about one field of one link."""

from enum import StrEnum

from mksync.core.frozen import dataclass
from mksync.core.records import Side, Value


class Kind(StrEnum):
    """What the two bases and the two values amount to."""

    IN_SYNC = "in sync"  # nobody changed it, and it is the same
    STANDING = "standing"  # it differs, and nothing can or need be done: settled so, or the receiving field is closed
    ONE_SIDED = "one-sided"  # one side changed it: the change flows
    AGREED = "agreed"  # changed, and now the same
    COLLISION = "collision"  # both sides changed it, to values that are not the same
    OVERRULED = "overruled"  # a one-way field edited on its receiving side: the source's value goes over it
    ADOPT = "adopt"  # compared for the first time: the same
    FILL = "fill"  # compared for the first time: one side is empty
    INITIAL = "initial"  # compared for the first time, or by a quick sync: different, and one value goes; no collision
    HELD = "held"  # a collision or first difference that the policy leaves for a human
    LATE = "late"  # an edit that a write of ours replaced unseen: it is written back to where it was made
    SUSPENDED = "suspended"  # a side does not show the field any more


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about one field of one link.

    write_to: the side to write, None for no write. value: what to write, already the image in that side's field.
    winner: the side whose value stands. rebase: both bases move to what the sides hold now, without a write.
    rule: why, in plain words.
    """

    kind: Kind
    write_to: Side | None = None
    value: Value = None
    winner: Side | None = None
    rebase: bool = False
    rule: str = ""

    @property
    def loser(self) -> Side | None:
        """The side whose value is somebody's own and is written over: what it holds now has to be kept in the log."""
        return self.write_to if self.kind in _OVERWRITES else None


_OVERWRITES = frozenset({Kind.COLLISION, Kind.OVERRULED, Kind.INITIAL})
