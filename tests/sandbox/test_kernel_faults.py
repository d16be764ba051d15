"""Scripted faults strike the calls they name, as often as they say, and no others."""

import pytest

from mksync.sandbox.faults import Fault, Faults


def strikes(faults: Faults, calls: int, method: str = "GET", path: str = "/rest/v1/leads.json") -> list[bool]:
    return [faults.take("marketo", method, path) is not None for _ in range(calls)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("quota", "marketo"), [True, False, False, False]),
        (Fault("quota", "marketo", times=2), [True, True, False, False]),
        (Fault("quota", "marketo", after=2), [False, False, True, False]),
        (Fault("quota", "marketo", after=1, times=2), [False, True, True, False]),
        (Fault("quota", "salesforce"), [False] * 4),
        (Fault("quota", "marketo", method="POST"), [False] * 4),
        (Fault("quota", "marketo", method="GET"), [True, False, False, False]),
        (Fault("quota", "marketo", path=r"leads\.json$"), [True, False, False, False]),
        (Fault("quota", "marketo", path="activities"), [False] * 4),
    ],
)
def test_a_fault_strikes_the_calls_it_names(fault: Fault, expected: list[bool]) -> None:
    faults = Faults()
    faults.script(fault)
    assert strikes(faults, 4) == expected


def test_calls_that_do_not_match_do_not_use_a_fault_up() -> None:
    faults = Faults()
    faults.script(Fault("quota", "marketo", path="activities", after=1))
    strikes(faults, 5)
    assert strikes(faults, 3, path="/rest/v1/activities.json") == [False, True, False]


def test_faults_strike_in_the_order_they_were_scripted() -> None:
    faults = Faults()
    for name in ("rate_limit", "reset_before"):
        faults.script(Fault(name, "marketo"))
    taken = [faults.take("marketo", "GET", "/") for _ in range(3)]
    assert [fault and fault.name for fault in taken] == ["rate_limit", "reset_before", None]


def test_cleared_faults_never_strike() -> None:
    faults = Faults()
    faults.script(Fault("quota", "marketo", times=9))
    faults.clear()
    assert strikes(faults, 2) == [False, False]


def test_a_fault_nobody_knows_is_refused_when_it_is_scripted() -> None:
    with pytest.raises(ValueError, match="no fault is called 'earthquake'"):
        Fault("earthquake", "marketo")


@pytest.mark.parametrize(
    ("name", "vendor"),
    [("607", "salesforce"), ("QUERY_TIMEOUT", "marketo"), ("0x80040216", "marketo"), ("http_200", "marketo")],
)
def test_a_code_is_refused_that_is_another_vendors(name: str, vendor: str) -> None:
    with pytest.raises(ValueError, match=f"no fault is called '{name}'"):
        Fault(name, vendor)


def test_a_path_that_is_no_regular_expression_is_refused_when_it_is_scripted() -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        Fault("quota", "marketo", path="(")
