"""`mksync fields backfill`: fields are filled again from their source, on all records or on those of a time."""

import json

import pytest

from tests.cli.desk import error, run_once, state
from tests.scenarios.sandbox_world import World

FIELD = "customerTier"


def tiers(here: World) -> dict[str, str | None]:
    """What Marketo holds, by the e-mail address."""
    return {row["email"]: row[FIELD] for row in here.marketo.people("email", FIELD).values()}


@pytest.fixture
def two(here: World) -> World:
    """An old lead and a new one, which differ in a field that was just selected. A week lies between them."""
    here.command("fields", "select", "--object", "lead", "--remove", FIELD)
    for name, tier in (("old", "Gold"), ("new", None)):
        here.crm.named("lead", email=f"{name}@example.com", **{FIELD: tier} if tier else {})
        here.clock.sleep(7 * 86_400)
    run_once(here)
    for id, row in here.marketo.people("email").items():
        here.marketo.edit(id, **{FIELD: "Silver"})
        assert row["email"]
    run_once(here)
    here.command("fields", "select", "--object", "lead", "--add", FIELD)
    return here


def test_a_time_limits_the_quick_sync_and_the_rest_stays_as_it_is_until_somebody_edits_it(two: World) -> None:
    ended = two.command("fields", "backfill", FIELD, "--object", "lead", "--created-since", "10d")
    assert ended.code == 0
    assert ended.err == f"quick sync: lead.{FIELD} is taken from {two.facts.title} on 1 linked record\n"
    assert tiers(two) == {"old@example.com": "Silver", "new@example.com": None}
    assert "nothing to do" in run_once(two).out
    old = next(id for id, row in two.crm.records("lead", "email").items() if row["email"] == "old@example.com")
    two.crm.edit("lead", old, **{FIELD: "Bronze"})
    run_once(two)
    assert tiers(two)["old@example.com"] == "Bronze"


def test_without_a_time_every_linked_record_is_filled_also_what_stood_as_it_was(two: World) -> None:
    time = ("--updated-since", "2026-11-18", "--until", "2026-11-19")
    two.command("fields", "backfill", FIELD, "--object", "lead", *time)
    assert tiers(two) == {"old@example.com": "Gold", "new@example.com": "Silver"}
    ended = two.command("fields", "backfill", two.fields["lead"][FIELD], "--object", "lead")
    assert ended.code == 0
    assert tiers(two) == {"old@example.com": "Gold", "new@example.com": None}
    assert "quick sync: filled from the CRM" in ended.out
    assert "1 first difference" in ended.out
    assert "collision" not in ended.out
    assert "nothing to do" in run_once(two).out


def test_a_dry_run_tells_how_many_records_and_writes_nothing(two: World) -> None:
    before = state(two)
    ended = two.command("fields", "backfill", FIELD, "--object", "lead", "--dry-run")
    assert (ended.code, state(two)) == (0, before)
    assert f"quick sync: lead.{FIELD} is taken from {two.facts.title} on 2 linked records" in ended.err
    assert "dry run, nothing written: 2 to update" in ended.out


def test_edits_of_other_fields_are_synced_in_the_same_cycle(two: World) -> None:
    lead = next(iter(two.crm.records("lead")))
    two.crm.edit("lead", lead, title="CTO")
    person = two.person_of(lead)
    two.marketo.edit(person, phone="+1 555 0100")
    told = json.loads(two.command("fields", "backfill", FIELD, "--object", "lead", "--json").out)
    assert told["mksync"]["command"] == "fields backfill"
    assert told["notes"] == [f"quick sync: lead.{FIELD} is taken from {two.facts.title} on 2 linked records"]
    assert two.marketo.people("title")[person]["title"] == "CTO"
    assert two.crm.records("lead", "phone")[lead]["phone"] == "+1 555 0100"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["title"], "which object's fields are meant?", "--object, one of lead, contact"),
        (
            ["nonsense", "--object", "lead"],
            "lead: nonsense is not selected",
            "select it, and it is filled by itself: mksync fields select --object lead --add nonsense",
        ),
        (
            ["--object", "lead", "--until", "2026-01-01"],
            "--until is the end of a time",
            "add --created-since or --updated-since",
        ),
        (
            ["--object", "lead", "--created-since", "1d", "--updated-since", "1d"],
            "--created-since and --updated-since exclude each other",
            "name one of them",
        ),
        (
            ["--object", "lead", "--created-since", "2026-01-02", "--until", "2026-01-01"],
            "nothing was created between 2026-01-02T00:00:00Z and 2026-01-01T00:00:00Z",
            "swap the two",
        ),
        (
            ["--object", "lead", "--updated-since", "soon"],
            "--updated-since soon: this is no date",
            "write a date (2026-03-02), a moment (2026-03-02T10:00) or how long ago (90m, 12h, 7d, 2w)",
        ),
    ],
)
def test_what_is_not_clear_is_asked_back(
    here: World, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str, hint: str
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    ended = here.command("fields", "backfill", *words)
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))


def test_a_suspended_field_has_nothing_to_be_filled_from(here: World) -> None:
    here.crm.hide("lead", FIELD)
    here.command("fields", "list")
    ended = here.command("fields", "backfill", FIELD, "--object", "lead")
    assert ended.code == 2
    assert f"lead.{FIELD} is suspended: there is nothing to fill it from" in ended.err


def test_a_value_that_changes_without_moving_any_stamp_is_fetched_on_request(here: World) -> None:
    """As a formula's does: no feed tells of it, and the record itself was not edited."""
    lead = here.crm.named("lead", email="roe@example.com", fitScore=1)
    run_once(here)
    here.clock.sleep(3_600)
    run_once(here)  # feeds overlap: from now on, they do not tell of this lead any more
    column, table = here.fields["lead"]["fitScore"], here.facts.tables[0]
    with here.sandbox.store.lock:
        changed = here.sandbox.store.connection.execute(f'UPDATE "{table}" SET "{column}" = 7')
        assert changed.rowcount == 1
        here.sandbox.store.connection.commit()
    assert "nothing to do" in run_once(here).out
    ended = here.command("fields", "backfill", "fitScore", "--object", "lead")
    assert ended.code == 0
    assert here.marketo.people("fitScore")[here.person_of(lead)]["fitScore"] == 7
    assert "nothing to do" in run_once(here).out
