"""What one cycle has learnt from the activity log: whom to read again, who was merged, who could not be found."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mksync.core.records import Gone, Record, Ref, Replaced
from mksync.vendors.marketo.client import Activities
from mksync.vendors.marketo.codec import PERSON
from mksync.vendors.marketo.cursor import Cursor
from mksync.vendors.marketo.marks import CLOCKS_APART, OVERLAP
from mksync.vendors.marketo.replaced import Fields, moment, replaced

NEW_LEAD, CHANGE_DATA_VALUE, CHANGE_SCORE, MERGE_LEADS = 12, 13, 22, 32
REMEMBERED = 10_000  # people, those read last: who is named again after that many others is read again
TOLD = 300  # entries that the next cycle is to recognise, at most

Fetch = Callable[[Sequence[str]], Iterator[Record | Gone]]


class Cycle:
    """`ignored`: ids of the fields whose changes are of no interest; `fields`: those whose are."""

    def __init__(self, cursor: Cursor, fetch: Fetch, ignored: frozenset[int], fields: Fields) -> None:
        self._fetch = fetch
        self._ignored = ignored
        self._fields = fields
        self._replaced: list[Replaced] = []
        self._read_at: dict[str, float] = {}
        self._since = int(cursor.polled - OVERLAP)  # dates are whole seconds
        self._known = frozenset(cursor.told)
        self.told: deque[str] = deque(maxlen=TOLD)
        self.to_read: dict[str, None] = {}
        self.missing = dict.fromkeys(cursor.missing)
        self.merged = dict(cursor.merged)

    def note(self, page: Activities) -> None:
        for item in page.items:
            if self._of_interest(item):
                self._note(item)

    def replaced(self) -> list[Replaced]:
        """What the log has told of values since this was asked last."""
        told, self._replaced = self._replaced, []
        return told

    def read(self, at: float) -> tuple[list[Record], list[Gone]]:
        """Read whom the log named. `at`: Marketo's clock, not after this moment."""
        records, gone = [], []
        for one in self._fetch(list(self.to_read)):
            if isinstance(one, Record):
                records.append(one)
                self.missing.pop(one.id, None)
                self.merged.pop(one.id, None)
            elif one.id in self.merged:
                gone.append(self._merged(one.id))
            else:
                self.missing[one.id] = None
        self._read_at.update(dict.fromkeys(self.to_read, at))
        for id in list(self._read_at)[: max(0, len(self._read_at) - REMEMBERED)]:
            del self._read_at[id]
        self.to_read = {}
        return records, gone

    def deleted(self, page: Activities) -> list[Gone]:
        """Who the log of deletions names."""
        ids = [id for id in leads(page.items) if id not in self.merged]
        for id in ids:
            self.missing.pop(id, None)
        return [Gone(PERSON, id, "deleted") for id in ids]

    def not_found(self) -> list[Gone]:
        """Who could not be read, once both logs were read to their ends."""
        return [self._merged(id) if id in self.merged else Gone(PERSON, id, "deleted") for id in self.missing]

    def _of_interest(self, item: Mapping[str, Any]) -> bool:
        if item.get("leadId") is None:
            return False
        if item.get("activityTypeId") != CHANGE_DATA_VALUE:
            return True
        return item.get("primaryAttributeValueId") not in self._ignored  # an id that is not known may be one of ours

    def _note(self, item: Mapping[str, Any]) -> None:
        winner = str(item["leadId"])
        merge = item.get("activityTypeId") == MERGE_LEADS
        losers = merged_ids(item, winner) if merge else ()
        happened = moment(item.get("activityDate"))
        if happened is None or happened >= self._since:  # else a cycle before has told of it
            self._replaced += replaced(item, self._fields, merge=merge)
        self.merged.update(dict.fromkeys(losers, winner))
        if merge or not self._told_before(item):
            self.to_read.update(dict.fromkeys(id for id in (winner, *losers) if not self._read_since(id, happened)))

    def _told_before(self, item: Mapping[str, Any]) -> bool:
        """Whether the last cycle was told of this very entry, and so has read who it is about.

        An entry is known by its marketoGUID (Marketo developer guide, Activities).
        """
        entry = item.get("marketoGUID")
        if entry is None:
            return False
        self.told.append(str(entry))
        return str(entry) in self._known

    def _read_since(self, id: str, happened: float | None) -> bool:
        return happened is not None and happened + CLOCKS_APART < self._read_at.get(id, 0.0)

    def _merged(self, id: str) -> Gone:
        into, passed = self.merged[id], {id}
        while into in self.merged and into not in passed:  # the winner lost another merge since
            passed.add(into)
            into = self.merged[into]
        return Gone(PERSON, id, "merged", Ref(PERSON, into))


def leads(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Whom these activities are about, each once, in their order."""
    yield from dict.fromkeys(str(item["leadId"]) for item in items if item.get("leadId") is not None)


def merged_ids(item: Mapping[str, Any], winner: str) -> list[str]:
    """The losers that a Merge Leads activity names: its attribute "Merge IDs" holds their ids as JSON text.

    Source: Adobe Experience Platform, "Marketo Engage field mappings", activities (`attributes.Merge IDs`).
    """
    named = [str(one.get("value")) for one in item.get("attributes") or () if _is_merge_ids(one)]
    return [id for id in re.findall(r"\d+", " ".join(named)) if id != winner]


def _is_merge_ids(attribute: Mapping[str, Any]) -> bool:
    return str(attribute.get("name", "")).replace(" ", "").lower() == "mergeids"
