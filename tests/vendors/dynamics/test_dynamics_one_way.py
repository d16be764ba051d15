"""Objects that are only read, held against a scripted environment: what is asked, and what is made of answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from mksync.core.records import Record, Write
from mksync.errors import ConfigError, Temporary
from mksync.ports import Unavailable
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import (
    ACCOUNT,
    CONTACT,
    LEAD,
    LEAD_B,
    LEAD_COLUMNS,
    TEAM,
    USER,
    Asked,
    Org,
    column,
    contact,
    error,
    lead,
    rows,
)

DEAL = "4d4d0000-0000-4000-8000-000000000001"
DEAL_B = "4d4d0000-0000-4000-8000-000000000002"
TOLD = "@Microsoft.Dynamics.CRM.lookuplogicalname"
STAMP = column("modifiedon", "DateTime", "r", Format="DateAndTime", DateTimeBehavior={"Value": "UserLocal"})
OTHERS = {
    "user": ("systemuser", "systemusers"),
    "account": ("account", "accounts"),
    "opportunity": ("opportunity", "opportunities"),
    "team": ("team", "teams"),
    "new_event": ("new_event", "new_events"),
}


def there(org: Org, object: str, *columns: dict[str, Any], **more: Any) -> None:
    """A table that the sync user may read."""
    table, set = OTHERS[object]
    key = column(f"{table}id", "Uniqueidentifier", "rc", IsPrimaryId=True)
    org.table(table, [key, STAMP, column("name"), *columns], **more)
    named = {"LogicalName": table, "EntitySetName": set, "PrimaryIdAttribute": f"{table}id"}
    org.on("GET", "/EntityDefinitions", rows(named))
    org.on("GET", f"/{set}", rows(delta=f"{set}?$deltatoken=1"))


def way(column: str, table: str) -> dict[str, str]:
    return {"ReferencingAttribute": column, "ReferencedEntity": table}


def asked_of(org: Org, set: str) -> list[Asked]:
    return org.parts("GET", f"/{set}")


@pytest.mark.parametrize("object", OTHERS)
def test_it_is_described_under_mksyncs_name(org: Org, port: DynamicsPort, object: str) -> None:
    there(org, object)
    schema = port.describe(object)
    assert schema.object == object
    assert set(schema.fields) == {f"{OTHERS[object][0]}id", "modifiedon", "name"}


def test_lookups_tell_what_they_refer_to_in_mksyncs_words(org: Org, port: DynamicsPort) -> None:
    lookups = [column(name, "Lookup") for name in ("new_account", "new_person", "new_parent", "campaignid")]
    ways = [
        way("new_account", "account"), way("new_person", "contact"), way("new_person", "lead"),
        way("new_parent", "new_event"), way("campaignid", "campaign"), way("ownerid", "owner"),
        way("customerid", "account"), way("customerid", "contact"),
    ]  # fmt: skip
    columns = [*LEAD_COLUMNS, *lookups, column("customerid", "Customer")]
    org.table("lead", columns, ManyToOneRelationships=ways)
    fields = port.describe("lead").fields
    assert {name: field.references for name, field in fields.items() if field.references} == {
        "new_account": ("account",),
        "new_person": ("contact", "lead"),
        "new_parent": ("new_event",),
        "ownerid": ("user",),
        "customerid": ("account",),
    }


def test_what_lookups_refer_to_costs_no_call_of_its_own(org: Org, port: DynamicsPort) -> None:
    port.describe("lead")
    (asked,) = org.parts("GET", r"/EntityDefinitions\(LogicalName='lead'\)")
    assert "ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity)" in asked.query["$expand"]


def test_a_customer_of_a_custom_table_may_be_a_contact(org: Org, port: DynamicsPort) -> None:
    there(org, "new_event", column("new_customer", "Customer"))
    assert port.describe("new_event").fields["new_customer"].references == ("account", "contact")
    org.on(
        "GET",
        "/new_events",
        rows({"new_eventid": LEAD, "_new_customer_value": CONTACT, f"_new_customer_value{TOLD}": "contact"}),
    )
    (found,) = port.fetch("new_event", [LEAD], ["new_customer"])
    assert isinstance(found, Record)
    assert found.values == {"new_customer": CONTACT}


@pytest.mark.parametrize(
    ("field", "table", "id", "held"),
    [
        ("ownerid", "systemuser", USER, USER),
        ("ownerid", "team", TEAM, None),
        ("ownerid", None, USER, USER),
        ("parentcustomerid", "account", ACCOUNT, ACCOUNT),
        ("parentcustomerid", "contact", CONTACT, None),
    ],
)
def test_a_reference_to_another_kind_of_record_is_none(
    org: Org, port: DynamicsPort, field: str, table: str | None, id: str, held: str | None
) -> None:
    told: dict[str, Any] = {f"_{field}_value": id, f"_{field}_value{TOLD}": table}
    org.on("GET", "/contacts", rows(contact(**{name: value for name, value in told.items() if value})))
    (found,) = port.fetch("contact", [CONTACT], [field])
    assert isinstance(found, Record)
    assert found.values == {field: held}


@pytest.mark.parametrize(("fields", "wished"), [(["lastname"], False), (["lastname", "ownerid"], True)])
def test_the_feed_asks_of_which_table_an_id_is_only_where_it_matters(
    org: Org, port: DynamicsPort, fields: list[str], *, wished: bool
) -> None:
    pages = {
        "first": rows(lead(LEAD), next="leads?$skiptoken=2"),
        "2": rows(lead(LEAD_B), delta="leads?$deltatoken=3"),
        "3": rows(delta="leads?$deltatoken=3"),
    }
    org.on(
        "GET",
        "/leads",
        lambda asked: (200, pages[asked.query.get("$skiptoken") or asked.query.get("$deltatoken") or "first"]),
    )
    cursor = list(port.changes({"lead": fields}, None))[-1].cursor
    list(port.changes({"lead": fields}, cursor))
    told = [any("lookuplogicalname" in one for one in asked.prefer) for asked in asked_of(org, "leads")]
    assert told == [wished] * 3


@pytest.mark.parametrize("object", [*OTHERS, "role"])
def test_nothing_of_it_is_ever_written(org: Org, port: DynamicsPort, object: str) -> None:
    for write in (Write(1, object, None, {"name": "N"}), Write(1, object, ACCOUNT, {"name": "N"})):
        with pytest.raises(ConfigError, match=object):
            list(port.write(object, [write], ["name"]))
    assert org.calls == []


@pytest.mark.parametrize("name", ["systemuser", "New_Event", "new_event)/x", "new event_x", "_event", "campaign", ""])
def test_what_is_no_table_of_ours_never_reaches_a_path(org: Org, port: DynamicsPort, name: str) -> None:
    with pytest.raises(ConfigError):
        port.describe(name)
    assert org.calls == []


@pytest.mark.parametrize("missing", ["connection", "opportunity"])
def test_roles_need_both_of_their_tables(org: Org, port: DynamicsPort, missing: str) -> None:
    for table, set in (("opportunity", "opportunities"), ("connection", "connections")):
        if table != missing:
            org.table(table, [])
            org.on("GET", f"/{set}", rows(delta=f"{set}?$deltatoken=1"))
    org.on("GET", rf"/EntityDefinitions\(LogicalName='{missing}'\)", error("0x80040217", "Could not find"), 404)
    with pytest.raises(Unavailable, match=missing):
        port.describe("role")


@pytest.mark.parametrize("object", OTHERS)
def test_a_privilege_that_is_missing_makes_it_unavailable(org: Org, port: DynamicsPort, object: str) -> None:
    there(org, object)
    table, set = OTHERS[object]
    org.on("GET", f"/{set}", error("0x80040220", f"Principal user is missing prvRead{table} privilege"), 403)
    with pytest.raises(Unavailable) as caught:
        port.describe(object)
    assert table in caught.value.reason
    assert "organisation depth" in caught.value.remedy


def test_a_failure_of_the_environment_says_nothing_about_the_object(org: Org, port: DynamicsPort) -> None:
    there(org, "account")
    org.on("GET", "/accounts", error("0x80040216", "An unexpected error occurred."), 500)
    with pytest.raises(Temporary):
        port.describe("account")


@pytest.mark.parametrize(("tracked", "usable"), [(True, True), (False, False)])
def test_a_table_whose_changes_nothing_tells_is_unavailable(
    org: Org, port: DynamicsPort, *, tracked: bool, usable: bool
) -> None:
    there(org, "new_event")
    org.table("new_event", [column("new_eventid", "Uniqueidentifier")], ChangeTrackingEnabled=tracked)
    if usable:
        assert port.describe("new_event").fields
        return
    with pytest.raises(Unavailable, match="does not tell what changes"):
        port.describe("new_event")


def test_a_custom_table_is_asked_for_its_set_once(org: Org, port: DynamicsPort) -> None:
    there(org, "new_event")
    schema = port.describe("new_event")
    port.recall(schema)
    list(port.fetch("new_event", [LEAD], ["name"]))
    list(port.changes({"new_event": ["name"]}, None))
    assert len(org.parts("GET", "/EntityDefinitions")) == 1


def _deal(id: str, **ends: Any) -> Mapping[str, Any]:
    found: dict[str, Any] = {"opportunityid": id, "_parentaccountid_value": None, "_parentcontactid_value": None}
    for name, (table, value) in ends.items():
        found |= {f"_{name}_value": value, f"_{name}_value{TOLD}": table}
    return found


def test_the_accounts_of_contacts_are_asked_for_together_and_only_where_they_count(
    org: Org, port: DynamicsPort
) -> None:
    there(org, "opportunity", column("customerid", "Customer"))
    account, person = ("account", ACCOUNT), ("contact", CONTACT.upper())
    org.on(
        "GET",
        "/opportunities",
        rows(_deal(DEAL, customerid=account, parentcontactid=person), _deal(DEAL_B, customerid=account)),
    )
    list(port.fetch("opportunity", [DEAL, DEAL_B], ["customerid"]))
    assert asked_of(org, "contacts") == []
    org.on("GET", "/opportunities", rows(_deal(DEAL, customerid=person), _deal(DEAL_B, parentcontactid=person)))
    told: dict[str, Any] = {"_parentcustomerid_value": ACCOUNT, f"_parentcustomerid_value{TOLD}": "account"}
    org.on("GET", "/contacts", rows(contact(**told)))
    found = list(port.fetch("opportunity", [DEAL, DEAL_B], ["customerid"]))
    assert [one.values for one in found if isinstance(one, Record)] == [{"customerid": ACCOUNT}] * 2
    assert len(asked_of(org, "contacts")) == 1
    list(port.fetch("opportunity", [DEAL], ["name"]))
    assert len(asked_of(org, "contacts")) == 1, "nobody asked for the customer"
