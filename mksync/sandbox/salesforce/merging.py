"""Merges: up to two losers are folded into a survivor; what hung on them hangs on it afterwards.

Source: SOAP API Developer Guide, "merge()".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.salesforce import ids
from mksync.sandbox.salesforce.errors import refuse
from mksync.sandbox.salesforce.fields import SObject
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.writes import Save, Writer

MOST_REQUESTS = 200
_MOST_LOSERS = 2
_NOT_MOVED = frozenset({"MasterRecordId", "ConvertedContactId", "ConvertedAccountId"})


@dataclass(frozen=True, slots=True)
class Merged:
    survivor: str
    losers: tuple[str, ...]
    moved: tuple[str, ...]  # children that now point at the survivor


class Merging:
    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def merge(self, object: str, master: str, losers: Sequence[str], values: Mapping[str, Any], save: Save) -> Merged:
        """Merge `losers` into `master`, which takes `values`. Raises ApiError; call it within a savepoint."""
        found = self._org.view(object, save.actor).object
        if not found.mergeable:
            raise refuse("INVALID_TYPE", f"{object} records cannot be merged")
        if not 1 <= len(losers) <= _MOST_LOSERS:
            raise refuse("INVALID_ID_FIELD", "a merge takes one or two records to merge")
        survivor, *gone = (self._known(found, raw) for raw in (master, *losers))
        if survivor in gone or len(set(gone)) < len(gone):
            raise refuse("INVALID_ID_FIELD", "a record cannot be merged with itself")
        for id in gone:
            self._writer.live(found, id)
        self._writer.update(object, survivor, values, save)
        moved = [child for id in gone for child in self._reparent(found, id, survivor)]
        for id in gone:
            self._writer.merge_away(found, id, survivor, save)
        return Merged(survivor, tuple(gone), tuple(moved))

    def _known(self, object: SObject, raw: str) -> str:
        id = ids.widen(raw)
        if id is None or not id.startswith(object.prefix):
            raise refuse("MALFORMED_ID", f"{object.name} ID: id value of incorrect type: {raw}", "Id")
        return id

    def _reparent(self, object: SObject, old: str, new: str) -> list[str]:
        moved: list[str] = []
        for child, field in list(self._org.catalogue.children(object.name)):
            if field.name not in _NOT_MOVED:
                moved += self._org.tables.move(child.name, field.name, old, new, self._org.now)
        return moved
