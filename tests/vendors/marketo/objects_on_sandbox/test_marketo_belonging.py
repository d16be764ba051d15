"""What belongs to what, and which values are whose, against the sandbox's Marketo.

It was written apart from the port, from the same documents of Marketo's. What these leave open are its switches.
"""

import pytest

from mksync.core.records import Record, Value, Write
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.objects_on_sandbox.steps import LINKS, codes, write


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"unknown_parent_per_record"})])
def test_a_record_that_names_an_unknown_one_is_refused_and_the_others_are_written(port: MarketoPort, deal: str) -> None:
    key = "externalOpportunityId"
    outcomes = write(
        port,
        Write(1, "opportunity", None, {key: "006B", "name": "x", "externalCompanyId": "nobody"}),
        Write(2, "opportunity", None, {key: "006C", "name": "x", "externalCompanyId": "001A"}),
        Write(3, "opportunity", None, {key: "006D", "name": "x", "externalSalesPersonId": "nobody"}),
        Write(4, "opportunity", None, {key: "006E", "name": "x", "externalSalesPersonId": "005A"}),
        Write(5, "opportunity", None, {key: "006F"}),
        Write(6, "opportunity", deal, {"externalCompanyId": "nobody"}),
        fields=("name",),
    )
    assert codes(outcomes)[:4] == ["718", "", "718", ""]
    assert [one.kind for one in outcomes[4:]] == ["refused", "refused"]
    assert all(one.refusal.cause and one.refusal.remedy for one in outcomes if one.refusal)
    keys = ["006B", "006C", "006D", "006E", "006F"]
    assert {str(one.values[key]) for one in port.find("opportunity", key, keys, [key])} == {"006C", "006E"}


def test_a_role_needs_its_opportunity_and_its_person(port: MarketoPort, deal: str) -> None:
    key: dict[str, Value] = {"externalOpportunityId": "006A", "leadId": 7, "role": "Buyer"}
    outcomes = write(
        port,
        Write(1, "role", None, {**key, "externalOpportunityId": "nobody"}),
        Write(2, "role", None, {**key, "leadId": 4711}),
        Write(3, "role", None, key),
        Write(4, "role", None, {**key, "role": "User"}),
    )
    assert [one.kind for one in outcomes] == ["refused", "refused", "written", "written"]
    found = list(port.find("role", "externalOpportunityId", ["006A"], ["role", "leadId"]))
    assert {(one.values["role"], one.values["leadId"]) for one in found} == {("Buyer", 7), ("User", 7)}
    assert [one.id for one in port.find("role", "leadId", ["7"], [])] == [one.id for one in found]


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"in_use_stays"})])
def test_a_sales_person_with_people_stays(port: MarketoPort, deal: str) -> None:
    [owner] = port.find("salesperson", "externalSalesPersonId", ["005A"], ["email"])
    assert write(port, Write(1, "person", "7", {"externalSalesPersonId": "005A"}))[0].kind == "written"
    [outcome] = write(port, Write(1, "salesperson", owner.id, {}, delete=True))
    assert codes([outcome]) == ["1022"]
    assert outcome.refusal is not None
    assert outcome.refusal.passing


# People and their company


def test_a_person_is_given_a_company_and_an_owner_and_shows_the_companys_values(port: MarketoPort, deal: str) -> None:
    fields = port.describe("person").fields
    assert {name for name in LINKS if fields[name].writable and not fields[name].owner} == set(LINKS)
    assert fields["company"].owner == "company"
    values: dict[str, Value] = {"externalCompanyId": "001A", "externalSalesPersonId": "005A"}
    [outcome] = write(port, Write(1, "person", "7", values), fields=(*LINKS, "company"))
    assert outcome.record == Record("person", "7", {**values, "company": "Acme"})
    [cleared] = write(port, Write(1, "person", "7", {"externalSalesPersonId": None}), fields=tuple(LINKS))
    assert cleared.record == Record("person", "7", {"externalCompanyId": "001A", "externalSalesPersonId": None})


def test_a_person_is_not_taken_out_of_a_company(port: MarketoPort, deal: str) -> None:
    """A lead can be moved to another company only (Marketo developer guide, Companies)."""
    write(port, Write(1, "person", "7", {"externalCompanyId": "001A"}))
    [outcome] = write(port, Write(1, "person", "7", {"externalCompanyId": None}), fields=("externalCompanyId",))
    assert outcome.kind in ("refused", "written")
    [record] = port.fetch("person", ["7"], ["externalCompanyId"])
    assert isinstance(record, Record)
    assert record.values == {"externalCompanyId": "001A"}


def test_a_person_who_names_an_unknown_company_or_owner_leaves_the_others_alone(port: MarketoPort, deal: str) -> None:
    outcomes = write(
        port,
        Write(1, "person", "7", {"externalCompanyId": "nobody"}),
        Write(2, "person", "8", {"externalCompanyId": "001A"}),
        Write(3, "person", "9", {"externalSalesPersonId": "nobody"}),
    )
    assert [one.kind for one in outcomes] == ["refused", "written", "refused"]
    assert all(one.refusal.cause and one.refusal.remedy for one in outcomes if one.refusal)


def test_a_companys_value_is_not_written_through_its_people(port: MarketoPort, deal: str) -> None:
    write(port, Write(1, "person", "7", {"externalCompanyId": "001A"}))
    outcomes = write(port, Write(1, "person", "7", {"industry": "Mine"}), Write(2, "person", "8", {"title": "CTO"}))
    assert codes(outcomes) == ["1021", ""]
    assert outcomes[0].refusal is not None
    assert outcomes[0].refusal.fields == ("industry",)
