"""Creating, changing and deleting rows: ids, preconditions, references, keys, what is ignored and what is refused."""

from typing import Any

import pytest

from tests.sandbox.dynamics.answers import NOBODY, done, id_of, message
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

MINE = "1a1a0000-0000-4000-8000-000000000001"
FULL = {"Prefer": "return=representation"}
ANY = {"If-Match": "*"}


def lead(api: Api, **values: Any) -> str:
    return api.create("leads", **{"lastname": "Roe", **values})


def put(api: Api, path: str, value: object) -> Any:
    return api.call("PUT", path, json={"value": value})


def test_a_create_answers_with_the_address_of_the_row(api: Api) -> None:
    answer = done(api.post("leads", {"lastname": "Roe"}))
    assert answer.headers["OData-EntityId"] == answer.headers["Location"]
    assert answer.headers["OData-EntityId"] == f"{api.root}/leads({id_of(answer)})"


def test_a_create_with_representation_answers_with_the_row_selected(api: Api) -> None:
    answer = api.post("leads?$select=fullname", {"firstname": "Ann", "lastname": "Roe"}, headers=FULL)
    assert answer.status_code == 201
    assert answer.headers["Preference-Applied"] == "return=representation"
    assert answer.headers["ETag"] == answer.json()["@odata.etag"]
    assert "OData-EntityId" not in answer.headers
    assert {k for k in answer.json() if "@" not in k} == {"fullname", "leadid"}
    assert answer.json()["fullname"] == "Ann Roe"


def test_an_id_of_our_own_makes_a_create_that_cannot_happen_twice(api: Api) -> None:
    wish = {"leadid": MINE.upper(), "lastname": "Roe"}
    assert id_of(done(api.post("leads", wish))) == MINE
    again = api.post("leads", wish)
    assert error(again) == (412, "0x80040237")
    assert message(again) == "A record with matching key values already exists."
    assert len(api.rows("leads?$select=leadid")) == 1


def test_an_update_changes_what_it_names_and_the_version(api: Api) -> None:
    id = lead(api, jobtitle="CTO", firstname="Ann")
    before = api.read("leads", id)
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}, headers=ANY))
    after = api.read("leads", id)
    changed = {name for name in after if after[name] != before[name]} - {"@odata.context"}
    assert changed == {"jobtitle", "@odata.etag", "versionnumber"}
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}, headers=ANY))
    assert api.read("leads", id)["versionnumber"] > after["versionnumber"], "equal values are an update too"


def test_every_update_moves_the_stamps(api: Api) -> None:
    id = api.org.edit("create", "lead", lastname="Roe")
    api.sandbox.clock.advance(90)
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}))
    row = api.read("leads", id)
    assert (row["createdon"], row["modifiedon"]) == ("2026-03-02T10:00:00Z", "2026-03-02T10:01:30Z")
    assert row["_createdby_value"] == api.org.users["admin_user"]
    assert row["_modifiedby_value"] == api.org.users["sync_user"]


@pytest.mark.parametrize(
    ("headers", "exists", "status", "code"),
    [
        ({}, True, 204, None),
        ({}, False, 204, None),
        ({"If-None-Match": "null"}, True, 204, None),
        ({"If-None-Match": "null"}, False, 204, None),
        (FULL, True, 200, None),
        (FULL, False, 201, None),
        (ANY, True, 204, None),
        (ANY, False, 404, "0x80040217"),
        ({"If-None-Match": "*"}, True, 412, "0x80040237"),
        ({"If-None-Match": "*"}, False, 204, None),
        ({"If-Match": 'W/"1"'}, True, 412, "0x80060882"),
        ({"If-Match": 'W/"1"'}, False, 404, "0x80040217"),
    ],
)
def test_the_headers_of_a_patch_decide_between_update_and_create(
    api: Api, headers: dict[str, str], exists: bool, status: int, code: str | None
) -> None:
    if exists:
        done(api.post("leads", {"leadid": MINE, "lastname": "Roe"}))
    answer = api.patch(f"leads({MINE})", {"lastname": "Doe"}, headers=headers)
    assert answer.status_code == status
    if code is not None:
        assert error(answer) == (status, code)
        kept = api.rows("leads?$select=lastname")
        assert [row["lastname"] for row in kept] == (["Roe"] if exists else [])
        return
    assert api.read("leads", MINE)["lastname"] == "Doe"


