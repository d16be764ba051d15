"""`mksync watch` as an admin sees it: a line or a document a cycle, and how it ends. Nothing here really waits."""

import json
import re
from pathlib import Path

import pytest

from mksync.config import FILE
from mksync.sandbox.faults import Fault
from tests.cli.desk import agrees_with_golden, error
from tests.scenarios.crms import Crm
from tests.scenarios.sandbox_world import World

FLAGS = ("--interval", "5m")
STAMP = r"2026-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def configured(here: World, text: str) -> None:
    path = here.folder / FILE
    path.write_text(f"{path.read_text()}\n{text}\n")


def documents(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_line_a_cycle_and_totals_in_the_end(here: World, crm: Crm) -> None:
    here.crm.named("lead", email="roe@example.com", title="CTO")
    ended = here.command("watch", "--cycles", "3")
    assert (ended.code, ended.err) == (0, "")
    assert agrees_with_golden("watch", ended.out, crm)


def test_the_next_cycle_begins_five_minutes_after_the_end_of_the_last(here: World) -> None:
    lines = documents(here.command("watch", "--cycles", "3", "--json").out)
    nexts = [line["watch"]["next"] for line in lines]  # type: ignore[index]
    starts = [line["started"] for line in lines]
    assert nexts[2] is None
    assert starts[1:] == nexts[:2]
    with here.mirror() as mirror:
        first, second, *_ = sorted(mirror.history.cycles(limit=3), key=lambda cycle: cycle.id)
        assert [first.command, second.command] == ["watch", "watch"]
        (gap,) = mirror.db.execute("SELECT unixepoch(?) - unixepoch(?)", (second.started, first.finished)).fetchone()
    assert gap == 300


def test_with_json_every_cycle_is_a_document_of_one_line_as_run_once_gives_it(here: World) -> None:
    here.crm.named("lead", email="roe@example.com")
    first, second = documents(here.command("watch", *FLAGS, "--cycles", "2", "--json").out)
    assert first["mksync"] == {"schema": 1, "command": "watch", "exit": {"code": 0, "name": "done"}}
    assert {"cycle", "objects", "calls", "warnings"} < first.keys()
    totals = {"cycles": 2, "failed": 0, "created": 1, "updated": 0, "collisions": 0}
    assert second["watch"]["totals"] == totals  # type: ignore[index]


def test_calls_are_counted_for_each_cycle_while_both_sides_stay_signed_in(here: World) -> None:
    tokens = _tokens(here)
    lines = documents(here.command("watch", "--interval", "15m", "--cycles", "4", "--json").out)
    calls = [sum(line["calls"].values()) for line in lines]  # type: ignore[attr-defined]
    assert calls[1] == calls[2] == calls[3] <= 5, "the first asks who it is"
    assert _tokens(here) <= tokens + 2


def _tokens(here: World) -> int:
    with here.sandbox.store.lock:
        return len(here.sandbox.store.connection.execute(here.facts.tokens).fetchall())


def test_trouble_that_passes_is_told_and_tried_again_and_does_not_end_the_watch(here: World) -> None:
    here.fails("unavailable", "marketo", "leads.json|activities", times=12)
    ended = here.command("watch", *FLAGS, "--cycles", "4")
    assert ended.code == 0
    told = re.findall(rf"^{STAMP}  error: Marketo did not answer .* · again at {STAMP}$", ended.err, re.MULTILINE)
    assert len(told) >= 1
    assert f"; {len(told)} failed" in ended.out.splitlines()[-1]


def test_a_watch_whose_last_cycle_failed_ends_with_its_exit_code(here: World) -> None:
    here.fails("unavailable", "marketo", "leads.json|activities", times=50)
    ended = here.command("watch", "--cycles", "1", "--json")
    here.sandbox.faults.clear()
    assert ended.code == 5
    (only,) = documents(ended.out)
    assert only["mksync"]["exit"] == {"code": 5, "name": "temporary"}  # type: ignore[index]
    assert "Marketo did not answer" in only["error"]["message"]  # type: ignore[index]
    assert ended.err.startswith("error: Marketo did not answer")


def test_a_sign_in_that_is_refused_ends_the_watch(here: World) -> None:
    text = (here.folder / FILE).read_text()
    (here.folder / FILE).write_text(text.replace('client_secret = "sandbox"', 'client_secret = "wrong"'))
    ended = here.command("watch")
    assert ended.code == 8
    assert ended.out == "watched 1 cycle: 0 created, 0 updated, 0 collisions; 1 failed\n"
    assert ended.err.startswith("error: ")


def test_or_makes_it_pause_telling_once(here: World) -> None:
    before = here.command("watch", "--cycles", "1")
    assert before.code == 0
    text = (here.folder / FILE).read_text()
    (here.folder / FILE).write_text(
        text.replace('client_secret = "sandbox"', 'client_secret = "wrong"') + '\n[watch]\non_access = "pause"\n'
    )
    ended = here.command("watch", "--cycles", "4")
    assert ended.code == 8, "its last cycle failed"
    assert ended.err.count("error: ") == 2, "once while it paused, and once for its end"
    assert ended.out.splitlines() == ["watched 4 cycles: 0 created, 0 updated, 0 collisions; 4 failed"]


def test_a_selection_that_is_broken_while_it_watches_is_told_and_not_taken(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    selection = here.config.selection
    good = selection.read_text()
    sleep = type(here.clock).sleep
    texts = iter(["[[lead]]\nmarketo = ", "[[lead]]\nmarketo = ", good])

    def edit(clock: object, seconds: float) -> None:
        selection.write_text(next(texts, good))
        sleep(clock, seconds)  # type: ignore[arg-type]

    monkeypatch.setattr(type(here.clock), "sleep", edit)
    ended = here.command("watch", *FLAGS, "--cycles", "4")
    assert ended.code == 0
    assert ended.err.count("this is not TOML") == 1
    assert "the selection stays as it was" in ended.err
    assert ended.out.splitlines()[-1].startswith("watched 4 cycles")


@pytest.mark.parametrize(
    ("interval", "message", "hint"),
    [
        ("soon", "--interval soon: this is no time", "write seconds or a unit: --interval 90, --interval 5m"),
        ("0", "--interval 0: it has to be at least 1 s", ""),
    ],
)
def test_a_time_that_is_none_is_told(still: World, interval: str, message: str, hint: str) -> None:
    ended = still.command("watch", "--interval", interval)
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))


