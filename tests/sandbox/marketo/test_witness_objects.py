"""An independent witness for the objects beside the lead: marketorestpython, unmodified.

It spaces its calls 0.2 s apart by itself, so these are stories with few calls.
"""

from collections.abc import Iterator

import pytest
from marketorestpython.client import MarketoClient
from marketorestpython.helper.exceptions import MarketoException

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.marketo.conftest import NOW
from tests.sandbox.marketo.customs import LEAD, VIN, YEAR


@pytest.fixture
def client() -> Iterator[MarketoClient]:
    with Sandbox.start(vendors=("marketo",), clock=SandboxClock(frozen_at=NOW)) as sandbox:
        client = MarketoClient("123-ABC-456", "sandbox", "sandbox")
        client.host = sandbox.marketo_url
        yield client


def test_marketorestpython_builds_up_a_company_with_owner_opportunity_and_role(client: MarketoClient) -> None:
    people = [{"externalSalesPersonId": f"S{n}", "email": f"s{n}@example.com"} for n in range(3)]
    assert [item["status"] for item in client.create_update_sales_persons(people)] == ["created"] * 3
    assert client.describe_sales_person()[0]["idField"] == "id"
    found = client.get_sales_persons("email", ["s1@example.com", "s2@example.com"], batchSize=1)
    assert [item["externalSalesPersonId"] for item in found] == ["S1", "S2"]

    company = {"externalCompanyId": "C1", "company": "Acme", "externalSalesPersonId": "S1"}
    assert client.create_update_companies([company], action="createOnly", dedupeBy="dedupeFields")[0]["seq"] == 0
    lead = {"email": "ana@example.com", "externalCompanyId": "C1"}
    lead_id = client.create_update_leads([lead], action="createOnly", asyncProcessing=False)[0]["id"]
    assert client.get_lead_by_id(lead_id, fields=["company"])[0]["company"] == "Acme"
    assert client.get_companies("company", ["Acme"], fields=["company"])[0]["company"] == "Acme"

    opportunity = {"externalOpportunityId": "O1", "name": "Chairs", "externalCompanyId": "C1"}
    assert client.create_update_opportunities([opportunity])[0]["status"] == "created"
    (told,) = client.get_opportunities("externalOpportunityId", ["O1"], fields=["name", "externalCompanyId"])
    assert (told["name"], told["externalCompanyId"]) == ("Chairs", "C1")
    role = {"externalOpportunityId": "O1", "leadId": lead_id, "role": "Buyer"}
    assert client.create_update_opportunities_roles([role])[0]["status"] == "created"
    assert [item["role"] for item in client.get_opportunity_roles("leadId", [str(lead_id)])] == ["Buyer"]
    assert client.delete_opportunity_roles([role])[0]["status"] == "deleted"
    assert client.delete_opportunities([{"externalOpportunityId": "O1"}])[0]["status"] == "deleted"
    assert client.delete_companies([{"externalCompanyId": "C1"}])[0]["status"] == "deleted"
    assert client.delete_sales_persons([{"externalSalesPersonId": "S2"}])[0]["status"] == "deleted"
    with pytest.raises(MarketoException) as caught:
        client.create_update_opportunities([{**opportunity, "externalSalesPersonId": "S9", "externalCompanyId": None}])
    assert caught.value.code == "718"


def test_marketorestpython_makes_a_custom_object_and_fills_it(client: MarketoClient) -> None:
    client.create_update_custom_object_type("car", "Car", action="createOnly", description="Automobile owned")
    client.add_field_custom_object_type("car", [VIN, LEAD, YEAR])
    assert client.describe_custom_object_type("car")[0]["state"] == "draft"
    client.approve_custom_object_type("car")
    assert [told["apiName"] for told in client.get_list_of_custom_object_types()] == ["car"]
    assert client.get_list_of_custom_objects()[0]["dedupeFields"] == ["vin"]
    assert client.describe_custom_object("car")[0]["idField"] == "marketoGUID"

    lead_id = client.create_update_leads([{"email": "ana@example.com"}], asyncProcessing=False)[0]["id"]
    cars = [{"vin": f"V{n}", "leadID": lead_id, "year": 2000 + n} for n in range(3)]
    assert [item["status"] for item in client.create_update_custom_objects("car", cars)] == ["created"] * 3
    wanted = [{"vin": "V0"}, {"vin": "V2"}]
    found = client.get_custom_objects("car", wanted, "dedupeFields", fields=["vin", "year"], batchSize=1)
    assert [(car["vin"], car["year"]) for car in found] == [("V0", 2000), ("V2", 2002)]
    assert client.delete_custom_objects("car", [{"vin": "V0"}])[0]["status"] == "deleted"
    client.delete_custom_object_type("car")
    assert client.get_list_of_custom_objects() == []