def test_the_etag_of_the_row_lets_an_update_and_a_delete_through_once(api: Api) -> None:
    id = lead(api)
    tag = api.read("leads", id)["@odata.etag"]
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}, headers={"If-Match": tag}))
    stale = {"If-Match": tag}
    assert error(api.patch(f"leads({id})", {"jobtitle": "CFO"}, headers=stale)) == (412, "0x80060882")
    assert error(api.delete(f"leads({id})", headers=stale)) == (412, "0x80060882")
    done(api.delete(f"leads({id})", headers={"If-Match": api.read("leads", id)["@odata.etag"]}))


def test_a_table_without_optimistic_concurrency_refuses_an_etag(api: Api) -> None:
    id = lead(api)
    api.control("tables", table="lead", optimistic_concurrency=False)
    answer = api.patch(f"leads({id})", {"jobtitle": "CEO"}, headers={"If-Match": 'W/"1"'})
    assert error(answer) == (400, "0x8006088D")
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}, headers=ANY))


def test_an_etag_on_a_row_that_is_gone_may_also_be_a_412(start: Start) -> None:
    api = start("etag_on_missing_412")
    assert error(api.patch(f"leads({MINE})", {}, headers={"If-Match": 'W/"1"'})) == (412, "0x80060882")


def test_a_deleted_row_is_gone(api: Api) -> None:
    id = lead(api)
    done(api.delete(f"leads({id})"))
    for answer in (api.get(f"leads({id})"), api.delete(f"leads({id})"), api.patch(f"leads({id})", {}, headers=ANY)):
        assert error(answer) == (404, "0x80040217")
        assert message(answer) == f"lead With Id = {id} Does Not Exist"


def test_one_column_can_be_put_and_deleted(api: Api) -> None:
    id = lead(api, jobtitle="CTO")
    done(put(api, f"leads({id})/jobtitle", "CEO"))
    assert api.read("leads", id)["jobtitle"] == "CEO"
    done(api.delete(f"leads({id})/jobtitle"))
    assert api.read("leads", id)["jobtitle"] is None
    assert error(put(api, f"leads({id})/nonsense", "x"))[0] == 400


def test_what_is_read_only_is_ignored_without_a_word(api: Api) -> None:
    id = lead(api, fullname="Somebody Else", statecode=1, createdon="2001-01-01T00:00:00Z", merged=True)
    done(api.patch(f"leads({id})", {"leadid": MINE, "modifiedon": "2001-01-01T00:00:00Z", "versionnumber": 1}))
    row = api.read("leads", id)
    assert (row["fullname"], row["statecode"], row["merged"]) == ("Roe", 0, False)
    assert row["createdon"] == row["modifiedon"] == "2026-03-02T10:00:00Z"


def test_an_overridden_date_of_creation_counts_when_the_row_is_made_only(api: Api) -> None:
    id = lead(api, overriddencreatedon="2019-05-06T07:08:09Z", importsequencenumber=7)
    done(api.patch(f"leads({id})", {"overriddencreatedon": "2001-01-01T00:00:00Z", "importsequencenumber": 8}))
    row = api.read("leads", id)
    assert (row["createdon"], row["importsequencenumber"]) == ("2019-05-06T07:08:09Z", 7)


def test_names_addresses_and_base_amounts_are_computed(api: Api) -> None:
    euro = next(r for r in api.rows("transactioncurrencies?$select=isocurrencycode") if r["isocurrencycode"] == "EUR")
    id = lead(api, firstname="Ann", address1_city="Graz", address1_country="Austria", estimatedamount=100)
    row = api.read("leads", id)
    assert (row["fullname"], row["address1_composite"]) == ("Ann Roe", "Graz\r\nAustria")
    assert row["estimatedamount_base"] == 100
    bound = f"/transactioncurrencies({euro['transactioncurrencyid']})"
    done(api.patch(f"leads({id})", {"lastname": "Doe", "transactioncurrencyid@odata.bind": bound}))
    row = api.read("leads", id)
    assert (row["fullname"], row["estimatedamount"], row["estimatedamount_base"]) == ("Ann Doe", 100, 125)


