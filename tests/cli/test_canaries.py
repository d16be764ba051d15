"""Secrets that can be told by sight, given to a project in every way there is, and looked for everywhere afterwards."""

from pathlib import Path

import pytest

from tests.scenarios.sandbox_world import World

CANARY = "canary-4f1d/b+0%7 c9"  # signs that URLs, forms and JSON spell in different ways
SPELLINGS = (CANARY, "canary-4f1d%2Fb%2B0%257", "canary-4f1d/b", "canary-4f1d")
COMMANDS = (
    "--verbose init --no-input", "--verbose run-once", "--verbose run-once --json", "--verbose verify",
    "fields list --all", "log", "log --json", "mirror check", "--verbose mirror rebuild",
)  # fmt: skip


def accept_canary(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, both emulators know the client by this secret."""
    monkeypatch.setattr("mksync.sandbox.marketo.identity._SECRET", CANARY)
    with here.sandbox.store.lock:
        table = f"{here.facts.system}_consumer"
        here.sandbox.store.connection.execute(f"UPDATE {table} SET secret = ?", (CANARY,))


def given_by(here: World, how: str) -> None:
    toml = here.folder / "mksync.toml"
    text = toml.read_text()
    assert text.count('client_secret = "sandbox"') == 2
    toml.write_text(text.replace('client_secret = "sandbox"', f"client_secret = {{ {how} }}"))


def told_by(here: World, commands: tuple[str, ...] = COMMANDS) -> tuple[str, set[int]]:
    """Everything printed, and the exit codes."""
    ended = [here.command(*words.split()) for words in commands]
    return "".join(one.out + one.err for one in ended), {one.code for one in ended}


def files(folder: Path, *, but: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.name != but)


@pytest.mark.parametrize("how", ['env = "CANARY"', 'file = "canary"', 'command = ["cat", "canary"]'])
def test_no_secret_stands_in_any_output_or_file(here: World, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    (here.folder / "canary").write_text(CANARY)
    (here.folder / "canary").chmod(0o600)
    accept_canary(here, monkeypatch)
    given_by(here, how)
    here.fails("token_invalid", "crm")
    told, codes = told_by(here)
    assert codes <= {0, 3}, told
    assert "POST" in told, "the calls themselves are shown"
    for spelling in SPELLINGS:
        assert spelling not in told
        assert spelling.encode() not in files(here.folder, but="canary")


def test_a_secret_that_is_refused_is_not_quoted(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    given_by(here, 'env = "CANARY"')
    told, codes = told_by(here, ("--verbose run-once", "--verbose run-once --json", "--verbose init --no-input"))
    assert codes == {8}, told
    assert all(spelling not in told for spelling in SPELLINGS)


def test_everything_of_a_project_that_holds_people_is_its_owners_alone(here: World) -> None:
    told_by(here)
    private = [path for path in here.folder.iterdir() if path.name.startswith("mksync.db")]
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in private} == {path.name: "0o600" for path in private}
    assert len(private) >= 3, "the mirror, its lock, and the one that was replaced"
