"""What `mksync verify` finds: where the two systems differ, and which of it the mirror accounts for. Plain data."""

from collections.abc import Mapping

from mksync.core.frozen import dataclass
from mksync.core.records import Side, Value
from mksync.core.report import RecordName

DIFFERS = "differs"
STANDING = "standing"  # the pair flows one way and its source is empty: nothing was to be taken over


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that the two sides do not hold the same, or with `field` None a record that only one side has."""

    record: RecordName
    field: str | None  # Marketo's name
    crm_field: str
    marketo: Value
    crm: Value
    reason: str
    edited: tuple[Side, ...] = ()  # the sides that hold something else than when the last cycle read them


@dataclass(frozen=True, slots=True)
class ObjectVerdict:
    """One object's part. `accounted` counts what differs and is listed: "rejected", "held", "filtered" …"""

    object: str
    label: str
    compared: int = 0  # records of the CRM that were held beside their counterpart in Marketo
    fields: int = 0  # pairs of values that were compared
    differences: tuple[Difference, ...] = ()
    differences_total: int = 0
    edited_total: int = 0  # of these, what somebody edited since the last cycle
    accounted: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Both sides, read afresh. `sample`: so many records of each object, chosen by chance; None: all of them."""

    objects: tuple[ObjectVerdict, ...]
    sample: int | None
    suspended: tuple[str, ...]  # "lead.rating": pairs that rest, and are not compared
    calls: Mapping[str, int]
    warnings: tuple[str, ...] = ()

    @property
    def differences(self) -> int:
        return sum(part.differences_total for part in self.objects)
