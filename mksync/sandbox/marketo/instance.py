"""One Marketo instance: what all calls work on."""

from dataclasses import dataclass

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.fields import Fields
from mksync.sandbox.marketo.log import Log
from mksync.sandbox.marketo.partitions import Partitions
from mksync.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Instance:
    """State, clock and switches of an instance, and the parts that are shared by several calls."""

    store: Store
    clock: SandboxClock
    quirks: frozenset[str]
    fields: Fields
    log: Log
    partitions: Partitions


def open_instance(store: Store, clock: SandboxClock, quirks: frozenset[str]) -> Instance:
    """The instance that lives in this store; a new one if there is none."""
    return Instance(store, clock, quirks, Fields(store, quirks), Log(store, clock, quirks), Partitions(store))
