"""Creating, updating and deleting records of any object but the lead (guide, Lead Database, "Create and Update")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.envelope import Failure, Item, Payload, Refused
from mksync.sandbox.marketo.family import Family
from mksync.sandbox.marketo.leads import Row
from mksync.sandbox.marketo.objecttable import Key
from mksync.sandbox.marketo.refusals import mismatch, not_specified, read_only, unknown_field
from mksync.sandbox.marketo.values import BadValueError, Stored, same, to_store

_ACTIONS = ("createOnly", "updateOnly", "createOrUpdate")
_WAYS = ("dedupeFields", "idField")


@dataclass(frozen=True, slots=True)
class _Order:
    action: str
    by_id: bool
    keys: tuple[str, ...]


class ObjectSync:
    """The writing calls of one object; each record stands or falls as a whole, and is told apart by `seq`."""

    def __init__(self, family: Family, quirks: frozenset[str]) -> None:
        self._family = family
        self._type = family.type
        self._known = family.type.known()
        self._quirks = quirks

    def sync(self, call: Call) -> Payload:
        """`POST {object}.json`."""
        body = call.body()
        action = body.get("action") or "createOrUpdate"
        if action not in _ACTIONS:
            raise Failure("1003", f"Invalid value '{action}' for parameter 'action'")
        by_id = self._by_id(body.get("dedupeBy"), "dedupeBy")
        allowed = ("updateOnly", "createOrUpdate") if "id_field_upsert" in self._quirks else ("updateOnly",)
        if by_id and action not in allowed:
            raise Failure("1003", f"Invalid value 'idField' for parameter 'dedupeBy' with action '{action}'")
        order = _Order(action, by_id, self._keys(by_id))
        seen: set[Key] = set()
        return {"result": [self._synced(order, seq, record, seen) for seq, record in enumerate(call.records())]}

    def delete(self, call: Call) -> Payload:
        """`POST {object}/delete.json`."""
        keys = self._keys(self._by_id(call.body().get("deleteBy"), "deleteBy"))
        return {"result": [self._deleted(keys, seq, record) for seq, record in enumerate(call.records())]}

    def _by_id(self, way: object, parameter: str) -> bool:
        if way is not None and way not in _WAYS:
            raise Failure("1003", f"Invalid value '{way}' for parameter '{parameter}'")
        return way == "idField"

    def _keys(self, by_id: bool) -> tuple[str, ...]:
        return (self._type.id_field,) if by_id else self._type.dedupe

    def _synced(self, order: _Order, seq: int, record: dict[str, Any], seen: set[Key]) -> Item:
        try:
            key = self._key(order.keys, record)
            if (folded := tuple(self._fold(value) for value in key)) in seen:
                raise Refused("1036", "Duplicate object found in input")
            seen.add(folded)
            held = self._family.table.one(order.keys, key)
            self._refuse_action(order, held)
            values = self._values(order, record, held)
            self._family.check(values, held)
            after = self._family.create(values) if held is None else self._family.update(held, values)
        except Refused as refused:
            return refused.item(seq=seq)
        status = "created" if held is None else "updated"
        return {"seq": seq, "status": status, self._type.id_field: after[self._type.id_field]}

    def _deleted(self, keys: Sequence[str], seq: int, record: dict[str, Any]) -> Item:
        try:
            held = self._family.table.one(keys, self._key(keys, record))
            if held is None:
                raise Refused("1013", self._type.missing)
            self._family.check_delete(held)
            self._family.delete(held)
        except Refused as refused:
            return refused.item(seq=seq)
        return {"seq": seq, self._type.id_field: held[self._type.id_field], "status": "deleted"}

    def _key(self, keys: Sequence[str], record: dict[str, Any]) -> Key:
        for name in keys:
            if record.get(name) in (None, ""):
                raise not_specified(name)
        return tuple(self._stored(name, record[name]) for name in keys)

    def _refuse_action(self, order: _Order, held: Row | None) -> None:
        if order.action == "createOnly" and held is not None:
            raise Refused("1017", "Object already exists")
        if held is None and (order.action == "updateOnly" or order.by_id):
            raise Refused("1013", self._type.missing)

    def _values(self, order: _Order, record: dict[str, Any], held: Row | None) -> Row:
        values: Row = {}
        for name, value in record.items():
            if name in order.keys and (order.by_id or held is not None):
                continue
            stored = self._stored(name, value)
            if self._writes(name, stored, held):
                values[name] = stored
        for name in self._type.required:
            if (name in values and values[name] is None) or (held is None and name not in values):
                raise not_specified(name)
        return values

    def _writes(self, name: str, stored: Stored, held: Row | None) -> bool:
        field = self._known[name]
        if field.read_only:
            if name == self._type.id_field:
                raise Refused("1003", f"Field '{name}' is only allowed with dedupeBy 'idField'")
            raise read_only(name, self._quirks)
        if held is None or self._type.updateable(field):
            return True
        if same(field, held[name], stored) or "frozen_ignored" in self._quirks:
            return False
        raise read_only(name, self._quirks)

    def _stored(self, name: str, value: object) -> Stored:
        field = self._known.get(name)
        if field is None:
            raise unknown_field(name)
        try:
            return to_store(field, value, self._quirks)
        except BadValueError:
            raise mismatch(field, value, self._quirks) from None

    def _fold(self, value: Stored) -> Stored:
        return value.lower() if isinstance(value, str) and "exact_case" not in self._quirks else value
