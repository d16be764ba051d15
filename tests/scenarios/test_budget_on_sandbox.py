"""A reserve that the admin sets is left to others: a cycle stops at it between two batches, and a later one goes on."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from mksync.sandbox.marketo.meter import UNLIMITED
from tests.cli.desk import agrees_with_golden
from tests.scenarios.sandbox_world import World

MANY = 300
ENOUGH = {"Marketo": 10, "Salesforce": 5, "Dynamics": 210}  # calls for a part of what is to be done
HOURS = 3_600.0


@dataclass(frozen=True)
class Told:
    """What `mksync budget` says of one system."""

    system: dict[str, Any]

    @property
    def used(self) -> int:
        return int(self.system["quota"]["used"])


def budget(here: World, title: str, *flags: str) -> Told:
    ended = here.command("budget", "--json", *flags)
    assert ended.code == 0, ended.err
    (system,) = [one for one in json.loads(ended.out)["systems"] if one["system"] == title]
    return Told(system)


def configure(here: World, table: str, *lines: str) -> None:
    """mksync.toml with these keys in a vendor's table; a plan may change everybody."""
    here.configure()
    file = here.folder / "mksync.toml"
    text = file.read_text().replace(f"[{table}]\n", "\n".join((f"[{table}]", *lines, "")))
    file.write_text(f"{text}\n[brakes]\nchanged_share = 1\n")


def limit_to(here: World, table: str, calls: int) -> int:
    """Leave mksync so many calls from now on, half of the quota being kept for others. Returns the quota."""
    title = here.facts.title if table == "crm" else "Marketo"
    configure(here, table, "reserve = 0.5", *(() if title == "Salesforce" else ("daily_calls = 1000000",)))
    quota = 2 * (budget(here, title, "--ask").used + calls)
    if title == "Salesforce":
        here.crm.user.control("settings", daily_requests=quota)
    else:
        configure(here, table, "reserve = 0.5", f"daily_calls = {quota}")
    return quota


def journal(here: World, side: str) -> dict[str, int]:
    with here.mirror() as mirror:
        return dict(
            mirror.db.execute("SELECT status, count(*) FROM write WHERE side = ? GROUP BY status", (side,)).fetchall()
        )


@pytest.fixture
def edited(here: World) -> World:
    """Everybody's title was changed in Marketo."""
    here.sandbox.marketo.limits = UNLIMITED
    for number in range(MANY):
        here.crm.named("lead", email=f"p{number}@example.com", title="A")
    here.cycle()
    here.cycle()
    with here.mirror() as mirror:
        people = [id for (id,) in mirror.db.execute("SELECT _id FROM marketo_person")]
    for person in people:
        here.marketo.edit(person, title="C")
    return here


def test_at_the_crms_reserve_a_cycle_stops_between_two_batches_and_a_new_day_finishes_it(edited: World) -> None:
    here, crm = edited, edited.facts.title
    quota = limit_to(here, "crm", ENOUGH[crm])
    here.clock.sleep(60)
    ended = here.command("run-once")
    assert (ended.code, ended.out) == (5, "")
    assert f"of {quota:,} calls to {crm} are used, and reserve = 0.5 leaves {quota // 2:,} of them" in ended.err
    assert ("when a new day begins" if crm == "Dynamics" else "only the last 24 hours count") in ended.err
    assert f"lower reserve of {crm} in mksync.toml" in ended.err
    stopped = journal(here, "crm")
    assert stopped.keys() == {"written", "planned"}, "no write was begun and left open"
    titles = [row["title"] for row in here.crm.records("lead", "title").values()]
    assert (titles.count("C"), titles.count("A")) == (stopped["written"], stopped["planned"])
    with here.mirror() as mirror:
        (last,) = mirror.history.cycles(limit=1)
    assert last.exit_code == 5
    assert last.quota[crm].used <= quota // 2, "the reserve was not touched"
    here.clock.sleep(25 * HOURS)
    assert here.command("run-once").code == 0
    assert {row["title"] for row in here.crm.records("lead", "title").values()} == {"C"}
    assert here.cycle().quiet


