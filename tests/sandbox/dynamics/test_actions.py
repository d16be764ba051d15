"""Qualifying, merging, closing; states; what deletion does to children; plug-ins that refuse and change."""

from typing import Any

import pytest

from tests.sandbox.dynamics.answers import NOBODY, body, done, message
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

CRM = "Microsoft.Dynamics.CRM."


@pytest.fixture
def sales(api: Api) -> Api:
    """The sync user may do everything to accounts and opportunities."""
    grant_sales(api)
    return api


def grant_sales(api: Api) -> None:
    for table in ("account", "opportunity"):
        api.control("privileges", table=table, depth="Global")


def qualify(api: Api, lead: str, **wish: Any) -> Any:
    given = {"CreateAccount": True, "CreateContact": True, "CreateOpportunity": False, "Status": 3, **wish}
    return api.post(f"leads({lead})/{CRM}QualifyLead", given)


def merge(api: Api, table: str, winner: str, loser: str, **more: Any) -> Any:
    def reference(id: str) -> dict[str, str]:
        return {"@odata.type": f"{CRM}{table}", f"{table}id": id}

    return api.post("Merge", {"Target": reference(winner), "Subordinate": reference(loser), **more})


def test_a_qualified_lead_closes_and_its_account_and_contact_remember_it(sales: Api) -> None:
    lead = sales.create("leads", firstname="Ann", lastname="Roe", companyname="Acme", emailaddress1="ann@example.com")
    made = {row["@odata.type"]: row for row in body(qualify(sales, lead))["value"]}
    account, contact = made[f"#{CRM}account"]["accountid"], made[f"#{CRM}contact"]["contactid"]
    after = sales.read("leads", lead)
    assert (after["statecode"], after["statuscode"]) == (1, 3)
    assert (after["_parentaccountid_value"], after["_parentcontactid_value"]) == (account, contact)
    row = sales.read("contacts", contact)
    assert (row["fullname"], row["emailaddress1"]) == ("Ann Roe", "ann@example.com")
    assert (row["_originatingleadid_value"], row["_parentcustomerid_value"]) == (lead, account)
    assert sales.read("accounts", account)["name"] == "Acme"
    assert sales.rows("opportunities") == []


def test_the_default_status_is_minus_one_and_an_opportunity_may_come_along(sales: Api) -> None:
    existing = sales.create("accounts", name="Acme")
    lead = sales.create("leads", lastname="Roe", subject="50 chairs")
    customer = {"@odata.type": f"{CRM}account", "accountid": existing}
    wish = {"CreateAccount": False, "CreateContact": False, "CreateOpportunity": True, "Status": -1}
    (made,) = body(qualify(sales, lead, **wish, OpportunityCustomerId=customer))["value"]
    deal = sales.read("opportunities", made["opportunityid"])
    assert (deal["name"], deal["_customerid_value"], deal["_originatingleadid_value"]) == ("50 chairs", existing, lead)
    after = sales.read("leads", lead)
    assert (after["statuscode"], after["_qualifyingopportunityid_value"]) == (3, made["opportunityid"])


def test_a_qualification_that_fails_leaves_nothing_behind(sales: Api) -> None:
    lead = sales.create("leads", lastname="Roe", companyname="Acme", jobtitle="X")
    assert error(qualify(sales, lead)) == (400, "0x80040265"), "the contact's title is too short for a plug-in"
    assert (sales.rows("accounts"), sales.rows("contacts")) == ([], [])
    assert sales.read("leads", lead)["statecode"] == 0


def test_qualifying_refuses_what_cannot_be(api: Api) -> None:
    lead = api.create("leads", lastname="Roe", companyname="Acme")
    assert error(qualify(api, lead)) == (403, "0x80081018"), "the sync user may not create accounts"
    assert error(qualify(api, lead, Status=1, CreateAccount=False)) == (400, "0x80048408")
    assert error(qualify(api, lead, Status="3")) == (400, "0x80048d19")
    assert error(qualify(api, NOBODY)) == (404, "0x80040217")
    assert qualify(api, lead, CreateAccount=False).status_code == 200
    assert error(qualify(api, lead, CreateAccount=False)) == (400, "0x80040519")


def test_switches_of_qualification(start: Start) -> None:
    api = start("qualify_answers_rows", "qualify_leaves_lead_bare")
    lead = api.create("leads", lastname="Roe")
    (made,) = body(qualify(api, lead, CreateAccount=False))["value"]
    assert made["fullname"] == "Roe"
    assert api.read("leads", lead)["_parentcontactid_value"] is None
    assert api.read("contacts", made["contactid"])["_originatingleadid_value"] == lead


