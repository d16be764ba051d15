"""What a plan amounts to, counted one decision at a time in flat memory. The brakes judge these numbers."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import field

from mksync.core.frozen import dataclass
from mksync.core.kinds import Decision, Kind
from mksync.core.pairs import FieldPair
from mksync.core.records import Side, Sides, Value

_FIRST = frozenset({Kind.FILL, Kind.INITIAL})


@dataclass(frozen=True, slots=True)
class Read:
    """A full read of one object of one side: how many records the mirror knew before, how many of these came back."""

    known: int
    seen: int


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How many records have one field changed on one side, and on how many of these from set to empty."""

    changed: int
    blanked: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a plan amounts to. Objects are those of the CRM; Marketo's own records are called "person".

    linked: live links per object. gone: records deleted whose links are live no more (merges and conversions move
    links and are not counted), per side and object. frozen: links that the filter would freeze, live no more. reads:
    full reads of this cycle. fields, records: settled fields that would change, per object, field and side written, and
    the records they are in. initial: records written on their first comparison. created: records to be created.
    """

    linked: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[tuple[Side, str], int] = field(default_factory=dict)
    reads: Mapping[tuple[Side, str], Read] = field(default_factory=dict)
    fields: Mapping[tuple[str, str, Side], FieldCount] = field(default_factory=dict)
    records: Mapping[tuple[str, Side], int] = field(default_factory=dict)
    initial: Mapping[tuple[str, Side], int] = field(default_factory=dict)
    created: Mapping[tuple[str, Side], int] = field(default_factory=dict)
    frozen: Mapping[str, int] = field(default_factory=dict)

    def links_of(self, object: str) -> int:
        """Links that records of this object have a part in: persons have a part in all of them."""
        return self.linked[object] if object in self.linked else sum(self.linked.values())

    def most_changed(self, object: str, side: Side) -> str:
        """The field that changes on the most records of an object, by name; "" if none does."""
        counts = {name: count.changed for (of, name, to), count in self.fields.items() if (of, to) == (object, side)}
        return max(sorted(counts), key=lambda name: counts[name], default="")


class TallyBuilder:
    """Counts a plan as it is made. Decisions come grouped by link, so that a record is counted once per side."""

    def __init__(self) -> None:
        self._linked: Counter[str] = Counter()
        self._gone: Counter[tuple[Side, str]] = Counter()
        self._reads: dict[tuple[Side, str], Read] = {}
        self._changed: Counter[tuple[str, str, Side]] = Counter()
        self._blanked: Counter[tuple[str, str, Side]] = Counter()
        self._records: Counter[tuple[str, Side]] = Counter()
        self._initial: Counter[tuple[str, Side]] = Counter()
        self._created: Counter[tuple[str, Side]] = Counter()
        self._frozen: Counter[str] = Counter()
        self._link: Hashable = None
        self._counted: set[tuple[bool, Side]] = set()  # of the link in hand: first comparison or not, side written

    def linked(self, object: str, number: int = 1) -> None:
        self._linked[object] += number

    def gone(self, side: Side, object: str, number: int = 1) -> None:
        self._gone[side, object] += number

    def read(self, side: Side, object: str, known: int, seen: int) -> None:
        self._reads[side, object] = Read(known, seen)

    def created(self, object: str, side: Side, number: int = 1) -> None:
        self._created[object, side] += number

    def froze(self, object: str) -> None:
        self._frozen[object] += 1

    def decided(self, link: Hashable, pair: FieldPair, decision: Decision, now: Sides[Value]) -> None:
        """Count one decision about a field of this link; `now` are the values it was made on."""
        side = decision.write_to
        if side is None:
            return
        first = decision.kind in _FIRST
        self._count_record(link, pair.object, side, first)
        if first:
            return
        self._changed[pair.object, pair.name, side] += 1
        if not _blank(now[side]) and _blank(decision.value):
            self._blanked[pair.object, pair.name, side] += 1

    def tally(self) -> Tally:
        fields = {key: FieldCount(changed, self._blanked[key]) for key, changed in self._changed.items()}
        return Tally(
            dict(self._linked),
            dict(self._gone),
            dict(self._reads),
            fields,
            dict(self._records),
            dict(self._initial),
            dict(self._created),
            dict(self._frozen),
        )

    def _count_record(self, link: Hashable, object: str, side: Side, first: bool) -> None:
        if link != self._link:
            self._link = link
            self._counted.clear()
        if (first, side) in self._counted:
            return
        self._counted.add((first, side))
        (self._initial if first else self._records)[object, side] += 1


def _blank(value: Value) -> bool:
    return value is None or value is False  # an unreadable checkbox looks unchecked
