"""`mksync init` from flags or answers: what it writes into mksync.toml, what it refuses, and what it asks for."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.sandbox.server import Sandbox
from mksync.vendors import BUILT_IN_CRMS, load
from tests.cli.conftest import Invoke
from tests.cli.desk import created_fields, error, on_terminal
from tests.scenarios.crms import SALESFORCE, Crm

CANARY = "hunter2-canary"
WHERE = "env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS"
PLAIN_HTTP = "has to be reached by https; plain http is for this computer only"
FLAGS = {
    "--crm": "salesforce",
    "--marketo-url": "https://123-abc-456.mktorest.com",
    "--marketo-client-id": "an-id",
    "--marketo-secret": "env:MKTO_SECRET",
    "--crm-url": "https://acme.my.salesforce.com",
    "--crm-client-id": "3MVG9",
    "--crm-secret": "file:salesforce-secret.txt",
}
TOML = """\
# A mksync project. Every key is explained in sample-configs/salesforce.toml.

[marketo]
url = "https://123-abc-456.mktorest.com"
client_id = "an-id"
client_secret = { env = "MKTO_SECRET" }

[crm]
system = "salesforce"
url = "https://acme.my.salesforce.com"
client_id = "3MVG9"
client_secret = { file = "salesforce-secret.txt" }
"""


def flags(**changed: str | None) -> list[str]:
    """All flags, some with another value, or left out (None)."""
    wish = {**FLAGS, **{"--" + name.replace("_", "-"): value for name, value in changed.items()}}
    return [word for flag, value in wish.items() if value is not None for word in (flag, value)]


def sandbox_flags(sandbox: Sandbox, crm: Crm = SALESFORCE) -> list[str]:
    more = {key: value for key, value in crm.settings.items() if not key.startswith("client_")}
    settings = [word for key, value in more.items() for word in ("--crm-setting", f"{key}={value}")]
    return settings + flags(
        marketo_url=sandbox.marketo_url,
        crm=crm.system,
        crm_url=crm.url(sandbox),
        marketo_client_id="sandbox",
        crm_client_id="sandbox",
        marketo_secret="env:MKTO_SECRET",
        crm_secret="file:salesforce-secret.txt",
    )


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sandbox's secrets where the flags say they are."""
    monkeypatch.setenv("MKTO_SECRET", "sandbox")
    (tmp_path / "salesforce-secret.txt").write_text("sandbox\n")
    (tmp_path / "salesforce-secret.txt").chmod(0o600)
    return tmp_path


@pytest.fixture
def live() -> Iterator[Sandbox]:
    """A sandbox with the computer's own time, for programs of their own."""
    with Sandbox.start(people=12, seed=27) as sandbox:
        yield sandbox


# Flags


def test_flags_alone_make_a_project(live: Sandbox, secrets: Path, invoke: Invoke, crm: Crm) -> None:
    ended = invoke("--project", str(secrets), "init", "--no-input", "--create-key-field", *sandbox_flags(live, crm))
    assert ended.code == 0, ended.err
    assert "8 linked leads, 2 linked contacts" in ended.out
    assert invoke("--project", str(secrets), "run-once").code == 0


def test_the_file_is_private_and_names_secrets_by_where_they_are(tmp_path: Path, invoke: Invoke) -> None:
    ended = invoke("--project", str(tmp_path), "init", "--no-input", *flags())
    path = tmp_path / "mksync.toml"
    assert path.read_text() == TOML
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: {path}, line 6, [marketo] `client_secret`: the environment variable MKTO_SECRET is not set\n"
        "hint: export MKTO_SECRET=…\n"
    )


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ("env:A", '{ env = "A" }'),
        ("file:~/a b.txt", '{ file = "~/a b.txt" }'),
        ("keyring:mksync/marketo", '{ keyring = "mksync/marketo" }'),
        ("command:pass show 'acme marketo'", '{ command = ["pass", "show", "acme marketo"] }'),
    ],
)
def test_every_kind_of_reference_can_be_given(where: str, written: str, tmp_path: Path, invoke: Invoke) -> None:
    invoke("--project", str(tmp_path), "init", "--no-input", *flags(marketo_secret=where))
    assert f"client_secret = {written}\n" in (tmp_path / "mksync.toml").read_text()


