"""The [crm] table of a Salesforce project."""

import pytest

from mksync.errors import ConfigError
from mksync.vendors.salesforce import VENDOR

GOOD = {
    "system": "salesforce",
    "url": "https://acme.my.salesforce.com/",
    "client_id": "3MVG9",
    "client_secret": "s3cret",
}
BEARER = {
    "url": "https://acme.my.salesforce.com",
    "client_id": "3MVG9",
    "username": "sync@acme.example",
    "private_key": "-----BEGIN PRIVATE KEY-----",
}


def test_a_good_table_is_taken_over_with_the_newest_version() -> None:
    settings = VENDOR.settings(GOOD, "[crm]")
    assert (settings.url, settings.base) == ("https://acme.my.salesforce.com", "/services/data/v67.0")


def test_secrets_are_not_in_what_a_log_would_show() -> None:
    shown = repr(VENDOR.settings(GOOD, "[crm]")) + repr(VENDOR.settings(BEARER, "[crm]"))
    assert "s3cret" not in shown
    assert "BEGIN" not in shown


@pytest.mark.parametrize(
    ("change", "named", "hint"),
    [
        ({"clientid": "x"}, "`clientid`", "`client_id`"),
        ({"zzz": 1}, "`zzz`", "Known keys"),
        ({"url": None}, "`url`", ""),
        ({"url": "http://acme.my.salesforce.com"}, "`url`", "HTTPS"),
        ({"url": "https://acme.my.salesforce.com/lightning/setup"}, "`url`", "My Domain"),
        ({"url": "https://login.salesforce.com"}, "`url`", "My Domain"),
        ({"client_id": ""}, "`client_id`", ""),
        ({"client_secret": None}, "`client_secret`", "private_key"),
        ({"client_secret": 7}, "`client_secret`", ""),
        ({"private_key": "x"}, "`private_key`", ""),
        ({"api_version": "newest"}, "`api_version`", ""),
        ({"api_version": "67.5"}, "`api_version`", ""),
        ({"reserve": 1}, "`reserve`", "a fifth"),
        ({"reserve": -0.1}, "`reserve`", "a fifth"),
        ({"reserve": "20 %"}, "`reserve`", "a fifth"),
        ({"reserve": True}, "`reserve`", "a fifth"),
        ({"daily_calls": 0}, "`daily_calls`", ""),
        ({"daily_calls": True}, "`daily_calls`", ""),
        ({"bulk_from": 0}, "`bulk_from`", ""),
        ({"bulk_from": "never"}, "`bulk_from`", ""),
        ({"bulk_from": True}, "`bulk_from`", ""),
    ],
)
def test_a_wrong_table_is_refused_by_the_name_of_its_key(change: dict[str, object], named: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        VENDOR.settings({**GOOD, **change}, "[crm]")
    assert caught.value.message.startswith("[crm]: ")
    assert named in caught.value.message
    assert hint in caught.value.hint


def test_a_certificate_needs_a_username() -> None:
    with pytest.raises(ConfigError, match="`username`"):
        VENDOR.settings({key: value for key, value in BEARER.items() if key != "username"}, "[crm]")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
    ],
)
def test_plain_http_is_for_this_computer_only(given: str, url: str) -> None:
    assert VENDOR.settings({**GOOD, "url": given}, "[crm]").url == url


@pytest.mark.parametrize("given", ["66.0", "66", "v66.0"])
def test_the_version_may_be_written_as_people_write_it(given: str) -> None:
    assert VENDOR.settings({**GOOD, "api_version": given}, "[crm]").base == "/services/data/v66.0"
