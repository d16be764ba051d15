"""Tokens kept between runs: what is gone on with, what is not, and who may read the file."""

import fcntl
import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.errors import AccessError, MirrorError
from mksync.ports import Beside
from mksync.wire.kept import LONGEST, Kept, kept
from mksync.wire.redact import Redactor
from mksync.wire.session import Reply, Session, Token
from tests.wire.conftest import SECRET, KeyedAuth, Opens
from tests.wire.scripted import FakeClock, Scripted
from tests.wire.test_wire_tokens import Gate

WHO = {"url": "https://instance.example", "client_id": "service"}
Runs = Callable[..., Session]


@pytest.fixture
def gate(server: Scripted) -> Gate:
    server.script = gate = Gate()
    return gate


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mksync.db.tokens"


@pytest.fixture
def run(open_session: Opens, clock: FakeClock, file: Path) -> Runs:
    """Another run of the same project, perhaps with other settings; it makes one call."""

    def run(of: Mapping[str, str | None] = WHO, secret: str = SECRET, system: str = "vendor") -> Session:
        session = open_session(auth=KeyedAuth(clock), keep=Kept(file, system, of, secret, clock))
        session.call("GET", "/x")
        return session

    return run


def test_the_next_run_goes_on_with_the_token(server: Scripted, gate: Gate, run: Runs) -> None:
    run()
    run()
    assert server.paths() == ["/token", "/x", "/x"]


@pytest.mark.parametrize(("left", "signs_in"), [(61, 1), (60, 2), (-60, 2)])
def test_a_kept_token_is_renewed_when_a_minute_is_left(
    gate: Gate, run: Runs, clock: FakeClock, left: float, signs_in: int
) -> None:
    run()
    clock.time += 3600 - left
    run()
    assert gate.given == signs_in


def test_a_token_without_an_end_is_kept_for_half_a_day(gate: Gate, run: Runs, clock: FakeClock) -> None:
    gate.lives = 0
    run()
    clock.time += LONGEST - 61
    run()
    assert gate.given == 1
    clock.time += 1
    run()
    assert gate.given == 2


def test_a_kept_token_that_was_revoked_is_renewed_once_and_forgotten(server: Scripted, gate: Gate, run: Runs) -> None:
    run()
    gate.given += 1
    run()
    run()
    assert server.paths() == ["/token", "/x", "/x", "/token", "/x", "/x"]


def test_a_refused_token_does_not_stay_if_the_next_sign_in_fails(gate: Gate, run: Runs, file: Path) -> None:
    run()
    gate.takes = 0
    with pytest.raises(AccessError, match="refuses a token"):
        run()
    assert json.loads(file.read_text()) == {}


@pytest.mark.parametrize(
    "other", [{"secret": "another"}, {"of": {**WHO, "client_id": "other"}}, {"of": {**WHO, "url": "https://b.example"}},
              {"system": "other"}],
)  # fmt: skip
def test_whoever_signs_in_otherwise_does_not_go_on_with_it(gate: Gate, run: Runs, other: dict[str, object]) -> None:
    run()
    run(**other)
    assert gate.given == 2


def test_both_systems_tokens_stand_in_one_file(gate: Gate, run: Runs, file: Path, clock: FakeClock) -> None:
    run(system="one")
    Kept(file, "two", WHO, SECRET, clock).save(Token("t-2"))
    assert json.loads(file.read_text()).keys() == {"one", "two"}
    Kept(file, "two", WHO, SECRET, clock).drop(Token("another one"))
    assert json.loads(file.read_text()).keys() == {"one", "two"}


def test_the_file_is_its_owners_and_holds_nothing_of_the_secret_but_a_short_mark(
    gate: Gate, run: Runs, file: Path
) -> None:
    before = os.umask(0)
    try:
        run()
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    (entry,) = json.loads(file.read_text()).values()
    assert SECRET not in file.read_text()
    assert len(entry["mark"]) == 6
    first = file.read_text()
    file.unlink()
    gate.given = 0
    run()
    assert file.read_text() == first, "many versions of the file tell no more than one"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o602, 0o604])
def test_a_file_that_others_may_open_is_not_used_and_replaced(gate: Gate, run: Runs, file: Path, mode: int) -> None:
    run()
    file.chmod(mode)
    others = file.stat().st_ino
    run()
    assert gate.given == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.stat().st_ino != others, "whoever has the old one open reads nothing new"
    run()
    assert gate.given == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_not_used_and_replaced(gate: Gate, run: Runs, file: Path) -> None:
    run()
    os.chown(file, 12_345, -1)
    run()
    assert (gate.given, file.stat().st_uid) == (2, 0)


