"""Whatever is wrong with what mksync is given: one clear sentence, the right exit code, nothing written, no secret.

Every case is tried with every command that could stumble over it, as text and as JSON.
"""

import json
import stat
from collections.abc import Iterator
from typing import Any

import pytest

from mksync.ports import TOKENS, Beside
from tests.cli.breakage import CANARY, CASES, DRY, INIT, LIST, RUN, Case, Project
from tests.cli.desk import error, state
from tests.scenarios.sandbox_world import World, world


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with something to do on both sides, which no case may do."""
    with world(tmp_path_factory.mktemp("project")) as here:
        here.init()
        roe = here.crm.named("lead", email="roe@example.com", title="CTO")
        here.command("run-once")
        here.crm.edit("lead", roe, title="CEO")
        here.marketo.edit(here.person_of(roe), phone="555 0100")
        here.clock.sleep(300)
        with here.mirror() as mirror:
            mirror.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield Project(here)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_wrong_is_said_and_nothing_is_done(project: Project, case: Case) -> None:
    before = state(project.here)
    case.break_it(project)
    places: dict[str, Any] = {
        "folder": project.here.folder,
        "toml": project.toml,
        "crm_secret": f"{project.toml}, line 12, [crm]",
        "selection": project.selection,
        "host": project.here.sandbox.marketo_url.removeprefix("http://"),
    }
    message, hint = (text.format(**places) for text in (case.message, case.hint))
    try:
        for command in case.commands:
            plain = project.here.command(*command)
            assert (plain.code, plain.err) == (case.code, error(message, hint)), command
            answered = project.here.command(*command, "--json")
            told = json.loads(answered.out)
            assert (answered.code, told["mksync"]["exit"]["code"]) == (case.code, case.code), command
            assert told["error"] == {"message": message, "hint": hint}
            for text in (plain.out, plain.err, answered.out, answered.err):
                assert CANARY not in text
                assert "Traceback" not in text
        assert state(project.here) == before
        assert all(CANARY.encode() not in path.read_bytes() for path in project.here.folder.glob("*.db*"))
    finally:
        project.mend()


def test_the_project_was_sound_but_for_what_was_broken(project: Project) -> None:
    """Else the cases above would prove nothing. Last in this file."""
    ended = project.here.command("run-once", "--dry-run", "--exit-code")
    assert (ended.code, ended.err) == (4, "")


@pytest.mark.parametrize(("command", "side"), [(RUN, "crm"), (DRY, "crm"), (INIT, "marketo"), (LIST, "marketo")])
def test_a_host_that_does_not_answer_is_temporary(here: World, command: tuple[str, ...], side: str) -> None:
    """Marketo's instance is known by its address alone: without a kept token a cycle asks the CRM first who it is."""
    Beside(here.config.mirror).file(TOKENS).unlink()
    vendor = {"marketo": "Marketo", "crm": here.facts.title}[side]
    host = here.urls[side].removeprefix("http://")
    here.sandbox.stop()
    ended = here.command(*command)
    assert (ended.code, ended.out) == (5, "")
    assert ended.err == error(
        f"{vendor} cannot be reached at {host}: no connection",
        f"is it running there? Else check the url of {vendor} in mksync.toml and the network",
    )


def test_a_misspelt_policy_is_a_warning(here: World) -> None:
    here.config.path.write_text(here.config.path.read_text() + '[policy.fields.lead]\nphonee = "crm"\n')
    ended = here.command("run-once")
    assert (ended.code, ended.err) == (
        0,
        f"warning: {here.config.path}, [policy.fields.lead]: Marketo has no field phonee; this decides nothing\n",
    )


def test_a_selected_field_that_is_not_there_is_suspended_with_a_warning(here: World) -> None:
    text = here.config.selection.read_text()
    here.config.selection.write_text(f'{text}\n[[lead]]\nmarketo = "fax"\ncrm = "Fxa"\n')
    ended = here.command("run-once")
    assert ended.code == 0
    assert ended.err.startswith(
        f"warning: lead.fax is suspended: {here.facts.title}'s Fxa is gone or not visible to the sync user any more"
    )


def test_a_folder_that_is_not_there_is_named(here: World) -> None:
    ended = here.command("--project", "/no/such/folder", "run-once")
    assert (ended.code, ended.err) == (
        2, error("there is no folder /no/such/folder", "--project names the folder that holds mksync.toml"),
    )  # fmt: skip


def test_no_token_stands_in_any_output_nor_in_any_file_but_the_one_for_them(fresh: World) -> None:
    """What the vendors gave out while a project lived through everything, looked for everywhere."""
    told = ""
    for words in ("--verbose init --no-input", "--verbose run-once", "fields list --json", "log --json", "run-once"):
        ended = fresh.command(*words.split())
        told += ended.out + ended.err
    fresh.fails("token_expired", "marketo", "/rest/")
    fresh.fails("token_invalid", "crm", "/data/")
    ended = fresh.command("--verbose", "run-once")
    told += ended.out + ended.err
    tokens = _tokens(fresh)
    assert len(tokens) >= 2
    assert "GET" in told, "the calls themselves are shown"
    kept = Beside(fresh.config.mirror).file(TOKENS)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert any(token in kept.read_text() for token in tokens), "they are kept there and nowhere else"
    files = b"".join(path.read_bytes() for path in fresh.folder.iterdir() if path != kept)
    for token in tokens:
        assert token not in told
        assert token.encode() not in files


def _tokens(here: World) -> list[str]:
    with here.sandbox.store.lock:
        db = here.sandbox.store.connection
        marketo = [str(token) for (token,) in db.execute("SELECT token FROM marketo_token")]
        return marketo + [str(token) for (token,) in db.execute(here.facts.tokens)]
