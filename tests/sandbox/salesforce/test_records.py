"""Calls on one record."""

import gzip
from typing import Any

import pytest

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

MISSING = "00Q5g00000zzzzzEAA"


def test_create_read_change_delete(api: Api) -> None:
    answer = api.post("sobjects/Lead/", {"LastName": "Roe", "FirstName": "Ann", "Company": "Acme"})
    id = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.json() == {"id": id, "success": True, "errors": []}
    assert answer.headers["Location"] == f"/services/data/v67.0/sobjects/Lead/{id}"
    changed = api.patch(f"sobjects/Lead/{id}", {"Title": "CTO", "FirstName": None})
    assert (changed.status_code, changed.content) == (204, b"")
    record = api.read("Lead", id)
    assert (record["Name"], record["Title"], record["FirstName"]) == ("Roe", "CTO", None)
    assert record["attributes"]["url"] == f"/services/data/v67.0/sobjects/Lead/{id}"
    assert api.delete(f"sobjects/Lead/{id}").status_code == 204
    for method in ("GET", "PATCH", "DELETE"):
        assert error(api.call(method, f"sobjects/Lead/{id}", json={})) == (404, "ENTITY_IS_DELETED")


def test_a_new_record_is_filled_and_stamped_by_the_server(api: Api) -> None:
    record = api.read("Lead", api.lead())
    mine, now = api.org.users["sync_user"], "2026-03-02T10:00:00.000+0000"
    assert record["Status"] == "Open - Not Contacted"
    assert {record[name] for name in ("OwnerId", "CreatedById", "LastModifiedById")} == {mine}
    assert {record[name] for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")} == {now}


def test_every_save_moves_the_stamps_even_if_it_changes_nothing(api: Api) -> None:
    id = api.lead(Title="CTO")
    api.sandbox.clock.advance(61.9)
    api.patch(f"sobjects/Lead/{id}", {"Title": "CTO"})
    record = api.read("Lead", id)
    assert record["SystemModstamp"] == record["LastModifiedDate"] == "2026-03-02T10:01:01.000+0000"
    assert record["CreatedDate"] == "2026-03-02T10:00:00.000+0000"


def test_paths_ignore_case_slashes_at_the_end_and_take_short_ids(api: Api) -> None:
    id = api.lead()
    for path in (f"sobjects/lead/{id[:15]}", f"SOBJECTS/LEAD/{id}/", f"sobjects//Lead/{id}?fields=iD"):
        assert api.get(path).json()["Id"] == id


def test_an_eighteen_character_id_with_a_wrong_suffix_is_not_found(api: Api) -> None:
    id = api.lead()
    assert error(api.get(f"sobjects/Lead/{id[:15]}ZZZ")) == (404, "NOT_FOUND")


def test_chosen_fields_come_with_the_id(api: Api) -> None:
    id = api.lead(Email="a@b.co")
    record = api.get(f"sobjects/Lead/{id}?fields=email,lastname").json()
    record.pop("attributes")
    assert record == {"Email": "a@b.co", "LastName": "Roe", "Id": id}
    assert error(api.get(f"sobjects/Lead/{id}?fields=Nope")) == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", f"sobjects/Lead/{MISSING}", (404, "NOT_FOUND")),
        ("PATCH", f"sobjects/Lead/{MISSING}", (404, "NOT_FOUND")),
        ("DELETE", f"sobjects/Lead/{MISSING}", (404, "NOT_FOUND")),
        ("GET", "sobjects/Nothing", (404, "NOT_FOUND")),
        ("GET", "sobjects/Lead/a/b/c", (404, "NOT_FOUND")),
        ("GET", "nowhere", (404, "NOT_FOUND")),
        ("PUT", "sobjects/Lead", (405, "METHOD_NOT_ALLOWED")),
        ("PATCH", "sobjects/Lead/Id", (405, "METHOD_NOT_ALLOWED")),
        ("POST", "query", (405, "METHOD_NOT_ALLOWED")),
        ("GET", "sobjects/Lead/City/Berlin", (404, "NOT_FOUND")),  # not a key field
        ("GET", "sobjects/Lead/Email/nobody@b.co", (404, "NOT_FOUND")),
    ],
)
def test_what_is_not_there_or_not_allowed(api: Api, method: str, path: str, expected: tuple[int, str]) -> None:
    assert error(api.call(method, path, json={})) == expected


