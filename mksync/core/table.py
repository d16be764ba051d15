"""The decision table as data: what `decide` answers in every case. The README publishes it, the tests prove it."""

from enum import StrEnum

from mksync.core.frozen import dataclass
from mksync.core.kinds import Kind
from mksync.core.pairs import NAMES, Direction, Policy
from mksync.core.records import Side, Sides, Value


class Seen(StrEnum):
    """What a field's bases and values amount to, before the rule is asked. Exactly one holds for any field."""

    UNCHANGED_SAME = "neither side changed, the same"
    UNCHANGED_DIFFERS = "neither side changed, they differ"
    CHANGED_SAME = "one side or both changed, now the same"
    MARKETO_CHANGED = "only Marketo changed"
    CRM_CHANGED = "only the CRM changed"
    BOTH_CHANGED = "both changed, they differ"
    FIRST_SAME = "first comparison, the same"
    FIRST_CRM_EMPTY = "first comparison, the CRM's is empty"
    FIRST_MARKETO_EMPTY = "first comparison, Marketo's is empty"
    FIRST_DIFFERS = "first comparison, both set, they differ"
    QUICK_SAME = "quick sync, the same"
    QUICK_CRM_EMPTY = "quick sync, the CRM's is empty"
    QUICK_MARKETO_EMPTY = "quick sync, Marketo's is empty"
    QUICK_DIFFERS = "quick sync, both set, they differ"
    LEFT_OUT = "quick sync, a record outside its range"
    EMPTIED = "first comparison again, as its write did not arrive, and one side was emptied since"
    CLOSED = "any case that writes, but the sync user cannot write that field"
    HIDDEN = "a side no longer shows the field"


BOTH_WAYS = (Direction.BOTH,)
TO_MARKETO = (Direction.TO_MARKETO,)
TO_CRM = (Direction.TO_CRM,)
MAY_REACH_MARKETO = (Direction.BOTH, Direction.TO_MARKETO)
MAY_REACH_CRM = (Direction.BOTH, Direction.TO_CRM)


@dataclass(frozen=True, slots=True)
class Case:
    """One row: what is seen, under which directions and policies, and what `decide` then answers.

    `winner` is the side whose value is written to the other one; None: nothing is written, or, if `true_wins`, the side
    that holds true. `rebase`: both bases move to what the sides hold.
    """

    seen: Seen
    kind: Kind
    winner: Side | None = None
    directions: tuple[Direction, ...] = tuple(Direction)
    policies: tuple[Policy, ...] = tuple(Policy)
    rebase: bool = False
    true_wins: bool = False

    @property
    def name(self) -> str:
        return f"{self.seen}; {_any_of(self.directions)}; {_any_of(self.policies)}"

    @property
    def writes(self) -> bool:
        return self.true_wins or self.winner is not None

    def won_by(self, now: Sides[Value]) -> Side | None:
        """Whose value is written, when both sides hold this."""
        if self.true_wins:
            return Side.MARKETO if now.marketo else Side.CRM
        return self.winner


MARKETO, CRM = Side.MARKETO, Side.CRM
MARKETO_WINS, CRM_WINS, HOLD, STICKY = (Policy.MARKETO,), (Policy.CRM,), (Policy.HOLD,), (Policy.STICKY_TRUE,)


def _contested(seen: Seen, kind: Kind) -> tuple[Case, ...]:
    """Where both sides have a say: a one-way pair's source wins; otherwise the policy decides, or holds."""
    return (
        Case(seen, kind, MARKETO, BOTH_WAYS, MARKETO_WINS),
        Case(seen, kind, CRM, BOTH_WAYS, CRM_WINS),
        Case(seen, Kind.HELD, None, BOTH_WAYS, HOLD),
        Case(seen, kind, None, BOTH_WAYS, STICKY, true_wins=True),
        Case(seen, kind, CRM, TO_MARKETO),
        Case(seen, kind, MARKETO, TO_CRM),
    )


