"""The `[crm]` table of mksync.toml with `system = "dynamics"`, checked and frozen."""

import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError
from mksync.vendors.table import daily_calls, refuse_unknown, required_text, reserve, text_of
from mksync.wire.origin import is_loopback

DEFAULT_AUTHORITY = "https://login.microsoftonline.com"
BASE = "/api/data/v9.2"
KEYS = (
    "system", "url", "tenant", "client_id", "client_secret", "certificate", "authority", "daily_calls", "reserve",
)  # fmt: skip

# Names of no single tenant: an application signs in to one (Microsoft Entra, "OAuth 2.0 client credentials flow").
_SHARED_TENANTS = ("common", "organizations", "consumers")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*", re.ASCII)
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach one environment. Either `client_secret`, or `certificate`: PEM text of private key and certificate.

    `tenant`: None: the environment is asked which tenant it belongs to. `authority`: where sign-ins go.
    """

    url: str  # without a path and a trailing slash
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)
    tenant: str | None = None
    authority: str = DEFAULT_AUTHORITY
    daily_calls: int | None = None
    reserve: float = 0.0  # share of daily_calls that is left to others

    @property
    def signed_in_with(self) -> Mapping[str, str | None]:
        """What a token hangs on, beside the secret or certificate."""
        return {"url": self.url, "authority": self.authority, "tenant": self.tenant, "client_id": self.client_id}

    @property
    def scope(self) -> str:
        return f"{self.url}/.default"


def read(table: Mapping[str, object], where: str) -> Settings:
    """Check the table. Raises `ConfigError` that names the key in `where`."""
    refuse_unknown(table, KEYS, where)
    url = _url(table, where)
    settings = Settings(
        url=url,
        client_id=_required(table, "client_id", where),
        client_secret=text_of(table, "client_secret", where),
        certificate=_certificate(table, where),
        tenant=_tenant(table, where),
        authority=_authority(table, where, url),
        daily_calls=daily_calls(table, where),
        reserve=reserve(table, where, told=False),
    )
    _check_sign_in(settings, where)
    return settings


def _required(table: Mapping[str, object], key: str, where: str) -> str:
    return required_text(table, key, where, "Azure portal, App registrations shows the application.")


def _url(table: Mapping[str, object], where: str) -> str:
    text = _required(table, "url", where)
    hint = 'It looks like "https://contoso.crm.dynamics.com" (Power Platform admin center, Environments).'
    return _origin(text, f"{where}: `url` has to be the address of the environment and nothing more", hint)


def _authority(table: Mapping[str, object], where: str, url: str) -> str:
    """Where sign-ins go. The sandbox answers them at its own address."""
    text = text_of(table, "authority", where)
    if text is None:
        return url if is_loopback(urlsplit(url).hostname or "") else DEFAULT_AUTHORITY
    hint = f'Leave it out, or name a national cloud\'s, like "{DEFAULT_AUTHORITY}"; the tenant has a key of its own.'
    return _origin(text, f"{where}: `authority` has to be the address of the sign-in service and nothing more", hint)


def _origin(text: str, problem: str, hint: str) -> str:
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(problem, hint=hint) from None
    if not host or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError(problem, hint=hint)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ConfigError(f"{problem}: {text} does not begin with https://", hint=hint)
    return f"{parts.scheme}://{parts.netloc}"


def _tenant(table: Mapping[str, object], where: str) -> str | None:
    text = text_of(table, "tenant", where)
    if text is None:
        return None
    hint = "Azure portal, Microsoft Entra ID, Overview shows it: the tenant id, or a domain like contoso.com."
    if text.lower() in _SHARED_TENANTS or not _TENANT.fullmatch(text):
        raise ConfigError(f"{where}: `tenant` has to be one tenant's id or domain, not {text!r}", hint=hint)
    return text


def _certificate(table: Mapping[str, object], where: str) -> str | None:
    text = text_of(table, "certificate", where)
    if text is None or (_PRIVATE_KEY.search(text) and _CERTIFICATE in text):
        return text
    raise ConfigError(
        f"{where}: `certificate` has to hold a private key and its certificate in PEM form",
        hint="Put both into one file: -----BEGIN PRIVATE KEY----- … and -----BEGIN CERTIFICATE----- …",
    )


def _check_sign_in(settings: Settings, where: str) -> None:
    if settings.client_secret and settings.certificate:
        raise ConfigError(
            f"{where}: both `client_secret` and `certificate` are given",
            hint="Keep the one that belongs to the way this application signs in.",
        )
    if not settings.client_secret and not settings.certificate:
        raise ConfigError(
            f"{where}: `client_secret` is missing", hint="Or give `certificate` to sign in with a certificate."
        )