def test_a_link_is_not_followed(gate: Gate, run: Runs, file: Path, tmp_path: Path) -> None:
    run()
    elsewhere = file.rename(tmp_path / "elsewhere")
    before = elsewhere.read_text()
    file.symlink_to(elsewhere)
    run()
    assert gate.given == 2
    assert not file.is_symlink()
    assert elsewhere.read_text() == before


def test_a_planted_file_to_write_by_way_of_is_not_written(gate: Gate, run: Runs, file: Path) -> None:
    planted = file.with_name(f"{file.name}.part")
    planted.touch()
    planted.chmod(0o666)
    with planted.open() as reader:
        run()
        assert reader.read() == ""
    run()
    run()
    assert gate.given == 2, "it was taken away"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"vendor": 3}', b'{"vendor": {"value": 3}}', b"[" * 100_000],
    ids=str,
)
def test_a_broken_file_is_as_if_there_were_none(gate: Gate, run: Runs, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o600)
    run()
    run()
    assert gate.given == 1


_ANY = st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=1)


@given(st.dictionaries(st.sampled_from(["value", "expires_at", "origin", "subject", "organisation"]), _ANY))
def test_whatever_stands_in_an_entry_it_is_a_token_as_it_has_to_be_or_none(
    tmp_path_factory: pytest.TempPathFactory, spoilt: dict[str, object]
) -> None:
    file = tmp_path_factory.mktemp("spoilt") / "tokens"
    place = Kept(file, "vendor", WHO, SECRET, FakeClock())
    place.save(Token("t-12345", 1.0, "https://a.example"))
    entries = json.loads(file.read_text())
    entries["vendor"] |= spoilt
    file.write_text(json.dumps(entries))
    token = place.load()
    if token is not None:
        assert token.value.isprintable()
        assert not set(token.value) & set(" \t\r\n")
        assert token.origin is None or token.origin.startswith("https://")
        assert isinstance(token.expires_at, float)


@pytest.mark.parametrize("hindrance", ["a folder in its place", "a folder where it is written", "no folder"])
def test_where_nothing_can_be_kept_every_run_signs_in(
    gate: Gate, run: Runs, file: Path, tmp_path: Path, hindrance: str
) -> None:
    match hindrance:
        case "a folder in its place":
            file.mkdir()
        case "a folder where it is written":
            file.with_name(f"{file.name}.part").mkdir()
        case _:
            tmp_path.rmdir()
    run()
    run()
    assert gate.given == 2
    assert not file.is_file()
    assert not file.with_name(f"{file.name}.part").is_file(), "no token is left behind"


def test_a_process_that_is_just_writing_is_let_alone(gate: Gate, run: Runs, file: Path) -> None:
    part = file.with_name(f"{file.name}.part")
    part.touch(0o600)
    with part.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        run()
        assert not file.exists()
    run()
    run()
    assert gate.given == 2


def test_a_kept_token_is_hidden_like_one_that_was_just_given(
    gate: Gate, open_session: Opens, clock: FakeClock, file: Path
) -> None:
    place = Kept(file, "vendor", WHO, SECRET, clock)
    place.save(Token("token-kept"))
    redactor = Redactor()
    session = open_session(auth=KeyedAuth(clock), keep=place, redactor=redactor)
    assert "token-kept" not in repr(session.token())
    assert redactor.text("a token-kept b") == "a *** b"


def test_what_was_kept_goes_when_nothing_is_to_be_kept_any_more(clock: FakeClock, tmp_path: Path) -> None:
    def opened(*, keep: bool) -> Kept | None:
        return kept(Beside(tmp_path / "mksync.db", keep), "vendor", WHO, SECRET, clock)

    place = opened(keep=True)
    assert place is not None
    place.save(Token("t-12345"))
    assert opened(keep=False) is None
    assert list(tmp_path.iterdir()) == []
    assert kept(None, "vendor", WHO, SECRET, clock) is None


def whose(call: Callable[..., Reply]) -> str:
    return str(call("GET", "/x").json()["by"])


def test_a_token_that_takes_the_place_of_another_has_to_be_of_the_same_organisation(
    server: Scripted, gate: Gate, open_session: Opens, clock: FakeClock, file: Path
) -> None:
    """Before anything else is asked with it. Here, every token is its own organisation's."""
    gate.given = 5
    place = Kept(file, "vendor", WHO, SECRET, clock)
    place.save(Token("token-0", organisation="token-0"))
    session = open_session(auth=KeyedAuth(clock), keep=place, organisation=whose)
    assert (session.organisation, session.hearsay) == ("token-0", True)
    for _ in range(2):
        with pytest.raises(MirrorError, match="made from token-0, and this is token-"):
            session.call("POST", "/write")
    assert server.paths() == ["/write", "/token", "/x", "/token", "/x"]
    session.sign_in_anew()
    session.call("POST", "/write")
    assert (session.organisation, session.hearsay) == (None, False)
