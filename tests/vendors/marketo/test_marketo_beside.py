"""What ports of one project, in whatever process, leave for each other beside its mirror."""

from pathlib import Path

from mksync.ports import Beside
from mksync.vendors.marketo import VENDOR
from tests.vendors.marketo.conftest import Instance, settings
from tests.wire.scripted import FakeClock


def test_the_commands_of_one_project_keep_the_rate_limit_together(
    instance: Instance, clock: FakeClock, tmp_path: Path
) -> None:
    watch, push, stranger = (
        VENDOR.open_beside(settings(instance.server.url), clock, Beside(tmp_path / name))
        for name in ("mksync.db", "mksync.db", "other.db")
    )
    for _ in range(45):
        watch.describe("person")  # two calls
    stranger.describe("person")
    assert clock.sleeps == []
    push.describe("person")
    assert clock.sleeps == [20.0]
