"""The [crm] table of a Dynamics project."""

import pytest

from mksync.errors import ConfigError
from mksync.secrets import is_secret
from mksync.vendors.dynamics import VENDOR

GOOD = {"system": "dynamics", "url": "https://contoso.crm.dynamics.com/", "client_id": "app", "client_secret": "s3cret"}
PEM = "".join(f"-----BEGIN {what}-----\nMII\n-----END {what}-----\n" for what in ("PRIVATE KEY", "CERTIFICATE"))


def test_a_good_table_is_taken_over() -> None:
    settings = VENDOR.settings(GOOD, "[crm]")
    assert settings.url == "https://contoso.crm.dynamics.com"
    assert settings.authority == "https://login.microsoftonline.com"
    assert settings.scope == "https://contoso.crm.dynamics.com/.default"
    assert settings.tenant is None


def test_the_sandbox_signs_in_at_its_own_address() -> None:
    assert VENDOR.settings({**GOOD, "url": "http://127.0.0.1:8702"}, "[crm]").authority == "http://127.0.0.1:8702"


def test_a_national_cloud_is_named() -> None:
    settings = VENDOR.settings(
        {**GOOD, "authority": "https://login.microsoftonline.us/", "tenant": "contoso.us"}, "[crm]"
    )
    assert (settings.authority, settings.tenant) == ("https://login.microsoftonline.us", "contoso.us")


def test_secrets_are_not_in_what_a_log_would_show() -> None:
    bearer = {**GOOD, "client_secret": None, "certificate": PEM}
    shown = repr(VENDOR.settings(GOOD, "[crm]")) + repr(VENDOR.settings(bearer, "[crm]"))
    assert "s3cret" not in shown
    assert "BEGIN" not in shown


def test_what_signs_in_is_known_as_a_secret() -> None:
    assert is_secret("client_secret")
    assert is_secret("certificate")


@pytest.mark.parametrize(
    ("change", "named", "hint"),
    [
        ({"clientid": "x"}, "`clientid`", "`client_id`"),
        ({"zzz": 1}, "`zzz`", "Known keys"),
        ({"url": None}, "`url`", ""),
        ({"url": "http://contoso.crm.dynamics.com"}, "https://", "contoso"),
        ({"url": "https://contoso.crm.dynamics.com/main.aspx?appid=1"}, "`url`", "admin center"),
        ({"url": "https://user@contoso.crm.dynamics.com"}, "`url`", ""),
        ({"url": "https://[::1"}, "`url`", ""),
        ({"client_id": ""}, "`client_id`", ""),
        ({"client_id": None}, "`client_id`", "App registrations"),
        ({"client_secret": None}, "`client_secret`", "certificate"),
        ({"client_secret": 7}, "`client_secret`", ""),
        ({"certificate": PEM}, "`certificate`", "Keep the one"),
        ({"certificate": "-----BEGIN CERTIFICATE-----", "client_secret": None}, "`certificate`", "PRIVATE KEY"),
        ({"tenant": "common"}, "`tenant`", "Entra"),
        ({"tenant": "Organizations"}, "`tenant`", "Entra"),
        ({"tenant": "contoso.com/oauth2"}, "`tenant`", "Entra"),
        ({"authority": "http://login.microsoftonline.com"}, "`authority`", ""),
        ({"authority": "https://login.microsoftonline.com/contoso"}, "`authority`", "tenant"),
        ({"reserve": 0.2}, "`reserve` is a share of `daily_calls`", "Add daily_calls"),
        ({"reserve": 1, "daily_calls": 9}, "`reserve`", "a fifth"),
        ({"daily_calls": 0}, "`daily_calls`", ""),
        ({"daily_calls": True}, "`daily_calls`", ""),
    ],
)
def test_a_wrong_table_is_refused_by_the_name_of_its_key(change: dict[str, object], named: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        VENDOR.settings({**GOOD, **change}, "[crm]")
    assert caught.value.message.startswith("[crm]: ")
    assert named in caught.value.message
    assert hint in caught.value.hint


def test_settings_of_somebody_else_are_refused() -> None:
    with pytest.raises(ConfigError):
        VENDOR.open(object(), None)  # type: ignore[arg-type]
