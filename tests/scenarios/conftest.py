"""A project on a sandbox of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.sandbox_world import World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.init()
        yield made
