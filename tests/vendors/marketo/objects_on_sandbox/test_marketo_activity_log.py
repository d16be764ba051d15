"""mksync's own type of activity and its entries, as a Marketo instance takes them and marketers read them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mksync.core.activity import LONG, SHORT, Entry
from mksync.errors import ConfigError, OutcomeUnknown, Temporary
from mksync.ports import Unavailable
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo.activity_log import NAME
from mksync.vendors.marketo.port import MarketoPort
from tests.scenarios.outsiders import MarketoUser

Connect = Callable[[], MarketoPort]
AT = "2026-11-18T11:06:40Z"  # the sandbox's clock
BEFORE = "2026-11-18T11:00:00Z"
ENTRY = Entry(
    "3", AT, "Phone Number", "Salesforce", "update", "00Q1", "TOO_SHORT", "A rule refused it.", "at least 7 digits",
    "Correct the number.", "00Q1:1",
)  # fmt: skip
STEPS = ("type.json", f"type/{NAME}/attributes/create.json", f"type/{NAME}/approve.json")


@pytest.fixture
def user(sandbox: Sandbox) -> MarketoUser:
    return MarketoUser(sandbox)


def test_there_is_no_type_until_it_is_made(port: MarketoPort) -> None:
    assert port.activity_type() is None
    made = port.create_activity_type()
    assert port.activity_type() == made == port.create_activity_type()


def test_an_entry_stands_in_the_persons_log_in_words(port: MarketoPort, user: MarketoUser) -> None:
    assert port.log_activities(port.create_activity_type(), [ENTRY]) == [None]
    assert user.activity_log("3") == [
        {
            "at": AT,
            "Fields": "Phone Number",
            "System": "Salesforce",
            "Operation": "update",
            "CRM Record": "00Q1",
            "Code": "TOO_SHORT",
            "Cause": "A rule refused it.",
            "Message": "at least 7 digits",
            "Remedy": "Correct the number.",
            "Reference": "00Q1:1",
        }
    ]
    assert user.activity_log("4") == []


def test_what_is_too_long_or_empty_is_cut_or_left_out(port: MarketoPort, user: MarketoUser) -> None:
    long = replace(ENTRY, fields="f" * 300, cause="c" * 256, message="m" * 2_000, remedy="r" * SHORT, record="")
    assert port.log_activities(port.create_activity_type(), [long]) == [None]
    (told,) = user.activity_log("3")
    assert (len(told["Fields"]), told["Cause"][-2:], len(told["Message"]), told["Remedy"]) == (
        SHORT, "c…", LONG, "r" * SHORT,
    )  # fmt: skip
    assert "CRM Record" not in told


def test_a_person_who_is_gone_stops_no_other_entry(port: MarketoPort, user: MarketoUser) -> None:
    there, nobody = replace(ENTRY, reference="a:1"), replace(ENTRY, person_id="999999")
    one, other, last = port.log_activities(port.create_activity_type(), [there, nobody, replace(ENTRY, person_id="4")])
    assert (one, last) == (None, None)
    assert other
    assert other.code == "1004"
    assert len(user.activity_log("3")) == len(user.activity_log("4")) == 1


def test_more_than_a_call_may_hold_goes_in_several(port: MarketoPort, user: MarketoUser) -> None:
    type = port.create_activity_type()
    before = port.calls
    large = [replace(ENTRY, message="\U0001f600" * LONG, reference=f"r:{n}") for n in range(300)]
    assert port.log_activities(type, large) == [None] * 300
    assert port.calls - before > 1
    assert len(user.activity_log("3")) == 300


@pytest.mark.parametrize(("after", "error"), [(0, Temporary), (1, OutcomeUnknown)])
def test_where_a_later_call_fails_it_is_not_said_that_nothing_was_written(
    port: MarketoPort, sandbox: Sandbox, user: MarketoUser, after: int, error: type[Exception]
) -> None:
    type = port.create_activity_type()
    large = [replace(ENTRY, message="\U0001f600" * LONG, reference=f"r:{n}") for n in range(300)]
    sandbox.faults.script(Fault("quota", "marketo", "/rest/v1/activities/external.json", "POST", after))
    with pytest.raises(error) as failed:
        port.log_activities(type, large)
    assert failed.type is error
    assert bool(user.activity_log("3")) is bool(after)


def test_what_was_written_is_found_by_its_reference(port: MarketoPort) -> None:
    type = port.create_activity_type()
    people = [str(number) for number in range(80, 0, -1)]  # fewer are there; of 30 at most one call tells
    entries = [replace(ENTRY, person_id=id, reference=f"r:{id}") for id in people]
    answers = port.log_activities(type, entries)
    written = {entry.reference for entry, why in zip(entries, answers, strict=True) if why is None}
    assert 20 < len(written) < 80
    assert port.logged(type, [*people, *people], BEFORE) == written
    assert port.logged(type, ["3"], BEFORE) == {"r:3"}
    assert port.logged(type, ["3"], "2026-11-18T11:30:00Z") == set()


@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
def test_an_entry_whose_answer_is_lost_is_not_sent_again_by_itself(
    port: MarketoPort, sandbox: Sandbox, user: MarketoUser, fault: str
) -> None:
    type = port.create_activity_type()
    sandbox.faults.script(Fault(fault, "marketo", "/rest/v1/activities/external.json", "POST"))
    with pytest.raises(OutcomeUnknown):
        port.log_activities(type, [ENTRY])
    assert len(user.activity_log("3")) == (1 if fault == "reset_after" else 0)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
def test_a_type_that_was_begun_is_finished_by_the_next_call(
    connect: Connect, sandbox: Sandbox, user: MarketoUser, step: str, fault: str
) -> None:
    sandbox.faults.script(Fault(fault, "marketo", f"/rest/v1/activities/external/{step}", "POST"))
    with pytest.raises(OutcomeUnknown):
        connect().create_activity_type()
    port = connect()
    assert port.log_activities(port.create_activity_type(), [ENTRY]) == [None]
    assert user.activity_log("3")[0]["Reference"] == "00Q1:1"


def test_attributes_that_somebody_deleted_are_made_again(port: MarketoPort, user: MarketoUser) -> None:
    type = port.create_activity_type()
    user.ask(f"activities/external/type/{NAME}/attributes/delete", {"attributes": [{"apiName": "cause"}]})
    user.ask(f"activities/external/type/{NAME}/approve", {})
    (refused,) = port.log_activities(type, [ENTRY])
    assert refused
    assert refused.code == "1006"
    assert port.log_activities(port.create_activity_type(), [ENTRY]) == [None]


def test_somebodys_unfinished_changes_are_not_approved(port: MarketoPort, user: MarketoUser) -> None:
    port.create_activity_type()
    user.ask(f"activities/external/type/{NAME}/attributes/delete", {"attributes": [{"apiName": "cause"}]})
    with pytest.raises(ConfigError, match="wait to be approved"):
        port.create_activity_type()


def test_another_type_of_that_name_is_left_alone(port: MarketoPort, user: MarketoUser) -> None:
    primary = {"apiName": "quote", "name": "Quote"}
    names = {"name": "Q", "triggerName": "Q", "filterName": "Q"}
    user.ask("activities/external/type", {"apiName": NAME, **names, "primaryAttribute": primary})
    with pytest.raises(ConfigError, match="whose primary attribute is quote"):
        port.create_activity_type()


def test_an_instance_that_is_full_of_types_says_so(port: MarketoPort, user: MarketoUser) -> None:
    for number in range(10):
        names = dict.fromkeys(("apiName", "name", "triggerName", "filterName"), f"T{number}")
        user.ask("activities/external/type", {**names, "primaryAttribute": {"apiName": "a", "name": "A"}})
    with pytest.raises(ConfigError) as full:
        port.create_activity_type()
    assert "code 1027" in full.value.message
    assert full.value.hint.startswith("delete one in Marketo")


@pytest.mark.parametrize(
    ("revoked", "lacking"),
    [("Activity Metadata", "Read-Write Activity Metadata"), ("Activity", "Read-Write Activity")],
)
def test_a_permission_that_is_lacking_is_named(
    port: MarketoPort, user: MarketoUser, revoked: str, lacking: str
) -> None:
    type = port.create_activity_type()
    port.may_log(type)
    user.control("permissions", revoke=[f"Read-Write {revoked}", f"Read-Only {revoked}"])
    with pytest.raises(Unavailable) as error:
        port.create_activity_type() if revoked.endswith("Metadata") else port.may_log(type)
    assert f'"{lacking}"' in error.value.remedy


def test_nobody_gets_an_entry_by_asking_whether_entries_may_be_written(port: MarketoPort, user: MarketoUser) -> None:
    port.may_log(port.create_activity_type())
    assert [user.activity_log(str(id)) for id in range(4)] == [[]] * 4
