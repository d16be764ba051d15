"""Accounts, users, opportunities, teams and custom tables: client and sandbox meet."""

from collections.abc import Iterator

import pytest

from mksync.core.records import Gone, Ref
from mksync.errors import AccessError
from mksync.ports import CursorExpired, Unavailable
from tests.vendors.dynamics.sandbox_org import DAY, EVERYTHING, Mirror, World, world

TABLES = {"user": "systemuser", "role": "connection"}
ONE_WAY = [object for object in EVERYTHING if object not in ("lead", "contact")]
PEOPLE = 120


@pytest.fixture
def here() -> Iterator[World]:
    with world(PEOPLE) as found:
        yield found


@pytest.fixture
def mirror(here: World) -> Mirror:
    """Everything is read and an hour has passed."""
    mirror = Mirror(EVERYTHING)
    mirror.pulls(here.port)
    here.passes(3_600)
    return mirror


def edits(here: World, object: str, id: str, **values: object) -> None:
    here.sandbox.dynamics.edit("update", TABLES.get(object, object), id, **values)


def pulled(here: World, mirror: Mirror) -> set[tuple[str, str]]:
    """What the next reading shows, as (object, id)."""
    before = set(mirror.records)
    pages = mirror.pulls(here.port)
    records = {(one.object, one.id) for page in pages for one in page.records}
    return records | {(one.object, one.id) for page in pages for one in page.gone if one.id in before}


def test_a_first_read_shows_every_object(here: World) -> None:
    mirror = Mirror(EVERYTHING)
    assert all(page.full for page in mirror.pulls(here.port))
    for object in EVERYTHING:
        there = {
            str(row[f"{TABLES.get(object, object)}id"])
            for row in here.sandbox.dynamics.rows(TABLES.get(object, object))
            if object != "role" or row["record1idtype"] == "opportunity"
        }
        assert set(mirror.ids(object)) == there
        assert there, object


def test_references_lead_to_records_that_were_read(here: World, mirror: Mirror) -> None:
    schemas = {object: here.port.describe(object) for object in EVERYTHING}
    followed = 0
    for record in mirror.records.values():
        for name, value in record.values.items():
            references = schemas[record.object].fields[name].references
            if references and value:
                followed += 1
                assert mirror.records[str(value)].object in references, (record.object, name)
    assert followed > 100


def test_what_a_team_owns_has_no_owner(here: World, mirror: Mirror) -> None:
    team = here.sandbox.dynamics.users["team"]
    owned = [record for record in mirror.records.values() if "ownerid" in record.values]
    held = {one.id: here.sandbox.dynamics.row(one.object, one.id) for one in owned}
    teams = [one for one in owned if (row := held[one.id]) and row["ownerid"] == team]
    assert {one.values["ownerid"] for one in teams} == {None}
    assert all(one.values["ownerid"] for one in owned if one not in teams)


def test_an_idle_cycle_costs_a_call_a_table(here: World, mirror: Mirror) -> None:
    mirror.pulls(here.port)
    before = here.port.calls
    (page,) = mirror.pulls(here.port)
    assert (list(page.records), list(page.gone), page.full) == ([], [], False)
    assert here.port.calls - before == len(EVERYTHING) + 1, "roles are in two tables"


@pytest.mark.parametrize("quirk", [None, "delta_selected_only"])
@pytest.mark.parametrize("object", [object for object in ONE_WAY if object != "role"])
def test_an_edit_is_seen_whichever_object_it_is_of(object: str, quirk: str | None) -> None:
    with world(PEOPLE, filter(None, [quirk])) as here:
        mirror = Mirror(EVERYTHING)
        mirror.pulls(here.port)
        field = {"user": "lastname", "new_event": "new_name"}.get(object, "name")
        edits(here, object, id := mirror.ids(object)[0], **{field: "New"})
        assert pulled(here, mirror) == {(object, id)}
        assert mirror.records[id].values[field] == "New"


@pytest.mark.parametrize("object", ["opportunity", "role", "new_event"])
def test_a_deletion_is_seen_with_what_goes_with_it(here: World, mirror: Mirror, object: str) -> None:
    id = mirror.ids(object)[0]
    roles = [
        one for one in mirror.records.values() if one.object == "role" and id in (one.id, one.values["opportunityid"])
    ]
    gone = {(object, id)} | {("role", one.id) for one in roles}
    here.sandbox.dynamics.edit("delete", TABLES.get(object, object), id)
    assert pulled(here, mirror) == gone
    assert {(one.object, one.id) for one in mirror.gone.values()} >= gone
    assert {one.reason for one in mirror.gone.values()} == {"deleted"}


def test_a_user_who_leaves_stays_a_user(here: World, mirror: Mirror) -> None:
    id = here.sandbox.dynamics.users["sales_user"]
    edits(here, "user", id, isdisabled=True)
    assert pulled(here, mirror) == {("user", id)}
    assert id in mirror.records


