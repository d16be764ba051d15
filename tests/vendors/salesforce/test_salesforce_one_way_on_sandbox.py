"""Accounts, users, opportunities, roles and custom objects: client and sandbox meet."""

import random
from collections.abc import Iterator

import pytest

from mksync.core.custom import Hop
from mksync.core.records import DefaultPair, Gone, Record, Ref
from mksync.ports import Unavailable
from mksync.vendors.salesforce.names import sobject
from mksync.vendors.salesforce.one_way import ONE_WAY, PERSON_LINKS
from tests.vendors.salesforce.sandbox_org import EVERYTHING, Mirror, World, world

ONE_WAY_OBJECTS = [object for object in EVERYTHING if object not in ("lead", "contact")]


@pytest.fixture
def here() -> Iterator[World]:
    with world() as found:
        yield found


@pytest.fixture
def mirror(here: World) -> Mirror:
    """Everything is read and an hour has passed."""
    mirror = Mirror(EVERYTHING)
    mirror.pulls(here.port)
    here.passes(3_600)
    mirror.pulls(here.port)
    here.passes(3_600)
    return mirror


def pulled(here: World, mirror: Mirror) -> set[tuple[str, str]]:
    """What the next reading shows, as (object, id)."""
    pages = mirror.pulls(here.port)
    records = {(one.object, one.id) for page in pages for one in page.records}
    return records | {(one.object, one.id) for page in pages for one in page.gone}


def test_a_first_read_shows_every_object(here: World) -> None:
    mirror = Mirror(EVERYTHING)
    assert all(page.full for page in mirror.pulls(here.port))
    for object in EVERYTHING:
        assert mirror.ids(object), object
    for record in mirror.records.values():
        held = here.holds(sobject(record.object), record.id)
        assert {name: held[name] for name in ("Name", "Role", "Email") if name in record.values} == {
            name: value for name, value in record.values.items() if name in ("Name", "Role", "Email")
        }


def test_references_lead_to_records_that_were_read(here: World, mirror: Mirror) -> None:
    schemas = {object: here.port.describe(object) for object in EVERYTHING}
    followed = 0
    for record in mirror.records.values():
        for name, value in record.values.items():
            references = schemas[record.object].fields[name].references
            if references and value:
                followed += 1
                assert mirror.records[str(value)].object in references, (record.object, name)
    assert followed > 20


def test_an_idle_cycle_of_everything_is_one_call(here: World, mirror: Mirror) -> None:
    before = here.port.calls
    pages = mirror.pulls(here.port)
    assert [(list(page.records), list(page.gone), page.full) for page in pages] == [([], [], False)]
    assert here.port.calls - before == 1


@pytest.mark.parametrize("object", ONE_WAY_OBJECTS)
def test_an_edit_is_seen_whichever_object_it_is_of(here: World, mirror: Mirror, object: str) -> None:
    id = mirror.ids(object)[0]
    values = {"user": {"Email": "new@sandbox.example"}, "role": {"Role": "Other"}}.get(object, {"Name": "New"})
    here.others.edits(sobject(object), id, **values)
    here.passes(60)
    assert pulled(here, mirror) == {(object, id)}
    assert values.items() <= mirror.records[id].values.items()


@pytest.mark.parametrize("quirks", [(), ("delete_keeps_stamp",), ("roles_skip_bin",)])
@pytest.mark.parametrize("object", [object for object in ONE_WAY_OBJECTS if object not in ("user", "account")])
def test_a_deletion_is_seen_with_what_goes_with_it(object: str, quirks: tuple[str, ...]) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror(EVERYTHING)
        mirror.pulls(here.port)
        here.passes(7_000)
        mirror.pulls(here.port)
        child = {
            "opportunity": ("role", "OpportunityId"),
            "Event_Registration__c": ("Session_Booking__c", "Registration__c"),
        }
        hanging, field = child.get(object, ("", ""))
        found = [one for one in mirror.records.values() if one.object == hanging]
        id = str(found[0].values[field]) if found else mirror.ids(object)[0]
        gone = {(object, id)} | {(hanging, one.id) for one in found if one.values[field] == id}
        here.others.deletes(sobject(object), id)
        here.passes(60)
        assert pulled(here, mirror) == gone
        assert mirror.gone == {id: Gone(object, id, "deleted") for object, id in gone}


