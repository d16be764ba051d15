"""A project on a sandbox of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.crms import CRMS
from tests.scenarios.sandbox_world import World, world


@pytest.fixture(autouse=True)
def _any_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """As off a terminal: a worker of pytest-xdist inherits COLUMNS from readline."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(params=CRMS, ids=lambda crm: crm.system)
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with world(tmp_path, request.param) as made:
        made.init()
        yield made
