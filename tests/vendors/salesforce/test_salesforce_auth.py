"""Signing in over real sockets."""

import base64
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.ports import Port
from mksync.vendors.salesforce import VENDOR
from mksync.vendors.salesforce.auth import audience
from tests.vendors.salesforce.scripted_org import NOW, TOKEN
from tests.wire.scripted import FakeClock, Heard, Say, Scripted

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def connected(server: Scripted, **table: object) -> Port:
    table = {"url": server.url, "client_id": "3MVG9", "client_secret": "s3cret&more", **table}
    given = {key: value for key, value in table.items() if value is not None}
    return VENDOR.open(VENDOR.settings(given, "[crm]"), FakeClock(NOW.timestamp()))


def signed_in(server: Scripted) -> Say:
    return Say(200, {"access_token": TOKEN, "instance_url": server.url, "issued_at": "1767225600000"})


def describes() -> Say:
    return Say(200, {"name": "Lead", "label": "Lead", "fields": []})


def test_client_credentials_ask_for_a_token_once() -> None:
    with Scripted().running() as server:
        server.says(signed_in(server), describes(), describes())
        port = connected(server)
        port.describe("lead")
        port.describe("lead")
    sign_in, first, second = server.heard
    assert sign_in.form == {
        "grant_type": ["client_credentials"],
        "client_id": ["3MVG9"],
        "client_secret": ["s3cret&more"],
    }
    assert first.headers["authorization"] == second.headers["authorization"] == f"Bearer {TOKEN}"
    assert port.calls == 2


def test_calls_go_where_the_sign_in_says() -> None:
    with Scripted().running() as login, Scripted().running() as instance:
        login.says(signed_in(instance))
        instance.says(describes())
        connected(login).describe("lead")
    assert login.paths() == ["/services/oauth2/token"]
    assert instance.paths() == ["/services/data/v67.0/sobjects/Lead/describe"]


def test_a_session_that_ended_is_renewed_once_and_the_call_repeated() -> None:
    expired = Say(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
    with Scripted().running() as server:
        server.says(signed_in(server), expired, signed_in(server), describes())
        connected(server).describe("lead")
    assert [path.rpartition("/")[2] for path in server.paths()] == ["token", "describe", "token", "describe"]


def test_a_refusal_that_a_new_token_would_not_change_does_not_loop() -> None:
    refused = Say(
        401, [{"message": "This session is not valid for use with the REST API", "errorCode": "INVALID_SESSION_ID"}]
    )
    with Scripted().running() as server:
        server.says(signed_in(server), refused)
        with pytest.raises(AccessError, match="not valid for use"):
            connected(server).describe("lead")


@pytest.mark.parametrize(
    ("status", "body", "error", "hint"),
    [
        (
            400,
            {"error": "invalid_client", "error_description": "invalid client credentials"},
            AccessError,
            "client_secret",
        ),
        (
            400,
            {"error": "invalid_client_id", "error_description": "client identifier invalid"},
            AccessError,
            "client_id",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "no client credentials user enabled"},
            AccessError,
            "run-as user",
        ),
        (400, {"error": "rate_limit_exceeded", "error_description": "login rate exceeded"}, Temporary, "few minutes"),
        (400, {"error": "something new", "error_description": "??"}, AccessError, "Check"),
        (200, {"no": "token"}, Temporary, "run again"),
        (404, b"<html>", AccessError, "Check"),
    ],
)
def test_a_refused_sign_in_says_what_to_do(status: int, body: object, error: type[MksyncError], hint: str) -> None:
    with Scripted().running() as server:
        server.script = lambda heard: Say(status, body)
        with pytest.raises(error) as caught:
            connected(server).describe("lead")
    assert hint in caught.value.hint
    assert "s3cret" not in caught.value.message


def test_a_certificate_signs_an_assertion_for_the_user() -> None:
    with Scripted().running() as server:
        server.says(signed_in(server), describes())
        connected(server, client_secret=None, username="sync@acme.example", private_key=PEM).describe("lead")
    assert server.heard[0].form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert "client_secret" not in server.heard[0].form
    assert claims(server.heard[0]) == {
        "iss": "3MVG9",
        "sub": "sync@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": int(NOW.timestamp()) + 180,
    }


def test_a_given_audience_is_used() -> None:
    with Scripted().running() as server:
        server.says(signed_in(server), describes())
        connected(
            server, client_secret=None, username="u", private_key=PEM, audience="https://test.salesforce.com"
        ).describe("lead")
    assert claims(server.heard[0])["aud"] == "https://test.salesforce.com"


def test_an_assertion_that_the_server_repeats_is_not_shown() -> None:
    def echo(heard: Heard) -> Say:
        return Say(400, {"error": "invalid_grant", "error_description": f"bad: {heard.form['assertion'][0]}"})

    with Scripted().running() as server:
        server.script = echo
        with pytest.raises(AccessError) as caught:
            connected(server, client_secret=None, username="u", private_key=PEM).describe("lead")
    assert server.heard[0].form["assertion"][0] not in caught.value.message
    assert "bad: ***" in caught.value.message


def claims(sign_in: Heard) -> Any:
    options: Any = {"verify_exp": False, "verify_aud": False}
    return jwt.decode(sign_in.form["assertion"][0], KEY.public_key(), algorithms=["RS256"], options=options)


@pytest.mark.parametrize("pem", ["rubbish", "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----"])
def test_a_broken_key_is_a_configuration_error_that_does_not_quote_it(pem: str) -> None:
    with Scripted().running() as server, pytest.raises(ConfigError) as caught:
        connected(server, client_secret=None, username="u", private_key=pem).describe("lead")
    assert base64.b64encode(b"ABC").decode() not in caught.value.message
    assert "rubbish" not in caught.value.message
    assert server.heard == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_sandboxes_have_an_audience_of_their_own(url: str, expected: str) -> None:
    assert audience(url) == expected