def test_a_user_who_leaves_stays_a_user(here: World, mirror: Mirror) -> None:
    here.others.edits("User", id := mirror.ids("user")[2], IsActive=False)
    here.passes(60)
    assert pulled(here, mirror) == {("user", id)}
    assert mirror.records[id].values["IsActive"] is False
    (found,) = here.port.fetch("user", [id], ["LastName"])
    assert isinstance(found, Record)


def test_an_id_that_is_no_user_of_this_organisation_is_answered_for(here: World) -> None:
    nobody = "0055g0000000099AAA"
    assert list(here.port.fetch("user", [nobody], ["LastName"])) == [Gone("user", nobody, "deleted")]


def test_merged_accounts_name_their_survivor_and_their_contacts_and_opportunities_move(
    here: World, mirror: Mirror
) -> None:
    opportunity = next(one for one in mirror.records.values() if one.object == "opportunity")
    loser = str(opportunity.values["AccountId"])
    master = next(id for id in mirror.ids("account") if id != loser)
    here.others.merges("Account", master, loser)
    here.passes(60)
    shown = pulled(here, mirror)
    assert mirror.gone == {loser: Gone("account", loser, "merged", Ref("account", master))}
    assert {("account", loser), ("account", master), ("opportunity", opportunity.id)} <= shown
    assert mirror.records[opportunity.id].values["AccountId"] == master
    assert list(here.port.fetch("account", [loser], ["Name"])) == [mirror.gone[loser]]


@pytest.mark.parametrize(("object", "name"), [("lead", "Lead"), ("Event_Registration__c", "Event_Registration__c")])
def test_what_a_queue_owns_has_no_owner(here: World, mirror: Mirror, object: str, name: str) -> None:
    id = mirror.ids(object)[0]
    (before,) = here.port.fetch(object, [id], ["OwnerId"])
    here.others.edits(name, id, OwnerId=here.sandbox.salesforce.users["queue"])
    (after,) = here.port.fetch(object, [id], ["OwnerId"])
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert str(before.values["OwnerId"]).startswith("005")
    assert after.values["OwnerId"] is None


@pytest.mark.parametrize("object", ONE_WAY_OBJECTS)
def test_an_object_hidden_from_the_sync_user_is_unavailable(here: World, object: str) -> None:
    here.others.controls("access", object=sobject(object), access="none")
    with pytest.raises(Unavailable):
        here.port.describe(object)


def test_a_hidden_field_is_not_described_and_one_that_may_be_read_is(here: World) -> None:
    fields = here.port.describe("Event_Registration__c").fields
    assert "Organiser_Note__c" not in fields
    assert not fields["Source_Code__c"].writable
    assert fields["Status__c"].choices == ("Registered", "Attended", "No Show", "Cancelled")


def test_custom_objects_are_offered_with_their_ways_to_people(here: World) -> None:
    ways = {object: (Hop(f"{object.title()}__c", object),) for object in ("lead", "contact", "account")}
    further = Hop("Registration__c", "Event_Registration__c")
    found = {one.name: one for one in here.port.custom_objects()}
    assert {name: one.label for name, one in found.items()} == {
        "Event_Registration__c": "Event Registration", "Session_Booking__c": "Session Booking",
    }  # fmt: skip
    assert set(found["Event_Registration__c"].paths) == set(ways.values())
    assert set(found["Session_Booking__c"].paths) == {(further, *way) for way in ways.values()}


