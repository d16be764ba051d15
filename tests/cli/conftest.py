"""Runs commands in this process, as the program's start does; and projects for them on a sandbox of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mksync.cli import run
from tests.cli.desk import rehearsal, sandbox_with_people
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.sandbox_world import Ended, World, world

__all__ = ["Ended", "Invoke"]

Invoke = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def invoke(capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Run a command line; give its exit code and both streams."""

    def invoke(*argv: str) -> Ended:
        with pytest.raises(SystemExit) as exit:
            run(list(argv))
        printed = capsys.readouterr()
        assert isinstance(exit.value.code, int)
        return Ended(exit.value.code, printed.out, printed.err)

    return invoke


@pytest.fixture(scope="session", params=CRMS, ids=lambda crm: crm.system)
def crm(request: pytest.FixtureRequest) -> Crm:
    """Every CRM in turn."""
    found: Crm = request.param
    return found


@pytest.fixture
def fresh(tmp_path: Path, crm: Crm) -> Iterator[World]:
    """A folder with the sample configuration alone, on a sandbox with a dozen people."""
    with sandbox_with_people(crm) as sandbox:
        yield rehearsal(tmp_path / "project", sandbox, crm)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory, crm: Crm) -> Iterator[World]:
    """The same after `init`, with the usual selection, for all tests of a file that change nothing in it."""
    with sandbox_with_people(crm) as sandbox:
        here = rehearsal(tmp_path_factory.mktemp("still") / "project", sandbox, crm)
        assert here.command("init", "--no-input").code == 0
        yield here


@pytest.fixture
def here(tmp_path: Path, crm: Crm) -> Iterator[World]:
    """A project after `init` on an empty sandbox, with a field of every type selected."""
    with world(tmp_path, crm) as made:
        made.init()
        yield made
