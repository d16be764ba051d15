"""Finding people and their CRM records over HTTP: in few calls, whatever became of the records."""

from mksync import selection
from mksync.app import open_app
from mksync.engine.whereabouts import Nowhere, Several, There, Whereabouts, find_records
from mksync.engine.who import Person, find_people
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.filters import filter_user
from tests.scenarios.sandbox_world import World


def places(here: World, *whos: str) -> tuple[list[Whereabouts], tuple[int, int]]:
    """Where they are, and the calls it took of Marketo and of the CRM after signing in."""
    with open_app(here.config, here.clock) as app:
        chosen = selection.load(here.config.selection)
        project = app.project(app.schemas(app.synced(chosen)), chosen)
        app.ports.crm.organisation()
        before = app.ports.map(lambda port: port.calls)
        people = [one.record for one in find_people(project, whos) if isinstance(one, Person)]
        found = find_records(project, people).places
        calls = (app.ports.marketo.calls - before.marketo, app.ports.crm.calls - before.crm)
    return list(found), calls


def test_a_hundred_people_take_two_calls_and_each_is_found_by_the_best_there_is(here: World) -> None:
    lead = here.crm.named("lead", email="lead@example.com")
    here.cycle()
    contact = here.crm.named("contact", email="o'neil+a%b_c@example.com")
    for email in ("o'neil+a%b_c@example.com", "nobody@example.com"):
        here.marketo.create(email=email, lastName="X")
    many = [f"{number}@example.com" for number in range(100)]
    found, calls = places(here, "LEAD@example.com", "o'neil+a%b_c@example.com", "nobody@example.com", *many)
    assert [type(one) for one in found] == [There, There, Nowhere]
    assert [(one.record.id, one.by) for one in found if isinstance(one, There)] == [(lead, "link"), (contact, "e-mail")]
    assert calls == (1, 1 if here.facts is SALESFORCE else 7)  # the first: who asks; two: no column is secured


def test_twins_are_several_and_what_was_deleted_is_not_found_by_its_address(here: World) -> None:
    twins = {here.crm.named("lead", email="twin@example.com"), here.crm.named("contact", email="twin@example.com")}
    here.marketo.create(email="twin@example.com", lastName="Twin")
    here.crm.delete("lead", here.crm.named("lead", email="gone@example.com"))
    here.marketo.create(email="gone@example.com", lastName="Gone")
    (several, nowhere), _ = places(here, "twin@example.com", "gone@example.com")
    assert isinstance(several, Several)
    assert {one.id for one in several.records} == twins
    assert isinstance(nowhere, Nowhere)


def test_a_converted_lead_is_found_by_its_address_and_leads_to_its_contact(here: World) -> None:
    lead = here.crm.named("lead", email="before@example.com")
    here.marketo.create(email="before@example.com", lastName="X")
    contact = filter_user(here.facts.system, here.sandbox).convert(lead)
    here.crm.edit("contact", contact, email="after@example.com")
    (there,), _ = places(here, "before@example.com")
    assert isinstance(there, There)
    assert (there.record.object, there.record.id) == ("contact", contact)