@pytest.mark.parametrize(("table", "pair"), [("contact", (1, 2)), ("lead", (2, 4))])
def test_the_loser_of_a_merge_is_deactivated_and_names_the_winner(api: Api, table: str, pair: tuple[int, int]) -> None:
    winner, loser = (api.create(f"{table}s", lastname=name, jobtitle=name) for name in ("Win", "Lose"))
    done(merge(api, table, winner, loser, UpdateContent={"@odata.type": f"{CRM}{table}", "jobtitle": "Lose"}))
    lost, won = api.read(f"{table}s", loser), api.read(f"{table}s", winner)
    assert (lost["merged"], lost["_masterid_value"]) == (True, winner)
    assert (lost["statecode"], lost["statuscode"]) == pair
    assert (won["merged"], won["lastname"], won["jobtitle"]) == (False, "Win", "Lose")
    assert error(merge(api, table, winner, loser)) == (400, "0x80045304")
    done(api.delete(f"{table}s({loser})"))


def test_children_follow_the_winner_and_move_their_versions(sales: Api) -> None:
    winner, loser = (sales.create("accounts", name=name) for name in ("Win", "Lose"))
    contact = sales.org.edit("create", "contact", lastname="Roe", parentcustomerid=loser)
    before = sales.read("contacts", contact)["versionnumber"]
    done(merge(sales, "account", winner, loser, PerformParentingChecks=False))
    row = sales.read("contacts", contact)
    assert row["_parentcustomerid_value"] == winner
    assert row["versionnumber"] > before


def test_merging_refuses_what_cannot_be(api: Api) -> None:
    one, other = (api.create("contacts", lastname=name) for name in ("One", "Other"))
    assert error(merge(api, "contact", one, one)) == (400, "0x80045305")
    assert error(merge(api, "contact", one, NOBODY)) == (404, "0x80040217")
    assert error(merge(api, "opportunity", one, other))[0] == 400
    assert error(api.post("Merge", {"Target": {"contactid": one}})) == (400, "0x80048d19")
    assert error(merge(api, "contact", one, other, UpdateContent=["jobtitle"])) == (400, "0x80048d19")
    for contact, name in ((one, "Acme"), (other, "Other")):
        account = api.org.edit("create", "account", name=name)
        api.org.edit("update", "contact", contact, parentcustomerid=account)
    assert error(merge(api, "contact", one, other, PerformParentingChecks=True)) == (400, "0x80045316")


def test_another_reason_may_stand_at_a_merged_lead(start: Start) -> None:
    api = start("merge_cancels_lead")
    winner, loser = (api.create("leads", lastname=name) for name in ("Win", "Lose"))
    api.org.edit("merge", "lead", winner, loser=loser)
    assert api.read("leads", loser)["statuscode"] == 7


def test_a_plug_in_refuses_a_row_in_its_own_words(api: Api) -> None:
    wish = {"lastname": "Roe", "telephone1": "12"}
    answer = api.post("leads", wish)
    assert error(answer) == (400, "0x80040265")
    assert message(answer) == "Phone must contain at least 7 digits"
    assert set(answer.json()["error"]) == {"code", "message"}
    told = api.post("leads", wish, headers={"Prefer": 'odata.include-annotations="*"'}).json()["error"]
    assert told["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] == "1"
    assert told["@Microsoft.PowerApps.CDS.InnerError.Message"] == told["message"]
    assert told["@Microsoft.PowerApps.CDS.TraceText"]
    id = api.create("leads", lastname="Roe", telephone1="+1 201 555 0100")
    assert error(api.patch(f"leads({id})", {"telephone1": "12"})) == (400, "0x80040265")
    api.control("rules", name="Lead_Phone_Digits", active=False)
    done(api.patch(f"leads({id})", {"telephone1": "12"}))
    api.control("rules", name="Lead_Phone_Digits", active=True)
    assert error(api.patch(f"leads({id})", {"jobtitle": "CEO"})) == (400, "0x80040265"), "the whole row is judged"


def test_a_plug_in_changes_other_columns_and_what_was_sent(api: Api) -> None:
    touch = {"name": "Touch", "kind": "mutate", "table": "lead", "set": {"jobtitle": "Prospect", "firstname": "Dr."}}
    api.control("rules", **touch, on="create")
    api.control("rules", name="Digits", kind="mutate", table="lead", transform={"telephone1": "digits"})
    answer = api.post(
        "leads", {"lastname": "Roe", "telephone1": "+1 201 555"}, headers={"Prefer": "return=representation"}
    )
    row = answer.json()
    assert (row["jobtitle"], row["telephone1"], row["fullname"]) == ("Prospect", "1201555", "Dr. Roe")
    id = row["leadid"]
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}))
    assert api.read("leads", id)["jobtitle"] == "CEO", "it runs when a row is made only"
    api.control("rules", name="Touch", remove=True)


def test_plug_ins_can_be_bypassed_with_the_privilege_only(api: Api) -> None:
    wish = {"lastname": "Roe", "telephone1": "12"}
    headers = {"MSCRM.BypassCustomPluginExecution": "true"}
    assert error(api.post("leads", wish, headers=headers)) == (403, "0x80040220")
    api.control("privileges", privilege="prvBypassCustomPlugins", depth="Global")
    done(api.post("leads", wish, headers=headers))
    newer = {"MSCRM.BypassBusinessLogicExecution": "CustomSync,CustomAsync"}
    assert error(api.post("leads", wish, headers=newer)) == (403, "0x80040220")