@pytest.mark.parametrize("form", ["/accounts({})", "accounts({})", "ROOT/accounts({})", "/accounts(accountid={})"])
def test_a_lookup_is_bound_by_any_form_of_address(api: Api, form: str) -> None:
    account = api.org.edit("create", "account", name="Acme")
    address = form.format(account).replace("ROOT", api.root)
    id = api.create("contacts", **{"lastname": "Roe", "parentcustomerid_account@odata.bind": address})
    row = api.read("contacts", id)
    assert row["_parentcustomerid_value"] == account


def test_a_lookup_is_bound_by_an_alternate_key_and_cleared_by_null(api: Api) -> None:
    account = api.org.edit("create", "account", name="Acme", new_mktoid="O'Neil")
    id = lead(api, **{"parentaccountid@odata.bind": "/accounts(new_mktoid='O''Neil')"})
    assert api.read("leads", id)["_parentaccountid_value"] == account
    done(api.patch(f"leads({id})", {"parentaccountid@odata.bind": None}))
    assert api.read("leads", id)["_parentaccountid_value"] is None
    done(api.call("PUT", f"leads({id})/parentaccountid/$ref", json={"@odata.id": f"{api.root}/accounts({account})"}))
    assert api.read("leads", id)["_parentaccountid_value"] == account
    done(api.delete(f"leads({id})/parentaccountid/$ref"))
    assert api.read("leads", id)["_parentaccountid_value"] is None


def test_a_reference_to_nothing_names_the_table_it_leads_to(api: Api) -> None:
    answer = api.post("leads", {"lastname": "Roe", "parentaccountid@odata.bind": f"/accounts({NOBODY})"})
    assert error(answer) == (404, "0x80040217")
    assert message(answer) == f"account With Id = {NOBODY} Does Not Exist"
    assert api.rows("leads?$select=leadid") == []


def test_rows_below_a_row_are_made_in_one_transaction(api: Api) -> None:
    api.control("privileges", table="account", depth="Global")
    wish = {"name": "Acme", "primarycontactid": {"lastname": "Roe"}, "contact_customer_accounts": [{"lastname": "Doe"}]}
    account = id_of(done(api.post("accounts", wish)))
    found = {row["lastname"]: row["_parentcustomerid_value"] for row in api.rows("contacts")}
    assert found == {"Roe": None, "Doe": account}
    assert api.read("accounts", account)["_primarycontactid_value"] is not None
    bad = {**wish, "contact_customer_accounts": [{"lastname": "x" * 51}]}
    assert error(api.post("accounts", bad)) == (400, "0x80044331")
    assert (len(api.rows("accounts")), len(api.rows("contacts"))) == (1, 2)


def test_duplicates_are_looked_for_only_where_the_caller_asks(api: Api, start: Start) -> None:
    lead(api, emailaddress1="ann@example.com")
    wish = {"lastname": "Roe", "emailaddress1": "ANN@example.com"}
    look = {"MSCRM.SuppressDuplicateDetection": "false"}
    assert error(api.post("leads", wish, headers=look)) == (412, "0x80040333")
    assert api.post("leads", wish, headers={"MSCRM.SuppressDuplicateDetection": "true"}).status_code == 204
    assert api.post("leads", wish).status_code == 204
    older = start("duplicates_500")
    lead(older, emailaddress1="ann@example.com")
    assert error(older.post("leads", wish, headers=look)) == (500, "0x80040333")


def test_a_required_column_of_the_system_cannot_be_emptied_and_one_of_the_business_can(api: Api) -> None:
    id = lead(api)
    done(api.patch(f"leads({id})", {"lastname": None}))
    assert error(api.patch(f"leads({id})", {"ownerid@odata.bind": None})) == (400, "0x80040200")


def test_what_is_no_json_object_is_a_payload_error(api: Api) -> None:
    for content in ("", "{", "[]", '"x"', "null", "[" * 100_000, r'{"lastname": "\ud800"}'):
        assert error(api.call("POST", "leads", data=content)) == (400, "0x80048d19")


def test_a_method_that_fits_nothing_is_405(api: Api) -> None:
    calls = [("PUT", "leads"), ("PATCH", "leads"), ("DELETE", "leads"), ("PATCH", f"leads({NOBODY})/jobtitle")]
    assert [error(api.call(method, path, json={}))[0] for method, path in calls] == [405] * 4
