"""What a Marketo instance or a role may lack, against the sandbox's.

It was written apart from the port, from the same documents of Marketo's. What these leave open are its switches.
"""

import pytest

from mksync.core.records import Write
from mksync.ports import Unavailable
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.objects_on_sandbox.steps import CAR, KEYS, write


@pytest.mark.parametrize("object", ["company", "salesperson", "opportunity", "role"])
@pytest.mark.parametrize("quirks", [frozenset({"native_sync"}), frozenset({"native_sync", "native_objects_disabled"})])
def test_a_built_in_sync_keeps_others_out(port: MarketoPort, object: str) -> None:
    with pytest.raises(Unavailable) as caught:
        write(port, Write(1, object, None, KEYS[object]))
    assert "1018" in caught.value.reason
    assert "built-in CRM sync" in caught.value.remedy


@pytest.mark.parametrize(
    ("object", "permission"),
    [
        ("company", "Company"),
        ("salesperson", "Sales Person"),
        ("opportunity", "Opportunity"),
        ("role", "Opportunity"),
    ],
)
def test_a_role_is_told_what_it_lacks(port: MarketoPort, sandbox: Sandbox, object: str, permission: str) -> None:
    sandbox.marketo.permissions.revoke(f"Read-Write {permission}")
    assert port.describe(object).fields
    with pytest.raises(Unavailable, match="603") as caught:
        write(port, Write(1, object, None, KEYS[object]))
    assert f'"Read-Write {permission}"' in caught.value.remedy
    sandbox.marketo.permissions.revoke(f"Read-Only {permission}")
    with pytest.raises(Unavailable, match="603"):
        port.describe(object)
    assert port.describe("person").fields, "people go on"


def test_a_custom_object_that_nobody_made_is_unavailable(port: MarketoPort) -> None:
    with pytest.raises(Unavailable, match="spaceship"):
        port.describe("spaceship")


@pytest.mark.parametrize(
    ("quirks", "code"), [(frozenset({"no_custom_objects"}), "1026"), (frozenset({"no_custom_schema"}), "616")]
)
def test_an_instance_without_custom_objects_says_what_to_do(port: MarketoPort, code: str) -> None:
    with pytest.raises(Unavailable, match=code) as caught:
        port.create_object(CAR)
    assert caught.value.remedy


@pytest.mark.parametrize("quirks", [frozenset({"no_custom_schema"})])
def test_without_the_interface_for_types_there_are_those_with_records(port: MarketoPort) -> None:
    assert list(port.object_types()) == []
