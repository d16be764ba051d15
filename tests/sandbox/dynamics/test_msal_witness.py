"""Microsoft's own library signs in at the sandbox unchanged: with a secret and with a certificate."""

from collections.abc import Callable
from typing import Any

import msal
import pytest
import requests
from msal.exceptions import MsalServiceError

from mksync.sandbox.dynamics import keys
from tests.sandbox.dynamics.api import Api

AUTHORITY = "https://login.microsoftonline.com"
Credential = Any


class ToSandbox:
    """The transport that msal lets one put in: the real authority's address leads to the sandbox."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.posts: list[dict[str, str]] = []

    def get(self, url: str, **more: Any) -> requests.Response:
        return requests.get(url.replace(AUTHORITY, self._url), timeout=5, **more)

    def post(self, url: str, **more: Any) -> requests.Response:
        self.posts.append(dict(more.get("data") or {}))
        return requests.post(url.replace(AUTHORITY, self._url), timeout=5, **more)

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def application(api: Api) -> Callable[..., Any]:
    def make(credential: Credential, tenant: str = "contoso.example", client_id: str = "sandbox") -> Any:
        return msal.ConfidentialClientApplication(
            client_id,
            authority=f"{AUTHORITY}/{tenant}",
            client_credential=credential,
            instance_discovery=False,
            http_client=ToSandbox(api.url),
        )

    return make


def acquire(api: Api, application: Any) -> dict[str, Any]:
    found: dict[str, Any] = application.acquire_token_for_client([f"{api.url}/.default"])
    return found


def who(api: Api, token: str) -> str:
    answer = requests.get(f"{api.root}/WhoAmI", headers={"Authorization": f"Bearer {token}"}, timeout=5)
    return str(answer.json()["UserId"])


def test_a_secret_opens_the_organisation(api: Api, application: Callable[..., Any]) -> None:
    found = acquire(api, application("sandbox"))
    assert found["token_source"] == "identity_provider"
    assert who(api, found["access_token"]) == api.org.users["sync_user"]


def test_a_second_token_within_the_lifetime_comes_from_msals_cache(api: Api, application: Callable[..., Any]) -> None:
    app = application("sandbox")
    first, second = acquire(api, app), acquire(api, app)
    assert second["token_source"] == "cache"
    assert first["access_token"] == second["access_token"]


def test_a_certificate_opens_the_organisation(api: Api, application: Callable[..., Any]) -> None:
    private, certificate = api.org.certificate
    found = acquire(api, application({"private_key": private, "public_certificate": certificate}))
    assert who(api, found["access_token"]) == api.org.users["sync_user"]


def test_a_certificate_may_be_named_by_its_sha1_thumbprint(api: Api, application: Callable[..., Any]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    private, certificate = api.org.certificate
    thumbprint = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA1()).hex()
    found = acquire(api, application({"private_key": private, "thumbprint": thumbprint}))
    assert "access_token" in found, found


def test_another_key_than_the_registered_one_is_refused(api: Api, application: Callable[..., Any]) -> None:
    private, certificate = keys.new_certificate("somebody else")
    credential = {"private_key": private, "public_certificate": certificate}
    assert "access_token" in acquire(api, application(credential)), "without a registration only the shape counts"
    api.org.register_certificate(api.org.certificate[1])
    found = acquire(api, application(credential))
    assert (found["error"], found["error_codes"]) == ("invalid_client", [700027])


def test_msal_returns_the_refusals_of_the_directory(api: Api, application: Callable[..., Any]) -> None:
    assert acquire(api, application("guessed"))["error_codes"] == [7000215]
    assert acquire(api, application("sandbox", client_id="stranger"))["error"] == "unauthorized_client"


def test_a_tenant_that_is_not_there_is_a_discovery_that_fails(api: Api, application: Callable[..., Any]) -> None:
    api.control("settings", tenants=["contoso.example"])
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        acquire(api, application("sandbox", tenant="nowhere.example"))


def test_a_token_that_ran_out_is_challenged_and_a_new_one_works(api: Api, application: Callable[..., Any]) -> None:
    app = application("sandbox")
    old = acquire(api, app)["access_token"]
    api.sandbox.clock.advance(4000)
    stale = requests.get(f"{api.root}/WhoAmI", headers={"Authorization": f"Bearer {old}"}, timeout=5)
    assert stale.status_code == 401
    app.remove_tokens_for_client()
    assert who(api, acquire(api, app)["access_token"]) == api.org.users["sync_user"]


def test_a_directory_that_is_down_raises_in_msal_until_it_is_up(api: Api, application: Callable[..., Any]) -> None:
    api.fault("unavailable", path="token")
    with pytest.raises(MsalServiceError, match="503"):
        acquire(api, application("sandbox"))
    assert "access_token" in acquire(api, application("sandbox")), "another process, for msal remembers a 503 a minute"
