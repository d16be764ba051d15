"""Sync Leads: which lead a record meets, what becomes of it, and what refuses it."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code, reason
from tests.sandbox.marketo.conftest import Start

A = "a@example.com"


@pytest.mark.parametrize(
    ("action", "existing", "expected"),
    [
        ("createOnly", 0, "created"),
        ("createOnly", 1, "1005"),
        ("createOnly", 2, "1005"),
        ("updateOnly", 0, "1004"),
        ("updateOnly", 1, "updated"),
        ("updateOnly", 2, "1007"),
        ("createOrUpdate", 0, "created"),
        ("createOrUpdate", 1, "updated"),
        ("createOrUpdate", 2, "1007"),
        ("createDuplicate", 0, "created"),
        ("createDuplicate", 1, "created"),
        ("createDuplicate", 2, "created"),
        (None, 0, "created"),
        (None, 1, "updated"),
    ],
)
def test_what_a_record_meets_decides_what_becomes_of_it(
    api: Api, action: str | None, existing: int, expected: str
) -> None:
    for _ in range(existing):
        api.create(email=A, title="before")
    (item,) = api.sync({"email": A.upper(), "title": "after"}, **({"action": action} if action else {}))
    titles = [lead["title"] for lead in api.find("email", A, fields="title")["result"]]
    if expected == "created":
        assert item["status"] == "created"
        assert titles == ["before"] * existing + ["after"]
    elif expected == "updated":
        assert item == {"id": 1, "status": "updated"}
        assert titles == ["after"]
    else:
        assert reason(item) == expected
        assert "id" not in item
        assert titles == ["before"] * existing


def test_results_stand_in_the_order_of_the_input_without_seq(api: Api) -> None:
    items = api.sync({"email": A}, {"email": "bad"}, {"email": "b@example.com"}, {"nothing": 1, "email": A})
    assert items == [
        {"id": 1, "status": "created"},
        {
            "status": "skipped",
            "reasons": [{"code": "1003", "message": "Invalid value for field 'email' and value 'bad'"}],
        },
        {"id": 2, "status": "created"},
        {"status": "skipped", "reasons": [{"code": "1006", "message": "Field 'nothing' not found"}]},
    ]


def test_one_bad_field_skips_the_whole_record(api: Api) -> None:
    lead_id = api.create(email=A, firstName="Ana", fitScore=1)
    (item,) = api.sync({"email": A, "firstName": "Bea", "fitScore": "many"})
    assert reason(item) == "1003"
    assert api.lead(lead_id, "firstName", "fitScore") == {"id": lead_id, "firstName": "Ana", "fitScore": 1.0}


def test_the_same_key_twice_in_a_batch_is_taken_in_order(api: Api) -> None:
    items = api.sync({"email": A, "title": "first"}, {"email": A, "title": "second"})
    assert [item["status"] for item in items] == ["created", "updated"]
    assert api.lead(1, "title")["title"] == "second"


@pytest.mark.parametrize("record", [{}, {"email": None}, {"email": ""}, {"title": "x"}])
def test_a_record_without_its_key_is_refused(api: Api, record: dict[str, Any]) -> None:
    assert reason(api.sync(record)[0]) == "1003"


def test_updating_by_id_can_give_a_lead_another_e_mail(api: Api) -> None:
    lead_id = api.create(email=A)
    items = api.sync({"id": lead_id, "email": "new@example.com"}, action="updateOnly", lookupField="id")
    assert items == [{"id": lead_id, "status": "updated"}]
    assert api.ids("email", A) == []
    assert api.ids("email", "new@example.com") == [lead_id]


@pytest.mark.parametrize(
    ("action", "key", "expected"),
    [
        ("createOnly", "email", "1003"),
        ("createOrUpdate", "email", "1003"),
        ("updateOnly", "email", "1003"),
        ("createOrUpdate", "id", "1003"),
        ("updateOnly", "id", "1004"),
    ],
)
def test_an_id_is_only_taken_to_update_by_it(api: Api, action: str, key: str, expected: str) -> None:
    (item,) = api.sync({"id": 77, "email": A}, action=action, lookupField=key)
    assert reason(item) == expected
    assert api.ids("email", A) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"lookupField": "firstName"}, "1011"),
        ({"lookupField": "nothing"}, "1006"),
        ({"action": "replace"}, "1003"),
        ({"partitionName": "Nowhere"}, "1008"),
    ],
)
def test_a_call_that_makes_no_sense_fails_as_a_whole(api: Api, options: dict[str, str], expected: str) -> None:
    assert code(api.post("leads", {"input": [{"email": A}], **options})) == expected
    assert api.ids("email", A) == []


@pytest.mark.parametrize(("count", "good"), [(1, True), (300, True), (301, False)])
def test_a_batch_holds_one_to_three_hundred_records(api: Api, count: int, good: bool) -> None:
    records = [{"email": f"{number}@example.com"} for number in range(count)]
    reply = api.post("leads", {"input": records})
    assert reply["success"] is good
    if not good:
        assert code(reply) == "1003"


@pytest.mark.parametrize(("quirks", "expected"), [((), "1006"), (("read_only_1011",), "1011")])
@pytest.mark.parametrize("field", ["createdAt", "mktoName", "originalSourceType"])
def test_a_read_only_field_refuses_the_record(start: Start, quirks: tuple[str, ...], expected: str, field: str) -> None:
    api = start(*quirks)
    assert reason(api.sync({"email": A, field: "2026-01-01T00:00:00Z"})[0]) == expected


def test_company_fields_are_taken_while_no_company_is_linked(api: Api) -> None:
    api.sync({"email": A, "company": "Acme", "industry": "Tools"})
    assert api.lead(1, "company", "industry") == {"id": 1, "company": "Acme", "industry": "Tools"}


@pytest.mark.parametrize("field", ["company", "billingCity", "industry", "annualRevenue", "website", "mainPhone"])
def test_company_fields_of_a_linked_lead_are_1021(api: Api, field: str) -> None:
    api.company("C1")
    api.create(email=A, externalCompanyId="C1")
    value = 5 if field == "annualRevenue" else "x"
    assert reason(api.sync({"email": A, field: value, "title": "CTO"})[0]) == "1021"
    assert reason(api.sync({"email": "b@example.com", field: value, "externalCompanyId": "C1"})[0]) == "1021"
    assert api.lead(1, "title")["title"] is None


def test_a_lead_moves_to_another_company_but_leaves_none(api: Api) -> None:
    api.company("C1")
    api.company("C2")
    api.create(email=A, externalCompanyId="C1")
    assert api.sync({"email": A, "externalCompanyId": "C2"})[0]["status"] == "updated"
    assert reason(api.sync({"email": A, "externalCompanyId": None})[0]) == "1003"
    assert api.lead(1, "externalCompanyId")["externalCompanyId"] == "C2"


def test_a_new_lead_goes_to_the_partition_that_is_named(api: Api) -> None:
    api.marketo.partitions.add("EMEA")
    api.sync({"email": A}, partitionName="EMEA")
    api.sync({"email": "b@example.com"})
    assert [api.lead(id, "leadPartitionId")["leadPartitionId"] for id in (1, 2)] == ["2", "1"]


def test_a_lead_of_another_partition_is_not_updated(api: Api) -> None:
    api.marketo.partitions.add("EMEA")
    api.marketo.partitions.add("Secret", accessible=False)
    api.create(email=A)
    assert reason(api.sync({"email": A, "title": "x"}, partitionName="EMEA")[0]) == "1010"
    assert code(api.post("leads", {"input": [{"email": A}], "partitionName": "Secret"})) == "1008"
    assert reason(api.sync({"email": A, "leadPartitionId": 2})[0]) == "1010"


def test_by_switch_a_new_lead_needs_a_partition(start: Start) -> None:
    api = start("partition_required")
    assert reason(api.sync({"email": A})[0]) == "1009"
    assert api.sync({"email": A}, partitionName="Default")[0]["status"] == "created"
    assert api.sync({"email": A, "title": "x"})[0]["status"] == "updated"


def test_blocked_fields_are_answered_updated_and_change_nothing(api: Api) -> None:
    lead_id = api.create(email=A, title="CTO")
    api.marketo.block_updates("title")
    assert api.sync({"email": A, "title": "VP", "phone": "1"})[0]["status"] == "updated"
    assert api.lead(lead_id, "title", "phone") == {"id": lead_id, "title": "CTO", "phone": "1"}
    api.marketo.block_updates("title", blocked=False)
    api.sync({"email": A, "title": "VP"})
    assert api.lead(lead_id, "title")["title"] == "VP"


def stamps(api: Api, lead_id: int) -> tuple[str, str]:
    lead = api.lead(lead_id)
    return lead["createdAt"], lead["updatedAt"]


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"title": "VP"}, True),
        ({"title": "CTO"}, False),
        ({}, False),
        ({"customerTier": "Gold"}, False),
        ({"customerTier": "Gold", "phone": "1"}, True),
        ({"leadScore": 5}, True),
        ({"doNotCall": None}, False),
    ],
)
def test_updated_at_moves_only_when_a_standard_field_changes(api: Api, change: dict[str, Any], moves: bool) -> None:
    lead_id = api.create(email=A, title="CTO")
    before = stamps(api, lead_id)
    api.sandbox.clock.advance(60)
    assert api.sync({"email": A, **change}) == [{"id": lead_id, "status": "updated"}]
    assert stamps(api, lead_id) == (before[0], "2026-03-02T10:01:00Z" if moves else before[1])


def test_by_switch_a_new_lead_seems_updated_before_it_was_created(start: Start) -> None:
    api = start("early_updated_at")
    assert stamps(api, api.create(email=A)) == ("2026-03-02T10:00:00Z", "2026-03-02T09:59:59Z")