def test_a_hidden_lookup_is_no_way(here: World) -> None:
    for field in ("Lead__c", "Account__c"):
        here.others.controls("access", object="Event_Registration__c", field=field, access="none")
    (registration, booking) = here.port.custom_objects()
    assert registration.paths == ((Hop("Contact__c", "contact"),),)
    assert len(booking.paths) == 1
    here.others.controls("access", object="Event_Registration__c", access="none")
    assert here.port.custom_objects() == []


def test_a_new_lookup_of_the_admins_is_a_way(here: World) -> None:
    lookup = {"type": "reference", "reference_to": ["Contact"], "access": "read"}
    here.others.controls("fields", object="Session_Booking__c", name="Companion__c", **lookup)
    assert here.port.describe("Session_Booking__c").fields["Companion__c"].references == ("contact",)
    found = {one.name: one.paths for one in here.port.custom_objects()}
    assert found["Session_Booking__c"][0] == (Hop("Companion__c", "contact"),)


@pytest.mark.parametrize(
    ("object", "pairs"),
    [*((object, catalogue.pairs) for object, catalogue in ONE_WAY.items()), *PERSON_LINKS.items()],
)
def test_what_the_catalogue_pairs_is_there_to_be_read(here: World, object: str, pairs: tuple[DefaultPair, ...]) -> None:
    fields = here.port.describe(object).fields
    assert [pair.crm for pair in pairs if pair.crm not in fields] == []


def test_records_are_found_by_what_they_refer_to(here: World, mirror: Mirror) -> None:
    role = next(one for one in mirror.records.values() if one.object == "role")
    opportunity = str(role.values["OpportunityId"])
    found = {one.id for one in here.port.find("role", "OpportunityId", [opportunity], ["Role"])}
    assert found == {
        one.id for one in mirror.records.values() if one.object == "role" and one.values["OpportunityId"] == opportunity
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("quirks", [(), ("short_pages", "delete_keeps_stamp", "roles_skip_bin")])
def test_whatever_happens_in_whichever_object_the_feed_ends_up_with_what_is_there(
    seed: int, quirks: tuple[str, ...]
) -> None:
    """Edits, deletions, merges and open transactions in eight objects, killed reads and long pauses, in any order."""
    chance = random.Random(seed)
    with world(people=60, quirks=quirks, max_page=200) as here:
        mirror = Mirror(EVERYTHING)
        for _ in range(10):
            for _ in range(chance.randrange(5)):
                _something_happens(here, mirror, chance)
            here.passes(chance.choice((1, 60, 300, 9_000)))
            mirror.pulls(here.port, at_most=chance.choice((None, None, 1)))
        here.passes(3_600)
        mirror.pulls(here.port)
        mirror.pulls(here.port)
        fresh = Mirror(EVERYTHING)
        fresh.pulls(here.port)
        assert mirror.records == fresh.records


def _something_happens(here: World, mirror: Mirror, chance: random.Random) -> None:
    object = chance.choice(list(EVERYTHING))
    rows = {id: here.sandbox.salesforce.row(sobject(object), id) for id in mirror.ids(object)}
    alive = [id for id, row in rows.items() if row and not row.get("IsDeleted")]
    if len(alive) < 4:
        return
    one, other = chance.sample(alive, 2)
    name, values = sobject(object), _edit(object, chance)
    match chance.randrange(5):
        case 0 if object != "user":
            here.others.deletes(name, one)
        case 1 if object == "account":
            here.others.merges(name, one, other)
        case 2:
            seconds = chance.choice((30, 400, 550))
            here.others.controls("edits", kind="update", object=name, id=one, values=values, open_seconds=seconds)
        case _:
            here.others.edits(name, one, **values)


def _edit(object: str, chance: random.Random) -> dict[str, object]:
    text = f"T{chance.random()}"
    if object in ("lead", "contact", "user"):
        return {"LastName": text}
    return {"IsPrimary": chance.random() < 0.5} if object == "role" else {"Name": text}