def test_without_a_project_json_is_one_line_too(tmp_path: Path, still: World) -> None:
    there = World(tmp_path / "nowhere", still.sandbox, still.facts)
    ended = there.command("watch", "--json")
    (only,) = documents(ended.out)
    assert ended.code == 2
    assert only["mksync"]["exit"]["code"] == 2  # type: ignore[index]


def test_a_budget_of_a_day_holds_over_the_cycles_of_that_day_and_not_of_the_next(here: World) -> None:
    here.clock.sleep(7_200)
    (first,) = documents(here.command("watch", "--cycles", "1", "--json").out)
    enough = 3 * first["calls"][here.facts.title]  # type: ignore[index]
    text = (here.folder / FILE).read_text().replace("[crm]\n", f"[crm]\ndaily_calls = {enough}\n")
    (here.folder / FILE).write_text(f"{text}\n[watch]\nlongest_retry = 7200\n")
    lines = documents(here.command("watch", "--interval", "2h", "--cycles", "20", "--json").out)
    codes = [line["mksync"]["exit"]["code"] for line in lines]  # type: ignore[index]
    assert 5 in codes, "the budget was used up"
    assert 0 in codes[codes.index(5) :], "and a new day gave a new one"


def test_a_fault_of_the_kind_that_loses_an_answer_is_settled_by_the_next_cycle(here: World) -> None:
    assert here.command("watch", "--cycles", "1").code == 0
    lead = here.crm.named("lead", email="new@example.com")
    here.sandbox.faults.script(Fault("reset_after", "marketo", "/v1/leads.json", "POST"))
    assert here.command("watch", *FLAGS, "--cycles", "3").code == 0
    assert here.person_of(lead)
