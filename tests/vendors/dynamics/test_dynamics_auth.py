"""Signing in over real sockets, with a secret and with a certificate."""

import base64
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.ports import Port
from mksync.vendors.dynamics import VENDOR
from tests.vendors.dynamics.scripted_org import NOW, ORG, TENANT, USER
from tests.wire.scripted import FakeClock, Heard, Say, Scripted

TOKEN = "eyJ0eXAi-the-token"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mksync")])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=30))
        .sign(KEY, SHA256())
    )
    key = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (key + certificate.public_bytes(Encoding.PEM)).decode()


PEM = pem()


class Entra:
    """The environment and the sign-in service at one address."""

    def __init__(self, server: Scripted, token: Say | None = None) -> None:
        self.server = server
        self.token = token or Say(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN})
        self.challenge = (
            f"Bearer authorization_uri=https://login.example/{TENANT}/oauth2/authorize, resource_id={server.url}/"
        )
        self.whoami = [Say(200, {"UserId": USER, "OrganizationId": ORG, "name": "Contoso", "fullname": "Sync"})]
        server.script = self._answer

    def _answer(self, heard: Heard) -> Say:
        if heard.path.endswith("/oauth2/v2.0/token"):
            return self.token
        if heard.path.endswith("/.well-known/openid-configuration"):
            tenant = f"{self.server.url}/{heard.path.split('/')[1]}"
            return Say(
                200,
                {
                    "issuer": f"{tenant}/v2.0",
                    "token_endpoint": f"{tenant}/oauth2/v2.0/token",
                    "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
                },
            )
        if "authorization" not in heard.headers:
            return Say(401, b"", {"WWW-Authenticate": self.challenge} if self.challenge else {})
        return self.whoami[0] if len(self.whoami) == 1 else self.whoami.pop(0)

    @property
    def forms(self) -> list[Any]:
        return [heard.form for heard in self.server.heard if heard.path.endswith("/token")]


def connected(server: Scripted, clock: FakeClock | None = None, **table: object) -> Port:
    table = {"url": server.url, "client_id": "app", "client_secret": "s3cret&more", "tenant": TENANT, **table}
    given = {key: value for key, value in table.items() if value is not None}
    return VENDOR.open(VENDOR.settings(given, "[crm]"), clock or FakeClock(NOW.timestamp()))


def certified(server: Scripted) -> Port:
    return connected(server, client_secret=None, certificate=PEM)


def refusal(number: str, error: str, text: str = "Something is wrong.") -> Say:
    said = f"AADSTS{number}: {text} Trace ID: 1f2e Correlation ID: 8c7d Timestamp: 2026-03-01 10:00:00Z"
    return Say(401, {"error": error, "error_description": said, "error_codes": [int(number)]})


def test_a_secret_asks_for_a_token_once() -> None:
    with Scripted().running() as server:
        entra = Entra(server)
        port = connected(server)
        assert port.organisation() == ORG
        port.identify()
    (form,) = entra.forms
    assert form == {
        "client_id": ["app"],
        "grant_type": ["client_credentials"],
        "client_secret": ["s3cret&more"],
        "scope": [f"{server.url}/.default"],
    }
    assert server.heard[0].path == f"/{TENANT}/oauth2/v2.0/token"
    assert server.heard[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_headers_that_every_request_wants_are_sent() -> None:
    with Scripted().running() as server:
        Entra(server)
        connected(server).organisation()
    headers = server.heard[-1].headers
    assert (headers["odata-version"], headers["odata-maxversion"], headers["if-none-match"], headers["accept"]) == (
        "4.0", "4.0", "null", "application/json",
    )  # fmt: skip


def test_a_token_is_renewed_before_it_ends() -> None:
    clock = FakeClock(NOW.timestamp())
    with Scripted().running() as server:
        entra = Entra(server)
        port = connected(server, clock)
        port.organisation()
        clock.time += 3600
        port.identify()
    assert len(entra.forms) == 2


def test_a_token_that_is_refused_is_renewed_once() -> None:
    with Scripted().running() as server:
        entra = Entra(server)
        entra.whoami = [Say(401, b""), *entra.whoami]
        assert connected(server).organisation() == ORG
        assert len(entra.forms) == 2
        entra.whoami = [Say(401, b"")]
        with pytest.raises(AccessError):
            connected(server).organisation()


def test_without_a_tenant_the_environment_is_asked() -> None:
    with Scripted().running() as server:
        Entra(server)
        connected(server, tenant=None).organisation()
    assert server.heard[1].path == f"/{TENANT}/oauth2/v2.0/token"


def test_an_environment_that_names_no_tenant_is_a_matter_of_the_configuration() -> None:
    with Scripted().running() as server:
        entra = Entra(server)
        entra.challenge = ""
        with pytest.raises(ConfigError) as caught:
            connected(server, tenant=None).organisation()
    assert "`tenant`" in caught.value.hint


@pytest.mark.parametrize(
    ("number", "error", "hint"),
    [
        ("7000215", "invalid_client", "not its id"),
        ("7000222", "invalid_client", "has ended"),
        ("700016", "unauthorized_client", "`client_id`"),
        ("90002", "invalid_request", "`tenant`"),
        ("500011", "invalid_resource", "`url`"),
        ("99999999", "invalid_client", "`client_secret`"),
        ("99999999", "something_new", "`tenant`"),
    ],
)
def test_a_refusal_is_told_in_its_words_with_a_remedy(number: str, error: str, hint: str) -> None:
    with Scripted().running() as server:
        Entra(server, refusal(number, error, "Invalid client secret provided."))
        with pytest.raises(AccessError) as caught:
            connected(server).organisation()
    assert caught.value.message == (
        f"Microsoft Entra refused the sign-in: AADSTS{number}: Invalid client secret provided. ({error})"
    )
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "trouble",
    [
        Say(503, b"<html>"),
        Say(429, {"error": "temporarily_unavailable"}),
        Say(
            400,
            {"error": "temporarily_unavailable", "error_description": "AADSTS90033: A transient error has occurred."},
        ),
    ],
)
def test_trouble_of_the_sign_in_service_passes(trouble: Say) -> None:
    with Scripted().running() as server:
        Entra(server, trouble)
        with pytest.raises(Temporary):
            connected(server).organisation()


