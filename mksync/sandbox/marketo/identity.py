"""Sign-in: one token for the one custom service, shared by everybody who asks (developer guide, Authentication)."""

import json
import math
import uuid

from werkzeug import Request, Response

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.envelope import Failure
from mksync.sandbox.store import Store

TOKEN_PATH = "/identity/oauth/token"  # noqa: S105 - an address
API_USER = "mksync@api.example.com"
_CLIENT = "sandbox"
_SECRET = "sandbox"  # noqa: S105 - the sandbox guards nothing
_LIFETIME = 3600  # seconds
_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_token (
    token TEXT PRIMARY KEY, expires REAL NOT NULL, told_expired INTEGER NOT NULL DEFAULT 0
)
"""


class Identity:
    """Gives out tokens and judges the ones that come back. `sandbox` is both the client id and its secret."""

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str]) -> None:
        self._store = store
        self._clock = clock
        self._quirks = quirks
        with store.lock:
            store.connection.execute(_SCHEMA)

    def answer(self, request: Request) -> Response:
        """`GET` or `POST /identity/oauth/token`."""
        wish = {**request.args.to_dict(), **request.form.to_dict()}
        if request.method not in ("GET", "POST") or wish.get("grant_type") != "client_credentials":
            return _reply({"error": "unsupported_grant_type", "error_description": "Unsupported grant type"}, 400)
        if wish.get("client_id") != _CLIENT:
            unknown = f"No client with requested id: {wish.get('client_id')}"
            return _reply({"error": "unauthorized", "error_description": unknown}, 401)
        if wish.get("client_secret") != _SECRET:
            return _reply({"error": "invalid_client", "error_description": "Bad client credentials"}, 401)
        token, expires = self._current()
        # A fresh token is recorded with 3599 seconds left.
        left = max(0, math.ceil(expires - self._clock.now()) - 1)
        return _reply({"access_token": token, "token_type": "bearer", "expires_in": left, "scope": API_USER}, 200)

    def check(self, request: Request) -> None:
        """Fails with 603 without a token, 602 at the first use after expiry, 601 for anything else."""
        token = self._token(request)
        if not token:
            raise Failure("603", "Access denied")
        with self._store.transaction() as connection:
            row = connection.execute("SELECT expires, told_expired FROM marketo_token WHERE token = ?", (token,))
            found = row.fetchone()
            if found is not None and found[0] > self._clock.now():
                return
            if found is not None and not found[1]:
                connection.execute("UPDATE marketo_token SET told_expired = 1 WHERE token = ?", (token,))
                expired = True
            else:
                expired = False
        raise Failure("602", "Access token expired") if expired else Failure("601", "Access token invalid")

    def revoke(self) -> None:
        """Make every token invalid; the next sign-in gives a new one."""
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM marketo_token")

    def _current(self) -> tuple[str, float]:
        with self._store.transaction() as connection:
            now = self._clock.now()
            row = connection.execute("SELECT token, expires FROM marketo_token WHERE expires > ?", (now,)).fetchone()
            if row is not None:
                return str(row[0]), float(row[1])
            fresh = (f"{uuid.uuid4()}:sb", now + _LIFETIME)
            connection.execute("INSERT INTO marketo_token (token, expires) VALUES (?, ?)", fresh)
            return fresh

    def _token(self, request: Request) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return token.strip()
        if "token_in_query" not in self._quirks:
            return ""
        return request.args.get("access_token") or request.form.get("access_token") or ""


def _reply(value: object, status: int) -> Response:
    response = Response(json.dumps(value), status, content_type="application/json;charset=UTF-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
