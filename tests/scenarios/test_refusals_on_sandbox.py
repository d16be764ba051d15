"""What a CRM refuses, as the admin reads it in mksync and marketing in Marketo's Activity Log."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.sandbox.faults import Fault
from tests.scenarios.crms import CRMS
from tests.scenarios.outsiders import Row
from tests.scenarios.refusing import refusing
from tests.scenarios.sandbox_world import Ended, World, world

EXTERNAL = "/rest/v1/activities/external.json"
LOGS = ("init", "--no-input", "--create-activity-type")


@pytest.fixture(params=CRMS, ids=lambda crm: crm.system)
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A project whose Marketo keeps a log of refusals."""
    with world(tmp_path, request.param) as made:
        made.init()
        ended = made.command(*LOGS)
        assert ended.code == 0, ended.err
        yield made


def run(here: World, *flags: str) -> Ended:
    here.clock.sleep(300)
    return here.command("run-once", *flags)


def lead(here: World, name: str = "Roe", **values: object) -> tuple[str, str]:
    """A lead that both systems know: its id, and its person's."""
    made = here.crm.named("lead", lastName=name, email=f"{name.lower()}@example.com", phone="555 010 0100", **values)
    assert run(here).code == 0
    return made, here.person_of(made)


def entry(here: World, at: str, record: str, number: int = 1) -> Row:
    """What marketing reads of a phone number of two digits."""
    said = here.facts.refusal
    return {
        "at": at,
        "Fields": "Phone Number",
        "System": here.facts.title,
        "Operation": "update",
        "CRM Record": record,
        "Code": said.code,
        "Cause": said.cause,
        "Message": said.message,
        "Remedy": said.remedy,
        "Reference": f"{record}:{number}",
    }


def times(here: World, person: str) -> int:
    return len(here.marketo.activity_log(person))


def test_what_the_crm_refuses_is_listed_and_stands_in_the_persons_log(here: World) -> None:
    record, person = lead(here)
    other, colleague = lead(here, "Doe")
    here.marketo.edit(person, phone="12", title="CEO")
    here.marketo.edit(colleague, title="CTO")
    ended = run(here)
    field, title = here.facts.fields["lead"]["phone"], here.facts.fields["lead"]["title"]
    refused = f"  Roe <roe@example.com> ({record}, person {person}): {here.facts.title} refused it"
    assert ended.code == 3
    assert refused in ended.out
    assert here.crm.records("lead", "title")[other] == {"title": "CTO"}
    (told,) = here.marketo.activity_log(person)
    named = [field] if here.facts.system == "salesforce" else []
    fields = list(dict.fromkeys([*named, title, field]))
    assert told == {**entry(here, told["at"], record), "Fields": told["Fields"]}
    assert set(told["Fields"].split(", ")) == {"Phone Number", "Job Title"}
    assert here.marketo.activity_log(colleague) == []
    listed = here.command("log", "--rejected").out
    assert listed.startswith("Rejected, waiting: 1\n")
    assert str(here.facts.refusal) in listed
    assert all(name in listed for name in fields)


def test_what_the_admin_and_marketing_read(here: World) -> None:
    record, person = lead(here)
    here.marketo.edit(person, phone="12")
    ended = run(here)
    field = here.facts.fields["lead"]["phone"]
    assert (ended.code, ended.err) == (3, "")
    assert here.command("log", "--rejected").out == (
        "Rejected, waiting: 1\n"
        f"  Roe <roe@example.com> ({record}, person {person}): {here.facts.title} refused it ({field})\n"
        f"{here.facts.refusal}"
        "try again once the cause is gone: mksync log retry WHO… or --all\n"
    )
    (told,) = here.marketo.activity_log(person)
    assert told == entry(here, told["at"], record)


def test_a_refusal_that_comes_back_each_cycle_is_told_once_and_its_end_is_quiet(here: World) -> None:
    _, person = lead(here)
    here.marketo.edit(person, phone="12")
    for _ in range(3):
        assert run(here, "--retry-rejected").code == 3
    assert "tried in 3 cycles" in here.command("log", "--rejected").out
    assert times(here, person) == 1
    here.marketo.edit(person, phone="555 010 0199")
    assert run(here).code == 0
    assert times(here, person) == 1
    here.marketo.edit(person, phone="12")
    assert run(here).code == 3
    assert times(here, person) == 2


def test_an_entry_of_our_own_is_no_change_and_costs_no_read(here: World) -> None:
    _, person = lead(here)
    here.clock.sleep(1200)
    run(here)
    idle = spent(run(here))
    here.marketo.ask(
        "activities/external",
        {"input": [{"leadId": int(person), "activityDate": "2026-11-18T12:00:00Z", "activityTypeId": type_of(here),
                    "primaryAttributeValue": "Phone"}]},
    )  # fmt: skip
    ended = run(here)
    assert "nothing to do, both sides agree" in ended.out
    assert spent(ended) == idle


def spent(ended: Ended) -> str:
    """The calls that a cycle took, without what is left of a quota."""
    return re.sub(r" \(.* left\)", "", ended.out.partition("API calls: ")[2])


def type_of(here: World) -> int:
    with here.mirror() as mirror:
        return int(mirror.project.get("activity_type") or 0)


