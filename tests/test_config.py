"""mksync.toml: what it gives, and what it says about a mistake."""

import os
import textwrap
from pathlib import Path

import pytest

from mksync.config import Config, find_config, load_config
from mksync.core.brakes import Limits
from mksync.core.habits import Habits
from mksync.core.pairs import Policy
from mksync.core.records import Side
from mksync.errors import ConfigError

SANDBOX = """\
[marketo]
url = "http://127.0.0.1:8700"
client_id = "sandbox"
client_secret = "written-out"

[crm]
system = "salesforce"
url = "http://127.0.0.1:8701"
client_id = "sandbox"
client_secret = "written-out"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mksync.toml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    path.chmod(0o644)
    return path


def load(folder: Path, text: str) -> Config:
    return load_config(write(folder, text))


def complaint(folder: Path, text: str) -> tuple[str, str]:
    """Message, without the folder, and hint."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return caught.value.message.replace(f"{folder}{os.sep}", ""), caught.value.hint


def test_what_is_not_said_has_the_published_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, SANDBOX)
    assert config.system == "salesforce"
    assert config.mirror == tmp_path / "mksync.db"
    assert config.selection == tmp_path / "mksync.fields.toml"
    assert config.policies == {"lead": Policy.MARKETO, "contact": Policy.CRM}
    assert config.match_keys == ("email",)
    assert config.filters == {}
    assert config.push_defaults == {}
    assert config.limits == Limits(changed_share=0.25, blanked_share=0.1, emptied_share=0.5, least=25)
    assert config.habits == Habits(interval=300, jitter=0, longest_retry=900)
    assert {config.habits.on_brake, config.habits.on_access, config.habits.on_mirror, config.habits.on_config} == {
        "stop"
    }
    assert (config.key_field, config.create_key_field) == ("mksyncCrmId", False)
    assert config.warnings == ()


def test_everything_that_is_said_is_taken(tmp_path: Path) -> None:
    marketo, crm = SANDBOX.split("\n\n")
    config = load(
        tmp_path,
        marketo
        + '\nkey_field = "sfKey"\ncreate_key_field = true\n\n'
        + crm
        + '[mirror]\npath = "state/people.db"\n'
        + '[policy]\nlead = "hold"\ncontact = "marketo"\n'
        + '[policy.fields.lead]\nphone = "crm"\nunsubscribed = "hold"\nwantsNoMail = "sticky-true"\n'
        + "[match]\nkeys = []\n"
        + '[filter]\nlead = "Sync__c"\ncontact = false\n'
        + "[deletes]\nrecreate_people = true\n"
        + "[brakes]\nchanged_share = 1\nblanked_share = 0.5\nemptied_share = 0.25\nleast = 3\n"
        + '[watch]\ninterval = 60\njitter = 5\nlongest_retry = 120\non_brake = "pause"\non_mirror = "stop"\n',
    )
    assert config.mirror == tmp_path / "state" / "people.db"
    assert (config.key_field, config.create_key_field) == ("sfKey", True)
    assert config.policy("lead", "email") is Policy.HOLD
    assert config.policy("lead", "phone") is Policy.CRM
    assert config.policy("contact", "phone") is Policy.MARKETO
    assert config.policy("opportunity", "amount") is Policy.CRM
    assert config.policy("lead", "unsubscribed", checkbox=True, opt_out=True) is Policy.HOLD
    assert config.policy("lead", "wantsNoMail", checkbox=True) is Policy.STICKY_TRUE
    assert config.policy("lead", "wantsNoMail", checkbox=False) is Policy.HOLD, "a text is never sticky"
    assert config.policy("contact", "unsubscribed", checkbox=True, opt_out=True) is Policy.STICKY_TRUE
    assert config.policy("contact", "unsubscribed", checkbox=False, opt_out=True) is Policy.MARKETO
    assert config.match_keys == ()
    assert config.filters == {"lead": "Sync__c", "contact": False}
    assert config.recreate_people
    assert config.limits == Limits(changed_share=1.0, blanked_share=0.5, emptied_share=0.25, least=3)
    assert config.habits == Habits(interval=60, jitter=5, longest_retry=120, on_brake="pause")


