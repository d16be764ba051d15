"""Signing in to Marketo: OAuth 2.0 client credentials of a custom service (Marketo developer guide, Authentication)."""

from collections.abc import Callable, Mapping
from typing import Any

from mksync.errors import AccessError
from mksync.ports import Clock
from mksync.vendors.marketo.settings import Settings
from mksync.wire import oauth
from mksync.wire.session import Reply, Token, UnexpectedReply

_REMEDY = "check client_id and client_secret in mksync.toml (Marketo: Admin, LaunchPoint, View Details)"
_ADDRESS = "check url in mksync.toml (Marketo: Admin, Web Services)"


class MarketoAuth:
    """Meets `wire.session.Auth`. A token's subject is the API user's e-mail address."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def sign_in(self, send: Callable[..., Reply]) -> Token:
        asked_at = self._clock.now()  # not after the answer: the token's life began before it arrived
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        # By POST, so that the secret is in no server's log of addresses.
        given = _given(send("POST", "/identity/oauth/token", form=form, timeout=30.0, shape=oauth.spoken))
        ends = asked_at + float(given["expires_in"])
        return Token(str(given["access_token"]), ends, subject=str(given.get("scope") or ""))


def _given(reply: Reply) -> Mapping[str, Any]:
    body = oauth.answer(reply, "Marketo", _ADDRESS if reply.status == 404 else _REMEDY)
    if {"access_token", "expires_in"} <= body.keys():
        return body
    if "error" not in body:
        raise UnexpectedReply(f"Marketo answered the sign-in with HTTP {reply.status} and no token")
    raise AccessError(f"Marketo refused to sign in: {body.get('error_description') or body['error']}", hint=_REMEDY)
