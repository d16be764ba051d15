"""The demo people in Dataverse, what colleagues do to them, and state that outlives the process."""

import re
from pathlib import Path

import pytest
import requests

from mksync.sandbox import dynamics
from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.quirks import QUIRKS
from mksync.sandbox.people import demo_people
from mksync.sandbox.server import Sandbox
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

PEOPLE = 200
BIG = "odata.maxpagesize=5000"


def test_everybody_who_stands_in_the_crm_is_a_lead_or_a_contact_of_an_account(start: Start) -> None:
    api = start(people=PEOPLE)
    people = [person.in_crm() for person in demo_people(PEOPLE, 1) if person.place.in_crm]
    leads = api.rows("leads?$select=emailaddress1,jobtitle,companyname", BIG)
    contacts = api.rows("contacts?$select=emailaddress1&$expand=parentcustomerid_account($select=name)", BIG)
    expected = [p for p in people if not p.place.is_contact]
    assert [(r["emailaddress1"], r["jobtitle"], r["companyname"]) for r in leads] == [
        (p.email, p.title, p.company) for p in expected
    ]
    assert [(r["emailaddress1"], r["parentcustomerid_account"]["name"]) for r in contacts] == [
        (p.email, p.company) for p in people if p.place.is_contact
    ]
    names = [row["name"] for row in api.rows("accounts?$select=name", BIG)]
    assert sorted(names) == sorted({p.company for p in people if p.place.is_contact})


def test_choices_dates_and_numbers_of_a_person_are_those_of_the_list(start: Start) -> None:
    api = start(people=PEOPLE)
    people = [p.in_crm() for p in demo_people(PEOPLE, 1) if p.place.in_crm and not p.place.is_contact]
    select = "new_tier,new_interests,leadsourcecode,industrycode,new_fitscore,new_lastdemo,telephone1"
    label = "OData.Community.Display.V1.FormattedValue"
    rows = api.rows(f"leads?$select={select}", f'{BIG},odata.include-annotations="{label}"')
    for person, row in zip(people, rows, strict=True):
        assert row.get(f"new_tier@{label}") == person.customer_tier
        assert row.get(f"new_interests@{label}", "") == "; ".join(person.interests)
        assert row[f"leadsourcecode@{label}"] == person.lead_source
        assert row[f"industrycode@{label}"] == person.industry
        assert row["new_fitscore"] == person.fit_score
        moment = person.last_demo.strftime("%Y-%m-%dT%H:%M:%SZ") if person.last_demo else None
        assert (row["new_lastdemo"], row["telephone1"]) == (moment, person.phone)


def test_the_same_people_have_the_same_ids_in_every_sandbox(start: Start) -> None:
    one, other = (start(people=60).rows("contacts?$select=emailaddress1", BIG) for _ in range(2))
    assert [(r["contactid"], r["emailaddress1"]) for r in one] == [(r["contactid"], r["emailaddress1"]) for r in other]


def test_owners_are_users_and_a_team(start: Start) -> None:
    api = start(people=PEOPLE)
    kind = "Microsoft.Dynamics.CRM.lookuplogicalname"
    rows = api.rows("leads?$select=_ownerid_value", f'{BIG},odata.include-annotations="{kind}"')
    assert {row[f"_ownerid_value@{kind}"] for row in rows} == {"systemuser", "team"}


def test_deals_have_stakeholders_and_events_have_guests(start: Start) -> None:
    api = start(people=PEOPLE)
    deals = {row["opportunityid"]: row for row in api.rows("opportunities?$expand=parentcontactid($select=fullname)")}
    assert deals
    links = api.rows("connections?$filter=ismaster eq true&$expand=record2roleid($select=name)")
    found = {row["_record1id_value"]: (row["_record2id_value"], row["record2roleid"]["name"]) for row in links}
    assert found == {id: (row["_parentcontactid_value"], "Stakeholder") for id, row in deals.items()}
    events = api.rows("new_events?$select=_new_contact_value,_new_lead_value")
    assert {bool(row["_new_contact_value"]) for row in events} == {True, False}
    assert all(bool(row["_new_contact_value"]) != bool(row["_new_lead_value"]) for row in events)


def test_the_switch_that_holds_people_back_is_absent_until_somebody_adds_it(start: Start) -> None:
    api = start(people=20)
    assert error(api.get("leads?$filter=new_synctomkto eq false"))[0] == 400
    api.control("columns", table="lead", name="new_synctomkto", kind="BooleanType")
    assert {row["new_synctomkto"] for row in api.rows("leads?$select=new_synctomkto")} == {None}


