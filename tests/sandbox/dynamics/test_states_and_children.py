"""States of rows, closing opportunities, what deletion does to children, connections."""

import pytest

from tests.sandbox.dynamics.answers import body, done, message
from tests.sandbox.dynamics.api import Api, error


@pytest.fixture
def sales(api: Api) -> Api:
    """The sync user may do everything to accounts and opportunities."""
    for table in ("account", "opportunity"):
        api.control("privileges", table=table, depth="Global")
    return api


def test_a_new_row_is_open_whatever_state_is_sent(api: Api) -> None:
    id = api.create("contacts", lastname="Roe", statecode=1)
    row = api.read("contacts", id)
    assert (row["statecode"], row["statuscode"]) == (0, 1)


def test_a_state_brings_its_default_status_and_a_status_alone_must_fit(api: Api) -> None:
    id = api.create("contacts", lastname="Roe")
    alone = api.patch(f"contacts({id})", {"statuscode": 2})
    assert error(alone) == (400, "0x80048408")
    assert message(alone).startswith(
        "2 is not a valid status code for state code ContactState.Active on contact with Id"
    )
    done(api.patch(f"contacts({id})", {"statecode": 1, "jobtitle": "CEO"}))
    row = api.read("contacts", id)
    assert (row["statecode"], row["statuscode"], row["jobtitle"]) == (1, 2, "CEO")
    done(api.patch(f"contacts({id})", {"jobtitle": "CFO"}))
    done(api.patch(f"contacts({id})", {"statecode": 0, "statuscode": 1}))
    assert api.read("contacts", id)["statecode"] == 0
    lead = api.create("leads", lastname="Roe", statuscode=2)
    done(api.patch(f"leads({lead})", {"statecode": 2, "statuscode": 6}))
    assert api.read("leads", lead)["statuscode"] == 6


def test_an_opportunity_is_closed_by_winning_or_losing_it(sales: Api) -> None:
    deals = [sales.create("opportunities", name=name, estimatedvalue=500) for name in ("one", "other")]
    plain = sales.patch(f"opportunities({deals[0]})", {"statecode": 1, "statuscode": 3})
    assert error(plain) == (400, "0x80100005")
    for deal, action, status in zip(deals, ("WinOpportunity", "LoseOpportunity"), (3, 5), strict=True):
        close = {"opportunityid@odata.bind": f"/opportunities({deal})", "subject": "done"}
        done(sales.post(action, {"Status": status, "OpportunityClose": close}))
        assert error(sales.post(action, {"Status": status, "OpportunityClose": close})) == (400, "0x80040515")
    won, lost = (sales.read("opportunities", deal) for deal in deals)
    assert (won["statecode"], won["statuscode"], won["actualvalue"], won["actualclosedate"]) == (
        1,
        3,
        500,
        "2026-03-02",
    )
    assert (lost["statecode"], lost["statuscode"], lost["actualvalue"]) == (2, 5, 0)


def test_deleting_an_account_takes_its_contacts_and_frees_its_leads(sales: Api) -> None:
    account = sales.create("accounts", name="Acme")
    contact = sales.org.edit("create", "contact", lastname="Roe", parentcustomerid=account)
    event = sales.org.edit("create", "new_event", new_name="Fair", new_contact=contact)
    lead = sales.org.edit("create", "lead", lastname="Doe", parentaccountid=account)
    before = sales.read("leads", lead)["versionnumber"]
    done(sales.delete(f"accounts({account})"))
    assert error(sales.get(f"contacts({contact})")) == (404, "0x80040217")
    assert sales.read("new_events", event)["_new_contact_value"] is None
    freed = sales.read("leads", lead)
    assert freed["_parentaccountid_value"] is None
    assert freed["versionnumber"] > before


def test_rows_that_refer_to_each_other_in_a_circle_go_together(sales: Api) -> None:
    one, other = (sales.org.edit("create", "contact", lastname=name) for name in ("One", "Other"))
    sales.org.edit("update", "contact", one, parentcustomerid=other)
    sales.org.edit("update", "contact", other, parentcustomerid=one)
    done(sales.delete(f"contacts({one})"))
    assert sales.rows("contacts") == []


def test_an_owner_of_rows_cannot_be_deleted(api: Api) -> None:
    api.org.edit("create", "lead", lastname="Roe", ownerid=api.org.users["manager_user"])
    api.control("privileges", table="systemuser", depth="Global")
    assert error(api.delete(f"systemusers({api.org.users['manager_user']})")) == (405, "0x80040227")


def test_a_connection_is_found_from_either_end_and_goes_as_one(sales: Api) -> None:
    contact = sales.create("contacts", lastname="Roe")
    deal = sales.create("opportunities", name="50 chairs")
    roles = {row["name"]: row["connectionroleid"] for row in sales.rows("connectionroles?$select=name")}
    ends = {"record1id": deal, "record1roleid": roles["Opportunity"]}
    other = {"record2id": contact, "record2roleid": roles["Decision Maker"]}
    id = sales.org.edit("create", "connection", **ends, **other)
    for end, role in ((deal, "Decision Maker"), (contact, "Opportunity")):
        (found,) = sales.rows(f"connections?$filter=_record1id_value eq {end}&$expand=record2roleid($select=name)")
        assert found["record2roleid"]["name"] == role
        assert found["ismaster"] == (end == deal)
    sales.org.edit("update", "connection", id, record2roleid=roles["Influencer"], description="Met in May")
    (found,) = sales.rows(f"connections?$filter=_record1id_value eq {contact}&$expand=record1roleid($select=name)")
    assert (found["record1roleid"]["name"], found["description"]) == ("Influencer", "Met in May")
    sales.org.edit("delete", "connection", id)
    assert sales.rows("connections") == []
    sales.org.edit("create", "connection", **ends, **other)
    done(sales.delete(f"opportunities({deal})"))
    assert sales.rows("connections") == []


def test_finding_what_refers_to_a_row_needs_no_reading_of_whole_tables(api: Api) -> None:
    plans = []
    catalogue = [row["LogicalName"] for row in api.rows("EntityDefinitions?$select=LogicalName")]
    for name in catalogue:
        expand = "ManyToOneRelationships($select=ReferencingAttribute,CascadeConfiguration)"
        found = body(api.get(f"EntityDefinitions(LogicalName='{name}')?$select=LogicalName&$expand={expand}"))
        for way in found["ManyToOneRelationships"]:
            if way["CascadeConfiguration"]["Delete"] in ("Cascade", "RemoveLink"):
                where = f'SELECT * FROM "dynamics_{name}" WHERE "{way["ReferencingAttribute"]}" = ?'
                plan = api.sandbox.store.connection.execute(f"EXPLAIN QUERY PLAN {where}", ("x",)).fetchall()
                plans.append(str(plan[0][3]))
    assert len(plans) > 30
    assert [plan for plan in plans if not plan.startswith("SEARCH")] == []
