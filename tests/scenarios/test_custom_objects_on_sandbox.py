"""Custom objects between both emulators, over real HTTP: what somebody keeps in the CRM beside a lead or contact shows
in Marketo with its person one cycle later, and nothing ever goes the other way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.core.report import ObjectReport
from tests.scenarios.customs import ALL, SALESFORCE_CUSTOMS, Customs, Desk
from tests.scenarios.sandbox_world import KEY, world

salesforce = pytest.mark.parametrize("facts", [SALESFORCE_CUSTOMS], ids=["salesforce"], indirect=True)


@pytest.fixture(params=ALL, ids=lambda facts: facts.deals.facts.system)
def facts(request: pytest.FixtureRequest) -> Customs:
    found: Customs = request.param
    return found


@pytest.fixture
def desk(tmp_path: Path, facts: Customs) -> Iterator[Desk]:
    """A project in which the custom object syncs."""
    with world(tmp_path, facts.deals.facts) as made:
        made.init()
        desk = Desk(made, facts)
        desk.select()
        yield desk


def cycle(desk: Desk) -> ObjectReport | None:
    """One that leaves nothing over, and what it told of the custom object."""
    report = desk.world.cycle()
    assert report.exit_code == 0, report
    return next((one for one in report.objects if one.object == desk.facts.object), None)


def quiet(desk: Desk) -> bool:
    """Nothing is left to do, and who looks at both systems afresh finds no difference either."""
    return desk.world.cycle().quiet and desk.world.command("verify").code == 0


def person_of(desk: Desk, record: str) -> str:
    return desk.world.person_of(record)


def test_a_record_belongs_to_the_person_of_its_lead_or_contact_in_one_cycle(desk: Desk) -> None:
    lead, contact = desk.person("lead", "Roe"), desk.person("contact", "Poe")
    of = {object: desk.create(f"of {object}", number=3, **{object: id})
          for object, id in (("lead", lead), ("contact", contact))}  # fmt: skip
    lonely = desk.create("of nobody")
    before = desk.stamps()
    cycle(desk)
    assert desk.belongs(of["lead"]) == person_of(desk, lead)
    assert desk.belongs(of["contact"]) == person_of(desk, contact)
    assert desk.belongs(lonely) is None
    name, number = desk.facts.fields.values()
    assert {(row[name], row[number]) for row in desk.rows()} == {("of lead", 3), ("of contact", 3), ("of nobody", None)}
    assert desk.stamps() == before, "nothing was written to the CRM"
    assert quiet(desk)


def test_of_two_lookups_the_contact_counts(desk: Desk) -> None:
    lead, contact = desk.person("lead", "Roe"), desk.person("contact", "Poe")
    record = desk.create("both", lead=lead, contact=contact)
    cycle(desk)
    assert desk.belongs(record) == person_of(desk, contact)
    desk.edit(record, contact=None)
    cycle(desk)
    assert desk.belongs(record) == person_of(desk, lead)
    assert quiet(desk)


def test_an_update_shows_one_cycle_later_and_in_the_log(desk: Desk) -> None:
    record = desk.create("Summit", lead=desk.person("lead", "Roe"))
    cycle(desk)
    desk.edit(record, number=7)
    told = cycle(desk)
    number = list(desk.facts.fields.values())[1]
    assert desk.kept(record)[number] == 7
    assert told is not None
    assert [(row.record.id, row.field) for row in told.changes] == [(record, number)]
    assert quiet(desk)


def test_a_record_of_somebody_else_shows_with_that_person(desk: Desk) -> None:
    roe, poe = desk.person("lead", "Roe"), desk.person("lead", "Poe")
    record = desk.create("Summit", lead=roe)
    cycle(desk)
    desk.edit(record, lead=poe)
    cycle(desk)
    assert desk.belongs(record) == person_of(desk, poe)
    desk.edit(record, lead=None)
    cycle(desk)
    assert desk.belongs(record) is None
    assert quiet(desk)


def test_a_record_of_a_lead_that_becomes_a_contact_stays_with_its_person(desk: Desk) -> None:
    """Whether it goes on naming the lead that is no more, or names the contact by then."""
    lead = desk.person("lead", "Roe")
    record = desk.create("Summit", lead=lead)
    cycle(desk)
    person = person_of(desk, lead)
    contact = desk.converts(lead)
    desk.edit(record, number=1)
    cycle(desk)
    assert person_of(desk, contact) == person == desk.belongs(record)
    desk.edit(record, number=2, contact=contact)
    cycle(desk)
    assert desk.belongs(record) == person
    late = desk.create("Fair", contact=contact)
    cycle(desk)
    assert desk.belongs(late) == person
    assert quiet(desk)


def test_people_that_are_merged_in_marketo_take_their_records_along(desk: Desk) -> None:
    """Marketo's merge leaves the loser's records behind (see its guide, Leads, "Merge")."""
    lead = desk.person("lead", "Roe")
    record = desk.create("Summit", lead=lead)
    cycle(desk)
    loser, winner = person_of(desk, lead), desk.world.marketo.create(lastName="Roe", email="other@example.com")
    desk.marketo(f"leads/{winner}/merge.json?leadIds={loser}", {})
    desk.world.cycle()
    desk.world.cycle()
    assert desk.belongs(record) == winner
    assert quiet(desk)


def test_a_deleted_record_stays_in_marketo_and_rests(desk: Desk) -> None:
    record = desk.create("Summit", lead=desk.person("lead", "Roe"))
    cycle(desk)
    desk.delete(record)
    desk.world.cycle()
    assert desk.kept(record)
    with desk.world.mirror() as mirror:
        states = mirror.db.execute("SELECT state FROM link WHERE object = ?", (desk.facts.object,)).fetchall()
    assert states == [("crm deleted",)]
    assert quiet(desk)


def test_a_record_waits_for_a_person_that_marketo_does_not_have_and_the_rest_goes_on(desk: Desk) -> None:
    lead = desk.person("lead", "Roe")
    cycle(desk)
    desk.world.marketo.delete(person_of(desk, lead))
    waiting, other = desk.create("Summit", lead=lead), desk.create("Fair", lead=desk.person("lead", "Poe"))
    ended = desk.world.command("run-once")
    assert ended.code == 3
    assert f"waits: its lead {lead} has no person in Marketo" in ended.out
    assert [row["crmRecordId"] for row in desk.rows()] == [other]
    desk.edit(waiting, lead=desk.person("lead", "Tan"))
    cycle(desk)
    assert desk.belongs(waiting)
    assert quiet(desk)


def test_an_edit_made_in_marketo_is_a_collision_that_the_crm_won(desk: Desk) -> None:
    lead = desk.person("lead", "Roe")
    record = desk.create("Summit", lead=lead, number=3)
    cycle(desk)
    name, person = next(iter(desk.facts.fields.values())), desk.belongs(record)
    other = desk.world.marketo.create(lastName="Poe", email="poe@example.com")
    guid = desk.kept(record)["marketoGUID"]
    desk.world.sandbox.marketo.edit("update", desk.facts.kept, guid, **{name: "Fair", "person": int(other)})
    told = cycle(desk)
    assert told is not None
    lost = {(row.field, row.marketo, row.winner) for row in told.collisions}
    assert lost == {(name, "Fair", "crm"), ("person", int(other), "crm")}
    assert (desk.kept(record)[name], desk.belongs(record)) == ("Summit", person)
    assert quiet(desk)


def test_a_type_that_somebody_deletes_in_marketo_is_a_warning_and_comes_back_on_a_word(desk: Desk) -> None:
    lead = desk.person("lead", "Roe")
    record = desk.create("Summit", lead=lead)
    cycle(desk)
    desk.marketo(f"customobjects/schema/{desk.facts.kept}/delete.json", {})
    desk.world.clock.sleep(7_200)  # until the fields are described again
    desk.world.crm.edit("lead", lead, title="Director")
    ended = desk.world.command("run-once")
    assert (
        f"warning: {desk.facts.label} is not synced: Marketo's custom objects {desk.facts.kept} cannot be" in ended.err
    )
    assert desk.world.marketo.people(KEY, "title")[person_of(desk, lead)]["title"] == "Director"
    desk.select()
    desk.world.cycle()
    desk.world.cycle()
    assert desk.belongs(record) == person_of(desk, lead)
    assert quiet(desk)


def test_a_lookup_that_goes_out_of_sight_moves_nobodys_record(desk: Desk) -> None:
    lead = desk.person("lead", "Roe")
    record = desk.create("Summit", lead=lead)
    cycle(desk)
    desk.world.crm.user.hide(desk.facts.object, desk.facts.lookups["lead"])
    desk.world.clock.sleep(7_200)
    desk.edit(record, number=9)
    ended = desk.world.command("run-once")
    hidden = f"{desk.facts.label}: {desk.facts.lookups['lead']} is gone or not visible to the sync user any more"
    assert hidden in ended.err, ended
    assert desk.belongs(record) == person_of(desk, lead)
    assert desk.kept(record)[list(desk.facts.fields.values())[1]] == 9
    desk.world.crm.user.show(desk.facts.object, desk.facts.lookups["lead"])
    desk.world.clock.sleep(7_200)
    desk.edit(record, lead=desk.person("lead", "Poe"))
    desk.world.cycle()
    assert desk.belongs(record) not in (None, person_of(desk, lead))
    assert quiet(desk)


@salesforce
def test_what_belongs_to_a_record_belongs_to_its_person(desk: Desk) -> None:
    """Two hops away, and moved by an edit of the record in the middle alone."""
    user = desk.world.crm.user
    desk.select("Session_Booking__c", "Session_Name__c")
    roe, poe = desk.person("lead", "Roe"), desk.person("contact", "Poe")
    registration = desk.create("Summit", lead=roe)
    booking = user.create("Session_Booking__c", Registration__c=registration, Session_Name__c="Opening")
    cycle(desk)
    assert desk.belongs(booking, "sessionBooking") == person_of(desk, roe)
    desk.edit(registration, contact=poe)
    cycle(desk)
    assert desk.belongs(booking, "sessionBooking") == person_of(desk, poe)
    assert quiet(desk)


@salesforce
def test_a_record_of_an_account_belongs_to_its_company_as_soon_as_accounts_sync(desk: Desk) -> None:
    user = desk.world.crm.user
    account = user.create("account", Name="Acme")
    record = user.create(desk.facts.object, Account__c=account, Event_Name__c="Summit")
    cycle(desk)
    assert desk.kept(record)["company"] is None
    assert desk.world.command("fields", "select", "--object", "account", "--defaults").code == 0
    desk.world.cycle()
    (company,) = desk.rows("company")
    assert desk.kept(record)["company"] == company["id"]
    assert quiet(desk)


@salesforce
def test_a_company_that_is_made_again_in_marketo_has_its_records_again(desk: Desk) -> None:
    user, marketo = desk.world.crm.user, desk.world.sandbox.marketo
    assert desk.world.command("fields", "select", "--object", "account", "--defaults").code == 0
    account = user.create("account", Name="Acme")
    record = user.create(desk.facts.object, Account__c=account, Event_Name__c="Summit")
    cycle(desk)
    (company,) = desk.rows("company")
    marketo.edit("delete", "company", company["id"])
    desk.world.cycle()
    desk.world.cycle()
    (again,) = desk.rows("company")
    assert again["id"] != company["id"]
    assert desk.kept(record)["company"] == again["id"]
    assert quiet(desk)
