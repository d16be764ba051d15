"""What a write really replaced, by what the side's own log tells: in any order, and never concluded from one entry."""

from itertools import permutations

import pytest

from mksync.core.late import Entry, Window, told, winner
from mksync.core.pairs import Direction, Policy
from mksync.core.records import FieldType, Logged, Replaced, Side, Sides, Value

from .samples import a_pair

WRITE = Window(3, was="was", sent="sent", holds="sent")


def entry(old: Value, new: Value, *, at: int = 0, after: int = 4, by_api: bool = True, used: bool = False) -> Entry:
    name = f"{old}-{new}-{at}"
    return Entry(after, Replaced("person", "1", "title", name, at, Logged(old), Logged(new), by_api), used)


def late(entries: list[Entry], window: Window = WRITE, type: FieldType = FieldType.TEXT) -> list[Value]:
    """The edits that were written over."""
    return [one.entry.replaced.old.value for one in told(type, [window], entries) if one.late]


def known(entries: list[Entry], window: Window = WRITE) -> int:
    """How many entries are known to be the write's own."""
    return len(list(told(FieldType.TEXT, [window], entries)))


def test_a_write_that_replaced_what_was_read_replaced_nobodys_edit() -> None:
    assert (late([entry("was", "sent")]), known([entry("was", "sent")])) == ([], 1)


def test_what_a_write_replaced_is_an_edit_if_the_log_tells_how_it_came() -> None:
    steps = [entry("was", "edit"), entry("edit", "sent", at=1)]
    assert [late(list(some)) for some in permutations(steps)] == [["edit"]] * 2


def test_several_edits_leave_the_last_one() -> None:
    assert late([entry("was", "a"), entry("a", "b", at=1), entry("b", "sent", at=2)]) == ["b"]


def test_nothing_is_concluded_before_the_log_has_told_how_it_came() -> None:
    assert known([entry("edit", "sent")]) == 0
    assert known([entry("strange", "edit"), entry("edit", "sent", at=1)]) == 0


def test_edits_after_the_write_are_none_of_its_own_also_while_its_entry_is_not_told() -> None:
    after = [entry("sent", "after", at=1), entry("after", "sent", at=2)]
    assert known(after) == 0
    assert late([entry("was", "sent"), *after]) == []


def test_what_was_told_before_the_write_is_none_of_its_own() -> None:
    before = [entry("was", "edit", after=2), entry("edit", "sent", at=1, after=2)]
    assert known(before) == 0


def test_what_was_not_written_by_api_is_none_of_ours() -> None:
    assert known([entry("was", "edit"), entry("edit", "sent", at=1, by_api=False)]) == 0


def test_an_entry_is_one_writes_own() -> None:
    again = Window(5, was="x", sent="sent", holds="sent")
    entries = [entry("was", "sent", after=5), entry("x", "y", at=1, after=5), entry("y", "sent", at=2, after=5)]
    found = [
        (one.window.number, one.entry.replaced.old.value, one.late)
        for one in told(FieldType.TEXT, [WRITE, again], entries)
    ]
    assert found == [(3, "was", False), (5, "y", True)]
    assert known([entry("was", "sent", used=True)]) == 0


def test_an_edit_taken_back_in_the_window_is_none() -> None:
    assert late([entry("was", "edit"), entry("edit", "was", at=1), entry("was", "sent", at=2)]) == []


def test_a_merge_explains_any_value() -> None:
    merge = Entry(4, Replaced("person", "1", None, "merge", 0))
    assert late([merge, entry("of the loser", "sent", at=1)]) == ["of the loser"]


def test_a_server_may_change_what_is_sent() -> None:
    cut = Window(3, was="was", sent="sent 😀", holds="sent")
    assert late([entry("was", "edit"), entry("edit", "sent", at=1)], cut) == ["edit"]
    [own] = told(FieldType.TEXT, [cut], [entry("was", "sent")])
    assert not own.edited_since(FieldType.TEXT)


def test_an_edit_before_the_read_back_is_told_from_a_servers_change() -> None:
    read_back = Window(3, was="was", sent="sent", holds="after")
    [own] = told(FieldType.TEXT, [read_back], [entry("was", "sent"), entry("sent", "after", at=1)])
    assert (own.late, own.edited_since(FieldType.TEXT)) == (False, True)


@pytest.mark.parametrize(("type", "was", "sent", "edit"), [
    (FieldType.BOOLEAN, None, True, False),
    (FieldType.EMAIL, "A@example.com", "b@example.com", "a@example.com"),
])  # fmt: skip
def test_values_are_compared_by_what_they_mean(type: FieldType, was: Value, sent: Value, edit: Value) -> None:
    assert late([entry(was, edit), entry(edit, sent, at=1)], Window(3, was, sent, sent), type) == []


def test_a_time_whose_zone_is_not_told_may_be_the_one_that_was_read() -> None:
    window = Window(3, "2026-03-02T10:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z")

    def at(hour: int) -> Logged:
        return Logged(f"2026-03-02T{hour}:00:00Z", doubt=21_600)

    def logged(old: int, new: int) -> Entry:
        return Entry(4, Replaced("person", "1", "demo", f"{old}", old, at(old), at(new)))

    assert late([logged(16, 18)], window, FieldType.DATETIME) == []  # it was UTC, and read as US Central
    assert late([logged(16, 20), logged(20, 18)], window, FieldType.DATETIME) == ["2026-03-02T20:00:00Z"]


def test_a_text_that_is_cut_in_the_log_may_be_the_one_that_was_read() -> None:
    window = Window(3, "a" * 300, "b" * 300, "b" * 300)
    own = Entry(4, Replaced("person", "1", "n", "1", 0, Logged("a" * 255, cut=True), Logged("b" * 255, cut=True)))
    assert (late([own], window), known([own], window)) == ([], 1)


@pytest.mark.parametrize(("policy", "direction", "kind", "expected"), [
    (Policy.MARKETO, Direction.BOTH, "one-sided", (Side.MARKETO, "lead: Marketo wins")),
    (Policy.MARKETO, Direction.BOTH, "fill", (Side.MARKETO, "lead: Marketo wins")),
    (Policy.MARKETO, Direction.BOTH, "initial", (Side.CRM, "quick sync: filled from the CRM")),
    (Policy.CRM, Direction.BOTH, "one-sided", (Side.CRM, "field rule phone: the CRM wins")),
    (Policy.CRM, Direction.BOTH, "collision", (Side.CRM, "field rule phone: the CRM wins")),
    (Policy.HOLD, Direction.BOTH, "one-sided", (None, "field rule phone: held for a human")),
    (Policy.MARKETO, Direction.TO_MARKETO, "overruled", (Side.CRM, "lead.phone flows one way: the CRM wins")),
])  # fmt: skip
def test_the_policy_settles_it_as_if_it_had_been_seen(
    policy: Policy, direction: Direction, kind: str, expected: tuple[Side | None, str]
) -> None:
    pair = a_pair(policy=policy, direction=direction)
    assert winner(pair, Side.MARKETO, kind, Sides("edit", "sent")) == expected
