"""A new mirror in place of one that is not to be trusted, made from both systems without writing to either."""

from pathlib import Path

from mksync import selection
from mksync.app import connected
from mksync.config import Config
from mksync.core.frozen import dataclass
from mksync.core.records import Side, Sides
from mksync.core.report import SetupReport
from mksync.engine.progress import Progress
from mksync.engine.setup import pin, set_up
from mksync.engine.turns import Alone
from mksync.errors import ConfigError, MirrorError
from mksync.mirror import Mirror
from mksync.mirror.copies import BESIDE, put_in_place
from mksync.mirror.last import forget
from mksync.mirror.lock import Lock
from mksync.mirror.salvage import Salvaged, put_back, salvage
from mksync.mirror.trouble import told
from mksync.ports import Clock

COMMAND = "mirror rebuild"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`old`: where the mirror is kept that was replaced; None: there was none. `titles` of both systems."""

    report: SetupReport
    old: Path | None
    salvaged: Salvaged
    titles: Sides[str]


def rebuild(config: Config, clock: Clock, rows: int, progress: Progress) -> Rebuilt:
    """Read both systems, link what matches, and only then take the place of the old mirror.

    Until then the old one is only read; broken off, everything is as it was. Raises LockHeld, MirrorError if the old
    mirror belongs to another organisation, and what a port raises.
    """
    if not config.selection.exists():
        raise ConfigError(f"there is no field selection at {config.selection}", hint="mksync init")
    new = config.mirror.with_name(f"{config.mirror.name}.new")
    with Lock(config.mirror, COMMAND, clock.now()), told(config.mirror):
        _remove(new)
        try:
            rebuilt = _build(config, clock, new, rows, progress)
            forget(config.mirror)
            old = put_in_place(new, config.mirror, clock.now())
        finally:
            _remove(new)
    return Rebuilt(rebuilt.report, old, rebuilt.salvaged, rebuilt.titles)


def _build(config: Config, clock: Clock, new: Path, rows: int, progress: Progress) -> Rebuilt:
    mirror = Mirror.open(new, create=True)
    try:
        progress.stage("Taking over the log")
        salvaged = salvage(mirror.db, config.mirror)
        app = connected(config, mirror, clock, Alone())
        _check(salvaged, app.ports.map(lambda port: port.organisation()), app.titles)
        identities = pin(mirror, app.ports)
        chosen = selection.load(config.selection)
        project = app.project(app.schemas(app.synced(chosen), max_age=0), chosen)
        put_back(mirror, salvaged.bereft, project.people)
        report = set_up(project, identities, rows, progress, COMMAND)
        return Rebuilt(report, None, salvaged, app.titles)
    finally:
        mirror.close()


def _check(salvaged: Salvaged, found: Sides[str], titles: Sides[str]) -> None:
    """People of one organisation are not to be taken for those of another. Raises MirrorError."""
    for side in Side:
        pinned = salvaged.organisations.get(f"{side}_organisation", found[side])
        if pinned != found[side]:
            raise MirrorError(
                f"the mirror was made from another {titles[side]} organisation: {pinned}, and this is {found[side]}",
                hint="point mksync.toml at the old organisation, or start in an empty folder with mksync init",
            )


def _remove(new: Path) -> None:
    for end in BESIDE:
        new.with_name(new.name + end).unlink(missing_ok=True)