def test_a_day_with_few_calls_still_brings_some_writes_and_many_such_days_all_of_them(edited: World) -> None:
    here, crm = edited, edited.facts.title
    with here.mirror() as mirror:
        before = mirror.history.cycles(limit=1)[0].calls[crm]
    many = 8 * before
    if crm == "Salesforce":
        here.crm.user.control("settings", daily_requests=2 * many)
        configure(here, "crm", f"daily_calls = {many}", "reserve = 0.5")
    else:
        assert many < 100, "less than a batch"
        configure(here, "crm", f"daily_calls = {many}")
    done = 0
    for _ in range(MANY):
        here.clock.sleep(25 * HOURS)
        code = here.command("run-once").code
        titles = [row["title"] for row in here.crm.records("lead", "title").values()]
        assert titles.count("C") > done, "a day without any write"
        done = titles.count("C")
        if code == 0:
            break
    assert done == MANY


def test_at_marketos_reserve_a_cycle_stops_between_two_batches_and_a_new_day_finishes_it(here: World) -> None:
    here.sandbox.marketo.limits = UNLIMITED
    for number in range(2 * MANY + 1):
        here.crm.named("lead", email=f"p{number}@example.com")
    quota = limit_to(here, "marketo", ENOUGH["Marketo"])
    ended = here.command("run-once")
    assert (ended.code, ended.out) == (5, "")
    assert f"of {quota:,} calls to Marketo are used, and reserve = 0.5 leaves {quota // 2:,} of them" in ended.err
    assert "run again after 2026-11-19T06:00:00Z, when a new day begins" in ended.err
    stopped = journal(here, "marketo")
    assert stopped.keys() == {"written", "planned"}, "no write was begun and left open"
    assert stopped["written"] % MANY == 0
    used = budget(here, "Marketo").used
    assert used <= quota // 2
    assert here.command("run-once").code == 5
    assert journal(here, "marketo") == {"written": stopped["written"]}
    here.clock.sleep(25 * HOURS)
    assert here.command("run-once").code == 0
    with here.mirror() as mirror:
        (people,) = mirror.db.execute("SELECT count(DISTINCT mksyncCrmId) FROM marketo_person").fetchone()
    written = journal(here, "marketo")["written"]
    assert (people, written) == (2 * MANY + 1, 2 * MANY + 1), "everybody was made, and nobody twice"


def test_what_earlier_runs_have_spent_today_counts(here: World) -> None:
    idle = here.cycle().calls[here.facts.title]
    with here.mirror() as mirror:
        spent = sum(one.calls[here.facts.title] for one in mirror.history.cycles())
    configure(here, "crm", f"daily_calls = {spent + 3 * idle}")
    codes = [here.command("run-once").code for _ in range(4)]
    assert codes == [0, 0, 0, 5]


def calls_heard(here: World) -> int:
    """By the CRM, beside sign-ins."""
    counts = here.sandbox.calls.counts()[here.facts.system]
    return sum(number for path, number in counts.items() if not path.endswith("/token"))


@pytest.mark.parametrize("words", [("verify",), ("fields", "list"), ("doctor",)])
def test_what_is_spent_without_a_cycle_counts_as_well(here: World, words: tuple[str, ...]) -> None:
    here.cycle()
    here.clock.sleep(2 * HOURS)
    title = here.facts.title
    with here.mirror() as mirror:
        before = mirror.spending.since(0, title)
    heard = calls_heard(here)
    assert here.command(*words).code == 0
    with here.mirror() as mirror:
        assert mirror.spending.since(0, title) - before == calls_heard(here) - heard > 0
    configure(here, "crm", f"daily_calls = {before + 1}")
    assert here.command("run-once").code == 5, "the calls of a cycle are left, and were used meanwhile"
    here.clock.sleep(25 * HOURS)
    with here.mirror() as mirror:
        assert mirror.spending.since(here.clock.now() - 24 * HOURS, title) == 0


def test_a_push_that_would_cross_a_bound_is_not_begun(here: World) -> None:
    here.marketo.create(email="ana@example.com", lastName="Ruiz", company="Acme")
    with here.mirror() as mirror:
        spent = sum(one.calls["Marketo"] for one in mirror.history.cycles())
    configure(here, "marketo", f"daily_calls = {spent}")
    ended = here.command("push-person", "ana@example.com")
    assert ended.code == 5
    assert f"{spent:,} of {spent:,} calls to Marketo are used" in ended.err
    assert here.crm.records("lead", "email") == {}
    configure(here, "marketo")
    assert here.command("push-person", "ana@example.com").code == 0
    assert len(here.crm.records("lead", "email")) == 1


