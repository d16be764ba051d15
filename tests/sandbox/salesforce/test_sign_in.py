"""Sign-in: who gets a token, how long it lives, what is said to those who get none."""

from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import NOW

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLAIMS = {"iss": "sandbox", "sub": "mksync@sandbox.example", "aud": "https://login.salesforce.com", "exp": NOW + 180}


def token(api: Api, **form: str) -> requests.Response:
    return requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=5)


def with_jwt(api: Api, key: str | None = None, **claims: Any) -> requests.Response:
    assertion = jwt.encode({**CLAIMS, **claims}, key or api.org.private_key, algorithm="RS256")
    return token(api, grant_type=JWT_BEARER, assertion=assertion)


def test_client_credentials_may_come_in_the_body_or_as_basic_authentication(api: Api) -> None:
    in_body = token(api, grant_type="client_credentials", client_id="sandbox", client_secret="sandbox").json()
    as_basic = requests.post(
        f"{api.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("sandbox", "sandbox"),
        timeout=5,
    ).json()
    for granted in (in_body, as_basic):
        assert granted["instance_url"] == api.url
        assert granted["token_type"] == "Bearer"
        assert granted["issued_at"] == f"{NOW}000"
        assert "expires_in" not in granted
        assert "refresh_token" not in granted
    organisation, user = in_body["id"].split("/")[-2:]
    assert organisation.startswith("00D")
    assert len(organisation) == 18
    assert user == api.org.users["sync_user"]
    assert in_body["access_token"].startswith(organisation[:15] + "!")


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password", "username": "u", "password": "p"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": JWT_BEARER, "assertion": "not.a.jwt"}, "invalid_grant"),
    ],
)
def test_refused_sign_ins_are_an_object_with_error_and_description(
    api: Api, form: dict[str, str], refusal: str
) -> None:
    answer = token(api, **form)
    assert answer.status_code == 400
    assert answer.json()["error"] == refusal
    assert answer.json()["error_description"]


def test_a_jwt_signed_with_the_registered_key_opens_a_session(api: Api) -> None:
    granted = with_jwt(api)
    assert granted.status_code == 200
    assert "refresh_token" not in granted.json()
    api.http.headers["Authorization"] = f"Bearer {granted.json()['access_token']}"
    assert api.get("limits").status_code == 200


def test_an_expiry_far_ahead_is_accepted_as_the_salesforce_cli_sends_one(api: Api) -> None:
    assert with_jwt(api, exp=NOW * 1000 + 300).status_code == 200


@pytest.mark.parametrize(
    ("claims", "refusal", "description"),
    [
        ({"exp": NOW - 1}, "invalid_grant", "expired authorization code"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
        ({"sub": "stranger@sandbox.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"sub": "admin@sandbox.example"}, "invalid_app_access", "user is not admin approved to access this app"),
        ({"iss": "stranger"}, "invalid_client_id", "client identifier invalid"),
    ],
)
def test_a_jwt_with_a_wrong_claim_is_refused(api: Api, claims: dict[str, Any], refusal: str, description: str) -> None:
    answer = with_jwt(api, **claims)
    assert (answer.status_code, answer.json()) == (400, {"error": refusal, "error_description": description})


def test_a_jwt_is_checked_against_the_key_registered_for_its_consumer(api: Api) -> None:
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    private = stranger.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = stranger.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert with_jwt(api, key=private).json()["error"] == "invalid_grant"
    api.control("keys", client_id="sandbox", public_key=public.decode())
    assert with_jwt(api, key=private).status_code == 200


def test_a_session_slides_with_use_and_ends_when_idle_for_two_hours(api: Api) -> None:
    for _ in range(3):
        api.sandbox.clock.advance(7_000)
        assert api.get("limits").status_code == 200
    api.sandbox.clock.advance(7_201)
    answer = api.get("limits")
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_revoked_token_is_refused(api: Api) -> None:
    mine = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
    assert requests.post(f"{api.url}/services/oauth2/revoke", data={"token": mine}, timeout=5).status_code == 200
    assert error(api.get("limits")) == (401, "INVALID_SESSION_ID")


def test_userinfo_and_identity_name_the_sync_user(api: Api) -> None:
    info = api.get("/services/oauth2/userinfo").json()
    assert info["user_id"] == api.org.users["sync_user"]
    assert info["preferred_username"] == "mksync@sandbox.example"
    resources = api.get("").json()
    identity = api.http.get(resources["identity"]).json()
    assert identity["username"] == "mksync@sandbox.example"
    assert identity["organization_id"] == info["organization_id"]


def test_versions_need_no_sign_in_and_end_with_the_newest(api: Api) -> None:
    listed = requests.get(f"{api.url}/services/data", timeout=5).json()
    assert [item["version"] for item in listed[-2:]] == ["66.0", "67.0"]
    assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}


@pytest.mark.parametrize(("version", "status"), [("v30.0", 410), ("v68.0", 404), ("v67", 404), ("latest", 404)])
def test_retired_versions_are_gone_and_future_ones_unknown(api: Api, version: str, status: int) -> None:
    assert api.get(f"/services/data/{version}/limits").status_code == status
