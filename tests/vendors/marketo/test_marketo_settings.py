"""The `[marketo]` table."""

import pytest

from mksync.errors import ConfigError
from mksync.vendors.marketo import VENDOR
from mksync.vendors.marketo.settings import Settings

FULL = {"url": "https://123-ABC-456.mktorest.com", "client_id": "id", "client_secret": "secret"}


def test_what_is_left_out_has_a_default() -> None:
    read = VENDOR.settings(FULL, "here")
    assert read == Settings("https://123-ABC-456.mktorest.com", "id", "secret", key_field="mksyncCrmId")


def test_the_secret_is_not_in_the_settings_repr() -> None:
    assert "secret'" not in repr(VENDOR.settings(FULL, "here"))


@pytest.mark.parametrize(
    "url",
    [
        "https://123-ABC-456.mktorest.com/rest",
        "https://123-ABC-456.mktorest.com/identity",
        "https://123-ABC-456.mktorest.com/rest/",
        "123-ABC-456.mktorest.com",
    ],
)
def test_the_addresses_of_the_admin_screen_are_taken_as_they_stand(url: str) -> None:
    assert VENDOR.settings({**FULL, "url": url}, "here").url == "https://123-ABC-456.mktorest.com"


@pytest.mark.parametrize(
    ("changes", "names", "hint"),
    [
        ({"client_secret": None}, "client_secret", ""),
        ({"client_sceret": "x"}, "client_sceret", "client_secret"),
        ({"url": "http://123-ABC-456.mktorest.com"}, "url", "mktorest.com"),
        ({"url": "https://u:p@123-ABC-456.mktorest.com"}, "url", ""),
        ({"client_id": 7}, "client_id", ""),
        ({"key_field": "crm key"}, "key_field", ""),
        ({"create_key_field": "yes"}, "create_key_field", ""),
        ({"reserve": 0.2}, "daily_calls", "Add daily_calls"),
        ({"reserve": 1, "daily_calls": 9}, "reserve", "a fifth"),
        ({"daily_calls": 0}, "daily_calls", ""),
        ({"daily_calls": True}, "daily_calls", ""),
        ({"partition": ""}, "partition", ""),
    ],
)
def test_a_wrong_table_is_an_error_that_names_the_key(changes: dict[str, object], names: str, hint: str) -> None:
    table = {key: value for key, value in {**FULL, **changes}.items() if value is not None}
    with pytest.raises(ConfigError) as caught:
        VENDOR.settings(table, "mksync.toml, [marketo]")
    assert caught.value.message.startswith("mksync.toml, [marketo]: ")
    assert f"`{names}`" in caught.value.message
    assert hint in caught.value.hint
