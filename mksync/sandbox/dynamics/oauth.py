"""Sign-in at Microsoft Entra ID: discovery, the token endpoint (client credentials), tokens and whom they stand for.

Source: Microsoft Learn, "Microsoft identity platform and the OAuth 2.0 client credentials flow", "Microsoft Entra
authentication and authorization error codes", "Use OAuth authentication with Microsoft Dataverse".
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mksync.sandbox.dynamics import keys
from mksync.sandbox.dynamics.call import Answer, User
from mksync.sandbox.dynamics.errors import ODataError, denied
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.refusals import AUTHORITY, JSON, Refused, told

TENANT = "7e4a0000-0000-4000-8000-000000000001"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS dynamics_consumer (
    client_id TEXT PRIMARY KEY, secret TEXT, secret_expired INTEGER, certificate TEXT, application TEXT)""",
    "CREATE TABLE IF NOT EXISTS dynamics_token (token TEXT PRIMARY KEY, application TEXT, expires REAL)",
)
_DATAVERSE = re.compile(r"[\w-]+(\.api)?\.crm\d*\.dynamics\.com", re.IGNORECASE)
_NOT_CONCRETE = frozenset({"common", "organizations", "consumers"})


@dataclass(frozen=True, slots=True)
class Consumer:
    """An app registration; `application` is the GUID that application users are bound to."""

    client_id: str
    secret: str
    secret_expired: bool
    certificate: str | None
    application: str


