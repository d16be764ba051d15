"""Cycles, collisions and leftovers: what is kept, and how it is chosen."""

from collections.abc import Sequence

import pytest

from mksync.core.records import Side
from mksync.core.report import Collision, Held, RecordName, Rejected
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen
from tests.mirror.conftest import Rows

ANA = RecordName("lead", "L1", "P1", "Ana")
BO = RecordName("lead", "L2", "P2", "Bo")
CY = RecordName("contact", "C1", "P3", "Cy")
NOON = 1_772_452_800.0  # 2026-03-02T12:00:00Z


def _collision(name: RecordName, kind: str = "collision", field: str = "title") -> Collision:
    return Collision(name, field, "Title", "from Marketo", None, True, 3, Side.MARKETO, "lead: Marketo wins", kind)


def _rejected(name: RecordName) -> Rejected:
    return Rejected(name, Side.CRM, ("Title",), "TOO_LONG", "too long", "the title", "shorten it", "")


def _held(name: RecordName, field: str | None = "title") -> Held:
    return Held(name, field, "both changed", "CEO", None, "make them agree")


def test_a_cycle_is_open_until_it_is_finished(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    open_cycle = mirror.history.cycle(number)
    assert open_cycle is not None
    assert (open_cycle.finished, open_cycle.exit_code) == (None, None)
    mirror.history.finish(number, NOON + 61.9, 3, {"Marketo": 4}, ["a warning"])
    done = mirror.history.cycle(number)
    assert done is not None
    assert (done.started, done.finished) == ("2026-03-02T12:00:00Z", "2026-03-02T12:01:01Z")
    assert (done.exit_code, done.calls, list(done.warnings)) == (3, {"Marketo": 4}, ["a warning"])
    assert mirror.history.cycle(number + 1) is None


def test_the_latest_cycles_come_first_from_a_moment_on(mirror: Mirror) -> None:
    ids = [mirror.history.begin("run-once", NOON + hour * 3600) for hour in range(4)]
    assert [cycle.id for cycle in mirror.history.cycles(limit=2)] == [ids[3], ids[2]]
    assert [cycle.id for cycle in mirror.history.cycles(since="2026-03-02T14:00:00Z")] == [ids[3], ids[2]]


def test_both_values_of_a_collision_live_on(mirror: Mirror, rows: Rows) -> None:
    number = mirror.history.begin("run-once", NOON)
    row = _collision(ANA)
    mirror.history.collide(number, row)
    assert list(mirror.history.collisions(Chosen())) == [(number, "2026-03-02T12:00:00Z", row)]
    (kept,) = rows("collision", "person_id", "record_id", "marketo", "crm", "base_crm", "winner")
    assert kept == {
        "person_id": "P1", "record_id": "L1", "marketo": "from Marketo", "crm": None, "base_crm": 3,
        "winner": "marketo",
    }  # fmt: skip


def test_a_collision_may_have_no_winner(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    row = Collision(ANA, "title", "Title", 1, 2, None, None, None, "held")
    mirror.history.collide(number, row)
    assert [kept for *_, kept in mirror.history.collisions(Chosen())] == [row]


def test_first_differences_are_counted_apart(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    for row in (_collision(ANA), _collision(ANA, "overruled", "phone"), _collision(BO, "initial"), _collision(CY)):
        mirror.history.collide(number, row)
    assert mirror.history.count_collisions(number, "lead") == (2, 1)
    assert mirror.history.count_collisions(number + 1, "lead") == (0, 0)


def test_a_collision_whose_write_did_not_happen_is_taken_back_and_no_other(mirror: Mirror) -> None:
    first, second = (mirror.history.begin("run-once", NOON) for _ in range(2))
    for cycle, row in ((first, _collision(ANA)), (second, _collision(ANA)), (second, _collision(BO))):
        mirror.history.collide(cycle, row)
    mirror.history.collide(second, _collision(ANA, field="phone"))
    mirror.history.withdraw_collisions(second, "lead", "P1", ["title"])
    left = [(cycle, row.record.person_id, row.field) for cycle, _, row in mirror.history.collisions(Chosen())]
    assert left == [(first, "P1", "title"), (second, "P2", "title"), (second, "P1", "phone")]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Chosen(), ["L1", "L2", "C1"]),
        (Chosen(cycle=1), ["L1"]),
        (Chosen(object="lead"), ["L1", "L2"]),
        (Chosen(object="contact"), ["C1"]),
        (Chosen(ids=("P2",)), ["L2"]),
        (Chosen(ids=("L1", "C1")), ["L1", "C1"]),
        (Chosen(ids=("nobody",)), []),
        (Chosen(since="2026-03-02T13:00:00Z"), ["L2", "C1"]),
        (Chosen(limit=2), ["L1", "L2"]),
        (Chosen(limit=0), []),
        (Chosen(cycle=2, object="lead", ids=("P2",), since="2026-03-02T13:00:00Z", limit=5), ["L2"]),
    ],
)
def test_what_is_asked_for_is_chosen_alike_in_collisions_rejected_and_held(
    mirror: Mirror, chosen: Chosen, expected: Sequence[str]
) -> None:
    cycles = [mirror.history.begin("run-once", NOON + hour * 3600) for hour in (0, 1)]
    for cycle, name in ((cycles[0], ANA), (cycles[1], BO), (cycles[1], CY)):
        mirror.history.collide(cycle, _collision(name))
        mirror.history.reject(cycle, _rejected(name), NOON)
        mirror.history.hold(cycle, _held(name), NOON)
    assert [row.record.id for *_, row in mirror.history.collisions(chosen)] == expected
    assert [row.record.id for _, row in mirror.history.rejected(chosen)] == expected
    assert [row.record.id for _, row in mirror.history.held(chosen)] == expected


