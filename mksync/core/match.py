"""Which person an unlinked CRM record belongs to. A match has to be unique on both sides; it is never guessed."""

from collections.abc import Iterable, Sequence

from mksync.core.frozen import dataclass
from mksync.core.records import Ref

KEY = "key"  # the step by cross-id: the person names this very CRM record


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one step finds for an unlinked CRM record.

    by: the step ("key", "e-mail", a configured field). value: what was looked for. people: ids of the persons that hold
    it and are free to be linked. rivals: the other CRM records, of any object, that hold it too.
    """

    record: Ref
    by: str
    value: str
    people: tuple[str, ...]
    rivals: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """The record belongs to this person."""

    person: str
    by: str


@dataclass(frozen=True, slots=True)
class New:
    """Nobody holds any of the values: the record's person is to be created."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one pairing is possible at this step; a human decides. `reason` is a plain sentence."""

    by: str
    value: str
    people: tuple[str, ...]
    rivals: tuple[Ref, ...]
    reason: str


Match = Matched | New | Ambiguous


def judge(candidates: Iterable[Candidate]) -> Match:
    """Judge what the steps found, given in their order. The first step that finds anybody decides."""
    for candidate in candidates:
        if candidate.people or candidate.rivals:
            return _judge_step(candidate)
    return New()


def _judge_step(candidate: Candidate) -> Matched | Ambiguous:
    people, rivals = candidate.people, candidate.rivals
    if len(people) == 1 and (candidate.by == KEY or not rivals):
        return Matched(people[0], candidate.by)
    return Ambiguous(candidate.by, candidate.value, people, rivals, _reason(candidate))


def _reason(candidate: Candidate) -> str:
    return f"{_tie(candidate)}: {', '.join(_names(candidate.people, candidate.rivals))}"


def _names(people: Sequence[str], rivals: Sequence[Ref]) -> list[str]:
    return [*(f"person {id}" for id in people), *(f"{ref.object} {ref.id}" for ref in rivals)]


def _tie(candidate: Candidate) -> str:
    what = f"{candidate.by} {candidate.value!r}"
    people = _count(len(candidate.people), "person", "people")
    if not candidate.rivals:
        return f"{people} in Marketo hold the {what}"
    rivals = _count(len(candidate.rivals), "other CRM record", "other CRM records")
    verb = "holds" if len(candidate.rivals) == 1 else "hold"
    if not candidate.people:
        return f"{rivals} without a person {verb} the {what} too"
    return f"{people} in Marketo and {rivals} hold the {what} too"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