def test_a_missing_row_is_named_in_the_message(api: Api) -> None:
    (complaint,) = api.get(f"sobjects/Lead/{MISSING}").json()
    assert complaint["message"] == f"Provided external ID field does not exist or is not accessible: {MISSING}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"LastName": "Roe", "Company": "A", "Nope": 1}, (400, "INVALID_FIELD")),
        ({"LastName": "Roe", "Company": "A", "Id": MISSING}, (400, "INVALID_FIELD")),
        ({"LastName": "Roe"}, (400, "REQUIRED_FIELD_MISSING")),
        ({"LastName": "Roe", "Company": "A", "Name": "x"}, (400, "INVALID_FIELD_FOR_INSERT_UPDATE")),
        ({"LastName": "Roe", "Company": "A", "OwnerId": "0015g00000QqRrS"}, (400, "MALFORMED_ID")),
        ({"LastName": "Roe", "Company": "A", "OwnerId": "nonsense"}, (400, "MALFORMED_ID")),
        ({"LastName": "Roe", "Company": "A", "OwnerId": "0055g00000zzzzz"}, (400, "INVALID_CROSS_REFERENCE_KEY")),
        ([], (400, "JSON_PARSER_ERROR")),
    ],
)
def test_a_create_that_is_refused(api: Api, body: Any, expected: tuple[int, str]) -> None:
    assert error(api.post("sobjects/Lead", body)) == expected
    assert api.query("SELECT COUNT() FROM Lead").json()["totalSize"] == 0


def test_missing_required_fields_are_listed_together(api: Api) -> None:
    (complaint,) = api.post("sobjects/Lead", {"FirstName": "Ann"}).json()
    assert complaint["message"] == "Required fields are missing: [LastName, Company]"
    assert complaint["fields"] == ["LastName", "Company"]


def test_a_required_field_cannot_be_cleared(api: Api) -> None:
    id = api.lead()
    assert error(api.patch(f"sobjects/Lead/{id}", {"LastName": "  "})) == (400, "REQUIRED_FIELD_MISSING")
    assert api.read("Lead", id)["LastName"] == "Roe"


def test_an_inactive_user_cannot_own_a_lead_but_a_queue_can(api: Api) -> None:
    former = api.records("SELECT Id FROM User WHERE IsActive = false")[0]["Id"]
    refused = api.post("sobjects/Lead", {"LastName": "R", "Company": "A", "OwnerId": former})
    assert error(refused) == (400, "INACTIVE_OWNER_OR_USER")
    assert former[:15] in refused.json()[0]["message"]
    queue = api.org.users["queue"]
    owned = api.lead(OwnerId=queue)
    (record,) = api.records(f"SELECT Owner.Name, Owner.Type FROM Lead WHERE Id = '{owned}'")
    assert (record["Owner"]["attributes"]["type"], record["Owner"]["Type"]) == ("Group", "Group")
    contact = api.post("sobjects/Contact", {"LastName": "R", "OwnerId": queue})
    assert error(contact) == (400, "MALFORMED_ID")


def test_bodies_may_be_chunked_or_gzipped_but_must_be_json(api: Api) -> None:
    body = b'{"LastName": "Roe", "Company": "A"}'
    as_json = {"Content-Type": "application/json"}
    chunked = api.call("POST", "sobjects/Lead", data=iter([body[:10], body[10:]]), headers=as_json)
    assert chunked.status_code == 201
    zipped = {**as_json, "Content-Encoding": "gzip"}
    assert api.call("POST", "sobjects/Lead", data=gzip.compress(body), headers=zipped).status_code == 201
    form = api.call("POST", "sobjects/Lead", data={"LastName": "Roe"})
    assert form.status_code == 415
    assert error(api.call("POST", "sobjects/Lead", data=b"{", headers=as_json)) == (400, "JSON_PARSER_ERROR")