def test_a_colleagues_edit_is_a_write_like_any_other(api: Api) -> None:
    id = api.org.edit("create", "lead", lastname="Roe", new_nationalid="ID-1")
    api.sandbox.clock.advance(60)
    api.org.edit("update", "lead", id, jobtitle="CEO", ownerid=api.org.users["team"])
    row = api.read("leads", id)
    assert row["_modifiedby_value"] == api.org.users["admin_user"]
    assert (row["jobtitle"], row["_ownerid_value"]) == ("CEO", api.org.users["team"])
    with pytest.raises(ODataError, match="7 digits"):
        api.org.edit("update", "lead", id, telephone1="12")
    held = api.org.row("lead", id)
    assert held is not None
    assert (held["new_nationalid"], held["telephone1"]) == ("ID-1", None)
    api.org.edit("delete", "lead", id)
    assert api.org.row("lead", id) is None
    with pytest.raises(ValueError, match="no kind of edit"):
        api.org.edit("undelete", "lead", id)


def test_an_edit_can_be_made_over_http_by_a_user_of_ones_choice(api: Api) -> None:
    sales = api.org.users["sales_user"]
    made = api.control("edits", kind="create", table="contact", values={"lastname": "Roe"}, user=sales)
    assert api.read("contacts", made["id"])["_createdby_value"] == sales
    wish = {"kind": "update", "table": "contact", "id": made["id"], "values": {"jobtitle": "X"}}
    refused = requests.post(f"{api.url}/__sandbox__/dynamics/edits", json=wish, timeout=5)
    assert error(refused) == (400, "0x80040265")


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("privileges", {"table": "lead", "depth": "Sideways"}),
        ("privileges", {"table": "lead", "rights": ["Dance"], "depth": "None"}),
        ("privileges", {"table": "nothing", "depth": "None"}),
        ("rules", {"name": "x", "kind": "reject", "table": "lead"}),
        ("rules", {"name": "x", "kind": "mutate", "table": "lead", "transform": {"jobtitle": "shout"}}),
        ("columns", {"table": "lead", "name": "NoPrefix"}),
        ("columns", {"table": "lead", "name": "new_x", "kind": "StrangeType"}),
        ("columns", {"table": "lead", "name": "new_nothing", "remove": True}),
        ("security", {"table": "lead", "column": "fullname"}),
        ("settings", {"colour": "blue"}),
        ("edits", {"kind": "create", "table": "nothing"}),
        ("keys", {"client_id": "nobody", "certificate": ""}),
        ("nonsense", {}),
    ],
)
def test_a_wrong_wish_says_so(api: Api, name: str, wish: dict[str, object]) -> None:
    answer = requests.post(f"{api.url}/__sandbox__/dynamics/{name}", json=wish, timeout=5)
    assert answer.status_code == (404 if name == "nonsense" else 400)
    assert answer.json()["error"]


def test_a_state_file_keeps_rows_versions_rules_columns_and_access(tmp_path: Path) -> None:
    def begin() -> Sandbox:
        return Sandbox.start(vendors=("dynamics",), state=tmp_path / "state.db")

    with begin() as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        api.control("columns", table="lead", name="new_size", kind="IntegerType")
        api.control("rules", name="Lead_Phone_Digits", active=False)
        id = api.create("leads", lastname="Roe", telephone1="12", new_size=4)
        api.control("privileges", table="lead", rights=["Delete"], depth="None")
        before = api.read("leads", id)
        held = http.headers["Authorization"]
    with begin() as sandbox, requests.Session() as http:
        api = Api(sandbox, http)
        after = api.read("leads", id)
        assert {k: v for k, v in after.items() if k != "@odata.context"} == {
            k: v for k, v in before.items() if k != "@odata.context"
        }
        assert error(api.delete(f"leads({id})")) == (403, "0x80040220")
        assert (
            api.read("leads", api.create("leads", lastname="Doe", telephone1="3"))["versionnumber"]
            > after["versionnumber"]
        )
        http.headers["Authorization"] = held
        assert api.get("WhoAmI").status_code == 200


def test_every_switch_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", str(dynamics.__doc__), flags=re.MULTILINE)
    assert sorted(explained) == sorted(QUIRKS)


def test_a_switch_there_is_not_is_no_switch(start: Start) -> None:
    with pytest.raises(ValueError, match="no such quirk: nonsense"):
        start("nonsense")
