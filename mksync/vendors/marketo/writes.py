"""Writing people: one batch of creates or updates, and reading back what they then hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mksync.core.records import FieldType, Outcome, Record, Write
from mksync.errors import OutcomeUnknown, Temporary
from mksync.vendors.marketo.client import BATCH, Client
from mksync.vendors.marketo.codec import to_wire
from mksync.vendors.marketo.errors import refusal
from mksync.vendors.marketo.people import People, Types
from mksync.wire import jsontext
from mksync.wire.session import Repeat

LARGEST_BODY = 900_000  # bytes; Marketo takes 1 MB (Marketo developer guide, REST API)


@dataclass(frozen=True)
class _Form:
    """How one kind of write is sent: updates by id, creates by the cross-id, which a repeated create finds.

    A create whose answer was lost is not sent again at once: while Marketo may still be at work on it, a second upsert
    can make twins (Marketo developer guide, Leads). It is settled by reading.
    """

    action: str
    lookup: str
    repeat: Repeat
    partition: str | None = None


@dataclass(frozen=True)
class _Sent:
    write: Write
    record: Mapping[str, object]

    def size(self) -> int:
        return len(jsontext.dumps(self.record)) + 1


class Writer:
    """`key_field`: the cross-id field that creates are looked up by. `partition`: where new people go."""

    def __init__(
        self, client: Client, people: People, types: Callable[[], Types], key_field: str, partition: str | None
    ) -> None:
        self._client = client
        self._people = people
        self._types = types
        self._updates = _Form("updateOnly", "id", Repeat.SAFE)
        self._creates = _Form("createOrUpdate", key_field, Repeat.ONCE, partition)

    def write(self, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        """One outcome per write. Raises OutcomeUnknown if the answer, or what was read back, is lost."""
        types = self._types()
        for form, mine in (
            (self._updates, [write for write in writes if write.id is not None]),
            (self._creates, [write for write in writes if write.id is None]),
        ):
            sent = [_Sent(write, _payload(write, form.lookup, types)) for write in mine]
            for batch in _batches(sent, form.lookup):
                yield from self._send(form, batch, fields)

    def _send(self, form: _Form, batch: Sequence[_Sent], fields: Sequence[str]) -> Iterator[Outcome]:
        records = [one.record for one in batch]
        results = self._client.sync_leads(
            form.action, form.lookup, records, partition=form.partition, repeat=form.repeat
        )
        writes = [one.write for one in batch]
        ids = [_id_of(write, result) for write, result in zip(writes, results, strict=True)]
        held = self._read_back([id for id in ids if id is not None], fields)
        for write, result, id in zip(writes, results, ids, strict=True):
            yield _outcome(write, result, held.get(id or ""))

    def _read_back(self, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Record]:
        try:
            found = self._people.fetch(list(dict.fromkeys(ids)), fields)
            return {one.id: one for one in found if isinstance(one, Record)}
        except Temporary as error:
            raise OutcomeUnknown(f"written, but not read back: {error.message}", hint=error.hint) from None


def _payload(write: Write, lookup: str, types: Types) -> dict[str, object]:
    record = {name: to_wire(types.get(name, FieldType.TEXT), value) for name, value in write.values.items()}
    if write.id is not None:
        return {**record, "id": int(write.id)}
    if write.token is None:
        raise ValueError("a person is created by a token, so that a repeated call finds it")
    return {**record, lookup: write.token}


def _batches(sent: Sequence[_Sent], lookup: str) -> Iterator[list[_Sent]]:
    """No batch holds one key twice: what Marketo makes of that is not documented."""
    batch: list[_Sent] = []
    keys: set[str] = set()
    room = LARGEST_BODY
    for one in sent:
        key, size = str(one.record[lookup]).casefold(), one.size()
        if batch and (len(batch) >= BATCH or key in keys or size > room):
            yield batch
            batch, keys, room = [], set(), LARGEST_BODY
        batch.append(one)
        keys.add(key)
        room -= size
    if batch:
        yield batch


def _id_of(write: Write, result: Mapping[str, Any]) -> str | None:
    """The person that was written; None if none was. A skipped result usually has no id, and nothing else of a key."""
    if result.get("status") not in ("created", "updated"):
        return None
    found = result.get("id", write.id)
    if found is None:
        raise OutcomeUnknown("Marketo created a person and gave no id", hint="run again: it is looked up by its key")
    return str(found)


def _outcome(write: Write, result: Mapping[str, Any], record: Record | None) -> Outcome:
    if _id_of(write, result) is not None:
        if record is None:  # deleted or merged since
            return Outcome(write.ref, "gone")
        return Outcome(write.ref, "written", record, created=result["status"] == "created")
    why = refusal(result.get("reasons") or result.get("errors") or ())
    if why.code == "1004" and write.id is not None:
        return Outcome(write.ref, "gone")
    return Outcome(write.ref, "refused", refusal=why)
