"""Rows addressed by alternate keys, and keys that are taken."""

from typing import Any

from tests.sandbox.dynamics.answers import body, done
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

ANY = {"If-Match": "*"}


def lead(api: Api, **values: Any) -> str:
    return api.create("leads", **{"lastname": "Roe", **values})


def test_an_upsert_by_key_takes_missing_key_values_from_the_address(api: Api) -> None:
    path = "leads(new_mktoid='a%2Fb')"
    made = done(api.patch(path, {"lastname": "Roe"}))
    assert made.headers["OData-EntityId"] == f"{api.root}/leads(new_mktoid='a/b')"
    (row,) = api.rows("leads?$select=new_mktoid,lastname")
    assert (row["new_mktoid"], row["lastname"]) == ("a/b", "Roe")
    done(api.patch(path, {"lastname": "Doe", "new_mktoid": "other"}))
    (row,) = api.rows("leads?$select=new_mktoid,lastname")
    assert (row["new_mktoid"], row["lastname"]) == ("a/b", "Doe"), "on update the key in the body does not count"
    done(api.patch("leads(new_mktoid='x')", {"lastname": "Zoe", "new_mktoid": "y"}))
    assert body(api.get("leads(new_mktoid='y')?$select=lastname"))["lastname"] == "Zoe"
    done(api.delete("leads(new_mktoid='y')"))
    assert error(api.get("leads(new_mktoid='y')")) == (404, "0x80060891")


def test_a_key_that_is_not_defined_is_told_apart_from_a_row_that_is_not_there(api: Api) -> None:
    assert error(api.patch("leads(emailaddress1='a@b.example')", {})) == (400, "0x80060890")
    assert error(api.patch("leads(new_mktoid='1')", {}, headers=ANY)) == (404, "0x80060891")
    assert error(api.get("Leads")) == (404, "0x8006088a")
    assert error(api.post("lead", {})) == (404, "0x8006088a")
    user = api.org.users["sync_user"]
    assert error(api.get(f"systemusers(systemuserid={user})"))[0] == 400


def test_a_key_is_unique_without_regard_to_case(api: Api, start: Start) -> None:
    lead(api, new_mktoid="abc")
    assert error(api.post("leads", {"lastname": "Roe", "new_mktoid": "ABC"})) == (412, "0x80060892")
    id = lead(api, new_mktoid="other")
    assert error(api.patch(f"leads({id})", {"new_mktoid": "abc"})) == (412, "0x80060892")
    done(api.patch(f"leads({id})", {"new_mktoid": "OTHER"}))
    older = start("key_clash_is_duplicate_record")
    lead(older, new_mktoid="abc")
    assert error(older.post("leads", {"lastname": "Roe", "new_mktoid": "abc"})) == (412, "0x80040237")
