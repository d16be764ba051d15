"""Runs commands in this process, as the program's start does."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mksync.cli import run


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


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
