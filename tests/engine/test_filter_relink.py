"""Conversions, merges and deletions under the sync filter: one row of the truth tables a test case."""

from pathlib import Path

import pytest

from mksync.core.filter import FROZEN, STARTED, WAITING
from mksync.core.records import Ref, Refusal, Value
from mksync.engine.project import PERSON
from tests.engine.test_filter import events, people, waiting
from tests.engine.test_relink import links, merge_leads, merge_people
from tests.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, filtered=True)


def convert(world: World, *, contact: Value, **values: Value) -> None:
    """L1 goes into a new contact C1, which has this flag."""
    lead = world.crm.records["lead"]["L1"]
    world.contact(1, **{**lead, "Id": "C1", "Sync__c": contact, **values})
    world.crm.drop("lead", "L1", "converted", Ref("contact", "C1"))


def in_step(world: World, person: str, contact: str) -> None:
    """What is edited flows, and then it is quiet."""
    world.crm.put("contact", contact, Title="from the CRM")
    world.cycle()
    assert people(world)[person]["title"] == "from the CRM"
    assert people(world)[person][KEY] == contact
    assert world.cycle().quiet


class TestQualify:
    def test_no_no_nothing_happens(self, world: World) -> None:
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=False)
        world.cycle()
        convert(world, contact=False)
        report = world.cycle()
        assert (people(world), report.quiet, links(world)) == ({}, True, [])

    @pytest.mark.parametrize(("lead", "contact"), [(True, True), (None, None), (True, None), (None, True)])
    def test_yes_yes_the_link_moves_to_the_contact(self, world: World, lead: Value, contact: Value) -> None:
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=lead)
        world.cycle()
        convert(world, contact=contact)
        world.cycle()
        assert links(world) == [("contact", "P001", "C1", "live")]
        in_step(world, "P001", "C1")

    def test_no_yes_the_contact_gets_a_new_person(self, world: World) -> None:
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=False)
        world.cycle()
        convert(world, contact=True)
        world.cycle()
        assert links(world) == [("contact", "P001", "C1", "live")]
        in_step(world, "P001", "C1")

    def test_no_yes_the_contact_is_matched_to_a_person_that_is_there(self, world: World) -> None:
        world.marketo.put(PERSON, "X1", email="one@example.com")
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=False)
        world.cycle()
        convert(world, contact=True)
        world.cycle()
        assert links(world) == [("contact", "X1", "C1", "live")]

    @pytest.mark.parametrize("lead", [None, True])
    @pytest.mark.parametrize("last_words", [False, True])
    def test_yes_no_the_leads_last_values_reach_the_person_and_the_link_stays_with_the_lead(
        self, world: World, lead: Value, last_words: bool
    ) -> None:
        world.crm.last_words = last_words
        world.lead(1, Title="CTO", Phone="1", Email="one@example.com", Sync__c=lead)
        world.cycle()
        world.lead(1, Title="CEO")
        convert(world, contact=False, Title="of the contact")
        report = world.cycle()
        assert people(world)["P001"]["title"] == ("CEO" if last_words else "CTO")
        assert people(world)["P001"][KEY] == "L1"
        assert links(world) == [("lead", "P001", "L1", WAITING)]
        assert (events(report), report.exit_code, waiting(world)) == ([(FROZEN, "L1")], 0, [])

    def test_yes_no_the_last_values_wait_for_a_cycle_that_has_leads_in_it(self, world: World) -> None:
        world.crm.last_words = True
        world.lead(1, Title="CTO", Sync__c=True)
        world.cycle()
        world.lead(1, Title="CEO")
        convert(world, contact=False)
        world.cycle(objects=("contact",))
        assert people(world)["P001"]["title"] == "CTO"
        for number in range(20, 25):  # the change feed does not come back to the lead
            world.contact(number, Sync__c=False)
        world.cycle(objects=("contact",))
        world.cycle()
        assert people(world)["P001"]["title"] == "CEO"

    def test_yes_no_nothing_flows_afterwards(self, world: World) -> None:
        world.lead(1, Title="CTO", Sync__c=True)
        world.cycle()
        convert(world, contact=False)
        world.cycle()
        world.contact(1, Title="edited")
        world.marketo.put(PERSON, "P001", phone="edited")
        before = world.writes()
        report = world.cycle()
        assert (report.quiet, world.writes(), waiting(world)) == (True, before, [])

    @pytest.mark.parametrize("flag", [None, True])
    def test_yes_no_a_later_yes_moves_the_link_to_the_contact(self, world: World, flag: Value) -> None:
        world.marketo.put(PERSON, "X1", email="other@example.com")
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=True)
        world.cycle()
        convert(world, contact=False, Email="other@example.com")
        world.cycle()
        world.contact(1, Sync__c=flag)
        report = world.cycle()
        assert links(world) == [("contact", "P002", "C1", "live")]
        assert events(report) == [(STARTED, "C1")]
        assert people(world)["X1"][KEY] is None
        in_step(world, "P002", "C1")

    def test_yes_no_an_edit_that_marketo_made_meanwhile_reaches_the_contact_later(self, world: World) -> None:
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=True)
        world.cycle()
        world.marketo.put(PERSON, "P001", title="Marketo", phone="2")
        convert(world, contact=False)
        world.cycle()
        assert people(world)["P001"]["title"] == "Marketo"
        world.contact(1, Sync__c=True)
        report = world.cycle()
        assert [row for part in report.objects for row in part.collisions] == []
        contact = world.crm.records["contact"]["C1"]
        assert (contact["Title"], contact["Phone"]) == ("Marketo", "2")

    def test_the_last_record_may_say_no_and_then_its_last_values_do_not_flow(self, world: World) -> None:
        world.crm.last_words = True
        world.lead(1, Title="CTO", Sync__c=True)
        world.cycle()
        world.lead(1, Title="CEO", Sync__c=False)
        convert(world, contact=False)
        world.cycle()
        assert people(world)["P001"]["title"] == "CTO"
        assert links(world) == [("lead", "P001", "L1", WAITING)]

    def test_a_frozen_lead_that_is_converted_into_a_synced_contact_hands_its_person_over(self, world: World) -> None:
        world.lead(1, Title="CTO", Sync__c=True)
        world.cycle()
        world.lead(1, Sync__c=False)
        world.cycle()
        convert(world, contact=True)
        report = world.cycle()
        assert (events(report), links(world)) == ([(STARTED, "C1")], [("contact", "P001", "C1", "live")])
        in_step(world, "P001", "C1")

    def test_a_frozen_lead_that_is_converted_into_a_contact_that_is_left_out_waits_too(self, world: World) -> None:
        world.lead(1, Title="CTO", Sync__c=True)
        world.cycle()
        world.lead(1, Title="CEO", Sync__c=False)
        world.cycle()
        convert(world, contact=False)
        report = world.cycle()
        assert (events(report), people(world)["P001"]["title"]) == ([], "CTO")
        world.contact(1, Sync__c=True)
        world.cycle()
        assert (links(world), people(world)["P001"]["title"]) == ([("contact", "P001", "C1", "live")], "CEO")


