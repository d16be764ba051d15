"""`mksync watch`, put together: both sides stay signed in from cycle to cycle, everything else is opened for each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mksync import selection
from mksync.app import cycle, open_app, open_ports
from mksync.config import Config, load_config
from mksync.core.habits import Habits
from mksync.core.records import Sides
from mksync.core.report import RunReport
from mksync.engine.progress import Progress
from mksync.engine.run import Options
from mksync.engine.turns import Turns
from mksync.errors import AccessError, ConfigError, MirrorError, MksyncError
from mksync.ports import Clock, Port

Say = Callable[[str], None]


@dataclass
class Watcher:
    """One project that is watched.

    - `clock`: what ports wait by, and cycles are dated with
    - `around`: makes of a lock's turns those that also end a cycle in good order
    - `override`: makes of the configuration's habits those that the command line asks for
    - `rows`: of each table of a report
    """

    config: Config
    clock: Clock
    around: Callable[[Turns], Turns]
    override: Callable[[Habits], Habits]
    rows: int = 0
    _ports: Sides[Port] | None = None
    _chosen: selection.Selection | None = None
    _told: str = field(default="", repr=False)

    @property
    def habits(self) -> Habits:
        return self.override(self.config.habits)

    @property
    def titles(self) -> Sides[str]:
        """What people call the two systems."""
        return Sides(self.config.vendor("marketo").title, self.config.vendor("crm").title)

    def once(self, progress: Progress, say: Say) -> RunReport:
        """One cycle. Raises MksyncError. `say`: told, in words, whom it waits for, and what it does not go by."""
        try:
            ports = self._ports = self._ports or open_ports(self.config, self.clock)
            chosen = self._selection(say)
            with open_app(self.config, self.clock, command="watch", waits=say, ports=ports, chosen=chosen) as app:
                here = replace(app, turns=self.around(app.turns))
                return cycle(here, Options(rows=self.rows, command="watch"), progress, chosen)
        except AccessError:
            self._ports = None  # a secret may have been changed: it is looked up again
            raise

    def reload(self, say: Say) -> None:
        """Take over the configuration and the secrets as they are now. If they cannot be used, the old ones stay."""
        try:
            config = load_config(self.config.path)
            if not config.mirror.exists():
                raise MirrorError(f"there is no mirror at {config.mirror}")
            ports = open_ports(config, self.clock)
            self._chosen = selection.load(config.selection)
        except MksyncError as error:
            say(f"error: the configuration stays as it was: {error.message}")
            return
        self.config, self._ports = config, ports
        say(f"{config.path} was read again")
        for warning in config.warnings:
            say(f"warning: {warning}")

    def _selection(self, say: Say) -> selection.Selection:
        """As it is by now: `mksync fields` may have changed it. One that is being edited and broken is not taken."""
        try:
            self._chosen, self._told = selection.load(self.config.selection), ""
        except ConfigError as error:
            if self._chosen is None:
                raise
            if error.message != self._told:
                self._told = error.message
                say(f"error: the selection stays as it was: {error.message}")
        return self._chosen
