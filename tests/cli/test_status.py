"""`mksync status` tells how a project stands, and `mksync doctor` whether everything is as it has to be."""

import json
import os
from pathlib import Path

from mksync.mirror.lock import Lock, at_work
from tests.scenarios.sandbox_world import World


def test_how_a_project_stands(here: World) -> None:
    leads = [here.crm.named("lead", lastName=f"Roe {number}", phone="+1 555 0100 200") for number in range(3)]
    here.crm.named("contact", lastName="Poe")
    here.cycle()
    here.marketo.edit(here.person_of(leads[0]), phone="12")
    here.crm.delete("lead", leads[1])
    report = here.cycle()
    ended = here.command("status")
    crm = f"{here.facts.title} {report.calls[here.facts.title]}"
    assert (ended.code, ended.err) == (0, "")
    assert (
        ended.out
        == f"""\
last run: run-once, cycle 3, {report.started} to {report.finished}, exit 3 · API calls: \
Marketo {report.calls["Marketo"]}, {crm}

object   linked  at rest        rejected  held  suspended fields  values to fill
────────────────────────────────────────────────────────────────────────────────
Contact  1       0              0         0     0                 0
Lead     2       1 crm deleted  1         0     0                 0

what waits, and what to do: mksync log --rejected
"""
    )


def test_the_same_for_machines(here: World) -> None:
    here.crm.named("lead")
    here.cycle()
    told = json.loads(here.command("status", "--json").out)
    assert (told["last"]["id"], told["at_work"]) == (2, "")
    (lead,) = (one for one in told["objects"] if one["object"] == "lead")
    assert lead == {
        "object": "lead",
        "links": {"live": 1},
        "rejected": 0,
        "held": 0,
        "suspended": 0,
        "filling": 0,
    }


def test_status_names_who_is_at_work_and_keeps_nobody_from_it(here: World) -> None:
    with Lock(here.config.mirror, "watch", here.clock.now()):
        ended = here.command("status")
        assert f"at work: mksync watch, process {os.getpid()}, since " in ended.out
    assert here.command("run-once").code == 0


def test_a_process_that_is_gone_is_not_at_work(tmp_path: Path) -> None:
    mirror = tmp_path / "mksync.db"
    assert at_work(mirror) == ""
    mirror.with_name("mksync.db.lock").write_text("mksync watch, process 999999999, since then\n")
    assert at_work(mirror) == ""


def test_the_doctor_finds_nothing_wrong_and_changes_nothing(here: World) -> None:
    before = here.marketo.people()
    ended = here.command("doctor", "--json")
    checks = json.loads(ended.out)["checks"]
    assert (ended.code, len(checks), {check["passed"] for check in checks}) == (0, here.facts.checks, {True})
    assert here.marketo.people() == before


def test_the_doctor_exits_as_the_first_fault_does_and_says_what_to_do(here: World) -> None:
    here.sandbox.marketo.deny("POST", "/rest/v1/leads.json")
    ended = here.command("doctor")
    assert ended.code == 8
    assert "Marketo people, write" in ended.err
    assert "hint: " in ended.err
    assert json.loads(here.command("doctor", "--json").out)["mksync"]["exit"]["code"] == 8


def test_the_doctor_looks_at_the_mirror_too(here: World) -> None:
    here.crm.named("lead")
    here.cycle()
    with here.mirror() as mirror:
        mirror.db.execute("UPDATE link SET person = 99")
    ended = here.command("doctor")
    assert (ended.code, ended.err.splitlines()[-1]) == (
        7,
        "hint: make a new one from both systems; this one is kept beside it: mksync mirror rebuild",
    )
