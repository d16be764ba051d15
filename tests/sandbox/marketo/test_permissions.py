"""What the API user's role allows, and what a native CRM sync takes away."""

import pytest

from tests.sandbox.marketo.api import Api, code
from tests.sandbox.marketo.conftest import Start
from tests.sandbox.marketo.objects import KINDS, ROLES, Kind

every = pytest.mark.parametrize("kind", KINDS, ids=[kind.address for kind in KINDS])
ROLE_OF = {
    "companies": "Company",
    "opportunities": "Opportunity",
    "opportunities/roles": "Opportunity",
    "salespersons": "Sales Person",
}
ANY = {"filterType": "idField", "filterValues": "1"}


@every
def test_without_the_write_permission_an_object_is_still_read(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    api.marketo.permissions.revoke(f"Read-Write {ROLE_OF[kind.address]}")
    assert code(api.post(kind.address, {"input": [kind.record(1)]})) == "603"
    assert code(api.post(f"{kind.address}/delete", {"input": [kind.key(1)]})) == "603"
    assert api.get(kind.address, **ANY)["result"] == []
    assert kind.find(api, kind.key(1))["result"] == []
    assert api.get(f"{kind.address}/describe")["success"]


@every
def test_the_write_permission_is_enough_to_read(api: Api, kind: Kind) -> None:
    api.marketo.permissions.revoke(f"Read-Only {ROLE_OF[kind.address]}")
    assert api.get(kind.address, **ANY)["result"] == []
    api.marketo.permissions.revoke(f"Read-Write {ROLE_OF[kind.address]}")
    assert code(api.get(kind.address, **ANY)) == code(api.get(f"{kind.address}/describe")) == "603"
    api.marketo.permissions.grant(f"Read-Only {ROLE_OF[kind.address]}")
    assert api.get(kind.address, **ANY)["result"] == []


@pytest.mark.parametrize(
    ("object", "method", "address"),
    [
        ("Lead", "GET", "leads/describe2"),
        ("Lead", "POST", "leads"),
        ("Activity", "GET", "activities/leadchanges"),
        ("Activity", "POST", "activities/external"),
        ("Activity Metadata", "GET", "activities/types"),
        ("Activity Metadata", "POST", "activities/external/type"),
        ("Custom Object", "GET", "customobjects"),
        ("Custom Object", "POST", "customobjects/car"),
        ("Custom Object Type", "GET", "customobjects/schema/car/describe"),
        ("Custom Object Type", "POST", "customobjects/schema"),
        ("Schema Standard Field", "GET", "companies/schema/fields"),
    ],
)
def test_every_call_has_a_permission_of_its_own(api: Api, object: str, method: str, address: str) -> None:
    def call() -> str:
        reply = api.get(address) if method == "GET" else api.post(address, {"input": [{}]})
        return "" if reply["success"] else code(reply)

    schema = object.startswith("Schema")
    taken = [f"Read-Write {object}", "Read-Write Schema Custom Field" if schema else f"Read-Only {object}"]
    assert call() != "603"
    api.marketo.permissions.revoke(*taken)
    assert call() == "603"
    api.marketo.permissions.grant(*taken)
    assert call() != "603"


def test_a_permission_that_does_not_exist_is_an_error(api: Api) -> None:
    with pytest.raises(ValueError, match="Read-Write Everything"):
        api.marketo.permissions.revoke("Read-Write Everything")


@every
def test_a_native_sync_leaves_objects_to_be_read_only_and_roles_not_at_all(start: Start, kind: Kind) -> None:
    api = start("native_sync")
    assert code(api.post(kind.address, {"input": [kind.record(1)]})) == "1018"
    assert code(api.post(f"{kind.address}/delete", {"input": [kind.key(1)]})) == "1018"
    if kind is ROLES:
        assert code(api.get(kind.address, **ANY)) == code(api.get(f"{kind.address}/describe")) == "1018"
        return
    assert api.get(kind.address, **ANY)["result"] == []
    (told,) = api.get(f"{kind.address}/describe")["result"]
    assert all(field["crmManaged"] for field in told["fields"])


@every
def test_by_switch_a_native_sync_disables_the_objects_altogether(start: Start, kind: Kind) -> None:
    api = start("native_sync", "native_objects_disabled")
    assert code(api.get(kind.address, **ANY)) == code(api.get(f"{kind.address}/describe")) == "1018"
    assert code(api.post(kind.address, {"input": [kind.record(1)]})) == "1018"


def test_a_native_sync_leaves_custom_objects_alone(start: Start) -> None:
    api = start("native_sync")
    assert api.get("customobjects")["result"] == []
    assert api.post("customobjects/schema", {"apiName": "car", "displayName": "Car"})["success"]
