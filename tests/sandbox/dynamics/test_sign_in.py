"""Sign-in at the directory, and what the organisation says to those who are not its users."""

import pytest
import requests

from tests.sandbox.dynamics.answers import TOKEN, body, id_of, token
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start


def refused(answer: requests.Response) -> tuple[int, str, list[int]]:
    told = answer.json()
    assert told["error_description"].startswith(f"AADSTS{told['error_codes'][0]}: ")
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= told.keys()
    return answer.status_code, told["error"], told["error_codes"]


def test_a_token_lives_3599_seconds_of_the_sandboxs_clock(api: Api) -> None:
    granted = token(api).json()
    assert (granted["token_type"], granted["expires_in"], granted["ext_expires_in"]) == ("Bearer", 3599, 3599)
    api.sandbox.clock.advance(3598)
    assert api.get("WhoAmI").status_code == 200
    api.sandbox.clock.advance(2)
    assert api.get("WhoAmI").status_code == 401


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"client_secret": "guessed"}, (401, "invalid_client", [7000215])),
        ({"client_secret": ""}, (401, "invalid_client", [7000218])),
        ({"client_id": "stranger"}, (400, "unauthorized_client", [700016])),
        ({"scope": "https://elsewhere.example/.default"}, (400, "invalid_resource", [500011])),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", [70003])),
    ],
)
def test_the_directory_says_why_it_gives_no_token(
    api: Api, form: dict[str, str], expected: tuple[int, str, list[int]]
) -> None:
    assert refused(token(api, **form)) == expected


def test_a_scope_is_the_address_of_the_organisation_and_nothing_below_it(api: Api) -> None:
    assert token(api, scope=f"{api.url}//.default").status_code == 200
    assert token(api, scope="https://contoso.crm4.dynamics.com/.default").status_code == 200
    assert refused(token(api, scope=f"{api.url}/api/data/v9.2/.default"))[1] == "invalid_resource"
    assert refused(token(api, scope=api.url))[1] == "invalid_scope"


def test_an_expired_secret_is_not_a_wrong_one(api: Api) -> None:
    api.control("consumers", client_id="sandbox", secret_expired=True)
    assert refused(token(api)) == (401, "invalid_client", [7000222])


def test_a_wrong_secret_may_also_be_told_with_400(start: Start) -> None:
    assert refused(token(start("secret_400"), client_secret="guessed"))[0] == 400


def test_a_tenant_that_is_not_there_breaks_discovery_and_sign_in(api: Api) -> None:
    api.control("settings", tenants=["contoso.example"])
    assert token(api).status_code == 200
    for answer in (
        requests.get(f"{api.url}/nowhere/v2.0/.well-known/openid-configuration", timeout=5),
        requests.post(f"{api.url}/nowhere/oauth2/v2.0/token", data={}, timeout=5),
    ):
        assert refused(answer) == (400, "invalid_request", [90002])


def test_client_credentials_need_a_concrete_tenant(api: Api) -> None:
    answer = requests.post(f"{api.url}/common/oauth2/v2.0/token", data={}, timeout=5)
    assert refused(answer)[1] == "invalid_request"


def test_discovery_names_the_endpoints_of_the_real_authority(api: Api) -> None:
    found = requests.get(f"{api.url}/contoso.example/v2.0/.well-known/openid-configuration", timeout=5).json()
    assert found["token_endpoint"] == f"https://login.microsoftonline.com{TOKEN}"
    assert found["authorization_endpoint"].startswith("https://login.microsoftonline.com/contoso.example/")
    assert found["issuer"].startswith("https://login.microsoftonline.com/")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic c2FuZGJveA=="])
def test_whoever_brings_no_token_is_told_where_to_get_one(api: Api, header: str | None) -> None:
    answer = requests.get(f"{api.root}/WhoAmI", headers={"Authorization": header}, timeout=5)
    assert (answer.status_code, answer.text) == (401, "")
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer authorization_uri=https://login.microsoftonline.com/")
    assert challenge.endswith(f"/oauth2/authorize, resource_id={api.url}/")


