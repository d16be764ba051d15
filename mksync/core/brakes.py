"""Brakes: a plan is judged as a whole before its first write, by what it amounts to, and refused if suspicious."""

from collections.abc import Iterator

from mksync.core.frozen import dataclass
from mksync.core.pairs import NAMES
from mksync.core.records import Sides
from mksync.core.tally import Tally


@dataclass(frozen=True, slots=True)
class Limits:
    """From which share (0 to 1) on a plan is suspicious; a brake needs more than the share.

    changed_share: of an object's links, written towards one side. blanked_share: of an object's links, one field going
    from set to empty. emptied_share: of the records known, missing from a full read or gone, or of an object's links
    frozen by the filter. least: fewer records than this never apply a brake, whatever share they are.
    """

    changed_share: float = 0.25
    blanked_share: float = 0.1
    emptied_share: float = 0.5
    least: int = 25

    def exceeded(self, number: int, of: int, share: float) -> bool:
        return number >= self.least and number > share * of


@dataclass(frozen=True, slots=True)
class Brake:
    """Why a plan is refused. `number` is what `--confirm N` has to repeat to let this plan pass.

    All brakes of one plan ask for the same number, the largest that any of them counted: one word lets a plan pass.
    """

    name: str
    message: str
    number: int
    hint: str


@dataclass(frozen=True, slots=True)
class _Finding:
    name: str
    message: str
    number: int
    advice: str


def judge(tally: Tally, limits: Limits, labels: Sides[str] = NAMES) -> list[Brake]:
    """Every brake that the plan applies, worst first; empty if it may run. `labels` are what people call the sides."""
    rules = (_emptied, _gone, _frozen, _blanked, _changed)
    found = [finding for rule in rules for finding in rule(tally, limits, labels)]
    number = max((finding.number for finding in found), default=0)
    return [_brake(finding, number) for finding in found]


def _emptied(tally: Tally, limits: Limits, labels: Sides[str]) -> Iterator[_Finding]:
    for (side, object), read in sorted(tally.reads.items()):
        missing = read.known - read.seen
        if limits.exceeded(missing, read.known, limits.emptied_share):
            message = f"a full read of {labels[side]} returned {_of(read.seen, read.known)} known {object} records"
            yield _Finding("emptied", message, missing, f"check the sync user's access to {labels[side]}")


def _gone(tally: Tally, limits: Limits, labels: Sides[str]) -> Iterator[_Finding]:
    for (side, object), number in sorted(tally.gone.items()):
        linked = tally.links_of(object) + number
        if limits.exceeded(number, linked, limits.emptied_share):
            message = f"{_of(number, linked)} linked {object} records were deleted in {labels[side]}"
            yield _Finding("gone", message, number, f"find out what was deleted in {labels[side]}, and by whom")


def _frozen(tally: Tally, limits: Limits, labels: Sides[str]) -> Iterator[_Finding]:
    for object, number in sorted(tally.frozen.items()):
        linked = tally.linked.get(object, 0) + number
        if limits.exceeded(number, linked, limits.emptied_share):
            message = f"{_of(number, linked)} linked {object}s would be frozen by the filter"
            yield _Finding("frozen", message, number, f"find out what set the filter to No in {labels.crm}")


def _blanked(tally: Tally, limits: Limits, labels: Sides[str]) -> Iterator[_Finding]:
    for (object, field, side), count in sorted(tally.fields.items()):
        linked = tally.linked.get(object, 0)
        if limits.exceeded(count.blanked, linked, limits.blanked_share):
            message = (
                f"{object}.{field} would be emptied in {labels[side]} on {_of(count.blanked, linked)} linked records"
            )
            hint = f"look whether the sync user can still read the field in {labels[side.other]}"
            yield _Finding("blanked", message, count.blanked, hint)


def _changed(tally: Tally, limits: Limits, labels: Sides[str]) -> Iterator[_Finding]:
    for (object, side), number in sorted(tally.records.items()):
        linked = tally.linked.get(object, 0)
        if limits.exceeded(number, linked, limits.changed_share):
            most = tally.most_changed(object, side)
            message = f"{_of(number, linked)} linked {object} records would be changed in {labels[side]}"
            message += f", most of them in {most}" if most else ""
            yield _Finding("changed", message, number, f"look for a bulk edit or an import in {labels[side.other]}")


def _brake(finding: _Finding, number: int) -> Brake:
    hint = f"{finding.advice}; if this is meant, run again with --confirm {number}"
    return Brake(finding.name, finding.message, number, hint)


def _of(number: int, total: int) -> str:
    return f"{number:,} of {total:,}"