def test_leftovers_are_counted_whatever_number_of_rows_is_asked_for(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    for name in (ANA, BO, CY):
        mirror.history.hold(number, _held(name), NOON)
    assert mirror.history.count_leftovers("held", Chosen(object="lead", limit=1)) == 2
    assert mirror.history.count_leftovers("rejected", Chosen()) == 0


def test_a_refusal_and_a_held_difference_are_kept_in_full(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    mirror.history.reject(number, _rejected(ANA), NOON)
    mirror.history.hold(number, _held(BO), NOON)
    mirror.history.hold(number, _held(CY, field=None), NOON)
    ((_, rejected),) = mirror.history.rejected(Chosen())
    assert rejected == Rejected(
        ANA, Side.CRM, ("Title",), "TOO_LONG", "too long", "the title", "shorten it", "2026-03-02T12:00:00Z"
    )
    assert list(mirror.history.held(Chosen())) == [(number, _held(BO)), (number, _held(CY, field=None))]


def test_what_a_record_left_over_is_cleared_for_that_record_only(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    same_id = RecordName("contact", "L1", "P9", "")
    for name in (ANA, BO, same_id):
        mirror.history.hold(number, _held(name), NOON)
        mirror.history.reject(number, _rejected(name), NOON)
    mirror.history.clear_leftovers("lead", "L1")
    for found in (mirror.history.held(Chosen()), mirror.history.rejected(Chosen())):
        assert [row.record for _, row in found] == [BO, same_id]
    assert mirror.history.anything_left()
    mirror.db.execute("DELETE FROM leftover")
    assert not mirror.history.anything_left()


def test_a_held_record_is_known_by_record_name_and_reason(mirror: Mirror) -> None:
    number = mirror.history.begin("run-once", NOON)
    mirror.history.hold(number, _held(ANA, field=None), NOON)
    assert mirror.history.holds(ANA, "both changed")
    assert not mirror.history.holds(ANA, "another reason")
    assert not mirror.history.holds(BO, "both changed")
    assert not mirror.history.holds(RecordName("lead", "L1", "P1", "Ana Ruiz"), "both changed")