def test_an_app_that_is_no_user_of_the_organisation_gets_a_token_and_nothing_more(api: Api) -> None:
    application = "a9900000-0000-4000-8000-00000000ffff"
    api.control("consumers", client_id="stranger", secret="s", application=application)
    granted = token(api, client_id="stranger", client_secret="s").json()
    api.http.headers["Authorization"] = f"Bearer {granted['access_token']}"
    assert error(api.get("WhoAmI")) == (403, "0x80072560")
    api.org.edit("update", "systemuser", api.org.users["manager_user"], applicationid=application)
    assert body(api.get("WhoAmI"))["UserId"] == api.org.users["manager_user"]


def test_a_disabled_user_is_refused(api: Api, start: Start) -> None:
    api.org.edit("update", "systemuser", api.org.users["sync_user"], isdisabled=True)
    assert error(api.get("leads")) == (403, "0x80040225")
    other = start("disabled_user_401")
    other.org.edit("update", "systemuser", other.org.users["sync_user"], isdisabled=True)
    assert error(other.get("leads")) == (401, "0x80040225")


def test_who_am_i_tells_ids_and_how_many_calls_may_run_at_once(api: Api) -> None:
    for path in ("WhoAmI", "WhoAmI()"):
        answer = api.get(path)
        assert int(answer.headers["x-ms-dop-hint"]) >= 1
        assert answer.json()["UserId"] == api.org.users["sync_user"]
        assert answer.json()["BusinessUnitId"] == api.org.users["business_unit"]
    me = body(api.get("WhoAmI"))
    assert api.read("systemusers", me["UserId"])["fullname"] == "Marketo Sync"
    assert api.rows("organizations?$select=name")[0]["organizationid"] == me["OrganizationId"]


def test_who_am_i_cannot_be_posted(api: Api) -> None:
    answer = api.post("WhoAmI", {})
    assert error(answer) == (404, "")
    assert answer.json()["error"]["message"].startswith("No HTTP resource was found that matches the request URI ")


def test_a_user_without_roles_may_not_even_ask_who_it_is(api: Api) -> None:
    api.control("roles", assigned=False)
    for path in ("WhoAmI", "leads", "contacts?$top=1"):
        assert error(api.get(path)) == (403, "0x80040220")
    api.control("roles", assigned=True)
    assert api.get("WhoAmI").status_code == 200


def test_every_answer_carries_its_request_id_and_version(api: Api) -> None:
    for answer in (api.get("WhoAmI"), api.get("nonsense"), api.post("leads", {"lastname": "Roe"})):
        assert answer.headers["OData-Version"] == "4.0"
        assert answer.headers["REQ_ID"] == answer.headers["x-ms-service-request-id"]


def test_an_ended_token_is_over(api: Api) -> None:
    api.control("tokens", end=True)
    assert api.get("WhoAmI").status_code == 401


def test_acting_for_somebody_else_needs_the_privilege_and_leaves_a_trace(api: Api) -> None:
    other = api.org.users["sales_user"]
    refusal = api.post("leads", {"lastname": "Roe"}, headers={"MSCRMCallerID": other})
    assert error(refusal) == (403, "0x8004A110")
    api.control("privileges", privilege="prvActOnBehalfOfAnotherUser", depth="Global")
    answer = api.post("leads", {"lastname": "Roe"}, headers={"MSCRMCallerID": other})
    row = api.read("leads", id_of(answer))
    assert (row["_createdby_value"], row["_ownerid_value"]) == (other, other)
    assert row["_createdonbehalfby_value"] == api.org.users["sync_user"]
    assert error(api.call("GET", "solutions", headers={"MSCRMCallerID": other})) == (
        403,
        "0x80040220",
    )  # what both of them may do
