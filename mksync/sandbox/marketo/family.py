"""What one object does beyond being stored: links that must hold, and what its changes do to other records."""

from collections.abc import Mapping

from mksync.sandbox.marketo.envelope import Refused
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Row
from mksync.sandbox.marketo.objecttable import ROW, ObjectTable
from mksync.sandbox.marketo.objecttypes import ObjectType
from mksync.sandbox.marketo.times import instant
from mksync.sandbox.marketo.values import Stored, same


class Family:
    """One object and its records. Every write of a record goes through here, whoever makes it."""

    def __init__(self, instance: Instance, type: ObjectType) -> None:
        self._instance = instance
        self.type = type
        self.table = ObjectTable(instance.store, type, instance.quirks)

    def check(self, values: Row, held: Row | None) -> None:
        """Raises Refused for a record that must not be written, Failure if the whole call fails with it."""

    def check_delete(self, held: Row) -> None:
        """Raises Refused for a record that must not go."""

    def written(self, after: Row) -> None:
        """A record was created or has changed."""

    def gone(self, held: Row) -> None:
        """A record was deleted."""

    def create(self, values: Mapping[str, Stored]) -> Row:
        now = instant(self._instance.clock.now())
        after = self.table.insert({**values, "createdAt": now, "updatedAt": now})
        self.written(after)
        return after

    def update(self, held: Row, values: Mapping[str, Stored]) -> Row:
        """Write what differs; where nothing differs, no stamp moves."""
        known = self.type.known()
        changed = {name: new for name, new in values.items() if not same(known[name], held[name], new)}
        if not changed:
            return held
        changed["updatedAt"] = instant(self._instance.clock.now())
        self.table.update(held[ROW], changed)
        after = {**held, **changed}
        self.written(after)
        return after

    def delete(self, held: Row) -> None:
        self.table.delete(held[ROW])
        self.gone(held)


def in_use() -> Refused:
    """Another object holds on to the record that was to be deleted."""
    return Refused("1022", "Object in use")
