"""`mksync run-once`: what it shows, what it writes, and how it ends."""

import json
import re
from typing import Any

import pytest

from mksync.sandbox.marketo.meter import Limits
from tests.cli.desk import agrees_with_golden, error, run_once, state
from tests.scenarios.sandbox_world import Ended, World

SIGNED = {"schema": 1, "command": "run-once", "exit": {"code": 0, "name": "done"}}


def lead(here: World, **values: Any) -> str:
    return here.crm.named("lead", **values)


@pytest.fixture
def linked(here: World) -> str:
    """The id of a lead whose person both sides know."""
    id = lead(here, email="roe@example.com", title="CTO", phone="555 0100")
    assert run_once(here).code == 0
    return id


def shown(ended: Ended) -> str:
    """What was printed, but for the API calls that it took: they are the vendors' affair."""
    return re.sub(r" · API calls: Marketo \d+, .*", "", ended.out)


def dumped(here: World) -> list[str]:
    """Everything the mirror holds, but for the fields as they were last described."""
    with here.mirror() as mirror:
        return [line for line in mirror.db.iterdump() if "schema_cache" not in line]


# Dry runs


def test_a_dry_run_shows_and_touches_nothing(here: World, linked: str) -> None:
    here.crm.edit("lead", linked, title="CEO")
    lead(here, email="new@example.com")
    before, mirror = state(here), dumped(here)
    ended = run_once(here, "--dry-run")
    assert (ended.code, ended.err) == (0, "")
    assert agrees_with_golden("run_once_dry", shown(ended), here.facts)
    assert (state(here), dumped(here)) == (before, mirror)


def test_exit_code_tells_a_script_whether_there_are_differences(here: World, linked: str) -> None:
    here.crm.edit("lead", linked, title="CEO")
    assert run_once(here, "--dry-run", "--exit-code").code == 4
    assert run_once(here, "-n").code == 0
    assert run_once(here).code == 0
    assert run_once(here, "--dry-run", "--exit-code").code == 0


def test_exit_code_belongs_to_dry_runs(here: World) -> None:
    ended = run_once(here, "--exit-code")
    assert (ended.code, ended.err) == (2, error("--exit-code tells what a dry run would do", "add --dry-run"))


# What is printed


def test_the_report_of_a_cycle(here: World, linked: str) -> None:
    here.crm.edit("lead", linked, title="CEO", phone="555 0199")
    here.marketo.edit(here.person_of(linked), title="VP", fitScore=7.5)
    ended = run_once(here)
    assert (ended.code, ended.err) == (0, "")
    assert agrees_with_golden("run_once", shown(ended), here.facts)


def test_quiet_says_nothing_if_there_is_nothing_to_tell(here: World, linked: str) -> None:
    assert run_once(here, "--quiet") == type(run_once(here))(0, "", "")
    here.crm.edit("lead", linked, title="CEO")
    assert run_once(here, "-q").out.startswith("Lead: 1 change\n")


def test_json_is_one_document(here: World, linked: str) -> None:
    here.crm.edit("lead", linked, title="CEO")
    here.marketo.edit(here.person_of(linked), title="VP", unsubscribed=True)
    ended = run_once(here, "--json")
    told = json.loads(ended.out)
    assert told["mksync"] == SIGNED
    assert told.keys() - {"mksync"} == {
        "cycle", "dry", "started", "finished", "objects", "calls", "warnings", "exit_code", "notes",
        "quota",
    }  # fmt: skip
    leads, contacts = told["objects"]
    assert leads.keys() == contacts.keys() >= {
        "object", "label", "created", "updated", "changes", "changes_total", "collisions", "collisions_total",
        "initial_total", "rejected", "rejected_total", "held", "held_total",
    }  # fmt: skip
    title = here.fields["lead"]["title"]
    record = {"object": "lead", "id": linked, "person_id": here.person_of(linked), "label": "Roe <roe@example.com>"}
    assert leads["changes"][0] == {
        "object": "lead", "record": record, "field": "title", "crm_field": title, "was": "CEO", "now": "VP",
        "to": "crm", "kind": "collision", "state": "written",
    }  # fmt: skip
    assert [row["now"] for row in leads["changes"] if row["field"] == "unsubscribed"] == [True]
    assert leads["collisions"] == [
        {
            "record": record, "field": "title", "crm_field": title, "marketo": "VP", "crm": "CEO",
            "base_marketo": "CTO", "base_crm": "CTO", "winner": "marketo", "rule": "lead: Marketo wins",
            "kind": "collision",
        }
    ]  # fmt: skip
    assert ended.err == ""


@pytest.mark.parametrize("word", ["lead", "person", "LEAD"])
def test_one_object_alone_leaves_the_other_for_later(here: World, word: str) -> None:
    lead(here, email="roe@example.com")
    here.crm.named("contact", lastName="Doe", email="doe@example.com")
    first = run_once(here, "--object", word)
    assert (first.code, "cycle 2: 1 created" in first.out, "Contact" in first.out) == (0, True, False)
    second = run_once(here)
    assert "Contact: 3 changes" in second.out
    assert "cycle 3: 1 created" in second.out
    assert "nothing to do" in run_once(here).out


