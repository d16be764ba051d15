"""Many records in one call, each judged by itself."""

from typing import Any

import pytest

from tests.sandbox.salesforce.api import Api, error, row_errors
from tests.sandbox.salesforce.conftest import Start


def row(type: str = "Lead", **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": type}, **values}


def lead(**values: Any) -> dict[str, Any]:
    return row(LastName="Roe", Company="Acme", **values)


def sent(*rows: dict[str, Any], all_or_none: bool = False) -> dict[str, Any]:
    return {"allOrNone": all_or_none, "records": list(rows)}


def count(api: Api) -> int:
    return int(api.query("SELECT COUNT() FROM Lead").json()["totalSize"])


def test_each_row_succeeds_or_fails_by_itself_and_answers_keep_their_place(api: Api) -> None:
    answer = api.post("composite/sobjects", sent(lead(), lead(Email="bob@"), row(LastName="x"), lead(Nope=1)))
    assert answer.status_code == 200
    good, mail, missing, unknown = answer.json()
    assert good == {"id": good["id"], "success": True, "errors": []}
    assert mail == {
        "success": False,
        "errors": [
            {
                "statusCode": "INVALID_EMAIL_ADDRESS",
                "message": "Email: invalid email address: bob@",
                "fields": ["Email"],
            }
        ],
    }
    assert missing["errors"][0]["fields"] == ["Company"]
    assert unknown["errors"][0] == {
        "statusCode": "INVALID_FIELD",
        "message": "No such column 'Nope' on sobject of type Lead",
        "fields": [],
    }
    assert count(api) == 1


def test_all_or_none_keeps_nothing_and_tells_the_innocent(api: Api) -> None:
    answer = api.post("composite/sobjects", sent(lead(), lead(Email="bob@"), lead(), all_or_none=True))
    assert answer.status_code == 200
    rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert row_errors(answer.json()) == [rolled_back, "INVALID_EMAIL_ADDRESS", rolled_back]
    assert count(api) == 0


def test_updates_name_their_record_in_either_case_and_both_lengths(api: Api) -> None:
    first, second = api.lead(), api.lead()
    answer = api.patch("composite/sobjects", sent(row(id=first, Title="a"), row(Id=second[:15], Title="b")))
    assert [item["id"] for item in answer.json()] == [first, second]
    assert [api.read("Lead", id)["Title"] for id in (first, second)] == ["a", "b"]


def test_an_update_of_what_is_not_there(api: Api) -> None:
    gone = api.lead()
    api.delete(f"sobjects/Lead/{gone}")
    unknown = "00Q5g00000zzzzzEAA"
    rows = [row(id=gone, Title="x"), row(id=unknown, Title="x"), row(id="nonsense"), row(Title="x")]
    answer = api.patch("composite/sobjects", sent(*rows)).json()
    codes = ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "MISSING_ARGUMENT"]
    assert row_errors(answer) == codes
    assert answer[0]["id"] == gone


def test_the_same_record_twice_in_an_update(api: Api, start: Start) -> None:
    id = api.lead()
    twice = sent(row(id=id, Title="a"), row(id=id[:15], Title="b"))
    assert row_errors(api.patch("composite/sobjects", twice).json()) == ["DUPLICATE_VALUE"] * 2


@pytest.mark.parametrize(
    ("quirks", "expected"),
    [
        ((), ["DUPLICATE_VALUE", None, "DUPLICATE_VALUE"]),
        (("later_duplicate_fails",), [None, None, "DUPLICATE_VALUE"]),
    ],
)
def test_equal_keys_in_one_upsert(start: Start, quirks: tuple[str, ...], expected: list[str | None]) -> None:
    rows = [lead(Mkto_Id__c="7"), lead(Mkto_Id__c="8"), lead(Mkto_Id__c=" 7")]
    answer = start(*quirks).patch("composite/sobjects/Lead/Mkto_Id__c", sent(*rows))
    assert row_errors(answer.json()) == expected


def test_an_upsert_tells_created_from_updated(api: Api) -> None:
    known = api.lead(Mkto_Id__c="1")
    rows = [row(Mkto_Id__c="1", Title="x"), lead(Mkto_Id__c="2"), lead()]
    updated, created, keyless = api.patch("composite/sobjects/Lead/Mkto_Id__c", sent(*rows)).json()
    assert updated == {"id": known, "success": True, "errors": [], "created": False}
    assert created["created"] is True
    assert row_errors([keyless]) == ["MISSING_ARGUMENT"]


