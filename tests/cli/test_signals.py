"""Wishes from outside: the first for an end waits for a place where nothing is open, the second does not."""

import signal
import threading
from collections.abc import Iterator

import pytest

from mksync.cli import signals
from mksync.cli.signals import Interrupted, Wishes


@pytest.fixture
def wishes() -> Iterator[Wishes]:
    with signals.as_wishes() as found:
        yield found


def send(number: signal.Signals) -> None:
    """Delivered to this very thread before the call returns."""
    signal.raise_signal(number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_waits_until_it_is_granted(wishes: Wishes, number: signal.Signals, code: int) -> None:
    send(number)
    with pytest.raises(Interrupted) as end:
        wishes.grant()
    assert end.value.exit_code == code


def test_the_second_ends_at_once(wishes: Wishes) -> None:
    send(signal.SIGTERM)
    with pytest.raises(Interrupted) as end:
        send(signal.SIGINT)
    assert end.value.exit_code == 130


def test_where_nothing_is_open_the_first_ends_at_once_too(wishes: Wishes) -> None:
    with pytest.raises(Interrupted), wishes.idle():
        send(signal.SIGTERM)


def test_one_that_came_before_is_granted_as_soon_as_nothing_is_open(wishes: Wishes) -> None:
    send(signal.SIGTERM)
    with pytest.raises(Interrupted), wishes.idle():
        raise AssertionError("it is to wait for nothing more")


def test_after_a_place_where_nothing_was_open_the_first_waits_again(wishes: Wishes) -> None:
    with wishes.idle():
        pass
    send(signal.SIGTERM)


def test_another_thread_that_waits_is_left_alone(wishes: Wishes) -> None:
    """Signals arrive in the main thread; one that reads ahead ends with the page it waits for."""
    send(signal.SIGTERM)
    reached = []

    def read() -> None:
        with wishes.idle():
            reached.append("page")

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert reached == ["page"]


def test_a_reload_is_wished_for_once_and_ends_nothing(wishes: Wishes) -> None:
    with wishes.idle():
        send(signal.SIGHUP)
    assert [wishes.reload(), wishes.reload()] == [True, False]
    wishes.grant()


def test_what_the_caller_ignores_stays_ignored_and_everything_is_as_before_in_the_end() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    hang_up = signal.getsignal(signal.SIGHUP)  # ignored, where nohup runs the tests
    try:
        with signals.as_wishes() as wishes:
            send(signal.SIGINT)
            wishes.grant()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert signal.getsignal(signal.SIGHUP) is hang_up
