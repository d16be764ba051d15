"""An answer that cannot be read is a situation of its vendor's, and one that may have changed something says so."""

from collections.abc import Iterator

import pytest

from mksync.errors import AccessError, OutcomeUnknown, Temporary
from mksync.ports import CursorExpired, Unavailable
from mksync.vendors.guard import guarded


@guarded("Vendor")
class Port:
    """Raises what it is given."""

    def describe(self, error: Exception) -> None:
        raise error

    def changes(self, error: Exception) -> Iterator[int]:
        yield 1
        raise error

    def write(self, error: Exception) -> Iterator[int]:
        yield 1
        raise error


UNREADABLE = [KeyError("secret"), IndexError(), TypeError("x"), AttributeError(), ValueError("Ana"), RecursionError()]


@pytest.mark.parametrize("error", UNREADABLE, ids=lambda error: type(error).__name__)
def test_what_cannot_be_read_is_temporary_and_names_the_place_and_no_value(error: Exception) -> None:
    with pytest.raises(Temporary) as failure:
        Port().describe(error)
    assert failure.value.message.startswith(
        f"Vendor answered with what mksync cannot read ({type(error).__name__} in test_guard.py, line "
    )
    assert "secret" not in failure.value.message
    assert "Ana" not in failure.value.message


def test_what_was_read_before_is_given_on() -> None:
    changes = Port().changes(KeyError())
    assert next(changes) == 1
    with pytest.raises(Temporary):
        next(changes)


def test_of_a_write_the_outcome_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        list(Port().write(KeyError()))


@pytest.mark.parametrize("error", [AccessError("no"), Unavailable("none"), CursorExpired("old"), OutcomeUnknown("?")])
def test_situations_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as failure:
        Port().describe(error)
    assert failure.value is error


def test_what_its_user_raises_is_not_the_vendors() -> None:
    def use() -> None:
        for _ in Port().changes(KeyError()):
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        use()
