"""Formatted values and what lookups lead to, in the annotations that were asked for."""

from collections.abc import Iterator

import pytest

from tests.sandbox.dynamics.rows import World

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.org.store.close()


def test_every_annotation_stands_before_its_value(world: World) -> None:
    columns = "leadsourcecode,donotemail,numberofemployees,estimatedamount,modifiedon,estimatedclosedate,_ownerid_value"
    preference = {"prefer": 'odata.include-annotations="*",odata.maxpagesize=1'}
    answer = world.get("leads", f"$select={columns}", preference)
    assert answer.headers["Preference-Applied"] == 'odata.include-annotations="*",odata.maxpagesize=1'
    record = answer.body["value"][0]
    assert {key.partition("@")[0]: value for key, value in record.items() if key.endswith(FORMATTED)} == {
        "leadsourcecode": "Web",
        "donotemail": "Allow",
        "numberofemployees": "12,000",
        "estimatedamount": "€1,200.50",
        "_transactioncurrencyid_value": "Euro",
        "modifiedon": "3/4/2026 10:11 AM",
        "estimatedclosedate": "3/4/2026",
        "_ownerid_value": "North Team",
    }
    assert record[f"_ownerid_value@{LOGICAL_NAME}"] == "team"
    assert record[f"_ownerid_value@{NAVIGATION}"] == "ownerid"
    keys = list(record)
    assert keys.index(f"leadsourcecode@{FORMATTED}") + 1 == keys.index("leadsourcecode")


def test_annotations_are_asked_for_by_name_and_by_prefix(world: World) -> None:
    def kinds(wish: str) -> set[str]:
        headers = {"prefer": f'odata.include-annotations="{wish}"'}
        record = world.get("leads", "$select=statecode,_ownerid_value&$top=1", headers).body["value"][0]
        return {key.partition("@")[2] for key in record if "@" in key[1:]}

    assert kinds(LOGICAL_NAME) == {LOGICAL_NAME}
    assert kinds("Microsoft.Dynamics.CRM.*") == {LOGICAL_NAME, NAVIGATION}
    assert kinds("*") == {LOGICAL_NAME, NAVIGATION, FORMATTED}
    assert kinds(f"*,-{FORMATTED}") == {LOGICAL_NAME, NAVIGATION}
    assert kinds("") == set()


def test_a_polymorphic_lookup_tells_its_target_in_the_annotation(world: World) -> None:
    headers = {"prefer": 'odata.include-annotations="*"'}
    found = world.get("contacts", "$select=_parentcustomerid_value", headers).body["value"]
    kinds = [record[f"_parentcustomerid_value@{LOGICAL_NAME}"] for record in found]
    ways = [record[f"_parentcustomerid_value@{NAVIGATION}"] for record in found]
    names = [record[f"_parentcustomerid_value@{FORMATTED}"] for record in found]
    assert (kinds, names) == (["account", "account", "contact"], ["Acme", "Acme", "Ann"])
    assert ways == ["parentcustomerid_account", "parentcustomerid_account", "parentcustomerid_contact"]
