"""The journal of writes: a queue, a safety net and a history in one table."""

import json

from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Refusal, Side, Sides
from mksync.mirror import Mirror
from mksync.mirror.journal import Totals
from tests.mirror.conftest import Rows
from tests.mirror.samples import planned


def _plan(mirror: Mirror, *writes: PlannedWrite) -> list[int]:
    for write in writes:
        mirror.journal.plan(write)
    return [id for (id,) in mirror.db.execute("SELECT id FROM write ORDER BY id")]


def test_a_write_is_kept_so_that_people_can_read_it(mirror: Mirror, rows: Rows) -> None:
    _plan(mirror, planned())
    (row,) = rows("write")
    assert json.loads(row.pop("fields")) == [
        {"field": "title", "crm_field": "Title", "was": "CTO", "now": "CEO", "source": "CEO", "kind": "changed"}
    ]
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": 1, "cycle": 1, "object": "lead", "side": "crm", "kind": "update", "link": 1, "person_id": "P1",
        "record_id": "L1", "label": "Ana", "version": "v1", "token": "token", "status": "planned",
    }  # fmt: skip


def test_every_kind_of_value_comes_back_as_it_was_planned(mirror: Mirror) -> None:
    values = ("Zoë \N{SNOWMAN}", None, True, False, 0, -7, '"; DROP TABLE write; --')
    fields = tuple(FieldWrite(f"f{at}", f"F{at}", value, value, value, "changed") for at, value in enumerate(values))
    mirror.journal.plan(PlannedWrite(1, "lead", "crm", "update", "Ana", fields, 1, "P1", "L1"))
    (write,) = mirror.journal.batch(1, Side.CRM, "lead", "update", 10)
    assert write.fields == fields
    assert [type(field.now) for field in write.fields] == [type(value) for value in values]


def test_a_batch_is_the_oldest_planned_writes_of_one_side_object_and_kind(mirror: Mirror) -> None:
    _plan(
        mirror,
        planned("L1"),
        planned("L2", side=Side.MARKETO),
        planned("C1", object="contact"),
        planned("L3", side=Side.MARKETO, kind="create", person=None, link=None),
        planned("L4"),
        planned("L5"),
    )
    assert [write.record_id for write in mirror.journal.batch(1, Side.CRM, "lead", "update", 2)] == ["L1", "L4"]
    assert [write.record_id for write in mirror.journal.batch(1, Side.MARKETO, "lead", "create", 9)] == ["L3"]


def test_what_was_sent_is_no_longer_planned_and_is_unsettled_until_its_outcome_is_known(
    mirror: Mirror, rows: Rows
) -> None:
    first, second, third = _plan(mirror, planned("L1"), planned("L2"), planned("L3"))
    mirror.journal.mark([first, second], "sent")
    assert [write.id for write in mirror.journal.unsettled()] == [first, second]
    assert [write.id for write in mirror.journal.batch(1, Side.CRM, "lead", "update", 9)] == [third]
    mirror.journal.settle(first, "written", "2026-03-02T10:00:00Z")
    refusal = Refusal("TOO_LONG", "too long", (), "the title", "shorten it")
    mirror.journal.settle(second, "refused", "2026-03-02T10:00:01Z", refusal)
    assert mirror.journal.unsettled() == []
    assert rows("write", "status", "settled_at", "code", "message", "cause", "remedy")[:2] == [
        {"status": "written", "settled_at": "2026-03-02T10:00:00Z", "code": None, "message": None, "cause": None,
         "remedy": None},
        {"status": "refused", "settled_at": "2026-03-02T10:00:01Z", "code": "TOO_LONG", "message": "too long",
         "cause": "the title", "remedy": "shorten it"},
    ]  # fmt: skip


def test_what_was_never_sent_is_taken_back_piece_by_piece_and_what_was_sent_is_not(mirror: Mirror, rows: Rows) -> None:
    sent, *_ = _plan(mirror, planned("L1"), planned("L2"), planned("L3"), planned("L4"))
    mirror.journal.mark([sent], "sent")
    pieces = []
    while piece := mirror.journal.withdraw_planned(2):
        pieces.append(sorted(str(write.record_id) for write in piece))
    assert sorted(id for piece in pieces for id in piece) == ["L2", "L3", "L4"]
    assert [len(piece) for piece in pieces] == [2, 1]
    assert rows("write", "id", "status") == [{"id": sent, "status": "sent"}]


def test_a_created_person_is_found_in_the_history_by_its_new_id(mirror: Mirror) -> None:
    (id,) = _plan(mirror, planned("L1", side=Side.MARKETO, kind="create", person=None, link=None))
    mirror.journal.link_created([(id, 7, Sides("P1", "L1"))])
    ((write, status),) = mirror.journal.of_record(["P1"])
    assert (write.link, write.person_id, write.record_id, status) == (7, "P1", "L1", "planned")


def test_a_history_holds_what_was_written_under_either_id_once_and_oldest_first(mirror: Mirror) -> None:
    _plan(mirror, planned("L1"), planned("L2", person="P2"), planned("L1", cycle=2, side=Side.MARKETO))
    assert [(write.cycle, write.record_id) for write, _ in mirror.journal.of_record(["P1", "L1"])] == [
        (1, "L1"),
        (2, "L1"),
    ]
    assert list(mirror.journal.of_record([])) == []


def test_totals_count_what_was_written_or_is_planned(mirror: Mirror) -> None:
    create = planned("L3", side=Side.MARKETO, kind="create", person=None, link=None)
    ids = _plan(mirror, planned("L1"), planned("L2"), create, planned("C1", object="contact"), planned("L4", cycle=2))
    mirror.journal.mark(ids[:1], "written")
    mirror.journal.mark(ids[1:2], "refused")
    assert mirror.journal.totals(1, "lead") == Totals(created=1, updated=1, fields=3)
    assert mirror.journal.totals(3, "lead") == Totals(0, 0, 0)


def test_writes_that_were_lost_are_counted_for_their_cycle(mirror: Mirror) -> None:
    ids = _plan(mirror, planned("L1"), planned("L2"), planned("L3", cycle=2))
    mirror.journal.mark([ids[0], ids[2]], "lost")
    assert [mirror.journal.lost(cycle) for cycle in (1, 2, 3)] == [1, 1, 0]


def test_the_writes_of_a_cycle_come_in_the_order_of_the_plan_up_to_a_limit(mirror: Mirror) -> None:
    ids = _plan(mirror, planned("L1"), planned("L2"), planned("L3"), planned("L4", cycle=2))
    mirror.journal.mark(ids[1:2], "written")
    found = [(write.record_id, status) for write, status in mirror.journal.of_cycle(1, "lead", 2)]
    assert found == [("L1", "planned"), ("L2", "written")]
