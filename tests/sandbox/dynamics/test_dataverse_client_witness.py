"""An independent witness: Microsoft's PowerPlatform-Dataverse-Client, unmodified, works against the emulator.

It insists on an https address when it is made; the address is replaced before the first call.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError

from tests.sandbox.dynamics.api import Api
from tests.sandbox.dynamics.conftest import Start

FORMATTED = "OData.Community.Display.V1.FormattedValue"


class Credential:
    """What azure-identity would be: it gets its tokens from the sandbox's directory."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **more: Any) -> AccessToken:
        self.scopes += scopes
        return AccessToken(self._api.sign_in(), 2**31)


@pytest.fixture
def api(start: Start) -> Api:
    return start(people=60)


@pytest.fixture
def client(api: Api) -> Iterator[Any]:
    with DataverseClient("https://contoso.crm.dynamics.com", Credential(api)) as made:
        made._base_url = api.url
        yield made


def key_of(api: Api) -> str:
    keys = api.rows("EntityDefinitions(LogicalName='lead')/Keys?$select=KeyAttributes")
    return str(next(key["KeyAttributes"][0] for key in keys if len(key["KeyAttributes"]) == 1))


def test_it_creates_reads_changes_and_deletes_a_row(client: Any) -> None:
    id = client.records.create("lead", {"lastname": "O'Brien", "firstname": "Zoë", "emailaddress1": "z@example.test"})
    record = client.records.retrieve("lead", id, select=["lastname", "firstname", "emailaddress1"])
    assert (record["lastname"], record["firstname"]) == ("O'Brien", "Zoë")
    client.records.update("lead", id, {"jobtitle": "CTO"})
    assert client.records.retrieve("lead", id, select=["jobtitle"])["jobtitle"] == "CTO"
    client.records.delete("lead", id)
    assert client.records.retrieve("lead", id) is None


def test_labels_of_choices_become_integers(client: Any) -> None:
    id = client.records.create("lead", {"lastname": "Roe", "leadsourcecode": "Web"})
    assert client.records.retrieve("lead", id, select=["leadsourcecode"])["leadsourcecode"] == 8


def test_it_creates_and_updates_many_rows_in_one_call(client: Any, api: Api) -> None:
    ids = client.records.create("lead", [{"lastname": f"Many {n}"} for n in range(25)])
    assert len(set(ids)) == 25
    client.records.update("lead", ids, {"jobtitle": "all"})
    client.records.update("lead", ids[:2], [{"jobtitle": "one"}, {"jobtitle": "two"}])
    titles = {api.read("leads", id)["jobtitle"] for id in ids}
    assert titles == {"all", "one", "two"}
    paths = api.sandbox.calls.counts()["dynamics"]
    assert paths["/api/data/v9.2/leads/Microsoft.Dynamics.CRM.CreateMultiple"] == 1
    assert paths["/api/data/v9.2/leads/Microsoft.Dynamics.CRM.UpdateMultiple"] == 2


def test_it_deletes_many_rows_by_a_job_or_one_by_one(client: Any, api: Api) -> None:
    before = int(api.get("leads/$count").text)
    ids = client.records.create("lead", [{"lastname": f"Many {n}"} for n in range(6)])
    assert client.records.delete("lead", ids[:4])
    assert client.records.delete("lead", ids[4:], use_bulk_delete=False) is None
    assert int(api.get("leads/$count").text) == before


def test_it_upserts_one_and_many_by_an_alternate_key(client: Any, api: Api) -> None:
    key = key_of(api)
    for name in ("first", "second"):
        client.records.upsert("lead", [{"alternate_key": {key: "w'1"}, "record": {"lastname": name}}])
    client.records.upsert(
        "lead",
        [
            {"alternate_key": {key: "w'1"}, "record": {"lastname": "third"}},
            {"alternate_key": {key: "w2"}, "record": {"lastname": "other"}},
        ],
    )
    found = client.records.list("lead", filter=f"{key} ne null and startswith({key},'w')", select=["lastname", key])
    assert {record[key]: record["lastname"] for record in found} == {"w'1": "third", "w2": "other"}