@pytest.mark.parametrize(
    ("more", "message", "hint"),
    [
        (
            '[policy]\nleed = "crm"',
            "mksync.toml, line 13, [policy]: unknown key `leed`",
            "did you mean `lead`?",
        ),
        (
            "[brake]\nleast = 1",
            "mksync.toml, line 12: unknown key `brake`",
            "did you mean `brakes`?",
        ),
        (
            "# a comment\n[brakes]\n\nleast = 25\nchanged_share = 3",
            "mksync.toml, line 16, [brakes]: `changed_share` has to be a number from 0 to 1, not 3",
            "a quarter is 0.25",
        ),
        (
            "[brakes]\nleast = true",
            "mksync.toml, line 13, [brakes]: `least` has to be a whole number, not true or false",
            "",
        ),
        (
            "[brakes]\nleast = -1",
            "mksync.toml, line 13, [brakes]: `least` has to be 0 or more, not -1",
            "",
        ),
        (
            "[watch]\ninterval = 0",
            "mksync.toml, line 13, [watch]: `interval` has to be 1 or more, not 0",
            "",
        ),
        (
            '[watch]\ninterval = "5m"',
            "mksync.toml, line 13, [watch]: `interval` has to be a whole number of seconds, not a text",
            "write interval = 300",
        ),
        (
            '[watch]\non_brake = "wait"',
            'mksync.toml, line 13, [watch]: `on_brake` has to be "stop" or "pause", not "wait"',
            "",
        ),
        (
            '[brakes]\nblanked_share = "10%"',
            "mksync.toml, line 13, [brakes]: `blanked_share` has to be a number from 0 to 1, not a text",
            "",
        ),
        (
            '[policy]\nlead = "marketto"',
            'mksync.toml, line 13, [policy]: `lead` has to be "marketo" or "crm" or "hold", not "marketto"',
            'did you mean "marketo"?',
        ),
        (
            '[policy]\nlead = "sticky-true"',
            'mksync.toml, line 13, [policy]: `lead` has to be "marketo" or "crm" or "hold", not "sticky-true"',
            "",
        ),
        (
            "[deletes]\nrecreate_people = 1",
            "mksync.toml, line 13, [deletes]: `recreate_people` has to be true or false, not a number",
            "",
        ),
        (
            "[push.defaults.lead]\nCompany = 1.5",
            (
                "mksync.toml, line 13, [push.defaults.lead]: `Company` has to be a text, a whole number,"
                " or true or false, not a number"
            ),
            "",
        ),
        (
            '[push.defaults.contact]\nLastName = "x"',
            "mksync.toml, line 12, [push.defaults]: unknown key `contact`",
            "known keys: lead",
        ),
        (
            '[policy.fields]\naccount = { phone = "crm" }',
            "mksync.toml, line 13, [policy.fields]: unknown key `account`",
            "known keys: lead, contact",
        ),
        (
            '[policy.fields.lead]\nfax = "crm"\nphone = "newest"',
            (
                "mksync.toml, line 14, [policy.fields.lead]: `phone` has to be"
                ' "marketo" or "crm" or "hold" or "sticky-true", not "newest"'
            ),
            "",
        ),
        (
            '[match]\nkeys = ["phone"]',
            'mksync.toml, line 13, [match]: `keys` has to be ["email"] or []',
            "other keys are not supported yet",
        ),
        (
            '[match]\nkeys = "email"',
            "mksync.toml, line 13, [match]: `keys` has to be a list of texts, not a text",
            "",
        ),
        (
            "[filter]\nlead = true",
            "mksync.toml, line 13, [filter]: `lead` has to be a text or false, not true",
            'write lead = "Sync_to_Marketo__c"',
        ),
        (
            '[filter]\ncontact = ""',
            "mksync.toml, line 13, [filter]: `contact` is empty",
            'write contact = "Sync_to_Marketo__c"',
        ),
        (
            "[filter]\nlead = 1",
            "mksync.toml, line 13, [filter]: `lead` has to be a text, not a number",
            "",
        ),
        (
            '[filter]\naccount = "Sync__c"',
            "mksync.toml, line 13, [filter]: unknown key `account`",
            "known keys: lead, contact",
        ),
        (
            "[mirror]\npath = 2026-01-01",
            "mksync.toml, line 13, [mirror]: `path` has to be a text, not a date or time",
            "",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_table_and_key(tmp_path: Path, more: str, message: str, hint: str) -> None:
    assert complaint(tmp_path, f"{SANDBOX}\n{more}\n") == (message, hint)


def test_a_table_that_is_no_table_is_named(tmp_path: Path) -> None:
    message, _ = complaint(tmp_path, f'policy = "crm"\n{SANDBOX}')
    assert message == "mksync.toml, line 1: `policy` has to be a table, not a text"


def test_a_missing_table_says_what_to_add(tmp_path: Path) -> None:
    message, hint = complaint(tmp_path, SANDBOX.split("\n\n")[0])
    assert message == "mksync.toml: the table [crm] is missing"
    assert hint.startswith('add [crm]\n  system = "salesforce"\n  url = …')


def test_a_missing_key_says_what_to_add(tmp_path: Path) -> None:
    message, hint = complaint(tmp_path, SANDBOX.replace('system = "salesforce"\n', ""))
    assert (message, hint) == ("mksync.toml, line 6, [crm]: `system` is missing", 'add system = "salesforce"')


@pytest.mark.parametrize(
    ("name", "hint"),
    [("salesfroce", 'did you mean "salesforce"?'), ("hubspot", "there are: salesforce, dynamics"), ("marketo", None)],
)
def test_an_unknown_crm_is_named_with_the_nearest_one(tmp_path: Path, name: str, hint: str | None) -> None:
    message, found = complaint(tmp_path, SANDBOX.replace('"salesforce"', f'"{name}"'))
    assert message == f'mksync.toml, line 7, [crm]: `system`: there is no CRM called "{name}"'
    assert hint is None or found == hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[marketo]\nurl = http://x",
            "mksync.toml, line 2, column 7: this is not TOML: Invalid value\n    url = http://x",
        ),
        (
            "[marketo]\n[marketo]\n",
            "mksync.toml, line 2, column 9: this is not TOML: Cannot declare ('marketo',) twice\n    [marketo]",
        ),
        (
            '[marketo]\nurl = "x"\nfoo bar\n',
            (
                "mksync.toml, line 3, column 5: this is not TOML: "
                "Expected '=' after a key in a key/value pair\n    foo bar"
            ),
        ),
        (
            "x = [1,\n2",
            "mksync.toml, line 2, column 2: this is not TOML: Unclosed array\n    2",
        ),
        (
            "[policy",
            (
                "mksync.toml, line 1, column 8: this is not TOML: Expected ']' at the end of a table declaration"
                "\n    [policy"
            ),
        ),
    ],
)
def test_broken_toml_is_shown_with_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    assert complaint(tmp_path, text)[0] == message