class TestUpsert:
    def test_creates_then_updates(self, api: Api) -> None:
        path = "sobjects/Lead/Mkto_Id__c/1001"
        first = api.patch(path, {"LastName": "Roe", "Company": "A"})
        second = api.patch(path, {"Title": "CTO"})
        assert (first.status_code, first.json()["created"]) == (201, True)
        assert (second.status_code, second.json()["created"]) == (200, False)
        assert first.json()["id"] == second.json()["id"]
        record = api.get(path).json()
        assert (record["Mkto_Id__c"], record["Title"]) == ("1001", "CTO")
        assert api.delete(path).status_code == 204

    def test_an_update_answers_204_before_version_46(self, api: Api) -> None:
        api.lead(Mkto_Id__c="7")
        assert api.patch("/services/data/v45.0/sobjects/Lead/Mkto_Id__c/7", {"Title": "x"}).status_code == 204

    def test_the_key_is_percent_decoded_and_matched_without_regard_to_case(self, api: Api) -> None:
        id = api.lead(Mkto_Id__c="a/b c+D")
        assert api.patch("sobjects/Lead/mkto_id__c/A%2Fb%20c%2Bd", {"Title": "x"}).json()["id"] == id

    def test_the_key_must_not_be_repeated_in_the_body(self, api: Api) -> None:
        body = {"LastName": "Roe", "Company": "A", "Mkto_Id__c": "7"}
        assert error(api.patch("sobjects/Lead/Mkto_Id__c/7", body)) == (400, "INVALID_FIELD")

    def test_several_matches_answer_300_with_their_paths_and_write_nothing(self, api: Api) -> None:
        ids = [api.lead(Email="same@b.co") for _ in range(2)]
        answer = api.patch("sobjects/Lead/Email/Same@B.co", {"Title": "x"})
        assert answer.status_code == 300
        assert answer.json() == [f"/services/data/v67.0/sobjects/Lead/{id}" for id in ids]
        assert api.get("sobjects/Lead/Email/same@b.co").status_code == 300
        assert [api.read("Lead", id)["Title"] for id in ids] == [None, None]

    def test_update_only_does_not_insert(self, api: Api) -> None:
        answer = api.patch("sobjects/Lead/Mkto_Id__c/7?updateOnly=true", {"LastName": "Roe", "Company": "A"})
        assert error(answer) == (404, "NOT_FOUND")

    def test_a_field_that_is_no_key_cannot_be_used(self, api: Api) -> None:
        assert error(api.patch("sobjects/Lead/City/Berlin", {"LastName": "R"})) == (404, "NOT_FOUND")

    def test_posting_to_id_always_inserts(self, api: Api) -> None:
        assert api.post("sobjects/Lead/Id", {"LastName": "Roe", "Company": "A"}).status_code == 201


def test_a_unique_value_names_the_record_that_holds_it(api: Api) -> None:
    holder = api.lead(Mkto_Id__c="Abc")
    answer = api.post("sobjects/Lead", {"LastName": "R", "Company": "A", "Mkto_Id__c": "aBC"})
    assert error(answer) == (400, "DUPLICATE_VALUE")
    assert answer.json()[0]["message"].endswith(f"duplicates value on record with id: {holder[:15]}")
    api.delete(f"sobjects/Lead/{holder}")
    api.lead(Mkto_Id__c="abc")  # a deleted record holds nothing


def test_a_parent_can_be_named_by_an_external_key(api: Api) -> None:
    api.control("fields", object="Account", name="Account_Key__c", external_id=True, unique=True, access="edit")
    account = api.create("Account", Name="Acme", Account_Key__c="A-17")
    contact = api.create("Contact", LastName="Roe", Account={"Account_Key__c": "a-17"})
    assert api.read("Contact", contact)["AccountId"] == account
    answer = api.post("sobjects/Contact", {"LastName": "Roe", "Account": {"Account_Key__c": "A-18"}})
    assert error(answer) == (400, "INVALID_FIELD")
    assert "Foreign key external ID: a-18 not found for field Account_Key__c in entity Account" in answer.text


def test_deleting_an_account_takes_its_contacts_and_undeleting_brings_them_back(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    with_it, before = (api.create("Contact", LastName=name, AccountId=account) for name in ("With", "Before"))
    api.delete(f"sobjects/Contact/{before}")
    api.sandbox.clock.advance(60)
    api.delete(f"sobjects/Account/{account}")
    assert error(api.get(f"sobjects/Contact/{with_it}")) == (404, "ENTITY_IS_DELETED")
    api.org.edit("undelete", "Account", account)
    assert api.get(f"sobjects/Contact/{with_it}").status_code == 200
    assert api.get(f"sobjects/Contact/{before}").status_code == 404


def test_users_and_setup_rows_cannot_be_deleted_or_edited(api: Api) -> None:
    status = api.records("SELECT Id FROM LeadStatus")[0]["Id"]
    assert error(api.patch(f"sobjects/LeadStatus/{status}", {"MasterLabel": "x"}))[0] == 403
    user = api.org.users["admin_user"]
    assert error(api.delete(f"sobjects/User/{user}")) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


@pytest.mark.parametrize(("quirks", "status"), [((), 404), (("deleted_is_400",), 400)])
def test_the_status_of_a_deleted_row_is_a_switch(start: Start, quirks: tuple[str, ...], status: int) -> None:
    api = start(*quirks)
    id = api.lead()
    api.delete(f"sobjects/Lead/{id}")
    assert api.get(f"sobjects/Lead/{id}").status_code == status
