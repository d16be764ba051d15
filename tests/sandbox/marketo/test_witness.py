"""An independent witness: marketorestpython, unmodified, works against the emulator.

It spaces its calls 0.2 s apart by itself, so this is one story with few calls.
"""

from collections.abc import Iterator

import pytest
from marketorestpython.client import MarketoClient
from marketorestpython.helper.exceptions import MarketoException

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.marketo.conftest import NOW


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(vendors=("marketo",), clock=SandboxClock(frozen_at=NOW)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> MarketoClient:
    client = MarketoClient("123-ABC-456", "sandbox", "sandbox")
    client.host = sandbox.marketo_url
    return client


def test_marketorestpython_describes_writes_reads_follows_changes_and_deletes(client: MarketoClient) -> None:
    names = {field["rest"]["name"] for field in client.describe() if "rest" in field}
    assert {"email", "leadScore", "customerTier"} <= names
    people = [{"email": f"{name}@example.com", "firstName": name.title()} for name in ("ana", "bo", "cy")]
    created = client.create_update_leads(people, action="createOnly", asyncProcessing=False)
    assert [item["status"] for item in created] == ["created"] * 3
    token = client.get_paging_token("2026-03-01T00:00:00Z")
    updated = client.create_update_leads([{"email": "bo@example.com", "title": "CTO"}, {"email": "dee@example.com"}])
    assert [item["status"] for item in updated] == ["updated", "created"]

    emails = ["ana@example.com", "bo@example.com", "cy@example.com"]
    found = client.get_multiple_leads_by_filter_type("email", emails, fields="email,title", batchSize="2")
    assert {(lead["email"], lead["title"]) for lead in found} == {
        ("ana@example.com", None),
        ("bo@example.com", "CTO"),
        ("cy@example.com", None),
    }

    changes = client.get_lead_changes(["title"], nextPageToken=token, untilDatetime="2026-03-02T11:00:00Z")
    assert [(item["activityTypeId"], item["leadId"]) for item in changes] == [
        (12, 1),
        (12, 2),
        (12, 3),
        (13, 2),
        (12, 4),
    ]
    deleted = client.delete_lead([3])
    assert deleted == [{"id": 3, "status": "deleted"}]
    assert client.merge_lead(1, [4]) is True
    gone = client.get_deleted_leads(nextPageToken=token)
    assert [item["primaryAttributeValueId"] for item in gone] == [3]
    merged = client.get_lead_activities(["32"], nextPageToken=token)
    assert [item["leadId"] for item in merged] == [1]


def test_marketorestpython_meets_an_error_as_an_exception(client: MarketoClient) -> None:
    with pytest.raises(MarketoException) as caught:
        client.get_multiple_leads_by_filter_type("createdAt", ["x"])
    assert (caught.value.code, caught.value.message) == ("1011", "Lookup field 'createdAt' not supported")


def test_marketorestpython_signs_in_with_wrong_credentials_in_vain(sandbox: Sandbox) -> None:
    client = MarketoClient("123-ABC-456", "sandbox", "wrong")
    client.host = sandbox.marketo_url
    with pytest.raises(Exception, match="Bad client credentials"):
        client.describe2()
