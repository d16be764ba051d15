"""Sessions: opaque access tokens that live as long as they are used (a sliding time-out on the sandbox's clock).

Source: Salesforce Help, "Modify Session Security Settings".
"""

import secrets
import string

from mksync.sandbox.salesforce.errors import ApiError, deny
from mksync.sandbox.salesforce.org import Actor, Org

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS salesforce_session (token TEXT PRIMARY KEY, user TEXT NOT NULL, used REAL NOT NULL)"
)
_CHARACTERS = string.ascii_letters + string.digits + "._"


class Sessions:
    def __init__(self, org: Org) -> None:
        self._org = org
        org.connection.execute(_SCHEMA)

    def open(self, user: str) -> str:
        """A fresh token: the organisation's 15-character id, an exclamation mark, random characters."""
        token = f"{self._org.id[:15]}!" + "".join(secrets.choice(_CHARACTERS) for _ in range(80))
        row = (token, user, self._org.clock.now())
        self._org.connection.execute("INSERT INTO salesforce_session VALUES (?, ?, ?)", row)
        return token

    def close(self, token: str) -> bool:
        """Whether there was such a session."""
        return self._org.connection.execute("DELETE FROM salesforce_session WHERE token = ?", (token,)).rowcount > 0

    def close_all(self) -> None:
        self._org.connection.execute("DELETE FROM salesforce_session")

    def find(self, token: str) -> Actor | None:
        """Who a live token belongs to; its time-out begins anew. One of another organisation is nobody's here."""
        if not token.startswith(f"{self._org.id[:15]}!"):
            return None
        now = self._org.clock.now()
        oldest = now - float(self._org.settings.get("session_seconds"))
        row = self._org.connection.execute(
            "UPDATE salesforce_session SET used = ? WHERE token = ? AND used >= ? RETURNING user", (now, token, oldest)
        ).fetchone()
        return Actor(str(row[0])) if row else None

    def authorize(self, header: str | None) -> Actor:
        """Who an Authorization header speaks for. Raises 401 INVALID_SESSION_ID."""
        scheme, _, token = (header or "").partition(" ")
        actor = self.find(token.strip()) if scheme.lower() in ("bearer", "oauth") else None
        if actor is None:
            raise expired()
        return actor


def expired() -> ApiError:
    return deny("INVALID_SESSION_ID", "Session expired or invalid", 401)