def test_an_unknown_object_is_refused_before_anything_is_read(here: World) -> None:
    here.sandbox.calls.clear()
    ended = here.command("run-once", "--object", "opportunity")
    assert (ended.code, ended.err) == (
        2,
        error("--object opportunity: there is no such object", "one of lead, contact"),
    )
    assert here.sandbox.calls.counts() == {}


# Brakes


def test_a_brake_stops_a_bulk_edit_until_somebody_confirms_its_number(here: World) -> None:
    ids = [lead(here, email=f"p{number}@example.com", title="CTO") for number in range(30)]
    run_once(here)
    for id in ids[:28]:
        here.crm.edit("lead", id, title=None)
    before = state(here)
    for flags in ((), ("--confirm", "27")):
        ended = run_once(here, *flags)
        assert (ended.code, ended.out) == (6, "")
        assert ended.err == error(
            "lead.title would be emptied in Marketo on 28 of 30 linked records;"
            " 28 of 30 linked lead records would be changed in Marketo, most of them in title",
            f"look whether the sync user can still read the field in {here.facts.title};"
            " if this is meant, run again with --confirm 28",
        )
        assert state(here) == before
    ended = run_once(here, "--dry-run")
    assert ended.code == 0
    assert ended.err.startswith("warning: a brake would stop this run: lead.title would be emptied in Marketo")
    told = json.loads(run_once(here, "--json").out)
    assert told["mksync"]["exit"] == {"code": 6, "name": "brake"}
    assert told["error"]["hint"].endswith("--confirm 28")
    ended = run_once(here, "--confirm", "28")
    assert (ended.code, "28 updated" in ended.out) == (0, True)
    assert sum("title" in row for row in state(here)["marketo_lead"]) == 2


# Leftovers


def test_what_is_refused_is_listed_and_left_alone_until_it_changes(here: World, linked: str) -> None:
    here.marketo.edit(here.person_of(linked), phone="12", title="CEO")
    ended = run_once(here)
    assert ended.code == 3
    who, refusal = f"Roe <roe@example.com> ({linked}, person {here.person_of(linked)})", here.facts.refusal
    fields = ", ".join(sorted(here.fields["lead"][name] for name in ("phone", "title")))
    assert shown(ended).endswith(
        f"Lead: 1 rejected\n  {who}: {here.facts.title} refused it ({fields})\n{refusal}\ncycle 3: 1 rejected\n"
    )
    before = state(here)
    again = run_once(here)
    assert (again.code, shown(again).splitlines()[-1]) == (3, "cycle 4: 1 rejected")
    assert state(here) == before
    here.marketo.edit(here.person_of(linked), phone="555 0111")
    assert run_once(here).code == 0
    assert here.crm.records("lead", "title")[linked]["title"] == "CEO"


def test_retry_rejected_tries_again_once_the_rule_is_gone(here: World, linked: str) -> None:
    here.marketo.edit(here.person_of(linked), phone="12")
    run_once(here)
    here.crm.user.drop_the_phone_rule()
    assert run_once(here).code == 3
    ended = run_once(here, "--retry-rejected")
    assert (ended.code, f"Marketo → {here.facts.title}" in ended.out) == (0, True)
    assert here.crm.records("lead", "phone")[linked]["phone"] == "12"


def test_one_refused_record_holds_up_no_other(here: World, linked: str) -> None:
    other = lead(here, email="doe@example.com")
    run_once(here)
    here.marketo.edit(here.person_of(linked), phone="12")
    here.marketo.edit(here.person_of(other), title="CFO")
    assert run_once(here).code == 3
    assert here.crm.records("lead", "title")[other]["title"] == "CFO"


# Vendors that do not answer


def test_a_quota_of_marketo_that_is_used_up_is_temporary(here: World, linked: str) -> None:
    before = state(here)
    here.sandbox.marketo.limits = Limits(daily_quota=1)
    ended = run_once(here)
    assert (ended.code, ended.out, state(here)) == (5, "", before)
    assert ended.err == error(
        "Marketo: the instance's daily API calls are used up: Daily quota reached (code 607)",
        "run again after midnight, US Central time",
    )
    here.sandbox.marketo.limits = Limits()
    assert run_once(here).code == 0


def test_a_quota_of_the_crm_that_is_used_up_is_temporary(here: World, linked: str) -> None:
    before = state(here)
    here.fails("quota", "crm", times=1_000)
    ended = run_once(here)
    assert (ended.code, ended.out, state(here)) == (5, "", before)
    assert ended.err == error(*here.facts.quota)
    here.sandbox.faults.clear()
    assert run_once(here).code == 0


def test_a_cycle_that_failed_stands_in_the_log_with_its_reason(here: World, linked: str) -> None:
    here.fails("quota", "marketo", "/rest/", times=100)
    assert run_once(here).code == 5
    here.sandbox.faults.clear()
    with here.mirror() as mirror:
        (cycle,) = mirror.history.cycles(limit=1)
    assert (cycle.exit_code, len(cycle.warnings)) == (5, 1)