@pytest.mark.parametrize(
    "line",
    [
        "client_secret = hunter2-hunter2",
        'client_secret = "hunter2-hunter2',
        'marketo = { client_id = "x", "client_secret" = "hunter2-hunter2"',
        "hunter2-hunter2+hunter2-hunter2",
        "private_key = hunter2-hunter2",
    ],
)
def test_a_line_that_is_shown_never_shows_a_secret(tmp_path: Path, line: str) -> None:
    message, hint = complaint(tmp_path, f"[marketo]\n{line}\n")
    assert "line 2" in message
    assert "hunter2" not in message + hint


def test_a_file_that_is_not_utf8_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "mksync.toml"
    path.write_bytes(b'[marketo]\nurl = "\xff"\n')
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load_config(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "mksync.toml"
    path.write_text("\ufeff" + SANDBOX, encoding="utf-8")
    assert load_config(path).system == "salesforce"


def test_the_config_is_found_in_the_named_folder_or_the_working_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, SANDBOX)
    assert find_config(tmp_path) == tmp_path / "mksync.toml"
    monkeypatch.chdir(tmp_path)
    assert find_config() == Path("mksync.toml")


def test_a_folder_without_config_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(tmp_path)
    assert caught.value.message == f"there is no mksync.toml in {tmp_path}"
    assert caught.value.hint == "mksync init"


def test_a_folder_that_is_not_there_is_not_called_a_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no folder .*nowhere"):
        find_config(tmp_path / "nowhere")


def test_a_config_that_anybody_may_change_is_warned_of(tmp_path: Path) -> None:
    path = write(tmp_path, SANDBOX)
    path.chmod(0o646)
    assert load_config(path).warnings == (f"{path} can be changed by every user of this machine: chmod o-w {path}",)


def test_no_secret_shows_in_the_config_itself(tmp_path: Path) -> None:
    config = load(tmp_path, SANDBOX)
    assert "written-out" not in repr(config)
    assert "written-out" not in str(config)


def test_both_ways_to_name_a_side_give_its_settings(tmp_path: Path) -> None:
    config = load(tmp_path, SANDBOX)
    assert config.settings("crm") == config.settings(Side.CRM)


def test_a_vendors_complaint_gets_its_line(tmp_path: Path) -> None:
    config = load(tmp_path, SANDBOX + '\napi_version = "newest"\n')
    with pytest.raises(ConfigError) as caught:
        config.settings(Side.CRM)
    assert caught.value.message.startswith(f"{tmp_path}{os.sep}mksync.toml, line 12, [crm]: `api_version`")


def test_a_missing_key_of_a_vendor_gets_the_line_of_its_table(tmp_path: Path) -> None:
    text = SANDBOX[::-1].replace('client_id = "sandbox"\n'[::-1], "", 1)[::-1]
    config = load(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.settings(Side.CRM)
    assert caught.value.message.startswith(f"{tmp_path}{os.sep}mksync.toml, line 6, [crm]: `client_id`")
