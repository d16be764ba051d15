"""What a choice of fields does to the next cycles, and what becomes of a field that is hidden meanwhile."""

from tests.cli.desk import PEOPLE, run_once, state
from tests.scenarios.sandbox_world import World


def test_a_field_that_is_added_later_is_filled_from_the_crm_and_quiet_after_that(fresh: World) -> None:
    project = fresh
    project.command("init", "--no-input")
    run_once(project)
    before = state(project)
    project.command("fields", "select", "--all-custom")
    dry = run_once(project, "--dry-run")
    assert state(project) == before
    ended = run_once(project)
    assert ended.code == 0
    for shown in (dry.out, ended.out):
        quinn = [line.split() for line in shown.splitlines() if line.startswith("Quinn Silva") and "filled" in line]
        filled = ["customerTier", "(empty)", "Gold", *project.facts.title.split(), "→", "Marketo", "filled"]
        assert filled in [row[3:] for row in quinn]
    (person,) = [row for row in state(project)[PEOPLE] if row["email"] == "quinn.silva.0@example.org"]
    assert (person["customerTier"], person["interests"]) == ("Gold", "Automation;Events")
    after = state(project)
    assert {table: rows for table, rows in after.items() if table != PEOPLE} == {
        table: rows for table, rows in before.items() if table != PEOPLE
    }
    assert "nothing to do, both sides agree" in run_once(project).out
    assert state(project) == after


def test_a_field_that_differed_before_it_was_added_takes_the_crms_value(here: World) -> None:
    here.command("fields", "select", "--object", "lead", "--remove", "customerTier")
    lead = here.crm.named("lead", email="roe@example.com", customerTier="Gold")
    run_once(here)
    here.marketo.edit(here.person_of(lead), customerTier="Silver")
    run_once(here)
    here.command("fields", "select", "--object", "lead", "--add", "customerTier")
    ended = run_once(here)
    assert here.marketo.people("customerTier")[here.person_of(lead)]["customerTier"] == "Gold"
    assert here.crm.records("lead", "customerTier")[lead]["customerTier"] == "Gold"
    assert "quick sync: filled from the CRM" in ended.out
    assert "Silver" in here.command("log", "--collisions").out


def test_a_field_that_is_no_longer_selected_is_left_alone(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", title="CTO")
    run_once(here)
    here.command("fields", "select", "--object", "lead", "--remove", "title")
    here.crm.edit("lead", lead, title="CEO")
    assert "nothing to do" in run_once(here).out
    assert here.marketo.people("title")[here.person_of(lead)]["title"] == "CTO"


def test_a_field_that_becomes_hidden_is_suspended_and_refreshed_when_it_is_back(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", title="CTO", customerTier="Gold")
    run_once(here)
    person = here.person_of(lead)

    here.crm.hide("lead", "customerTier")
    here.crm.edit("lead", lead, title="CEO", customerTier="Bronze")
    ended = run_once(here)
    assert ended.code == 0
    assert ended.err == (
        f"warning: lead.customerTier is suspended: {here.facts.title}'s {here.fields['lead']['customerTier']} is gone"
        " or not visible to the sync user any more; its values are kept. Remedy: grant access again; if it was renamed"
        " or deleted: mksync fields select --object lead --remove customerTier\n"
    )
    assert here.marketo.people("customerTier", "title")[person] == {
        "id": int(person), "customerTier": "Gold", "title": "CEO",
    }  # fmt: skip
    here.marketo.edit(person, customerTier="Silver", title="CIO")
    assert run_once(here).code == 0
    assert here.crm.records("lead", "title")[lead]["title"] == "CIO"

    here.crm.show("lead", "customerTier")
    here.clock.sleep(3_600)
    ended = run_once(here)
    assert (ended.code, ended.err) == (0, "")
    assert here.marketo.people("customerTier")[person]["customerTier"] == "Silver"
    assert here.crm.records("lead", "customerTier")[lead]["customerTier"] == "Silver"
    assert "Bronze" in here.command("log", "--collisions").out
    assert "nothing to do" in run_once(here).out


def test_access_that_is_back_is_seen_at_once_where_somebody_looks(here: World) -> None:
    here.crm.hide("lead", "customerTier")
    here.clock.sleep(3_600)  # a CRM may show a hidden field as an empty one: then it is asked for its fields again
    assert "suspended" in run_once(here).err
    here.crm.show("lead", "customerTier")
    assert "suspended" not in here.command("fields", "list").out
    assert run_once(here).err == ""


def test_a_field_that_is_hidden_for_some_cycles_changes_nothing_then_nor_when_it_is_back(here: World) -> None:
    for number, tier in enumerate(("Gold", None, "Silver")):
        here.crm.named("lead", email=f"roe{number}@example.com", customerTier=tier, fitScore=number)
        here.crm.named("contact", email=f"poe{number}@example.com", customerTier=tier)
    assert run_once(here).code == 0
    before = state(here)
    for object in ("lead", "contact"):
        here.crm.hide(object, "customerTier")
    for _ in range(3):
        here.clock.sleep(3_600)  # nothing is read: it is the hourly look at the fields that tells
        ended = run_once(here)
        assert (ended.code, ended.err.count("is suspended")) == (0, 2)
        assert state(here) == before
    for object in ("lead", "contact"):
        here.crm.show(object, "customerTier")
    here.clock.sleep(3_600)
    assert (run_once(here).code, state(here)) == (0, before)
    lead = next(iter(here.crm.records("lead")))
    here.crm.edit("lead", lead, customerTier="Bronze")
    run_once(here)
    assert here.marketo.people("customerTier")[here.person_of(lead)]["customerTier"] == "Bronze"


def test_the_list_tells_when_a_cycle_last_wrote_a_field(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com")
    run_once(here)
    here.crm.edit("lead", lead, customerTier="Gold")
    run_once(here)
    rows = {row.split()[0]: row for row in here.command("fields", "list", "--object", "lead").out.splitlines() if row}
    names = here.fields["lead"]
    assert " 2026-11-18 11:" in rows[names["customerTier"]]
    assert " 2026-" not in rows[names["fitScore"]]


def test_a_field_that_is_closed_to_writes_rests_alone_from_the_first_refusal_on(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", customerTier="Gold")
    run_once(here)
    person, name = here.person_of(lead), here.fields["lead"]["customerTier"]
    one_way = here.facts.system == "salesforce"
    if one_way:
        here.crm.user.control("access", object="Lead", field=name, access="read")
    else:
        here.crm.hide("lead", "customerTier")

    here.marketo.edit(person, customerTier="Silver", title="CTO")
    assert run_once(here).code == 3, "the write is refused: nobody has looked at the fields yet"
    ended = run_once(here)
    assert (ended.code, here.crm.records("lead", "title")[lead]["title"]) == (0, "CTO")
    assert ended.err.startswith("warning: lead.customerTier is suspended: ")
    assert here.marketo.people("customerTier")[person]["customerTier"] == "Silver"

    remedy = f"mksync fields select --object lead --add {name}=customerTier:to-marketo"
    assert (remedy in ended.err) is one_way
    if one_way:
        assert here.command(*remedy.split()[1:]).code == 0
    else:
        here.crm.show("lead", "customerTier")
        here.clock.sleep(3_600)
    run_once(here)
    winner, loser = ("Gold", "Silver") if one_way else ("Silver", "Gold")
    assert here.marketo.people("customerTier")[person]["customerTier"] == winner
    assert here.crm.records("lead", "customerTier")[lead]["customerTier"] == winner
    assert (loser in here.command("log", "--collisions").out) is one_way
    assert "nothing to do" in run_once(here).out
