"""The `[crm]` table of mksync.toml with `system = "salesforce"`, checked and frozen."""

from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlsplit

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError
from mksync.vendors.salesforce.rates import BULK_FROM
from mksync.vendors.table import daily_calls, refuse_unknown, required_text, reserve, text_of
from mksync.wire.origin import is_loopback

DEFAULT_API_VERSION = "67.0"  # Summer '26; Salesforce keeps a version for at least three years
KEYS = (
    "system", "url", "client_id", "client_secret", "username", "private_key", "audience", "api_version", "daily_calls",
    "reserve", "bulk_from",
)  # fmt: skip
SHARED_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach one organisation. Either `client_secret`, or `username` and `private_key` (PEM text)."""

    url: str  # the org's My Domain, without a trailing slash
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    audience: str | None = None
    api_version: str = DEFAULT_API_VERSION
    daily_calls: int | None = None
    reserve: float = 0.0  # share of the organisation's daily calls that is left to others
    bulk_from: int = BULK_FROM  # records; so many of one object are read by a bulk query job

    @property
    def signed_in_with(self) -> Mapping[str, str | None]:
        """What a token hangs on, beside the secret or private key."""
        return {"url": self.url, "client_id": self.client_id, "username": self.username, "audience": self.audience}

    @property
    def base(self) -> str:
        """The path every REST call of this version begins with."""
        return f"/services/data/v{self.api_version}"


def read(table: Mapping[str, object], where: str) -> Settings:
    """Check the table. Raises `ConfigError` that names the key in `where`."""
    refuse_unknown(table, KEYS, where)
    settings = Settings(
        url=_url(table, where),
        client_id=required_text(table, "client_id", where),
        client_secret=text_of(table, "client_secret", where),
        username=text_of(table, "username", where),
        private_key=text_of(table, "private_key", where),
        audience=text_of(table, "audience", where),
        api_version=_version(table, where),
        daily_calls=daily_calls(table, where),
        reserve=reserve(table, where, told=True),
        bulk_from=_bulk_from(table, where),
    )
    _check_sign_in(settings, where)
    return settings


def _url(table: Mapping[str, object], where: str) -> str:
    text = required_text(table, "url", where)
    parts = urlsplit(text if "//" in text else f"https://{text}")
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError(
            f"{where}: `url` has to be the address of the organisation and nothing more",
            hint='It looks like "https://acme.my.salesforce.com" (Setup, My Domain).',
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ConfigError(f"{where}: `url` has to begin with https://", hint="Salesforce answers over HTTPS only.")
    return f"{parts.scheme}://{parts.netloc}"


def _version(table: Mapping[str, object], where: str) -> str:
    text = (text_of(table, "api_version", where) or DEFAULT_API_VERSION).lower().removeprefix("v")
    major, _, minor = text.partition(".")
    if not major.isdecimal() or minor not in ("", "0"):
        raise ConfigError(f"{where}: `api_version` is a number like {DEFAULT_API_VERSION}, not {text!r}")
    return f"{int(major)}.0"


def _bulk_from(table: Mapping[str, object], where: str) -> int:
    value = table.get("bulk_from", BULK_FROM)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ConfigError(f"{where}: `bulk_from` has to be a whole number of records above zero, as {BULK_FROM}")
    return value


def _check_sign_in(settings: Settings, where: str) -> None:
    if settings.client_secret and settings.private_key:
        raise ConfigError(
            f"{where}: both `client_secret` and `private_key` are given",
            hint="Keep the one that belongs to the way this app signs in.",
        )
    if settings.private_key:
        _check_bearer(settings, where)
        return
    if not settings.client_secret:
        raise ConfigError(
            f"{where}: `client_secret` is missing",
            hint="Or give `username` and `private_key` to sign in with a certificate.",
        )
    # Salesforce Help, "OAuth 2.0 Client Credentials Flow": the request goes to the org's My Domain.
    if urlsplit(settings.url).hostname in SHARED_LOGIN_HOSTS:
        raise ConfigError(
            f"{where}: with `client_secret`, `url` has to be the organisation's own address",
            hint="Setup, My Domain shows it: https://….my.salesforce.com.",
        )


def _check_bearer(settings: Settings, where: str) -> None:
    if not settings.username:
        raise ConfigError(f"{where}: `username` is missing", hint="With `private_key`, name the sync user's username.")
