"""Which custom tables hang off people, and how."""

from typing import Any

import pytest

from mksync.core.custom import CustomObject, Hop
from mksync.ports.abilities import OffersCustomObjects
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.sandbox_org import world
from tests.vendors.dynamics.scripted_org import USER, Org, label, rows

LEAD, ACCOUNT = Hop("new_lead", "lead"), Hop("new_account", "account")


def table(name: str, *ways: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "LogicalName": name,
        "DisplayName": label(name.removeprefix("new_").title()),
        "TableType": "Standard",
        "IsActivity": False,
        "IsIntersect": False,
        "IsPrivate": False,
        "Privileges": [{"Name": f"prvRead{name}", "PrivilegeId": f"id of {name}", "PrivilegeType": "Read"}],
        "ManyToOneRelationships": [
            {"ReferencingAttribute": column, "ReferencedEntity": target} for column, target in ways
        ],
        **more,
    }


def serves(org: Org, *tables: dict[str, Any], **depths: object) -> None:
    """These tables; the sync user may read all of each but where `depths` says otherwise."""
    org.on("GET", "/EntityDefinitions", rows(*tables))
    held = [
        {"PrivilegeId": f"ID OF {one['LogicalName'].upper()}", "Depth": depths.get(one["LogicalName"], "Global")}
        for one in tables
    ]
    path = rf"/systemusers\({USER}\)/Microsoft\.Dynamics\.CRM\.RetrieveUserPrivileges\(\)"
    org.on("GET", path, {"RolePrivileges": [one for one in held if one["Depth"]]})


VISIT = table("new_visit", ("new_lead", "lead"), ("new_account", "account"), ("ownerid", "owner"))
STOP = table("new_stop", ("new_visit", "new_visit"))


def test_those_that_hang_off_people_or_accounts_are_listed_by_name(org: Org, port: DynamicsPort) -> None:
    serves(org, VISIT, STOP, table("new_lonely", ("createdby", "systemuser")))
    visit = Hop("new_visit", "new_visit")
    assert port.custom_objects() == [
        CustomObject("new_stop", "Stop", ((visit, LEAD), (visit, ACCOUNT))),
        CustomObject("new_visit", "Visit", ((LEAD,), (ACCOUNT,))),
    ]
    assert isinstance(port, OffersCustomObjects)


def test_only_custom_tables_and_teams_are_asked_for_and_in_one_call(org: Org, port: DynamicsPort) -> None:
    serves(org, VISIT)
    port.custom_objects()
    (asked,) = org.parts("GET", "/EntityDefinitions")
    assert asked.query["$filter"] == "IsCustomEntity eq true or LogicalName eq 'team'"
    assert len(org.calls) == 3, "who the sync user is, what it may read, and the tables"


@pytest.mark.parametrize(
    "more", [{"TableType": "Virtual"}, {"IsActivity": True}, {"IsIntersect": True}, {"IsPrivate": True}]
)
def test_what_holds_no_records_of_its_own_is_left_out(org: Org, port: DynamicsPort, more: dict[str, Any]) -> None:
    serves(org, {**VISIT, **more}, STOP)
    assert port.custom_objects() == []


@pytest.mark.parametrize(("depth", "listed"), [("Global", True), (3, True), ("Deep", False), (1, False), (None, False)])
def test_what_may_not_be_read_as_a_whole_is_left_out(
    org: Org, port: DynamicsPort, depth: object, *, listed: bool
) -> None:
    serves(org, VISIT, new_visit=depth)
    assert bool(port.custom_objects()) is listed


@pytest.mark.parametrize(("depth", "listed"), [("Global", True), ("Deep", False)])
def test_teams_hang_off_nobody_and_are_listed_if_they_may_be_read(
    org: Org, port: DynamicsPort, depth: object, *, listed: bool
) -> None:
    serves(org, {**table("team", ("administratorid", "systemuser")), "IsPrivate": True}, VISIT, team=depth)
    assert (CustomObject("team", "Team", ()) in port.custom_objects()) is listed


def test_the_sandboxs_events_and_teams_are_listed() -> None:
    with world(0) as here:
        assert here.port.custom_objects() == [
            CustomObject("new_event", "Event", ((Hop("new_contact", "contact"),), (Hop("new_lead", "lead"),))),
            CustomObject("team", "Team", ()),
        ]
