"""A running sandbox: clock, store, faults and one emulator per vendor, each on a loopback port of its own."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.emulator import Emulator
from mksync.sandbox.faults import Faults
from mksync.sandbox.http11 import Server
from mksync.sandbox.kernel import Calls, Control, Gate
from mksync.sandbox.latency import Latency
from mksync.sandbox.people import demo_people
from mksync.sandbox.store import Store

if TYPE_CHECKING:
    from mksync.sandbox.dynamics.emulator import DynamicsEmulator
    from mksync.sandbox.marketo.emulator import MarketoEmulator
    from mksync.sandbox.salesforce.emulator import SalesforceEmulator

VENDORS = ("marketo", "salesforce", "dynamics")
_PORTION = 10_000  # people in memory at a time
Quirks = Mapping[str, frozenset[str]]  # vendor -> names of its switches that are on


class Sandbox:
    """Use `Sandbox.start(...)` as a context manager; leaving it stops every server and closes the state."""

    def __init__(self, store: Store, clock: SandboxClock, latency: Latency) -> None:
        self.store = store
        self.clock = clock
        self.latency = latency
        self.faults = Faults()
        self.calls = Calls()
        self._emulators: dict[str, Emulator] = {}
        self._servers: dict[str, Server] = {}

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        people: int = 0,
        seed: int = 1,
        state: Path | None = None,
        clock: SandboxClock | None = None,
        quirks: Quirks | None = None,
        vendors: Sequence[str] = VENDORS,
        latency: float = 0,
        rate_limits: bool = True,
    ) -> Self:
        """Serve the vendors from threads of this process.

        `port` is the first vendor's, the others follow it; 0 takes any free ones. `people` demo people are put into a
        state that has none yet. `quirks` turns on switches by vendor. Every call takes `latency` milliseconds longer.
        Without `rate_limits` nobody counts calls in a time; concurrent ones are still counted. Raises OSError if a
        port is taken.
        """
        waits = Latency(vendors)
        waits.set(latency)
        store = Store(state)
        sandbox = cls(store, clock or SandboxClock(offset=float(store.note("clock_offset") or 0)), waits)
        try:
            for vendor in vendors:
                sandbox._add(vendor, (quirks or {}).get(vendor, frozenset()))
            sandbox._seed(people, seed)
            for place, vendor in enumerate(vendors):
                if not rate_limits:
                    sandbox._emulators[vendor].lift_rate_limits()
                sandbox._serve(vendor, port + place if port else 0)
        except BaseException:
            sandbox.stop()
            raise
        return sandbox

    def stop(self) -> None:
        """Stop serving; may be called again."""
        for server in self._servers.values():
            server.stop()
        if self._servers:
            self.store.put_note("clock_offset", str(self.clock.offset))
        self._servers.clear()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def marketo(self) -> "MarketoEmulator":
        return cast("MarketoEmulator", self._emulators["marketo"])

    @property
    def salesforce(self) -> "SalesforceEmulator":
        return cast("SalesforceEmulator", self._emulators["salesforce"])

    @property
    def dynamics(self) -> "DynamicsEmulator":
        return cast("DynamicsEmulator", self._emulators["dynamics"])

    @property
    def urls(self) -> Mapping[str, str]:
        """The address of every vendor that is served, by its name."""
        return {vendor: server.url for vendor, server in self._servers.items()}

    @property
    def marketo_url(self) -> str:
        """`http://127.0.0.1:PORT`; identity and REST are both below it."""
        return self._servers["marketo"].url

    @property
    def salesforce_url(self) -> str:
        return self._servers["salesforce"].url

    @property
    def dynamics_url(self) -> str:
        """The organisation's address; the token endpoint is below it too, at `/{tenant}/oauth2/v2.0/token`."""
        return self._servers["dynamics"].url

    def _add(self, vendor: str, quirks: frozenset[str]) -> None:
        self._emulators[vendor] = _make(vendor, self.store, self.clock, quirks)

    def _seed(self, people: int, seed: int) -> None:
        """Make everybody once, a portion at a time, for all vendors that have nobody yet."""
        empty = [vendor for vendor in self._emulators if not self.store.was_seeded(vendor)]
        if not people or not empty:
            return
        everybody = demo_people(people, seed)
        with self.store.transaction():
            while portion := list(islice(everybody, _PORTION)):
                for vendor in empty:
                    self._emulators[vendor].seed(portion)
            for vendor in empty:
                self.store.note_seeded(vendor, people, seed)

    def _serve(self, vendor: str, port: int) -> None:
        control = Control(self.clock, self.faults, self.calls, self.latency)
        gate = Gate(self._emulators[vendor], self.faults, self.calls, control, self.latency)
        self._servers[vendor] = Server(port, gate, self.clock.now)


def _make(vendor: str, store: Store, clock: SandboxClock, quirks: frozenset[str]) -> Emulator:
    # Imported here so that a sandbox of one vendor loads no other.
    if vendor == "marketo":
        from mksync.sandbox.marketo.emulator import MarketoEmulator

        return MarketoEmulator(store, clock, quirks)
    if vendor == "salesforce":
        from mksync.sandbox.salesforce.emulator import SalesforceEmulator

        return SalesforceEmulator(store, clock, quirks)
    if vendor == "dynamics":
        from mksync.sandbox.dynamics.emulator import DynamicsEmulator

        return DynamicsEmulator(store, clock, quirks)
    raise ValueError(f"the sandbox knows no vendor {vendor!r}; it knows {', '.join(VENDORS)}")