def test_whatever_else_the_crm_needs_can_be_given(tmp_path: Path, invoke: Invoke) -> None:
    more = ("--crm-setting", "api_version=66.0", "--crm-setting", "audience = https://a.example/?b=c")
    invoke("--project", str(tmp_path), "init", "--no-input", *flags(), *more)
    written = TOML + 'api_version = "66.0"\naudience = "https://a.example/?b=c"\n'
    assert (tmp_path / "mksync.toml").read_text() == written


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        ("tenant", "--crm-setting: there is no key and value", "write --crm-setting KEY=VALUE"),
        ("=x", "--crm-setting: there is no key and value", "write --crm-setting KEY=VALUE"),
        ("a b]=x", "--crm-setting: there is no key and value", "write --crm-setting KEY=VALUE"),
        ("url=https://a.example", "--crm-setting url: it has a flag of its own", "--crm-url"),
        ("client_secret=env:X", "--crm-setting client_secret: it has a flag of its own", "--crm-secret"),
        ("system=dynamics", "--crm-setting system: it has a flag of its own", "--crm"),
        ("api_verzion=66.0", "[crm]: unknown key `api_verzion`", "Did you mean `api_version`?"),
        (
            f"private_key={CANARY}",
            "a secret is named by where it is, and never given itself",
            "write env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS",
        ),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(
    setting: str, message: str, hint: str, tmp_path: Path, invoke: Invoke
) -> None:
    ended = invoke("--project", str(tmp_path), "init", "--no-input", *flags(), "--crm-setting", setting)
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("crm", BUILT_IN_CRMS)
def test_help_and_questions_show_the_same_address(crm: str) -> None:
    assert f"({BUILT_IN_CRMS[crm]})" in load(crm).questions["url"]


def test_the_same_flags_again_are_harmless_and_others_are_refused(live: Sandbox, secrets: Path, invoke: Invoke) -> None:
    command = ["--project", str(secrets), "init", "--no-input", "--create-key-field"]
    assert invoke(*command, *sandbox_flags(live)).code == 0
    written = (secrets / "mksync.toml").read_bytes()
    assert invoke(*command, *sandbox_flags(live)).code == 0
    ended = invoke(*command, *flags())
    path = secrets / "mksync.toml"
    assert (ended.code, ended.out, path.read_bytes()) == (2, "", written)
    assert ended.err == (
        f"error: {path} is there already, and says something else; mksync does not rewrite it\n"
        "hint: edit it, or leave these flags out\n"
    )


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        (
            {"marketo_secret": CANARY},
            "a secret is named by where it is, and never given itself",
            "write env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS",
        ),
        (
            {"crm_secret": f"secret:{CANARY}"},
            "a secret is named by where it is, and never given itself",
            "write env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS",
        ),
        (
            {"crm_secret": f"command:pass '{CANARY}"},
            "the command of a secret cannot be read: No closing quotation",
            "write env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS",
        ),
        ({"crm": "salesfroce"}, 'there is no CRM called "salesfroce"', 'did you mean "salesforce"?'),
        (
            {"marketo_url": "http://123.mktorest.com"},
            f"[marketo]: `url`: Marketo at 123.mktorest.com {PLAIN_HTTP}",
            "it looks like https://123-ABC-456.mktorest.com (Marketo: Admin, Web Services)",
        ),
        (
            {"crm_url": "https://login.salesforce.com"},
            "[crm]: with `client_secret`, `url` has to be the organisation's own address",
            "Setup, My Domain shows it: https://….my.salesforce.com.",
        ),
        ({"crm_client_id": ""}, "[crm]: `client_id` has to be a text", ""),
        (
            {"crm_secret": None},
            "there is no mksync.toml here, and --crm-secret is not given",
            f"--crm-secret: Where its client secret is ({WHERE}); or copy one of the sample-configs to mksync.toml",
        ),
    ],
)
def test_a_flag_that_cannot_be_right_is_refused_before_anything_is_written(
    changed: dict[str, str | None], message: str, hint: str, tmp_path: Path, invoke: Invoke
) -> None:
    ended = invoke("--project", str(tmp_path), "init", "--no-input", *flags(**changed))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == error(message, hint)
    assert CANARY not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, invoke: Invoke) -> None:
    ended = invoke("--project", str(tmp_path / "nowhere"), "init", "--no-input", *flags())
    message = f"{tmp_path}/nowhere/mksync.toml cannot be written: No such file or directory"
    assert (ended.code, ended.err) == (2, error(message, "choose another folder: --project"))


