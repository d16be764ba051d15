"""Secrets: referred to, resolved late, and never printed."""

import sys
from pathlib import Path

import pytest

from mksync.config import Config, load_config
from mksync.core.records import Side
from mksync.errors import ConfigError
from mksync.secrets import Reference, resolve

CONFIG = """\
[marketo]
url = "{url}"
client_id = "sandbox"
client_secret = "sandbox"
[crm]
system = "salesforce"
url = "{url}"
client_id = "sandbox"
client_secret = {secret}
"""
LOOPBACK = "http://127.0.0.1:8701"


def load(folder: Path, secret: str, url: str = LOOPBACK) -> Config:
    path = folder / "mksync.toml"
    path.write_text(CONFIG.format(url=url, secret=secret), encoding="utf-8")
    path.chmod(0o600)
    return load_config(path)


def secret_of(config: Config) -> object:
    return getattr(config.settings(Side.CRM), "client_secret")  # noqa: B009 - the settings are the vendor's own type


def refusal(config: Config) -> tuple[str, str]:
    with pytest.raises(ConfigError) as caught:
        config.settings(Side.CRM)
    where = f"{config.path}, line 9, [crm] `client_secret`: "
    assert caught.value.message.startswith(where)
    return caught.value.message.removeprefix(where), caught.value.hint


def python(*code: str) -> str:
    """A command, as TOML, that runs this Python."""
    return "{ command = [" + ", ".join(f"'{word}'" for word in (sys.executable, "-c", *code)) + "] }"


@pytest.mark.parametrize("url", [LOOPBACK, "http://localhost:8701", "http://[::1]:8701", "http://127.9.9.9"])
def test_the_sandbox_takes_a_written_out_secret(tmp_path: Path, url: str) -> None:
    assert secret_of(load(tmp_path, '"hunter2"', url)) == "hunter2"


@pytest.mark.parametrize(
    "url",
    ["https://acme.my.salesforce.com", "https://127.0.0.1.evil.example", "https://localhost.example", "127.0.0.1:8701"],
)
def test_any_other_system_takes_references_only(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '"hunter2"', url)
    assert caught.value.message.endswith(
        "[marketo]: `client_secret` is written out; only the sandbox's secrets may be (a url on 127.0.0.1)"
    )
    assert caught.value.hint.startswith("client_secret = { env =")


def test_one_address_outside_is_enough_to_forbid_a_written_out_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="written out"):
        load(tmp_path, '"hunter2"\naudience = "https://login.salesforce.com"')


def test_a_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load(tmp_path, '{ env = "SF_SECRET" }')
    assert refusal(config) == ("the environment variable SF_SECRET is not set", "export SF_SECRET=…")
    monkeypatch.setenv("SF_SECRET", "")
    assert refusal(config) == ("the environment variable SF_SECRET is empty", "")
    monkeypatch.setenv("SF_SECRET", "hunter2")
    assert secret_of(config) == "hunter2"


def test_a_secret_comes_from_a_file_beside_the_config(tmp_path: Path) -> None:
    config = load(tmp_path, '{ file = "keys/sf.txt" }')
    path = tmp_path / "keys" / "sf.txt"
    assert refusal(config)[0] == f"the file {path} cannot be read: No such file or directory"
    path.parent.mkdir()
    path.write_text("\n")
    assert refusal(config)[0] == "the file keys/sf.txt is empty"
    path.write_bytes(b"\xff\xfe")
    assert refusal(config)[0] == f"the file {path} is not UTF-8 text"
    path.write_text("hunter2\r\n")
    assert secret_of(config) == "hunter2"


def test_a_key_of_several_lines_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN\nabc\n-----END\n")
    assert resolve(Reference("file", ("key.pem",), "here", tmp_path)) == "-----BEGIN\nabc\n-----END"


def test_a_secret_file_that_anybody_may_read_is_warned_of(tmp_path: Path) -> None:
    secret = tmp_path / "sf.txt"
    secret.write_text("hunter2")
    secret.chmod(0o644)
    assert load(tmp_path, '{ file = "sf.txt" }').warnings == (
        f"the secret in {secret} can be read by every user of this machine: chmod 600 {secret}",
    )
    secret.chmod(0o600)
    assert load(tmp_path, '{ file = "sf.txt" }').warnings == ()


def test_a_secret_comes_from_a_command_run_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "stored").write_text("hunter2")
    assert secret_of(load(tmp_path, python('print(open("stored").read())'))) == "hunter2"


def test_a_command_that_fails_tells_its_exit_code_and_its_first_complaint_only(tmp_path: Path) -> None:
    code = 'import sys; print("hunter2"); print("locked\\nhunter2", file=sys.stderr); sys.exit(3)'
    assert refusal(load(tmp_path, python(code))) == (f"the command {sys.executable} ended with exit code 3: locked", "")


def test_a_command_that_says_nothing_gives_no_secret(tmp_path: Path) -> None:
    assert refusal(load(tmp_path, python("print()")))[0] == f"the output of {sys.executable} is empty"


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = load(tmp_path, '{ command = ["no-such-key-store", "mkto"] }')
    assert refusal(config)[0] == "the command no-such-key-store cannot be run: No such file or directory"


def test_the_command_reads_nothing_from_the_terminal(tmp_path: Path) -> None:
    code = 'import sys; print("heard " + repr(sys.stdin.read()))'
    assert secret_of(load(tmp_path, python(code))) == "heard ''"


def test_the_key_store_is_asked_by_service_and_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "keyring.py").write_text(
        "class errors:\n    class KeyringError(Exception): ...\n"
        "def get_password(service, user):\n"
        "    if service == 'broken': raise errors.KeyringError('no session bus')\n"
        "    return {('mksync', 'marketo'): 'hunter2'}.get((service, user))\n"
    )
    monkeypatch.syspath_prepend(library)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    try:
        assert secret_of(load(tmp_path, '{ keyring = "mksync/marketo" }')) == "hunter2"
        assert refusal(load(tmp_path, '{ keyring = "mksync/crm" }')) == (
            "the key store has no entry for crm in mksync",
            "keyring set mksync crm",
        )
        broken = refusal(load(tmp_path, '{ keyring = "broken/crm" }'))
        assert broken[0] == "the key store does not answer: no session bus"
        assert "service/user" in refusal(load(tmp_path, '{ keyring = "mksync" }'))[0]
    finally:
        sys.modules.pop("keyring", None)


def test_the_key_store_says_which_package_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refusal(load(tmp_path, '{ keyring = "mksync/marketo" }')) == (
        "secrets from the key store need the package keyring",
        "pip install 'mksync[keyring]'",
    )


@pytest.mark.parametrize(
    ("secret", "message", "hint"),
    [
        ('{ enviroment = "X" }', "a secret cannot come from `enviroment`", "write { env ="),
        ('{ fil = "X" }', "a secret cannot come from `fil`", "did you mean `file`?"),
        ('{ env = "X", file = "Y" }', "names 2 places; a secret has one", "write { env ="),
        ("{ env = 1 }", "`env` has to be a text", ""),
        ('{ command = "pass mkto" }', '`command` has to be a list of words, like ["pass", "mkto"]', ""),
        ("{ command = [] }", '`command` has to be a list of words, like ["pass", "mkto"]', ""),
        ("17", "has to be a reference to a secret, not a number", "write { env ="),
    ],
)
def test_a_reference_is_checked_before_it_is_needed(tmp_path: Path, secret: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, secret)
    assert "line 9, [crm]" in caught.value.message
    assert caught.value.message.endswith(message)
    assert caught.value.hint.startswith(hint)
