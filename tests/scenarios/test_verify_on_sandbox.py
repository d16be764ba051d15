"""`mksync verify` as an admin meets it: what it says, and the code it exits with."""

import json

from tests.scenarios.sandbox_world import World


def settled(here: World) -> tuple[str, str]:
    """A lead and a contact in step. Returns their ids in the CRM."""
    ana = {**here.facts.needed["lead"], "firstName": "Ana", "lastName": "Ruiz"}
    lead = here.crm.create("lead", **ana, email="ana@example.com", title="CTO")
    contact = here.crm.create("contact", firstName="Bo", lastName="Lind", email="bo@example.com", title="CFO")
    assert here.cycle().exit_code == 0
    return lead, contact


def test_both_sides_agree(here: World) -> None:
    settled(here)
    here.clock.sleep(300)
    ended = here.command("verify")
    calls = json.loads(here.command("verify", "--json").out)["calls"]
    assert (ended.code, ended.err) == (0, "")
    assert (
        ended.out
        == f"""\
object   compared  values  differences  listed already
──────────────────────────────────────────────────────
Lead     1         {len(here.fields["lead"]) + 1}      0
Contact  1         {len(here.fields["contact"]) + 1}      0

compared all 2 records: both sides agree · API calls: Marketo 2, {here.facts.title} {calls[here.facts.title]}
"""
    )


def test_an_edit_that_no_cycle_has_seen_yet_is_a_difference_and_a_hint(here: World) -> None:
    lead, _ = settled(here)
    here.marketo.edit(here.person_of(lead), title="Chief")
    here.clock.sleep(300)
    ended = here.command("verify", "--object", "lead")
    assert ended.code == 4
    assert ended.out.startswith(f"""\
Lead: 1 difference
record                      id{" " * len(lead[2:])}  field  Marketo  {here.facts.title}  what
""")
    told = (
        f"Ana Ruiz <ana@example.com>  {lead}  title  Chief    CTO{' ' * (len(here.facts.title) - 3)}  edited in Marketo"
    )
    assert f"{told} since the last cycle\n" in ended.out
    assert ended.err == "hint: 1 of these were edited since the last cycle: mksync run-once, then verify again\n"
    here.cycle()
    assert here.command("verify").code == 0


def test_a_wrong_value_that_the_mirror_takes_for_settled_is_found(here: World) -> None:
    lead, _ = settled(here)
    here.marketo.edit(here.person_of(lead), title="Wrong")
    with here.mirror() as mirror:  # as if a cycle had seen it, and had left it
        mirror.db.execute("UPDATE marketo_person SET title = 'Wrong', _dirty = 0 WHERE title = 'CTO'")
        mirror.db.execute("UPDATE marketo_lead_base SET title = 'Wrong'")
    here.clock.sleep(300)
    assert here.cycle().quiet
    ended = here.command("verify", "--json")
    (row,) = json.loads(ended.out)["objects"][0]["differences"]
    assert ended.code == 4
    assert (row["field"], row["marketo"], row["crm"], row["edited"]) == ("title", "Wrong", "CTO", [])


def test_a_rejected_value_is_listed_and_is_no_difference(here: World) -> None:
    lead, _ = settled(here)
    here.marketo.edit(here.person_of(lead), phone="12")
    assert here.cycle().exit_code == 3
    ended = here.command("verify", "--json")
    assert (ended.code, json.loads(ended.out)["objects"][0]["accounted"]) == (0, {"rejected": 1})


def test_an_object_that_does_not_sync_is_an_error(here: World) -> None:
    settled(here)
    ended = here.command("verify", "--object", "invoice")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error: --object invoice: there is no such object\nhint: one of lead, contact\n"
