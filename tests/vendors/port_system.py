"""One vendor's emulator, somebody else at work in it, and ports to it: what the contract of ports is held against."""

from collections.abc import Iterator, Sequence

from mksync import vendors
from mksync.core.records import Gone, Outcome, Page, Record, Value, Write
from mksync.ports import Port
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from tests.scenarios.sandbox_world import SteeredClock
from tests.vendors.port_facts import Facts, Outsider

HOUR = 3_600.0


class System:
    """One vendor's emulator, somebody else at work in it, and ports to it."""

    def __init__(self, sandbox: Sandbox, facts: Facts) -> None:
        self.sandbox = sandbox
        self.facts = facts
        self.outsider: Outsider = facts.outsider(sandbox)
        self.fields = list(facts.types)
        self.port = self.connected()

    def connected(self, **more: object) -> Port:
        vendor = vendors.load(self.facts.vendor)
        client = {"client_id": "sandbox", "client_secret": "sandbox"}
        table = {"url": self.facts.url(self.sandbox), **client, **self.facts.settings, **more}
        return vendor.open(vendor.settings(table, "[test]"), SteeredClock(self.sandbox.clock))

    def changes(self, cursor: str | None, port: Port | None = None) -> Iterator[Page]:
        return (port or self.port).changes({self.facts.object: self.fields}, cursor)

    def quiet_cursor(self) -> str:
        """Everything was read, and nothing happened for so long that no overlap reaches back to it."""
        cursor = None
        for _ in range(3):
            *_, last = self.changes(cursor)
            cursor = last.cursor
            self.sandbox.clock.advance(HOUR)
        assert cursor
        return cursor

    def fetch(self, *ids: str) -> list[Record | Gone]:
        return list(self.port.fetch(self.facts.object, ids, self.fields))

    def record(self, id: str) -> Record:
        (found,) = self.fetch(id)
        assert isinstance(found, Record)
        return found

    def write(self, *writes: Write) -> dict[int, Outcome]:
        outcomes = list(self.port.write(self.facts.object, writes, self.fields))
        assert len(outcomes) == len(writes), "one outcome per write"
        return {outcome.ref: outcome for outcome in outcomes}

    def update(self, id: str, version: str | None, **values: Value) -> Outcome:
        return self.write(Write(1, self.facts.object, id, values, version))[1]

    def person(self, number: int, **more: object) -> str:
        """A new record with an e-mail address of its own."""
        return self.outsider.create(**self.facts.named, **{self.facts.email: f"p{number}@example.com"}, **more)

    def fails(self, name: str, path: str = ".*", times: int = 100) -> None:
        self.sandbox.faults.script(Fault(name, self.facts.vendor, path, times=times))

    def counted(self) -> int:
        """Calls that reached the vendor, signing in aside."""
        calls = self.sandbox.calls.counts().get(self.facts.vendor, {})
        return sum(number for path, number in calls.items() if path != self.facts.sign_in)


def records_of(pages: Sequence[Page]) -> dict[str, Record]:
    return {record.id: record for page in pages for record in page.records}


def gone_of(pages: Sequence[Page]) -> dict[str, Gone]:
    return {gone.id: gone for page in pages for gone in page.gone}
