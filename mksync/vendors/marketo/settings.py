"""The `[marketo]` table of mksync.toml, checked and frozen."""

import re
from collections.abc import Mapping
from dataclasses import field
from difflib import get_close_matches

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError
from mksync.vendors.table import daily_calls, required_text, reserve, text_of
from mksync.wire.origin import checked

DEFAULT_KEY_FIELD = "mksyncCrmId"
KEYS = (
    "url", "client_id", "client_secret", "key_field", "create_key_field", "create_activity_type", "partition",
    "daily_calls", "reserve",
)  # fmt: skip
_FIELD_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach one Marketo instance.

    `key_field`: the custom field that holds the CRM record's id. `partition`: where new people go; None: Marketo's
    default. `daily_calls`: the most API calls of one day that this API user may have made; with a `reserve`, all API
    users of the instance, and that share of them is left to others.
    """

    url: str  # without /rest, /identity and a trailing slash
    client_id: str
    client_secret: str = field(repr=False)
    key_field: str = DEFAULT_KEY_FIELD
    create_key_field: bool = False
    create_activity_type: bool = False
    partition: str | None = None
    daily_calls: int | None = None
    reserve: float = 0.0

    @property
    def signed_in_with(self) -> Mapping[str, str | None]:
        """What a token hangs on, beside the secret."""
        return {"url": self.url, "client_id": self.client_id}


def read(table: Mapping[str, object], where: str) -> Settings:
    """Check the table. Raises ConfigError that names the key in `where`."""
    _refuse_unknown(table, where)
    return Settings(
        url=_url(table, where),
        client_id=_required(table, "client_id", where),
        client_secret=_required(table, "client_secret", where),
        key_field=_key_field(table, where),
        create_key_field=_flag(table, "create_key_field", where),
        create_activity_type=_flag(table, "create_activity_type", where),
        partition=text_of(table, "partition", where),
        daily_calls=daily_calls(table, where),
        reserve=reserve(table, where, told=False),
    )


def _refuse_unknown(table: Mapping[str, object], where: str) -> None:
    for key in table:
        if key in KEYS:
            continue
        near = get_close_matches(key, KEYS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(KEYS)}"
        raise ConfigError(f"{where}: unknown key `{key}`", hint=hint)


def _required(table: Mapping[str, object], key: str, where: str) -> str:
    return required_text(table, key, where, "Marketo: Admin, LaunchPoint and Web Services show it")


def _url(table: Mapping[str, object], where: str) -> str:
    # The admin screen shows the address with /rest or /identity at its end (Marketo developer guide, Base URL).
    text = _required(table, "url", where)
    text = re.sub(r"/(rest|identity)/?$", "", text if "//" in text else f"https://{text}")
    try:
        return checked(text, "Marketo")
    except ConfigError as error:
        hint = "it looks like https://123-ABC-456.mktorest.com (Marketo: Admin, Web Services)"
        raise ConfigError(f"{where}: `url`: {error.message}", hint=hint) from None


def _key_field(table: Mapping[str, object], where: str) -> str:
    name = text_of(table, "key_field", where) or DEFAULT_KEY_FIELD
    if not _FIELD_NAME.fullmatch(name):
        problem = f"{where}: `key_field` is a Marketo field's REST name, not {name!r}"
        raise ConfigError(problem, hint="a letter, then letters, digits and underscores")
    return name


def _flag(table: Mapping[str, object], key: str, where: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: `{key}` is either true or false")
    return value