def test_an_address_without_a_sign_in_is_no_refusal_of_entras() -> None:
    with Scripted().running() as server:
        Entra(server, Say(404, b"<html>no</html>"))
        with pytest.raises(AccessError, match="no Microsoft Entra: it has no sign-in") as caught:
            connected(server).organisation()
    assert "Check `url`" in caught.value.hint


def test_a_certificate_signs_an_assertion_about_the_application() -> None:
    with Scripted().running() as server:
        entra = Entra(server)
        assert certified(server).organisation() == ORG
    (form,) = entra.forms
    assert form["client_id"] == ["app"]
    assert form["scope"] == [f"{server.url}/.default"]
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "client_secret" not in form
    (assertion,) = form["client_assertion"]
    claims = jwt.decode(
        assertion, KEY.public_key(), algorithms=["PS256"], options={"verify_aud": False, "verify_iat": False}
    )
    assert (claims["iss"], claims["sub"]) == ("app", "app")
    assert claims["aud"].endswith(f"/{TENANT}/oauth2/v2.0/token")
    header = jwt.get_unverified_header(assertion)
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    assert certificate.serial_number == 7


def test_with_a_certificate_nobody_but_the_two_hosts_is_asked() -> None:
    with Scripted().running() as server:
        Entra(server)
        certified(server).organisation()
    assert [path.rpartition("/")[2] for path in server.paths()] == ["openid-configuration", "token", "WhoAmI"]


def test_a_certificates_token_that_is_refused_is_not_given_again() -> None:
    with Scripted().running() as server:
        entra = Entra(server)
        entra.whoami = [Say(401, b""), *entra.whoami]
        assert certified(server).organisation() == ORG
    assert len(entra.forms) == 2


def test_a_certificate_that_is_refused_is_told_as_a_secret_is() -> None:
    with Scripted().running() as server:
        Entra(server, refusal("700027", "invalid_client", "The certificate is not registered."))
        with pytest.raises(AccessError) as caught:
            certified(server).organisation()
    assert "The certificate is not registered." in caught.value.message
    assert "upload" in caught.value.hint


@pytest.mark.parametrize(
    "spoilt",
    [
        PEM.replace("MII", "AII", 1),
        PEM.replace("-----END PRIVATE KEY-----", ""),
        PEM.replace("-----END CERTIFICATE-----", ""),
    ],
)
def test_a_certificate_that_cannot_be_read_is_told_without_quoting_it(spoilt: str) -> None:
    with Scripted().running() as server:
        Entra(server)
        with pytest.raises(MksyncError) as caught:
            connected(server, client_secret=None, certificate=spoilt).organisation()
    assert isinstance(caught.value, ConfigError)
    assert spoilt[40:80] not in caught.value.message + caught.value.hint


def test_without_msal_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msal", None)
    with Scripted().running() as server:
        Entra(server)
        with pytest.raises(ConfigError) as caught:
            certified(server).organisation()
    assert "pip install 'mksync[entra]'" in caught.value.hint


def test_an_unknown_tenant_is_a_matter_of_the_configuration() -> None:
    with Scripted().running() as server:
        entra = Entra(server)
        answer = server.script
        nobody = Say(400, {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant 'x' not found."})
        server.script = lambda heard: nobody if "openid" in heard.path else answer(heard)
        with pytest.raises(ConfigError) as caught:
            certified(server).organisation()
    assert "`tenant`" in caught.value.hint
    assert entra.forms == []


def test_no_secret_is_in_a_message() -> None:
    with Scripted().running() as server:
        Entra(server, refusal("7000215", "invalid_client", "Wrong: s3cret&more"))
        with pytest.raises(AccessError) as caught:
            connected(server).organisation()
    assert "s3cret" not in caught.value.message
