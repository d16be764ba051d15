"""Sign-in: the token endpoint (client credentials, JWT bearer), revocation, user information.

Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow", "OAuth Error Codes".
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from mksync.sandbox.salesforce import keys
from mksync.sandbox.salesforce.calls import Answer
from mksync.sandbox.salesforce.org import Actor, Org
from mksync.sandbox.salesforce.sessions import Sessions

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCHEMA = """CREATE TABLE IF NOT EXISTS salesforce_consumer (
    client_id TEXT PRIMARY KEY, secret TEXT NOT NULL, user TEXT NOT NULL, public_key TEXT)"""
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_SCOPE = "api id"


class Refused(Exception):  # noqa: N818 - the OAuth word is error, the answer is a refusal
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.answer = Answer(400, {"error": error, "error_description": description})


class OAuth:
    """Consumers (connected apps) and what they may ask for. `base` is the URL that the emulator is reached under."""

    def __init__(self, org: Org, sessions: Sessions) -> None:
        self._org = org
        self._sessions = sessions
        org.connection.execute(_SCHEMA)

    def register(self, client_id: str, secret: str, user: str, public_key: str | None = None) -> None:
        row = (client_id, secret, user, public_key)
        self._org.connection.execute("INSERT OR REPLACE INTO salesforce_consumer VALUES (?, ?, ?, ?)", row)

    def set_public_key(self, client_id: str, public_key: str) -> None:
        """Let a consumer sign in with JWTs made by the matching private key. Raises ValueError for an unknown one."""
        found = self._org.connection.execute(
            "UPDATE salesforce_consumer SET public_key = ? WHERE client_id = ?", (public_key, client_id)
        )
        if not found.rowcount:
            raise ValueError(f"no consumer {client_id!r}")

    def private_key(self) -> str:
        """The private key (PEM) of the consumer `sandbox`; the pair is made when it is first asked for."""
        kept = self._org.settings.get("private_key")
        if kept is None:
            kept, public = keys.new_pair()
            self._org.settings.put("private_key", kept)
            self.set_public_key("sandbox", public)
        return str(kept)

    def token(self, form: Mapping[str, str], basic: tuple[str, str] | None, base: str) -> Answer:
        grants: Mapping[str, Callable[[], Answer]] = {
            "client_credentials": lambda: self._client_credentials(form, basic, base),
            JWT_BEARER: lambda: self._jwt_bearer(form, base),
        }
        grant = grants.get(form.get("grant_type", ""))
        try:
            if grant is None:
                raise Refused("unsupported_grant_type", "grant type not supported")
            return grant()
        except Refused as refused:
            return refused.answer

    def revoke(self, token: str) -> Answer:
        if self._sessions.close(token):
            return Answer(200)
        return Answer(400, {"error": "invalid_token", "error_description": "invalid token"})

    def user_info(self, actor: Actor, base: str) -> Answer:
        user = self._org.tables.get("User", actor.user_id) or {}
        return Answer(
            200,
            {
                "sub": self._identity(actor.user_id, base),
                "user_id": actor.user_id,
                "organization_id": self._org.id,
                "preferred_username": user.get("Username"),
                "name": user.get("Name"),
                "email": user.get("Email"),
                "email_verified": True,
                "active": bool(user.get("IsActive")),
                "zoneinfo": user.get("TimeZoneSidKey"),
                "user_type": "STANDARD",
                "urls": {
                    "rest": f"{base}/services/data/v{{version}}/",
                    "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
                },
            },
        )

    def identity(self, actor: Actor, base: str) -> Answer:
        info = self.user_info(actor, base).body
        more = {
            "id": info["sub"],
            "asserted_user": True,
            "username": info["preferred_username"],
            "display_name": info["name"],
        }
        return Answer(200, {**info, **more})

    def _client_credentials(self, form: Mapping[str, str], basic: tuple[str, str] | None, base: str) -> Answer:
        client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        consumer = self._consumer(client_id)
        if not hmac.compare_digest(secret.encode(), consumer["secret"].encode()):
            raise Refused("invalid_client", "invalid client credentials")
        if not self._is_active(consumer["user"]):
            raise Refused("invalid_grant", "no client credentials user enabled")
        return Answer(200, self._grant(consumer, base))

    def _jwt_bearer(self, form: Mapping[str, str], base: str) -> Answer:
        assertion = form.get("assertion", "")
        claims = keys.claims_of(assertion)
        if claims is None:
            raise Refused("invalid_grant", "invalid assertion")
        consumer = self._consumer(str(claims.get("iss")))
        if consumer["public_key"] is None or not keys.is_signed_by(assertion, consumer["public_key"]):
            raise Refused("invalid_grant", "invalid assertion")
        self._check_claims(claims, base)
        users = self._org.tables.find("User", "Username", str(claims.get("sub")))
        if not users:
            raise Refused("invalid_grant", "user hasn't approved this consumer")
        if users[0]["Id"] != consumer["user"]:
            raise Refused("invalid_app_access", "user is not admin approved to access this app")
        if not users[0]["IsActive"]:
            raise Refused("inactive_user", "user is inactive")
        granted = self._grant(consumer, base)
        return Answer(200, {key: granted[key] for key in ("access_token", "scope", "instance_url", "id", "token_type")})

    def _check_claims(self, claims: Mapping[str, Any], base: str) -> None:
        named = claims.get("aud")
        audiences = named if isinstance(named, list) else [named]
        if not any(str(audience).rstrip("/") in (*_AUDIENCES, base) for audience in audiences):
            raise Refused("invalid_grant", "audience is invalid")
        # A date far ahead is accepted: the Salesforce CLI sends milliseconds here.
        expiry = claims.get("exp")
        if not isinstance(expiry, int | float) or expiry <= self._org.clock.now():
            raise Refused("invalid_grant", "expired authorization code")

    def _consumer(self, client_id: str) -> dict[str, Any]:
        row = self._org.connection.execute(
            "SELECT client_id, secret, user, public_key FROM salesforce_consumer WHERE client_id = ?", (client_id,)
        ).fetchone()
        if row is None:
            raise Refused("invalid_client_id", "client identifier invalid")
        return dict(zip(("client_id", "secret", "user", "public_key"), row, strict=True))

    def _is_active(self, user: str) -> bool:
        row = self._org.tables.get("User", user)
        return bool(row and row["IsActive"])

    def _grant(self, consumer: Mapping[str, Any], base: str) -> dict[str, Any]:
        id = self._identity(consumer["user"], base)
        issued = str(int(self._org.clock.now() * 1000))
        signature = hmac.new(consumer["secret"].encode(), (id + issued).encode(), hashlib.sha256).digest()
        return {
            "access_token": self._sessions.open(consumer["user"]),
            "signature": base64.b64encode(signature).decode(),
            "token_format": "opaque",
            "scope": _SCOPE,
            "instance_url": base,
            "id": id,
            "token_type": "Bearer",
            "issued_at": issued,
        }

    def _identity(self, user: str, base: str) -> str:
        return f"{base}/id/{self._org.id}/{user}"
