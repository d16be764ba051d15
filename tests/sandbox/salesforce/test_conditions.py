"""Conditional requests."""

import pytest

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

AT = "Mon, 02 Mar 2026 10:00:00 GMT"  # when the records of these tests are made
BEFORE = "Mon, 02 Mar 2026 09:59:59 GMT"


def guarded(api: Api, id: str, since: str, object: str = "Lead") -> int:
    return api.patch(f"sobjects/{object}/{id}", {"Title": "x"}, headers={"If-Unmodified-Since": since}).status_code


def test_a_write_is_refused_if_the_record_changed_after_the_date(api: Api) -> None:
    id = api.lead()
    assert guarded(api, id, BEFORE) == 412
    assert api.read("Lead", id)["Title"] is None
    assert guarded(api, id, AT) == 204


def test_an_edit_of_the_platform_alone_slips_through_since_last_modified_is_compared(api: Api) -> None:
    rule = {"name": "Touch", "kind": "automation", "object": "Lead", "set": {"Rating": "Hot"}, "after": 60}
    api.control("rules", **rule, stamp_only=True)
    id = api.lead()
    api.sandbox.clock.advance(120)
    record = api.read("Lead", id)
    assert (record["Rating"], record["LastModifiedDate"]) == ("Hot", "2026-03-02T10:00:00.000+0000")
    assert record["SystemModstamp"] == "2026-03-02T10:01:00.000+0000"
    assert guarded(api, id, AT) == 204


def test_a_read_answers_304_if_nothing_changed_since(api: Api) -> None:
    id = api.lead()
    path = f"sobjects/Lead/{id}"
    fresh = api.get(path, headers={"If-Modified-Since": AT})
    assert (fresh.status_code, fresh.content) == (304, b"")
    assert api.get(path, headers={"If-Modified-Since": BEFORE}).status_code == 200
    assert api.get(path).headers["Last-Modified"] == AT


def test_a_malformed_date_is_refused_on_a_write(api: Api) -> None:
    assert guarded(api, api.lead(), "yesterday") == 400


def test_deletes_ignore_conditions(api: Api) -> None:
    answer = api.delete(f"sobjects/Lead/{api.lead()}", headers={"If-Unmodified-Since": BEFORE})
    assert answer.status_code == 204


def test_accounts_have_entity_tags_and_others_have_none(api: Api) -> None:
    id = api.create("Account", Name="Acme")
    path = f"sobjects/Account/{id}"
    tag = api.get(path).headers["ETag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.patch(path, {"Name": "B"}, headers={"If-None-Match": tag}).status_code == 412
    assert api.patch(path, {"Name": "B"}, headers={"If-Match": tag}).status_code == 204
    assert api.patch(path, {"Name": "C"}, headers={"If-Match": tag}).status_code == 412
    lead = api.get(f"sobjects/Lead/{api.lead()}")
    assert "ETag" not in lead.headers
    assert guarded(api, lead.json()["Id"], AT) == 204


@pytest.mark.parametrize(("quirks", "status"), [((), 200), (("guarded_upsert",), 412)])
def test_whether_an_upsert_is_guarded_is_a_switch(start: Start, quirks: tuple[str, ...], status: int) -> None:
    api = start(*quirks)
    api.lead(Mkto_Id__c="7")
    answer = api.patch("sobjects/Lead/Mkto_Id__c/7", {"Title": "x"}, headers={"If-Unmodified-Since": BEFORE})
    assert answer.status_code == status


def test_the_body_of_a_412_is_a_switch(start: Start) -> None:
    for quirks, body in (((), True), (("empty_412",), False)):
        api = start(*quirks)
        id = api.lead()
        answer = api.patch(f"sobjects/Lead/{id}", {"Title": "x"}, headers={"If-Unmodified-Since": BEFORE})
        assert (answer.status_code, bool(answer.content)) == (412, body)
        if body:
            assert error(answer) == (412, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE")