class OAuth:
    def __init__(self, org: Org) -> None:
        self._org = org
        for statement in _SCHEMA:
            org.connection.execute(statement)

    def register(self, consumer: Consumer) -> None:
        """Make an app registration, or put it in the place of the one with its client id."""
        row = (
            consumer.client_id,
            consumer.secret,
            int(consumer.secret_expired),
            consumer.certificate,
            consumer.application,
        )
        self._org.connection.execute("INSERT OR REPLACE INTO dynamics_consumer VALUES (?, ?, ?, ?, ?)", row)

    def consumer(self, client_id: str) -> Consumer | None:
        row = self._org.connection.execute(
            "SELECT client_id, secret, secret_expired, certificate, application FROM dynamics_consumer"
            " WHERE client_id = ?",
            (client_id,),
        ).fetchone()
        return Consumer(row[0], row[1], bool(row[2]), row[3], row[4]) if row else None

    def set_certificate(self, client_id: str, certificate: str) -> None:
        """Let an app sign in with assertions of this certificate (PEM), and with no other's."""
        found = self._org.connection.execute(
            "UPDATE dynamics_consumer SET certificate = ? WHERE client_id = ?", (certificate, client_id)
        )
        if not found.rowcount:
            raise ValueError(f"no app registration {client_id!r}")

    def own_certificate(self) -> tuple[str, str]:
        """Private key and certificate (PEM) of the app `sandbox`; the pair is made when it is first asked for."""
        kept = self._org.settings.get("own_certificate")
        if kept is None:
            kept = keys.new_certificate("sandbox")
            self._org.settings.put("own_certificate", kept)
            self.set_certificate("sandbox", kept[1])
        return str(kept[0]), str(kept[1])

    def end_tokens(self) -> None:
        self._org.connection.execute("DELETE FROM dynamics_token")

    def discovery(self, tenant: str) -> Answer:
        try:
            self._check_tenant(tenant)
        except Refused as refused:
            return told(refused, self._org.clock.now())
        start = f"{AUTHORITY}/{tenant}"
        document = {
            "token_endpoint": f"{start}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{start}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{AUTHORITY}/{TENANT}/v2.0",
            "authorization_endpoint": f"{start}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{start}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{start}/oauth2/v2.0/logout",
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
        }
        return Answer(200, document, content_type=JSON)

    def token(self, tenant: str, form: Mapping[str, str], host: str) -> Answer:
        """Answer a form post; `host` is the URL that the organisation is reached under here."""
        try:
            self._check_tenant(tenant)
            consumer = self._authenticated(tenant, form, host)
            self._check_scope(form, host)
        except Refused as refused:
            return told(refused, self._org.clock.now())
        life = int(self._org.settings.get("token_seconds"))
        token = f"eyJ0eXAiOiJKV1QifQ.{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(24)}"
        now = self._org.clock.now()
        row = (token, consumer.application, now + life)
        self._org.connection.execute("DELETE FROM dynamics_token WHERE expires <= ?", (now,))
        self._org.connection.execute("INSERT INTO dynamics_token VALUES (?, ?, ?)", row)
        body = {"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token}
        return Answer(200, body, {"Cache-Control": "no-store, no-cache"}, JSON)

    def authorize(self, header: str | None, host: str) -> User:
        """Whom an Authorization header speaks for. Raises 401, and 403 for one who is no (enabled) user."""
        scheme, _, token = (header or "").partition(" ")
        row = self._org.connection.execute(
            "SELECT application FROM dynamics_token WHERE token = ? AND expires > ?",
            (token.strip(), self._org.clock.now()),
        ).fetchone()
        if row is None or scheme.lower() != "bearer":
            raise challenge(host)
        users = self._org.rows.find(self._org.catalogue.named("systemuser"), {"applicationid": row[0]})
        if not users:
            raise denied("The user is not a member of the organization.", "0x80072560")
        if users[0]["isdisabled"]:
            status = 401 if "disabled_user_401" in self._org.quirks else 403
            raise ODataError(
                status, "0x80040225", "The specified user is either disabled or is not a member of any business unit."
            )
        return User(str(users[0]["systemuserid"]))

    def _check_tenant(self, tenant: str) -> None:
        if tenant.lower() in _NOT_CONCRETE:
            text = (
                "No tenant-identifying information found in either the request or implied by any provided credentials."
            )
            raise Refused(400, "invalid_request", 50_059, text)
        known = self._org.settings.get("tenants")
        if known is not None and tenant not in known:
            text = f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
            raise Refused(400, "invalid_request", 90_002, text)

    def _authenticated(self, tenant: str, form: Mapping[str, str], host: str) -> Consumer:
        if form.get("grant_type") != "client_credentials":
            text = f"The app requested an unsupported grant type '{form.get('grant_type', '')}'."
            raise Refused(400, "unsupported_grant_type", 70_003, text)
        consumer = self.consumer(form.get("client_id", ""))
        if consumer is None:
            text = f"Application with identifier '{form.get('client_id')}' was not found in the directory '{tenant}'."
            raise Refused(400, "unauthorized_client", 700_016, text)
        if "client_secret" in form:
            self._check_secret(consumer, form["client_secret"])
        elif "client_assertion" in form and form.get("client_assertion_type") == JWT_BEARER:
            self._check_assertion(consumer, form["client_assertion"], tenant, host)
        else:
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refused(401, "invalid_client", 7_000_218, text)
        return consumer

    def _check_secret(self, consumer: Consumer, secret: str) -> None:
        status = 400 if "secret_400" in self._org.quirks else 401
        if not hmac.compare_digest(secret.encode(), consumer.secret.encode()):
            text = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{consumer.client_id}'."
            )
            raise Refused(status, "invalid_client", 7_000_215, text)
        if consumer.secret_expired:
            text = f"The provided client secret keys for app '{consumer.client_id}' are expired."
            raise Refused(status, "invalid_client", 7_000_222, text)

    def _check_assertion(self, consumer: Consumer, assertion: str, tenant: str, host: str) -> None:
        found = keys.read(assertion)
        if found is None or not self._claims_fit(found[1], consumer, tenant, host):
            raise Refused(401, "invalid_client", 700_027, "Client assertion failed signature validation.")
        if consumer.certificate and not keys.is_signed_by(assertion, found[0], consumer.certificate):
            text = "Client assertion contains an invalid signature. [Reason - The key was not found.]"
            raise Refused(401, "invalid_client", 700_027, text)

    def _claims_fit(self, claims: Mapping[str, Any], consumer: Consumer, tenant: str, host: str) -> bool:
        path = f"/{tenant}/oauth2/v2.0/token"
        audience = claims.get("aud") in (f"{AUTHORITY}{path}", f"{host}{path}")
        # Assertions are made by real clients on real time, however far the sandbox's clock was moved.
        now = self._org.clock.now() - self._org.clock.offset
        expiry = claims.get("exp")
        alive = isinstance(expiry, int | float) and expiry > now
        return audience and alive and claims.get("iss") == claims.get("sub") == consumer.client_id and "jti" in claims

    def _check_scope(self, form: Mapping[str, str], host: str) -> None:
        scope = form.get("scope", "")
        resource = scope.removesuffix("/.default").rstrip("/")
        if resource == scope:
            text = (
                f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
            )
            raise Refused(400, "invalid_scope", 1_002_012, f"{text}with /.default suffixed to the resource identifier.")
        found = urlsplit(resource)
        dataverse = found.scheme == "https" and _DATAVERSE.fullmatch(found.netloc) and not found.path
        if resource != host and not dataverse:
            text = f"The resource principal named {resource} was not found in the tenant."
            raise Refused(400, "invalid_resource", 500_011, text)


def challenge(host: str) -> ODataError:
    """401 with the header that tells the tenant to anybody who asks."""
    where = f"Bearer authorization_uri={AUTHORITY}/{TENANT}/oauth2/authorize, resource_id={host}/"
    return ODataError(401, "", "", {"WWW-Authenticate": where})