def test_a_lock_is_tried_again_by_the_next_cycle_and_told_only_if_it_stays(here: World) -> None:
    record, person = lead(here)
    here.marketo.edit(person, title="CEO")
    locked = {"salesforce": "UNABLE_TO_LOCK_ROW", "dynamics": "0x80071154"}[here.facts.system]
    with refusing(here, lambda _: locked):
        ended = run(here)
        assert (ended.code, times(here, person)) == (3, 0)
        assert f"    {locked}: " in ended.out
        assert run(here).code == 3
        (told,) = here.marketo.activity_log(person)
        assert (told["Fields"], told["Code"]) == ("Job Title", locked)
    assert run(here).code == 0
    assert here.crm.records("lead", "title")[record] == {"title": "CEO"}


def test_what_is_no_choice_or_too_long_costs_no_call_and_no_other_field(here: World) -> None:
    record, person = lead(here, customerTier="Gold")
    here.marketo.edit(person, customerTier="Platinum", title="T" * 200, lastName="Row")
    ended = run(here)
    assert ended.code == 3
    assert here.crm.records("lead", "lastName", "customerTier")[record] == {"lastName": "Row", "customerTier": "Gold"}
    assert "    NOT_A_CHOICE: 'Platinum' is none of the choices of " in ended.out
    assert "    TOO_LONG: 200 characters are too long for " in ended.out
    assert sorted(one["Code"] for one in here.marketo.activity_log(person)) == ["NOT_A_CHOICE", "TOO_LONG"]


def test_a_required_field_that_marketing_emptied_is_not_sent_and_the_others_are(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.init()
        record, person = lead(here)
        here.marketo.edit(person, lastName=None, title="CEO")
        ended = run(here)
        assert (ended.code, here.crm.records("lead", "lastName", "title")[record]) == (
            3,
            {"lastName": "Roe", "title": "CEO"},
        )
        assert "    EMPTY: Last Name must not be empty\n" in ended.out


@pytest.mark.parametrize("fault", ["reset_after", "reset_before", "gateway_html"])
def test_a_lost_answer_leaves_one_entry_in_the_log(here: World, fault: str) -> None:
    _, person = lead(here)
    here.marketo.edit(person, phone="12")
    here.sandbox.marketo.activity_delay = 240.0  # entries show late
    here.sandbox.faults.script(Fault(fault, "marketo", EXTERNAL, "POST"))
    ended = run(here)
    assert (ended.code, ended.err) == (3, "")
    for _ in range(3):
        assert run(here).code == 3
    here.clock.sleep(300)
    assert times(here, person) == 1


def test_a_permission_that_was_taken_away_is_a_warning_and_the_entry_waits(here: World) -> None:
    _, person = lead(here)
    here.marketo.control("permissions", revoke=["Read-Write Activity"])
    here.marketo.edit(person, phone="12")
    ended = run(here)
    assert ended.code == 3
    assert "warning: what was refused is not in people's Activity Logs yet: Marketo's Activity Logs" in ended.err
    assert 'give the API user\'s role "Read-Write Activity"' in ended.err
    here.marketo.control("permissions", grant=["Read-Write Activity"])
    assert run(here).err == ""
    assert times(here, person) == 1


def test_a_type_that_was_deleted_is_a_warning_with_the_command_that_makes_it_again(here: World) -> None:
    _, person = lead(here)
    here.marketo.ask("activities/external/type/mksyncRefusal/delete", {})
    here.marketo.edit(person, phone="12")
    ended = run(here)
    assert "warning: Marketo did not take 1 entry of people's Activity Logs: " in ended.err
    assert "mksync init --create-activity-type" in ended.err
    assert here.command(*LOGS).code == 0
    here.marketo.edit(person, title="CEO")
    assert (run(here).err, times(here, person)) == ("", 1)


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.system)
def test_without_the_admins_word_nothing_is_made_and_nothing_told_but_once(tmp_path: Path, crm: object) -> None:
    with world(tmp_path, crm) as here:  # type: ignore[arg-type]
        here.init()
        ended = here.command("init", "--no-input")
        assert "what is refused stands in mksync log alone" in ended.out
        _, person = lead(here)
        here.marketo.edit(person, phone="12")
        first, second = run(here), run(here, "--retry-rejected")
        note = f"what {here.facts.title} refuses can also stand in the person's Activity Log in Marketo: "
        assert f"{note}mksync init --create-activity-type\n" in first.err
        assert note not in second.err
        assert times(here, person) == 0
        assert here.command(*LOGS).code == 0
        assert run(here, "--retry-rejected").code == 3
        assert times(here, person) == 0  # it was refused before anybody asked for entries


def test_what_is_refused_to_a_person_who_is_pushed_stands_in_the_log_at_once(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.init()
        assert here.command(*LOGS).code == 0
        _, person = lead(here)
        here.marketo.edit(person, phone="12")
        assert here.command("push-person", person).code == 3
        assert times(here, person) == 1
        assert run(here).code == 3
        assert times(here, person) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_a_mirror_that_is_made_anew_tells_nobody_twice_and_forgets_nobody(here: World, lost: bool) -> None:
    _, person = lead(here)
    here.marketo.edit(person, phone="12")
    if lost:
        here.sandbox.faults.script(Fault("reset_before", "marketo", EXTERNAL, "POST"))
    assert run(here).code == 3
    assert times(here, person) == (0 if lost else 1)
    assert here.command("mirror", "rebuild").code == 0
    for _ in range(3):
        assert run(here).code == 3
    assert times(here, person) == 1
