"""Signing in to Microsoft Entra with a certificate, by Microsoft's own library (msal, the extra `entra`).

msal only builds and signs the assertion; every request goes through our wire. It takes https authorities only, so on
the sandbox it is told of a face, which stands for the real address on the way out and back.
"""

import re
from collections.abc import Mapping
from typing import Any

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError
from mksync.ports import Clock
from mksync.vendors.dynamics.auth import ADDRESS, TITLE, Send, tenant, token
from mksync.vendors.dynamics.settings import DEFAULT_AUTHORITY, Settings
from mksync.wire import oauth
from mksync.wire.shape import object_with
from mksync.wire.tokens import Token

_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATES = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class ClientCertificate:
    """An assertion signed with a private key whose certificate the application holds."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def sign_in(self, send: Send) -> Token:
        try:
            from jwt import PyJWTError  # what msal signs with
            from msal import ConfidentialClientApplication
        except ImportError:
            raise ConfigError(
                "signing in with `certificate` needs Microsoft's sign-in library (msal)",
                hint="Install it: pip install 'mksync[entra]'",
            ) from None
        real = self._settings.authority
        face = real if real.startswith("https:") else DEFAULT_AUTHORITY
        directory = tenant(self._settings, send)
        try:
            # A new application each time: msal keeps its tokens, and would give a spent one again.
            application = ConfidentialClientApplication(
                self._settings.client_id,
                client_credential=_credential(self._settings.certificate or ""),
                authority=f"{face}/{directory}",
                instance_discovery=False,
                http_client=_Wire(send, face, real),
            )
            answer: Mapping[str, Any] | None = application.acquire_token_for_client(scopes=[self._settings.scope])
        except (ValueError, TypeError, PyJWTError) as error:
            raise _unusable(error) from None
        return token(answer or {}, self._clock.now())


def _credential(pem: str) -> dict[str, str]:
    key = _PRIVATE_KEY.search(pem)
    certificates = _CERTIFICATES.findall(pem)
    if key is None or not certificates:
        raise ConfigError("`certificate` in [crm] lacks the end of its private key or certificate")
    return {"private_key": key[0], "public_certificate": "\n".join(certificates)}


def _unusable(error: Exception) -> ConfigError:
    """Two things come as ValueError: a tenant without a directory, and a key that cannot be read.

    The words about a key may quote it, and are left out.
    """
    if any(word in str(error).lower() for word in ("aadsts", "authority", "tenant")):
        return ConfigError("Microsoft Entra has no such tenant", hint="Check `tenant` and `authority` in [crm].")
    return ConfigError("`certificate` in [crm] cannot be used: its private key cannot be read, or has a passphrase")


@dataclass(frozen=True, slots=True)
class _Response:
    """What msal reads of an answer (`msal.oauth2cli.http.Response`)."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """The wire has raised already what is worth raising; refusals are for msal to read."""


@dataclass(frozen=True, slots=True)
class _Wire:
    """What msal asks of an HTTP library (`msal.oauth2cli.http.HttpClient`)."""

    send: Send
    face: str
    real: str

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> _Response:  # noqa: ANN401 - msal's
        return self._exchange("GET", url, query=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> _Response:  # noqa: ANN401
        return self._exchange("POST", url, query=params, form=data, headers=headers)

    def close(self) -> None:
        """The session belongs to the port."""

    def _exchange(self, method: str, url: str, **content: Any) -> _Response:  # noqa: ANN401
        given = {name: value for name, value in content.items() if value}
        shape = oauth.spoken if method == "POST" else object_with()
        reply = self.send(method, self._swapped(url, self.face, self.real), shape=shape, **given)
        if method == "POST":
            oauth.answer(reply, TITLE, ADDRESS)  # of what is no JSON, msal says nothing that a person could use
        text = self._swapped(reply.body.decode("utf-8", "replace"), self.real, self.face)
        return _Response(reply.status, text, dict(reply.headers))

    def _swapped(self, text: str, old: str, new: str) -> str:
        return text.replace(old, new)