class TestWhatBecomesOfALinkThatWaits:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.lead(1, Title="CTO", Email="one@example.com", Sync__c=True)
        world.cycle()
        convert(world, contact=False)
        world.cycle()
        return world

    def test_the_contact_is_deleted(self, world: World) -> None:
        world.crm.drop("contact", "C1")
        world.cycle()
        assert links(world) == [("contact", "P001", "C1", "crm deleted")]

    def test_the_contact_is_merged_into_a_synced_one(self, world: World) -> None:
        world.contact(2, Title="two", Sync__c=False)
        world.cycle()
        world.crm.drop("contact", "C1", "merged", Ref("contact", "C2"))
        world.cycle()
        assert links(world) == [("lead", "P001", "L1", WAITING)]
        world.contact(2, Sync__c=True)
        world.cycle()
        assert links(world) == [("contact", "P001", "C2", "live")]
        in_step(world, "P001", "C2")

    def test_the_person_is_deleted_and_not_made_again(self, world: World) -> None:
        world.marketo.drop(PERSON, "P001")
        world.cycle()
        assert links(world) == [("contact", "P001", "C1", "person deleted")]
        world.contact(1, Sync__c=True)
        world.cycle()
        assert people(world) == {}

    def test_the_person_is_merged(self, world: World) -> None:
        world.marketo.put(PERSON, "X1", email="x@example.com")
        merge_people(world, "P001", "X1")
        world.cycle()
        assert links(world) == [("contact", "X1", "C1", FROZEN)]
        world.contact(1, Sync__c=True)
        world.cycle()
        in_step(world, "X1", "C1")

    def test_the_filter_is_switched_off(self, world: World) -> None:
        world.filters = {}
        world.cycle()
        assert links(world) == [("contact", "P001", "C1", "live")]
        in_step(world, "P001", "C1")

    def test_person_and_contact_are_deleted_in_the_same_moment_as_the_lead_is_converted(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        world = World(tmp_path / "other", filtered=True)
        world.lead(1, Title="CTO", Sync__c=True)
        world.cycle()
        convert(world, contact=False)
        world.crm.drop("contact", "C1")
        world.marketo.drop(PERSON, "P001")
        world.cycle()
        assert (links(world), waiting(world)) == ([], [])


@pytest.mark.parametrize("at", range(1, 12))
def test_a_kill_while_the_last_values_are_on_their_way_changes_nothing(tmp_path: Path, at: int) -> None:
    world = World(tmp_path, filtered=True)
    world.crm.last_words = True
    world.lead(1, Title="CTO", Sync__c=True)
    world.cycle()
    world.lead(1, Title="CEO")
    convert(world, contact=False)
    with world.dying(at):
        world.cycle()
    world.cycle()
    assert (people(world)["P001"]["title"], links(world)) == ("CEO", [("lead", "P001", "L1", WAITING)])
    before = world.writes()
    assert (world.cycle().quiet, world.writes(), waiting(world)) == (True, before, [])
    told = [kind for (kind,) in world.mirror.db.execute("SELECT kind FROM event ORDER BY id")]
    assert told == ["crm converted", FROZEN]


def test_last_values_that_are_refused_are_listed_and_tried_again_when_asked(world: World) -> None:
    world.crm.last_words = True
    world.lead(1, Title="CTO", Sync__c=True)
    world.cycle()
    world.lead(1, Title="CEO")
    convert(world, contact=False)
    world.marketo.refuse = lambda id, values: Refusal("NO", "no")
    assert world.cycle().exit_code == 3
    world.marketo.refuse = lambda id, values: None
    assert world.cycle(retry=True).exit_code == 0
    assert people(world)["P001"]["title"] == "CEO"


@pytest.mark.parametrize("loser", [None, True, False])
@pytest.mark.parametrize(("winner", "state"), [(None, "live"), (True, "live"), (False, FROZEN)])
def test_of_a_merge_the_winners_flag_alone_decides(world: World, loser: Value, winner: Value, state: str) -> None:
    world.lead(1, Title="one", Email="one@example.com", Sync__c=True)
    world.cycle()
    world.lead(1, Sync__c=loser)
    world.cycle()
    world.lead(2, Title="two", Email="two@example.com", Sync__c=False)
    world.cycle()
    world.lead(2, Sync__c=winner)
    merge_leads(world, "L1", "L2")
    world.cycle()
    assert links(world) == [("lead", "P001", "L2", state)]
    assert (len(people(world)), people(world)["P001"]["title"]) == (1, "one")
    assert world.crm.records["lead"]["L2"]["Title"] == ("one" if state == "live" else "two")
    assert world.cycle().quiet


def test_a_winner_that_says_no_is_thawed_like_any_other(world: World) -> None:
    world.lead(1, Title="one", Sync__c=True)
    world.cycle()
    world.lead(2, Phone="2", Sync__c=False)
    merge_leads(world, "L1", "L2")
    assert events(world.cycle()) == [(FROZEN, "L2")]
    assert people(world)["P001"]["phone"] is None
    world.lead(2, Sync__c=True)
    assert events(world.cycle()) == [(STARTED, "L2")]
    assert people(world)["P001"]["phone"] == "2"


def test_a_frozen_record_that_is_deleted_rests_and_an_undeleted_one_is_frozen_again(world: World) -> None:
    world.lead(1, Title="one", Sync__c=True)
    world.cycle()
    world.lead(1, Sync__c=False)
    world.cycle()
    last = world.crm.records["lead"]["L1"]
    world.crm.drop("lead", "L1")
    world.cycle()
    assert links(world) == [("lead", "P001", "L1", "crm deleted")]
    world.crm.put("lead", "L1", **{**last, "Title": "edited"})
    world.cycle()
    assert (links(world), people(world)["P001"]["title"]) == ([("lead", "P001", "L1", FROZEN)], "one")


def test_a_frozen_records_person_that_is_deleted_rests_and_is_not_made_again(world: World) -> None:
    world.lead(1, Title="one", Sync__c=True)
    world.cycle()
    world.lead(1, Sync__c=False)
    world.cycle()
    world.marketo.drop(PERSON, "P001")
    world.cycle()
    assert links(world) == [("lead", "P001", "L1", "person deleted")]
    world.lead(1, Sync__c=True)
    world.cycle()
    assert people(world) == {}