def test_a_cycle_tells_what_is_left_of_the_quotas_that_are_known(here: World) -> None:
    configure(here, "marketo", "reserve = 0.25", "daily_calls = 50000")
    told = json.loads(here.command("run-once", "--json").out)
    used = told["quota"]["Marketo"]["used"]
    assert told["quota"]["Marketo"] == {"used": used, "limit": 50_000, "reserve": 0.25}
    assert ("Salesforce" in told["quota"]) == (here.facts.title == "Salesforce")
    assert f"Marketo 3 ({used:,} of 50,000 used)" in here.command("log").out
    said = here.command("log", "--cycle", str(told["cycle"])).out.splitlines()[-1]
    assert f"Marketo {used:,} of 50,000 used, 12,500 kept for others, {37_500 - used:,} left" in said


def test_a_budget_is_forecast_from_the_clients_rates_and_then_from_measured_cycles(here: World) -> None:
    crm = here.facts.title
    first = {title: budget(here, title, "--people", "50000").system for title in ("Marketo", crm)}
    assert all(one["day"]["measured"] == 0 for one in first.values())
    assert (first["Marketo"]["day"]["cycles"], first["Marketo"]["day"]["idle"]) == (288, 2 + 2 * 24 / 288)
    reports = [here.cycle() for _ in range(24)]
    for title, before in first.items():
        told = budget(here, title, "--interval", "10m").system
        assert (told["day"]["measured"], told["day"]["cycles"]) == (24, 144)
        assert told["day"]["idle"] == pytest.approx(sum(one.calls[title] for one in reports) / 24)
        assert told["day"]["idle"] == pytest.approx(before["day"]["idle"], rel=0.15), "the rates are the client's own"


def test_a_first_sync_takes_no_more_than_was_forecast_and_not_much_less(here: World) -> None:
    here.sandbox.marketo.limits = UNLIMITED
    told = budget(here, "Marketo", "--people", "600").system["first_sync"]
    for number in range(600):
        here.crm.named("lead", email=f"p{number}@example.com")
    took = [here.cycle().calls["Marketo"] for _ in range(2)]
    forecast = told["reading"] + told["writing"] + 2 * 3
    assert forecast / 2 <= sum(took) <= forecast


def test_what_an_admin_reads_before_anything_is_spent(here: World) -> None:
    configure(here, "marketo", "reserve = 0.2", "daily_calls = 50000")
    here.cycle()
    ended = here.command("budget", "--people", "50000")
    assert agrees_with_golden("budget", ended.out + ended.err, here.facts)


def test_a_forecast_calls_nobody_unless_it_is_asked_to(here: World) -> None:
    here.cycle()
    file = here.folder / "mksync.toml"
    text = file.read_text()
    for url in here.urls.values():
        text = text.replace(url, "http://127.0.0.1:9")
    file.write_text(text)
    ended = here.command("budget", "--people", "50000")
    assert ended.code == 0
    assert "A first sync of 50,000 people, at most" in ended.out
    assert "hint: no quota of Marketo is known: set daily_calls in mksync.toml" in ended.err
    if here.facts.title == "Salesforce":
        assert here.command("budget", "--ask").code == 5


def test_an_interval_that_the_quota_has_no_room_for_is_warned_of(here: World) -> None:
    configure(here, "marketo", "reserve = 0.5", "daily_calls = 1000")
    ended = here.command("budget", "--interval", "1m")
    assert ended.code == 0
    told = "warning: a day of watch takes Marketo 2,928 calls, and mksync may make 500: choose a longer --interval"
    assert told in ended.err.splitlines()


def test_a_reserve_without_a_quota_names_file_line_and_what_is_missing(here: World) -> None:
    configure(here, "marketo", "reserve = 0.2")
    ended = here.command("budget")
    assert ended.code == 2
    assert "`reserve` is a share of `daily_calls`, which is missing" in ended.err
    assert "Add daily_calls" in ended.err
