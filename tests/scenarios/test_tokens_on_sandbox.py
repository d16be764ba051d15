"""Tokens kept from run to run: when a run signs in, and what it does where a token is no longer good."""

import json
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mksync.config import FILE
from mksync.ports import TOKENS
from tests.scenarios.crms import CRMS
from tests.scenarios.sandbox_world import Ended, World, world
from tests.scenarios.test_brakes_on_sandbox import replace_organisation

SIGN_IN = re.compile(r"^(\w+) POST \S*/(?:oauth/token|oauth2/\S*token) 200 ", re.MULTILINE)


@pytest.fixture(params=CRMS, ids=lambda crm: crm.system)
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A project with somebody in it, and nothing to do."""
    with world(tmp_path, request.param) as here:
        here.init()
        here.crm.named("lead", email="roe@example.com", title="CTO")
        here.cycle()
        here.cycle(minutes=20)
        yield here


def kept(here: World) -> Path:
    return here.config.beside.file(TOKENS)


def run(here: World, *flags: str) -> Ended:
    here.clock.sleep(300)
    return here.command("--verbose", "run-once", *flags)


def sign_ins(ended: Ended) -> Mapping[str, int]:
    """System -> how often a run signed in."""
    assert ended.code == 0, ended.err
    found = SIGN_IN.findall(ended.err)
    return {system: found.count(system) for system in found}


def both(here: World) -> Mapping[str, int]:
    return {"Marketo": 1, here.facts.title: 1}


def test_the_next_run_signs_in_nowhere_nor_does_one_that_writes(here: World) -> None:
    assert sign_ins(run(here)) == {}
    [record] = here.crm.records("lead")
    here.crm.edit("lead", record, title="CEO")
    assert sign_ins(run(here, "--dry-run")) == {}
    assert sign_ins(run(here)) == {}
    assert here.marketo.people("title")[here.person_of(record)]["title"] == "CEO"
    assert stat.S_IMODE(kept(here).stat().st_mode) == 0o600


def test_after_the_end_of_a_token_it_signs_in_once(here: World) -> None:
    here.clock.sleep(3_600)
    signed_in = sign_ins(run(here))
    assert signed_in["Marketo"] == 1
    assert set(signed_in.values()) == {1}
    assert sign_ins(run(here)) == {}


def test_tokens_that_were_revoked_are_renewed_once(here: World) -> None:
    revoke(here)
    assert sign_ins(run(here)) == both(here)
    assert sign_ins(run(here)) == {}


def revoke(here: World) -> None:
    with here.sandbox.store.lock:
        for table in ("marketo_token", here.facts.tokens.rpartition(" ")[2]):
            here.sandbox.store.connection.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize("side", ["marketo", "crm"])
def test_with_another_secret_it_does_not_go_on(here: World, side: str) -> None:
    path = here.folder / FILE
    good = path.read_text()
    table = good.index(f"[{side}]")
    path.write_text(good[:table] + good[table:].replace('client_secret = "sandbox"', 'client_secret = "another"', 1))
    title = {"marketo": "Marketo", "crm": here.facts.title}[side]
    ended = run(here)
    assert ended.code == 8
    assert re.search(rf"{title}|Microsoft Entra refused", ended.err)
    path.write_text(good)
    assert sign_ins(run(here)) == {}, "what was kept was good for the old one, and still is"


@pytest.mark.parametrize("spoil", ["open to others", "no JSON", "a folder"])
def test_a_file_that_is_not_to_be_trusted_is_as_if_there_were_none(here: World, spoil: str) -> None:
    match spoil:
        case "open to others":
            kept(here).chmod(0o644)
        case "no JSON":
            kept(here).write_text('{"marketo": ')
        case _:
            kept(here).unlink()
            kept(here).mkdir()
    ended = run(here)
    assert sign_ins(ended) == both(here)
    warned = {
        "open to others": f"warning: {kept(here)} is open to other users of this machine: the tokens in it are not"
        " used, and make room for new ones at the next sign-in\n",
        "a folder": f"warning: {kept(here)} is no plain file: no tokens are read from it\n",
    }.get(spoil, "")
    assert ended.err.startswith(warned)
    assert ("warning" in ended.err) is bool(warned)
    ended = run(here)
    assert sign_ins(ended) == (both(here) if spoil == "a folder" else {})
    assert ("warning" in ended.err) is (spoil == "a folder")


def test_keep_tokens_false_signs_in_anew_and_leaves_no_file(here: World) -> None:
    path = here.folder / FILE
    path.write_text(path.read_text() + "[mirror]\nkeep_tokens = false\n")
    for _ in range(2):
        assert sign_ins(run(here)) == both(here)
    assert not kept(here).exists()


def test_init_and_doctor_sign_in_whatever_is_kept(here: World) -> None:
    for words in (("doctor",), ("init", "--no-input")):
        assert sign_ins(here.command("--verbose", *words)) == both(here)
    assert sign_ins(run(here)) == {}


def test_a_kept_organisation_that_is_wrong_is_asked_for_again(here: World) -> None:
    """A mirror may have been set up anew meanwhile, or be a copy: the file is no judge of that."""
    entries = json.loads(kept(here).read_text())
    entries[here.facts.system]["organisation"] = "another"
    kept(here).write_text(json.dumps(entries))
    assert sign_ins(run(here)) == {here.facts.title: 1}
    assert sign_ins(run(here)) == {}


def test_an_organisation_that_was_replaced_is_found_when_its_token_is_renewed(here: World) -> None:
    """Also where nothing is new in it."""
    replace_organisation(here)
    revoke(here)
    for _ in range(2):
        ended = run(here)
        assert ended.code == 7
        assert f"this mirror belongs to another {here.facts.title} organisation" in " ".join(ended.err.split())


def test_no_token_stands_in_a_copy_of_the_mirror_or_in_a_rebuilt_one(here: World) -> None:
    tokens = [entry["value"] for entry in json.loads(kept(here).read_text()).values()]
    assert len(tokens) == 2
    assert here.command("mirror", "rebuild").code == 0
    for path in here.folder.iterdir():
        assert path == kept(here) or not any(token.encode() in path.read_bytes() for token in tokens), path
