"""Calls are made ahead while others are waited for; what they bring, errors included, comes in its turn."""

from collections.abc import Iterator, Sequence
from functools import partial
from threading import Barrier, Event

import pytest

from mksync.core.records import Gone, Page, Record
from mksync.errors import AccessError
from mksync.ports import Port
from mksync.vendors.marketo.ahead import begun, in_order
from mksync.vendors.marketo.feed import READS, Feed
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.conftest import Instance, asked, failed
from tests.vendors.marketo.test_marketo_feed import (
    LEADS,
    LOG,
    SELECTION,
    _activity,
    _cursor,
    _ids,
    _log,
    people,
)
from tests.wire.scripted import Heard, Say

__all__ = ["people"]

SOON = 10.0  # seconds: a test that fails waits so long


def _fails(text: str) -> int:
    raise ValueError(text)


def test_what_is_begun_ends_while_others_go_on() -> None:
    event = Event()
    answer = begun(lambda: event.wait(SOON))
    event.set()
    assert answer()


def test_what_it_raised_is_raised_where_it_is_waited_for() -> None:
    answer = begun(partial(_fails, "lost"))
    with pytest.raises(ValueError, match="lost"):
        answer()


def test_answers_come_in_the_order_of_the_questions() -> None:
    last = Event()

    def first() -> int:
        assert last.wait(SOON)
        return 1

    def second() -> int:
        last.set()
        return 2

    assert list(in_order([first, second], 2)) == [1, 2]


def test_only_so_many_are_begun_ahead() -> None:
    told: list[int] = []

    def tasks() -> Iterator[partial[int]]:
        for number in range(6):
            told.append(number)
            yield partial(int, number)

    answers = in_order(tasks(), 3)
    assert (next(answers), told) == (0, [0, 1, 2])
    assert (next(answers), told) == (1, [0, 1, 2, 3])


def test_nothing_behind_an_error_is_given() -> None:
    answers = in_order([partial(int, 1), partial(_fails, "lost"), partial(int, 3)], 3)
    assert next(answers) == 1
    with pytest.raises(ValueError, match="lost"):
        next(answers)
    assert list(answers) == []


def test_what_was_begun_before_an_error_in_telling_the_next_is_given_first() -> None:
    def tasks() -> Iterator[partial[int]]:
        yield partial(int, 1)
        yield partial(int, 2)
        raise AccessError("no more")

    answers = in_order(tasks(), 5)
    assert (next(answers), next(answers)) == (1, 2)
    with pytest.raises(AccessError, match="no more"):
        next(answers)


# The feed


def _feed(port: MarketoPort, fetch: object) -> Feed:
    return Feed(port._client, fetch, fields=[], ignored=frozenset())  # type: ignore[arg-type]


def _records(ids: Sequence[str]) -> Iterator[Record | Gone]:
    yield from (Record("person", id, {}) for id in ids)


def test_the_first_read_reads_several_batches_at_a_time(people: Instance, marketo: MarketoPort) -> None:
    together = Barrier(READS, timeout=SOON)

    def fetch(ids: Sequence[str]) -> Iterator[Record | Gone]:
        together.wait()  # goes on once all of them are here
        yield from _records(ids)

    for number in range(READS):
        items = [_activity(300 * number + one, 12) for one in range(300)]
        people.says(LOG, _log(items, f"T{number}=", more=number < READS - 1))
    pages = [page for page in _feed(marketo, fetch).pages(None) if page.full]
    assert _ids(pages) == [str(number) for number in range(300 * READS)]


def test_the_next_page_of_the_log_is_asked_for_while_people_are_read(people: Instance, marketo: MarketoPort) -> None:
    second, answer = Event(), people.answer

    def script(heard: Heard) -> Say:
        if len(people.calls(LOG)) == 2:
            second.set()
        return answer(heard)

    def fetch(ids: Sequence[str]) -> Iterator[Record | Gone]:
        assert second.wait(SOON)
        yield from _records(ids)

    people.server.script = script
    people.says(LOG, _log([_activity(one) for one in range(300)], "T1=", more=True), _log([_activity(300)]))
    pages = list(_feed(marketo, fetch).pages(_cursor()))
    assert _ids(pages) == [str(number) for number in range(301)]


def test_a_first_read_that_fails_in_the_middle_has_given_what_lies_before_and_nothing_behind(
    people: Instance, port: Port
) -> None:
    answer, pages = people.answer, list[Page]()

    def refused(heard: Heard) -> Say:
        if heard.path == LEADS and "600" in asked(heard)["filterValues"].split(","):
            return failed("603", "Access denied")
        return answer(heard)

    people.server.script = refused
    for number in range(3):
        items = [_activity(200 * number + one, 12) for one in range(1, 201)]
        people.says(LOG, _log(items, f"T{number}=", more=number < 2))
    with pytest.raises(AccessError):
        pages.extend(port.changes(SELECTION, None))
    assert _ids(pages) == [str(id) for id in range(1, 401)]
    people.server.script = answer
    people.says(LOG, _log([_activity(id, 12) for id in range(401, 601)]))
    assert _ids(list(port.changes(SELECTION, pages[-1].cursor))) == [str(id) for id in range(401, 601)]
