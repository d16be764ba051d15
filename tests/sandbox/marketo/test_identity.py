"""Signing in: one shared token, its expiry, and what happens without one."""

import re

import pytest

from tests.sandbox.marketo.api import Api, code
from tests.sandbox.marketo.conftest import Start


def test_a_token_names_its_user_and_lives_an_hour(api: Api) -> None:
    told = api.token()
    assert set(told) == {"access_token", "token_type", "expires_in", "scope"}
    assert re.fullmatch(r"[0-9a-f-]{36}:\w+", told["access_token"])
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("bearer", 3599, "mksync@api.example.com")


def test_asking_again_gives_the_same_token_with_less_time_left(api: Api) -> None:
    first = api.token()
    api.sandbox.clock.advance(600)
    second = api.token()
    assert second["access_token"] == first["access_token"]
    assert second["expires_in"] == 2999


def test_an_expired_token_is_602_once_and_601_from_then_on(api: Api) -> None:
    api.sandbox.clock.advance(3600)
    assert [code(api.get("leads/describe")) for _ in range(3)] == ["602", "601", "601"]
    api.sign_in()
    assert api.get("leads/describe")["success"]


@pytest.mark.parametrize(("header", "expected"), [("Bearer nonsense", "601"), ("", "603"), ("Basic abc", "603")])
def test_a_call_without_a_good_token_is_refused(api: Api, header: str, expected: str) -> None:
    api.session.headers["Authorization"] = header
    assert code(api.get("leads/describe")) == expected


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"client_id": "nobody"}, "unauthorized"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_bad_credentials_are_told_in_the_words_of_oauth(api: Api, wish: dict[str, str], error: str) -> None:
    told = api.token(**wish)
    assert told["error"] == error
    assert told["error_description"]
    assert "success" not in told


def test_bad_credentials_are_http_401_and_nobody_caches_an_answer(api: Api) -> None:
    reply = api.session.get(f"{api.sandbox.marketo_url}/identity/oauth/token?grant_type=client_credentials")
    assert reply.status_code == 401
    assert reply.headers["Cache-Control"] == "no-store"


def test_signing_in_works_by_post_as_well(api: Api) -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    reply = api.session.post(f"{api.sandbox.marketo_url}/identity/oauth/token", data=form).json()
    assert reply["access_token"] == api.token()["access_token"]


@pytest.mark.parametrize(("quirks", "accepted"), [((), False), (("token_in_query",), True)])
def test_a_token_in_the_query_counts_only_by_switch(start: Start, quirks: tuple[str, ...], accepted: bool) -> None:
    api = start(*quirks)
    token = api.token()["access_token"]
    del api.session.headers["Authorization"]
    assert api.get("leads/describe", access_token=token)["success"] is accepted


@pytest.mark.parametrize(("fault", "expected"), [("token_expired", "602"), ("token_invalid", "601")])
def test_after_a_scripted_token_fault_only_a_new_token_helps(api: Api, fault: str, expected: str) -> None:
    old = api.token()["access_token"]
    wish = {"name": fault, "vendor": "marketo", "path": "describe"}
    api.session.post(f"{api.sandbox.marketo_url}/__sandbox__/faults", json=wish)
    assert code(api.get("leads/describe")) == expected
    assert code(api.get("leads/describe")) == "601"
    api.sign_in()
    assert api.token()["access_token"] != old
    assert api.get("leads/describe")["success"]


def test_a_call_without_its_permission_is_603_and_others_are_not(api: Api) -> None:
    api.marketo.deny("POST", "/rest/v1/leads/schema/fields.json")
    assert code(api.post("leads/schema/fields", {"input": [{}]})) == "603"
    assert api.get("leads/schema/fields")["success"]
