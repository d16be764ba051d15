"""An older copy of the mirror that was put back is known for one, and nothing is read or written before it is meant."""

import json
import shutil
from pathlib import Path

from mksync.mirror.last import beside
from tests.scenarios.plug import plugged
from tests.scenarios.sandbox_world import World

WHO = "ana@example.com"
COMMANDS = (
    ("run-once",), ("run-once", "--confirm", "1"), ("watch", "--cycles", "3"), ("push-person", WHO), ("convert", WHO),
)  # fmt: skip


def told(here: World) -> Path:
    return beside(here.config.mirror)


def in_step(here: World) -> str:
    """A lead that both systems know. Returns its id."""
    ana = {**here.facts.needed["lead"], "firstName": "Ana", "lastName": "Ruiz", "email": WHO}
    lead = here.crm.create("lead", **ana, title="CTO")
    here.cycle()
    return lead


def put_back(here: World, lead: str) -> str:
    """Two cycles are made, and then the mirror of before is put in place; the title was edited in the CRM meanwhile.

    Returns what the mirror knows nothing of, in words.
    """
    copy = here.folder / "copy.db"
    shutil.copy(here.config.mirror, copy)
    with here.mirror() as mirror:
        since = mirror.history.cycles(limit=1)[0].finished
    here.crm.edit("lead", lead, title="CEO")
    here.cycle()
    until = here.cycle().finished
    copy.replace(here.config.mirror)
    here.crm.edit("lead", lead, title="President")
    return f"2 cycles, made between {since} and {until}"


def test_whatever_would_write_stops_before_it_reads_anything(here: World) -> None:
    missing = put_back(here, in_step(here))
    words = (
        f"error: the mirror at {here.config.mirror} is older than the last run, as if a copy had been put back: it does"
        f" not know of {missing} hint: put the newer mirror back if there is one; if this one is meant, mksync run-once"
        " --confirm 2 reads everything afresh, and mksync log --collisions keeps each value that loses"
    )
    for argv in COMMANDS:
        with plugged(here) as plug:
            ended = here.command(*argv)
        assert (ended.code, plug.steps) == (6, []), (argv, ended)
        assert words in " ".join(ended.err.split()), argv


def test_with_the_number_it_goes_on_and_says_so_once(here: World) -> None:
    lead = in_step(here)
    missing = put_back(here, lead)
    ended = here.command("run-once", "--confirm", "2")
    assert ended.code == 0, ended
    warning = f"the mirror is an older copy, which does not know of {missing}: everything was read afresh"
    assert warning in " ".join(ended.err.split())
    again = here.cycle()
    assert (again.quiet, again.warnings) == (True, ())


def test_what_lost_in_the_cycle_that_went_on_stands_in_the_log(here: World) -> None:
    """The old copy takes the synced CEO for an edit in Marketo: on a lead it wins over the CRM's President."""
    lead = in_step(here)
    put_back(here, lead)
    here.command("run-once", "--confirm", "2")
    log = json.loads(here.command("log", "--collisions", "--json").out)
    assert "President" in json.dumps(log)


def test_a_dry_run_tells_of_it_and_status_too(here: World) -> None:
    missing = put_back(here, in_step(here))
    dry = here.command("run-once", "--dry-run")
    assert f"a brake would stop this run: the mirror at {here.config.mirror} is older than the last run" in " ".join(
        dry.err.split()
    )
    until = missing.split(" and ")[1]
    line = f"the mirror is older than the last run, which ended {until}: mksync run-once says more"
    assert line in here.command("status").out.splitlines()
    assert json.loads(here.command("status", "--json").out)["missing"]["cycles"] == 2


def test_without_a_file_that_can_be_read_or_with_an_older_one_nothing_stops(here: World) -> None:
    """A run that is killed between its commit and the file leaves an older one."""
    in_step(here)
    for content in (None, "", "{", "[]", '{"cycle": null}', '{"cycle": 1, "ended": ""}'):
        told(here).unlink()
        if content is not None:
            told(here).write_text(content)
        assert here.command("run-once").code == 0, content
        assert json.loads(told(here).read_text())["cycle"] > 1


def test_a_dry_run_does_not_touch_the_file_and_nobody_else_may_read_it(here: World) -> None:
    in_step(here)
    before = told(here).read_bytes(), told(here).stat().st_mtime_ns
    assert here.command("run-once", "--dry-run").code == 0
    here.command("push-person", WHO, "--dry-run")
    assert (told(here).read_bytes(), told(here).stat().st_mtime_ns) == before
    assert told(here).stat().st_mode & 0o777 == 0o600


def test_a_rebuilt_mirror_and_one_of_a_new_project_are_no_older_copies(here: World) -> None:
    put_back(here, in_step(here))
    assert here.command("mirror", "rebuild").code == 0
    assert here.command("run-once").code == 0
    here.config.mirror.unlink()
    assert here.command("init", "--no-input").code == 0
    assert here.command("run-once").code == 0
