"""Writes that a log may tell of are gone through a few at a time, however many there are."""

from mksync.core.late import Window
from mksync.core.records import PERSON, Replaced, Side
from mksync.mirror import Mirror
from mksync.mirror.windows import AT_A_TIME, Spot

MANY = 2 * AT_A_TIME + 1


def _write(mirror: Mirror, number: int, record: str) -> None:
    mirror.db.execute(
        "INSERT INTO window(write, field, side, object, record, holds, since) VALUES (?, 'title', ?, ?, ?, 'x', 1)",
        (number, Side.MARKETO, PERSON, record),
    )


def _tell(mirror: Mirror, *records: str) -> None:
    mirror.windows.note(Side.MARKETO, [Replaced(PERSON, id, "title", f"entry {id}", 1.0) for id in records], 2.0)


def test_every_write_that_is_told_of_is_named_while_others_are_closed_on_the_way(mirror: Mirror) -> None:
    records = [f"P{number}" for number in range(MANY)]
    for number, record in enumerate(records, start=1):
        _write(mirror, number, record)
    _tell(mirror, *records)
    named = []
    for number, spot in enumerate(mirror.windows.spots(), start=1):
        named.append(spot.record)
        mirror.windows.close(Window(number, None, None, None), spot, f"entry {spot.record}")
    assert named == records
    assert list(mirror.windows.spots()) == []


def test_a_write_that_the_log_is_silent_of_or_told_of_before_it_is_passed_over(mirror: Mirror) -> None:
    _write(mirror, 1, "told")
    _write(mirror, 2, "silent")
    _tell(mirror, "told", "early")
    _write(mirror, 3, "early")
    assert list(mirror.windows.spots()) == [Spot(Side.MARKETO, PERSON, "told", "title")]