TABLE: tuple[Case, ...] = (
    Case(Seen.UNCHANGED_SAME, Kind.IN_SYNC),
    Case(Seen.UNCHANGED_DIFFERS, Kind.STANDING),
    Case(Seen.CHANGED_SAME, Kind.AGREED, rebase=True),
    Case(Seen.MARKETO_CHANGED, Kind.ONE_SIDED, MARKETO, MAY_REACH_CRM),
    Case(Seen.MARKETO_CHANGED, Kind.OVERRULED, CRM, TO_MARKETO),
    Case(Seen.CRM_CHANGED, Kind.ONE_SIDED, CRM, MAY_REACH_MARKETO),
    Case(Seen.CRM_CHANGED, Kind.OVERRULED, MARKETO, TO_CRM),
    *_contested(Seen.BOTH_CHANGED, Kind.COLLISION),
    Case(Seen.FIRST_SAME, Kind.ADOPT, rebase=True),
    Case(Seen.FIRST_CRM_EMPTY, Kind.FILL, MARKETO, MAY_REACH_CRM),
    Case(Seen.FIRST_CRM_EMPTY, Kind.STANDING, None, TO_MARKETO, rebase=True),
    Case(Seen.FIRST_MARKETO_EMPTY, Kind.FILL, CRM, MAY_REACH_MARKETO),
    Case(Seen.FIRST_MARKETO_EMPTY, Kind.STANDING, None, TO_CRM, rebase=True),
    *_contested(Seen.FIRST_DIFFERS, Kind.INITIAL),
    Case(Seen.QUICK_SAME, Kind.ADOPT, rebase=True),
    Case(Seen.QUICK_CRM_EMPTY, Kind.INITIAL, CRM, BOTH_WAYS, MARKETO_WINS + CRM_WINS),
    Case(Seen.QUICK_CRM_EMPTY, Kind.HELD, None, BOTH_WAYS, HOLD),
    Case(Seen.QUICK_CRM_EMPTY, Kind.FILL, MARKETO, BOTH_WAYS, STICKY),
    Case(Seen.QUICK_CRM_EMPTY, Kind.INITIAL, CRM, TO_MARKETO),
    Case(Seen.QUICK_CRM_EMPTY, Kind.FILL, MARKETO, TO_CRM),
    Case(Seen.QUICK_MARKETO_EMPTY, Kind.FILL, CRM, MAY_REACH_MARKETO),
    Case(Seen.QUICK_MARKETO_EMPTY, Kind.INITIAL, MARKETO, TO_CRM),
    Case(Seen.QUICK_DIFFERS, Kind.INITIAL, CRM, BOTH_WAYS, MARKETO_WINS + CRM_WINS),
    Case(Seen.QUICK_DIFFERS, Kind.HELD, None, BOTH_WAYS, HOLD),
    Case(Seen.QUICK_DIFFERS, Kind.INITIAL, None, BOTH_WAYS, STICKY, true_wins=True),
    Case(Seen.QUICK_DIFFERS, Kind.INITIAL, CRM, TO_MARKETO),
    Case(Seen.QUICK_DIFFERS, Kind.INITIAL, MARKETO, TO_CRM),
    Case(Seen.LEFT_OUT, Kind.STANDING, rebase=True),
    *_contested(Seen.EMPTIED, Kind.COLLISION),
    Case(Seen.CLOSED, Kind.STANDING),
    Case(Seen.HIDDEN, Kind.SUSPENDED),
)


def render_table() -> str:
    """The table in Markdown, as the README publishes it; ends with a newline."""
    head = ["What is seen", "Direction", "Policy", "Decision", "What is done"]
    rows = [head, ["---"] * len(head), *([*_conditions(case), case.kind.value, _done(case)] for case in TABLE)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _conditions(case: Case) -> list[str]:
    return [case.seen.value, _any_of(case.directions), _any_of(case.policies)]


def _any_of(words: tuple[Direction, ...] | tuple[Policy, ...]) -> str:
    return "any" if len(words) == len(type(words[0])) else " or ".join(words)


def _done(case: Case) -> str:
    if case.true_wins:
        return "true is written to the side that says false"
    if case.winner:
        return f"{NAMES[case.winner]}'s value is written to {NAMES[case.winner.other]}"
    return "nothing is written; settled as it is" if case.rebase else "nothing"