# A terminal


def test_on_a_terminal_it_asks_and_asks_again_where_an_answer_cannot_be_right(live: Sandbox, secrets: Path) -> None:
    answers = [
        "dynamo", "salesforce", live.marketo_url, "", "sandbox", CANARY, "env:MKTO_SECRET",
        SALESFORCE.url(live), "sandbox", "file:salesforce-secret.txt", "y", "n",
    ]  # fmt: skip
    ended = on_terminal("--project", str(secrets), "init", answers="".join(f"{answer}\n" for answer in answers))
    assert ended.code == 0, ended.out
    for said in (
        f"Which CRM ({', '.join(BUILT_IN_CRMS)}):",
        'there is no CRM called "dynamo"',
        "a secret is named by where it is, and never given itself: write env:NAME",
        "mksync needs one field of its own in Marketo, mksyncCrmId, for the CRM record's id. Create it now? [y/N]",
        "Marketo field mksyncCrmId    ok  was created; it will hold the CRM's record id",
        "8 linked leads, 2 linked contacts",
    ):
        assert said in ended.out
    assert CANARY not in (secrets / "mksync.toml").read_text()


def test_without_a_yes_nothing_is_created(live: Sandbox, secrets: Path) -> None:
    ended = on_terminal("--project", str(secrets), "init", *sandbox_flags(live), answers="n\n")
    assert ended.code == 2
    assert "error: Marketo field mksyncCrmId: does not exist\nhint: mksync init --create-key-field\n" in ended.out
    assert created_fields(live) == ""


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("y", "what is refused stands in the person's Activity Log, too"),
        ("n", "what is refused stands in mksync log alone"),
    ],
)
def test_whether_people_are_told_of_refusals_is_asked(live: Sandbox, secrets: Path, answer: str, told: str) -> None:
    flags = (*sandbox_flags(live), "--create-key-field")
    ended = on_terminal("--project", str(secrets), "init", *flags, answers=f"{answer}\n")
    question = (
        "That takes a type of activity, Refused by the CRM, which can be deleted there again. Create it now? [y/N]"
    )
    assert ended.code == 0
    assert question in ended.out
    assert told in ended.out


def test_no_input_asks_nothing_on_a_terminal_either(live: Sandbox, secrets: Path) -> None:
    for words in (("init", "--no-input"), ("--no-input", "init")):
        ended = on_terminal("--project", str(secrets), *words, *sandbox_flags(live))
        assert (ended.code, "[y/N]" in ended.out) == (2, False)


def test_a_terminal_that_goes_away_leaves_no_half_file(tmp_path: Path) -> None:
    ended = on_terminal("--project", str(tmp_path), "init", answers="salesforce\n\x04")
    assert (ended.code, list(tmp_path.iterdir())) == (2, [])
    assert "error: no answer for --marketo-url" in ended.out