def test_a_merged_account_names_the_one_it_went_into(here: World, mirror: Mirror) -> None:
    winner, loser = mirror.ids("account")[:2]
    here.sandbox.dynamics.edit("merge", "account", winner, loser=loser)
    pulled(here, mirror)
    assert mirror.gone[loser] == Gone("account", loser, "merged", Ref("account", winner))
    assert list(here.port.fetch("account", [loser], ["name"])) == [mirror.gone[loser]]
    pointing = {one.values.get("parentcustomerid") or one.values.get("customerid") for one in mirror.records.values()}
    assert loser not in pointing


def test_what_is_read_by_id_is_what_the_feed_told(here: World, mirror: Mirror) -> None:
    for object, fields in EVERYTHING.items():
        ids = mirror.ids(object)
        assert list(here.port.fetch(object, ids, fields)) == [mirror.records[id] for id in ids]


def test_records_are_found_by_a_name_and_by_a_reference(here: World, mirror: Mirror) -> None:
    account, event = mirror.records[mirror.ids("account")[0]], mirror.records[mirror.ids("new_event")[0]]
    assert account in list(here.port.find("account", "name", [str(account.values["name"])], EVERYTHING["account"]))
    lead = str(event.values["new_lead"])
    assert list(here.port.find("new_event", "new_lead", [lead], EVERYTHING["new_event"])) == [event]


def test_a_new_object_in_the_selection_is_read_whole_and_the_others_go_on(here: World) -> None:
    mirror = Mirror({object: EVERYTHING[object] for object in ("lead", "contact")})
    mirror.pulls(here.port)
    mirror.selection = EVERYTHING
    pages = mirror.pulls(here.port)
    assert not {one.object for page in pages for one in page.records} & {"lead", "contact"}
    assert all(mirror.ids(object) for object in EVERYTHING)


@pytest.mark.parametrize("depth", ["None", "Local"])
@pytest.mark.parametrize(
    ("object", "table"), [*((one, TABLES.get(one, one)) for one in ONE_WAY), ("role", "opportunity")]
)
def test_an_object_that_may_not_be_read_as_a_whole_is_unavailable(
    here: World, object: str, table: str, depth: str
) -> None:
    here.others.controls("privileges", table=table, rights=["Read"], depth=depth)
    with pytest.raises(Unavailable) as caught:
        here.port.describe(object)
    assert table in caught.value.reason
    assert table in caught.value.remedy


@pytest.mark.parametrize("object", ["new_nothing", "msdyn_nothing"])
def test_a_table_that_is_not_there_is_unavailable(here: World, object: str) -> None:
    with pytest.raises(Unavailable, match=object):
        here.port.describe(object)
    with pytest.raises(AccessError, match=object):
        list(here.port.fetch(object, ["1a1a0000-0000-4000-8000-000000000001"], []))


@pytest.mark.parametrize("object", ["account", "opportunity", "new_event", "role"])
def test_a_table_without_tracking_is_described_and_read_by_when_it_was_modified(here: World, object: str) -> None:
    table = TABLES.get(object, object)
    here.others.controls("tables", table=table, change_tracking=False)
    assert here.port.describe(object).fields
    mirror = Mirror({object: EVERYTHING[object]})
    mirror.pulls(here.port)
    here.passes(3_600)
    id = mirror.ids(object)[0]
    edits(here, object, id, **({"new_name": "New"} if object == "new_event" else {"description": "New"}))
    assert (object, id) in pulled(here, mirror)


def test_a_column_that_is_secured_later_is_a_matter_of_access_and_not_cleared(here: World, mirror: Mirror) -> None:
    id = mirror.ids("account")[0]
    here.others.controls("columns", table="account", name="new_motto")
    mirror.selection = {**EVERYTHING, "account": ["name", "new_motto"]}
    mirror.cursor = None
    mirror.pulls(here.connected())
    here.others.controls("security", table="account", column="new_motto", secured=True)
    edits(here, "account", id, name="New")
    with pytest.raises(AccessError, match="new_motto"):
        mirror.pulls(here.connected())


@pytest.mark.parametrize(("object", "expires"), [("user", False), ("team", True)])
def test_a_table_without_tracking_is_read_whole_once_a_week_unless_nothing_of_it_is_ever_deleted(
    here: World, object: str, *, expires: bool
) -> None:
    here.others.controls("tables", table=TABLES.get(object, object), change_tracking=False)
    mirror = Mirror({object: EVERYTHING[object]})
    mirror.pulls(here.port)
    here.passes(8 * DAY)
    if expires:
        with pytest.raises(CursorExpired):
            mirror.pulls(here.port)
    else:
        assert not mirror.pulls(here.port)[-1].full