def test_an_upsert_takes_lookup_fields_and_ids_as_keys(api: Api) -> None:
    known = api.lead(Email="a@b.co")
    by_mail = api.patch("composite/sobjects/Lead/Email", sent(row(Email="A@B.co", Title="x"))).json()
    assert by_mail[0]["id"] == known
    by_id = api.patch("composite/sobjects/Lead/Id", sent(lead(Id=None), row(Id=known, Title="y"))).json()
    assert [item["created"] for item in by_id] == [True, False]
    api.lead(Email="a@b.co")
    ambiguous = api.patch("composite/sobjects/Lead/Email", sent(row(Email="a@b.co", Title="z"))).json()
    assert row_errors(ambiguous) == ["DUPLICATE_EXTERNAL_ID"]
    assert known in ambiguous[0]["errors"][0]["message"]


def test_mixed_types_are_allowed_in_ten_runs(api: Api) -> None:
    ten = [lead() if number % 2 else row("Account", Name="A") for number in range(10)]
    assert row_errors(api.post("composite/sobjects", sent(*ten)).json()) == [None] * 10
    assert error(api.post("composite/sobjects", sent(*ten, row("Account", Name="A"))))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {"records": [{"LastName": "no attributes"}]},
        {"records": ["text"]},
        {"records": None},
        {},
        [],
        {"records": [{"attributes": {"type": "Nothing"}}]},
        {"records": [lead()] * 201},
        {"records": [lead(), lead(Last_Demo__c="never")]},  # a date that cannot be read fails the whole request
    ],
)
def test_a_malformed_request_is_a_400_and_writes_nothing(api: Api, body: Any) -> None:
    assert error(api.post("composite/sobjects", body))[0] == 400
    assert count(api) == 0


def test_reads_answer_in_request_order_with_null_for_what_is_not_visible(api: Api) -> None:
    first, second, gone = api.lead(Title="1"), api.lead(Title="2"), api.lead()
    contact = api.create("Contact", LastName="Roe")
    api.delete(f"sobjects/Lead/{gone}")
    ids = [second, gone, "nonsense", first[:15], contact, second]
    answer = api.post("composite/sobjects/Lead", {"ids": ids, "fields": ["title"]}).json()
    assert [item and item["Title"] for item in answer] == ["2", None, None, "1", None, "2"]
    assert answer[0]["Id"] == second
    by_get = api.get("composite/sobjects/Lead", params={"ids": ",".join(ids), "fields": "title"}).json()
    assert by_get == answer


@pytest.mark.parametrize("field", ["Nope", "Internal_Note__c"])
def test_an_unreadable_field_fails_the_whole_read(api: Api, field: str) -> None:
    answer = api.post("composite/sobjects/Lead", {"ids": [api.lead()], "fields": ["Id", field]})
    assert error(answer) == (400, "INVALID_FIELD")


def test_at_most_two_thousand_records_are_read(api: Api) -> None:
    id = api.lead()
    assert len(api.post("composite/sobjects/Lead", {"ids": [id] * 2_000, "fields": ["Id"]}).json()) == 2_000
    assert api.post("composite/sobjects/Lead", {"ids": [id] * 2_001, "fields": ["Id"]}).status_code == 400


def test_deletes_take_ids_of_any_type(api: Api) -> None:
    one, other = api.lead(), api.create("Account", Name="A")
    answer = api.delete("composite/sobjects", params={"ids": f"{one},{other},{one}", "allOrNone": "false"}).json()
    assert row_errors(answer) == [None, None, "ENTITY_IS_DELETED"]
    assert api.delete("composite/sobjects", params={"ids": ",".join([one] * 201)}).status_code == 400


def test_a_call_of_many_counts_once(api: Api) -> None:
    before = api.get("limits").json()["DailyApiRequests"]["Remaining"]
    api.post("composite/sobjects", sent(*[lead() for _ in range(200)]))
    assert api.get("limits").json()["DailyApiRequests"]["Remaining"] == before - 2


def test_the_answer_to_unknown_fields_and_ids_is_a_switch(start: Start) -> None:
    api = start("collection_unknown_field_fails_call", "collection_missing_not_found")
    assert error(api.post("composite/sobjects", sent(lead(), lead(Nope=1)))) == (400, "INVALID_FIELD")
    assert count(api) == 0
    missing = api.patch("composite/sobjects", sent(row(id="00Q5g00000zzzzzEAA", Title="x"))).json()
    assert row_errors(missing) == ["NOT_FOUND"]
