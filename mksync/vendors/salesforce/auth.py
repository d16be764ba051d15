"""Signing in: client credentials, or a certificate (JWT bearer). Neither gives a refresh token: on expiry, again.

Sources: Salesforce Help, "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration" and "OAuth 2.0 JWT
Bearer Flow".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.ports import Clock
from mksync.vendors.salesforce.codec import widen
from mksync.vendors.salesforce.settings import Settings
from mksync.wire import oauth
from mksync.wire.redact import Redactor
from mksync.wire.reply import Reply
from mksync.wire.tokens import Auth, Token

# A token's identity URL ends in organisation and user (Salesforce Help, "Identity URLs").
_IDENTITY = re.compile(r"/id/(00D\w{12,15})/")
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS = 180

_REMEDIES = {
    "invalid_client_id": "Check `client_id`: the consumer key of the connected or external client app.",
    "invalid_client": "Check `client_secret`: the consumer secret of the app.",
    "invalid_app_access": "Let an admin approve the app for the sync user (app policies, permission set).",
    "unsupported_grant_type": "Switch this sign-in flow on in the app's OAuth settings.",
    "app_not_found": "Check `url`: the app is not installed in the organisation that answers there.",
    "inactive_user": "Activate the sync user.",
    "inactive_org": "The organisation is locked or closed; ask Salesforce.",
}
_GRANT_REMEDIES = {
    "no client credentials user enabled": "Name a run-as user in the app's client credentials settings.",
    "user hasn't approved this consumer": "Pre-authorise the app for the sync user (admin approved users).",
    "audience is invalid": "Set `audience` to https://login.salesforce.com, for a sandbox https://test.salesforce.com.",
    "user is locked": "Unlock the sync user (Setup, Users).",
}
_PASSING = "rate_limit_exceeded"


class ClientCredentials:
    """The app's own key and secret; Salesforce acts as the app's run-as user."""

    def __init__(self, settings: Settings) -> None:
        self._form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret or "",
        }

    def sign_in(self, send: Callable[..., Reply]) -> Token:
        return token(send("POST", TOKEN_PATH, form=self._form, shape=oauth.spoken))


class JwtBearer:
    """An assertion signed with a private key whose certificate the app holds."""

    def __init__(self, settings: Settings, clock: Clock, redactor: Redactor) -> None:
        self._settings = settings
        self._clock = clock
        self._redactor = redactor

    def sign_in(self, send: Callable[..., Reply]) -> Token:
        assertion = self._assertion()
        self._redactor.add(assertion)
        return token(send("POST", TOKEN_PATH, form={"grant_type": _BEARER, "assertion": assertion}, shape=oauth.spoken))

    def _assertion(self) -> str:
        try:
            import cryptography  # noqa: F401 - PyJWT loads without it, and then cannot sign
            import jwt
        except ImportError:
            raise ConfigError(
                "signing in with `private_key` needs PyJWT with its crypto part",
                hint='Install it: pip install "mksync[jwt]"',
            ) from None
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.username,
            "aud": self._settings.audience or audience(self._settings.url),
            "exp": int(self._clock.now()) + _ASSERTION_SECONDS,
        }
        try:
            return jwt.encode(claims, self._settings.private_key or "", algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            # The parser's own words may quote the key.
            raise ConfigError("`private_key` in [crm] is not an RSA key in PEM form") from None


def auth(settings: Settings, clock: Clock, redactor: Redactor) -> Auth:
    if settings.private_key:
        return JwtBearer(settings, clock, redactor)
    return ClientCredentials(settings)


def audience(url: str) -> str:
    """Whom an assertion is meant for: the shared login host, or that of sandboxes."""
    host = urlsplit(url).hostname or ""
    is_sandbox = host == "test.salesforce.com" or ".sandbox." in host
    return "https://test.salesforce.com" if is_sandbox else "https://login.salesforce.com"


def token(reply: Reply) -> Token:
    """The token of an answer. It names no end: Salesforce says so with 401 when it comes."""
    answer = oauth.answer(reply, "Salesforce", "Check `url` in [crm]: the address of My Domain.")
    value = answer.get("access_token")
    if reply.status >= 400 or not value:
        raise _refused(reply.status, answer)
    found = _IDENTITY.search(answer.get("id") or "")
    return Token(str(value), None, answer.get("instance_url"), answer.get("id"), widen(found[1]) if found else None)


def _refused(status: int, answer: Mapping[str, Any]) -> MksyncError:
    error = str(answer.get("error") or f"HTTP {status}")
    description = str(answer.get("error_description") or "no reason given")
    message = f"Salesforce refused the sign-in: {description} ({error})"
    if error == _PASSING:
        return Temporary(message, hint="Run again in a few minutes.")
    remedy = next((text for key, text in _GRANT_REMEDIES.items() if key in description), "")
    return AccessError(message, hint=remedy or _REMEDIES.get(error, "Check `url`, `client_id` and the app's policies."))
