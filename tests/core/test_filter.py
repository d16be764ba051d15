"""What a value in the filter column means, and what becomes of links."""

import pytest

from mksync.core.filter import FROZEN, LIVE, WAITING, Verdict, frozen, synced, verdict
from mksync.core.records import Value


@pytest.mark.parametrize(
    ("present", "value", "expected"),
    [
        (False, None, True),
        (False, False, True),
        (True, None, True),
        (True, True, True),
        (True, False, False),
        (True, 1, True),  # as SQLite gives them back
        (True, 0, False),
    ],
)
def test_only_an_explicit_no_leaves_a_record_out(present: bool, value: Value, expected: bool) -> None:
    assert synced(value, present=present) is expected


@pytest.mark.parametrize(
    ("state", "value", "expected"),
    [
        (LIVE, True, None),
        (LIVE, None, None),
        (LIVE, False, "freeze"),
        (FROZEN, True, "thaw"),
        (FROZEN, None, "thaw"),
        (FROZEN, False, None),
        ("crm deleted", True, None),
        ("crm deleted", False, None),
        ("person merged", False, None),
        (WAITING, True, None),  # its own record is gone: another one's flag decides
    ],
)
def test_a_link_freezes_with_a_no_and_thaws_with_anything_else(
    state: str, value: Value, expected: Verdict | None
) -> None:
    assert verdict(state, value) == expected


def test_without_the_column_whatever_is_frozen_thaws() -> None:
    assert [verdict(state, False, present=False) for state in (LIVE, FROZEN)] == [None, "thaw"]


def test_links_that_rest_for_another_reason_are_not_frozen() -> None:
    assert [frozen(state) for state in (LIVE, FROZEN, WAITING, "crm deleted", "person merged")] == [
        False, True, True, False, False,
    ]  # fmt: skip
