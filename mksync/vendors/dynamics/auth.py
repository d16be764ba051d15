"""Signing in to Microsoft Entra: client credentials with a secret, in one form post. There is no refresh token.

Source: Microsoft identity platform, "OAuth 2.0 client credentials flow". With a certificate: see `certificate`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.ports import Clock
from mksync.vendors.dynamics.settings import BASE, Settings
from mksync.wire import oauth
from mksync.wire.reply import Reply
from mksync.wire.tokens import Auth, Token

Send = Callable[..., Reply]

_TENANT = re.compile(r"authorization_uri=\"?https?://[^/\s]+/([^/\s\",]+)")
_NUMBER = re.compile(r"AADSTS(\d+)")

# By the number that begins the description. Microsoft may change these numbers ("Microsoft Entra authentication and
# authorization error codes"), so they choose a remedy and nothing else.
_BY_NUMBER = {
    "7000215": "The client secret is wrong: give the secret's value, not its id (App registrations, Certificates"
    " & secrets).",
    "7000222": "The client secret has ended: make a new one (App registrations, Certificates & secrets).",
    "7000218": "The application sent neither a secret nor a certificate: check `client_secret`.",
    "700016": "No such application in this tenant: check `client_id` and `tenant`.",
    "700027": "The certificate is not one of the application's: upload it (App registrations, Certificates & secrets).",
    "90002": "There is no such tenant: check `tenant`.",
    "500011": "This tenant does not know the environment: check `url`, and that `tenant` is the environment's own.",
    "90011": "The application id is not unique: check `client_id`.",
}
_BY_ERROR = {
    "invalid_client": "Check `client_secret` or `certificate` (App registrations, Certificates & secrets).",
    "unauthorized_client": "Check `client_id` and `tenant`: the application has to be registered in that tenant.",
    "invalid_request": "Check `tenant` and `client_id`.",
    "invalid_resource": "Check `url`: the tenant does not know this environment.",
    "invalid_scope": "Check `url`: it has to be the environment's own address.",
}
TITLE = "Microsoft Entra"
ADDRESS = "Check `url` in [crm], and `authority` if it is set."
_PASSING = frozenset({"temporarily_unavailable", "server_error"})


class ClientSecret:
    """The application's own secret; it acts as the application user of the environment."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def sign_in(self, send: Send) -> Token:
        form = {
            "client_id": self._settings.client_id,
            "grant_type": "client_credentials",
            "client_secret": self._settings.client_secret or "",
            "scope": self._settings.scope,
        }
        url = f"{self._settings.authority}/{tenant(self._settings, send)}/oauth2/v2.0/token"
        return token(oauth.answer(send("POST", url, form=form, shape=oauth.spoken), TITLE, ADDRESS), self._clock.now())


def auth(settings: Settings, clock: Clock) -> Auth:
    if settings.certificate:
        from mksync.vendors.dynamics.certificate import ClientCertificate  # needs msal, which not everybody has

        return ClientCertificate(settings, clock)
    return ClientSecret(settings, clock)


def tenant(settings: Settings, send: Send) -> str:
    """The tenant that is set, else the one that the environment names to whoever comes without a token.

    Source: Power Apps developer documentation, "Use OAuth authentication with Microsoft Dataverse" (the challenge).
    """
    if settings.tenant:
        return settings.tenant
    reply = send("GET", f"{settings.url}{BASE}/WhoAmI")
    found = _TENANT.search(reply.headers.get("www-authenticate", ""))
    if reply.status == 401 and found:
        return found[1]
    raise ConfigError(
        f"{settings.url} does not say which tenant it belongs to (HTTP {reply.status})",
        hint="Check `url`, or set `tenant` in [crm] (Azure portal, Microsoft Entra ID, Overview).",
    )


def token(answer: Mapping[str, Any], now: float) -> Token:
    """The token of an answer; its end is counted from `now`. Raises AccessError, Temporary."""
    value = answer.get("access_token")
    if not value:
        raise refused(answer)
    try:
        expires_at = now + float(answer.get("expires_in") or 0)
    except (TypeError, ValueError):
        expires_at = now
    return Token(str(value), expires_at if expires_at > now else None)


def refused(answer: Mapping[str, Any]) -> MksyncError:
    """What a refusal amounts to. What follows the first sentence are ids and times for Microsoft's support."""
    error = str(answer.get("error") or "no reason given")
    description = str(answer.get("error_description") or "no reason given")
    said = re.split(r"\s*(?:\r?\n|Trace ID:)", description, maxsplit=1)[0].strip()
    message = f"{TITLE} refused the sign-in: {said} ({error})"
    if error in _PASSING:
        return Temporary(message, hint="Run again in a few minutes.")
    number = _NUMBER.search(description)
    remedy = _BY_NUMBER.get(number[1], "") if number else ""
    return AccessError(message, hint=remedy or _BY_ERROR.get(error, "Check `tenant`, `client_id` and the application."))