def test_it_lists_with_filter_order_top_and_expanded_lookups(client: Any, api: Api) -> None:
    names = [
        row["lastname"] for row in api.rows("leads?$select=lastname&$orderby=lastname,leadid&$filter=statecode eq 0")
    ]
    found = client.records.list(
        "lead",
        filter="statecode eq 0",
        select=["lastname", "_ownerid_value"],
        orderby=["lastname asc", "leadid"],
        top=5,
        expand=["owninguser($select=fullname)"],
        include_annotations=FORMATTED,
    )
    assert [record["lastname"] for record in found] == names[:5]
    for record in found:
        if record["owninguser"]:
            assert record["owninguser"]["fullname"] == record[f"_ownerid_value@{FORMATTED}"]


def test_it_follows_pages(client: Any, api: Api) -> None:
    total = int(api.get("leads/$count").text)
    pages = list(client.records.list_pages("lead", select=["lastname"], page_size=7, count=True))
    assert [len(list(page)) for page in pages] == [7] * (total // 7) + ([total % 7] if total % 7 else [])
    ids = [record["leadid"] for page in pages for record in page]
    assert len(set(ids)) == total


def test_it_reads_tables_columns_and_keys(client: Any, api: Api) -> None:
    info = client.tables.get("lead")
    assert (info.entity_set_name, info.primary_id_attribute) == ("leads", "leadid")
    assert client.tables.get("nope") is None
    assert {"lead", "contact"} <= {table["LogicalName"] for table in client.tables.list()}
    columns = client.tables.list_columns("lead", select=["LogicalName", "AttributeType"])
    assert "emailaddress1" in {column["LogicalName"] for column in columns}
    custom = client.tables.list_columns("lead", select=["LogicalName"], filter="IsCustomAttribute eq true")
    assert custom
    assert all(column["LogicalName"].startswith("new_") for column in custom)
    assert [key_of(api)] in [key.key_attributes for key in client.tables.get_alternate_keys("lead")]


def test_it_reads_typed_columns_in_one_call(client: Any) -> None:
    column = client.tables.get_column("lead", "firstname", typed=True)
    assert column["MaxLength"] == 50


def test_it_sends_batches_with_change_sets_and_references(client: Any, api: Api) -> None:
    api.control("privileges", table="account", depth="Global")
    batch = client.batch.new()
    batch.records.create("lead", {"lastname": "Batched"})
    with batch.changeset() as together:
        account = together.records.create("account", {"name": "Acme of the batch"})
        together.records.create("contact", {"lastname": "Roe", "parentcustomerid_account@odata.bind": account})
    batch.records.list("contact", filter="parentcustomerid_account/name eq 'Acme of the batch'", select=["lastname"])
    result = batch.execute()
    assert not result.has_errors
    assert [response.status_code for response in result.responses] == [204, 204, 204, 200]
    assert [row["lastname"] for row in result.responses[-1].data["value"]] == ["Roe"]
    assert len(result.entity_ids) == 3


def test_a_batch_tells_its_failures_one_by_one_if_it_goes_on(client: Any) -> None:
    missing = "1a1a0000-0000-4000-8000-000000000001"
    batch = client.batch.new()
    batch.records.delete("lead", missing)
    batch.records.create("lead", {"lastname": "After"})
    result = batch.execute(continue_on_error=True)
    assert [response.status_code for response in result.responses] == [404, 204]
    assert result.failed[0].error_code == "0x80040217"


def test_its_errors_carry_status_code_and_request_id(client: Any) -> None:
    with pytest.raises(HttpError) as raised:
        client.records.create("lead", {"lastname": "x" * 51})
    error = raised.value
    assert error.status_code == 400
    assert error.details["service_error_code"] == "0x80044331"
    assert "maximum allowed length of '50'" in str(error)
    assert error.details["service_request_id"]


def test_it_asks_the_directory_for_the_scope_of_its_organisation(api: Api) -> None:
    credential = Credential(api)
    with DataverseClient("https://contoso.crm.dynamics.com", credential) as client:
        client._base_url = api.url
        client.records.list("lead", select=["lastname"], top=1)
    assert set(credential.scopes) <= {f"{api.url}/.default", "https://contoso.crm.dynamics.com/.default"}
    assert credential.scopes
