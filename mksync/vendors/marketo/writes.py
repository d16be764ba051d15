"""Writing records: batches of creates, updates or deletes, and reading back what the records then hold."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Outcome, Record, Refusal, Write
from mksync.errors import OutcomeUnknown, Temporary
from mksync.vendors.marketo.client import BATCH
from mksync.vendors.marketo.errors import RequestRefused, refusal
from mksync.vendors.marketo.reader import Reader
from mksync.wire import jsontext

LARGEST_BODY = 900_000  # bytes; Marketo takes 1 MB (Marketo developer guide, REST API)

Payload = Mapping[str, object]
Result = Mapping[str, Any]


class Form(ABC):
    """How one kind of write is sent.

    `done`: the statuses of a write that took effect. `absent`: the code of a record that is not there, where that is
    no refusal; `doubtful` where it may also mean a record that this one names. `single`: codes that are about one
    record, even where Marketo refuses a whole batch for it.
    """

    single: frozenset[str] = frozenset()
    doubtful: bool = False
    done: frozenset[str] = frozenset({"created", "updated"})
    absent: str = ""
    reads_back: bool = True

    @property
    @abstractmethod
    def id(self) -> str:
        """The name of the id in a result."""

    @abstractmethod
    def takes(self, write: Write) -> bool: ...

    @abstractmethod
    def payload(self, write: Write) -> Payload: ...

    @abstractmethod
    def key(self, payload: Payload) -> str:
        """What no batch may hold twice."""

    @abstractmethod
    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        """One result per record, in their order. Raises OutcomeUnknown."""

    def refusal(self, result: Result) -> Refusal:
        return refusal(reasons(result))


@dataclass(frozen=True, slots=True)
class _Sent:
    write: Write
    payload: Payload

    def size(self) -> int:
        return len(jsontext.dumps(self.payload)) + 1


class Writer:
    """Writes to one object. Every write is taken by one of the `forms`, which go one after the other."""

    def __init__(self, reader: Reader, forms: Sequence[Form]) -> None:
        self._reader = reader
        self._forms = forms

    def write(self, writes: Sequence[Write], fields: Sequence[str] | None) -> Iterator[Outcome]:
        """One outcome per write. Raises OutcomeUnknown if the answer, or what was read back, is lost.

        `fields`: to read back; None: nothing is, and what was written has no record.
        """
        for form in self._forms:
            sent = [_Sent(write, form.payload(write)) for write in writes if form.takes(write)]
            for batch in _batches(sent, form):
                yield from self._send(form, batch, fields)

    def _send(self, form: Form, batch: Sequence[_Sent], fields: Sequence[str] | None) -> Iterator[Outcome]:
        """One call; if it is refused for one of its records, a call for each half, so that the others are written."""
        try:
            results = form.send([one.payload for one in batch])
        except RequestRefused as error:
            if error.code not in form.single:
                raise
            if len(batch) > 1:
                middle = len(batch) // 2
                yield from self._send(form, batch[:middle], fields)
                yield from self._send(form, batch[middle:], fields)
                return
            results = [error.as_result()]
        yield from self._told(form, batch, results, fields)

    def _told(
        self, form: Form, batch: Sequence[_Sent], results: Sequence[Result], fields: Sequence[str] | None
    ) -> Iterator[Outcome]:
        writes = [one.write for one in batch]
        ids = [_id_of(form, write, result) for write, result in zip(writes, results, strict=True)]
        reads_back = form.reads_back and fields is not None
        asked = [id for id in ids if id is not None] if reads_back else []
        if form.doubtful:
            asked += [
                write.id for write, result in zip(writes, results, strict=True) if write.id and _absent(form, result)
            ]
        held = self._read_back(asked, fields or ())
        for write, result, id in zip(writes, results, ids, strict=True):
            yield _outcome(form, write, result, held.get(id or write.id or ""), reads_back=reads_back)

    def _read_back(self, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Record]:
        try:
            found = self._reader.fetch(list(dict.fromkeys(ids)), fields)
            return {one.id: one for one in found if isinstance(one, Record)}
        except Temporary as error:
            raise OutcomeUnknown(f"written, but not read back: {error.message}", hint=error.hint) from None


def _batches(sent: Sequence[_Sent], form: Form) -> Iterator[list[_Sent]]:
    """No batch holds one key twice: of people it is not documented what Marketo makes of that, else it refuses."""
    batch: list[_Sent] = []
    keys: set[str] = set()
    room = LARGEST_BODY
    for one in sent:
        key, size = form.key(one.payload).casefold(), one.size()
        if batch and (len(batch) >= BATCH or key in keys or size > room):
            yield batch
            batch, keys, room = [], set(), LARGEST_BODY
        batch.append(one)
        keys.add(key)
        room -= size
    if batch:
        yield batch


def _id_of(form: Form, write: Write, result: Result) -> str | None:
    """The record that was written; None if none was. A skipped result usually has no id."""
    if result.get("status") not in form.done:
        return None
    found = result.get(form.id, write.id)
    if found is None:
        raise OutcomeUnknown("Marketo created a record and gave no id", hint="run again: it is looked up by its key")
    return str(found).strip()


def _outcome(form: Form, write: Write, result: Result, record: Record | None, *, reads_back: bool) -> Outcome:
    """`record`: what was read back; None if nothing was, or nothing is there."""
    if _id_of(form, write, result) is not None:
        if reads_back and record is None:  # deleted or merged since
            return Outcome(write.ref, "gone")
        return Outcome(write.ref, "written", record, created=result["status"] == "created")
    if record is None and _absent(form, result):
        return Outcome(write.ref, "gone")
    return Outcome(write.ref, "refused", refusal=form.refusal(result))


def _absent(form: Form, result: Result) -> bool:
    return form.absent != "" and form.refusal(result).code == form.absent


def reasons(result: Result) -> Sequence[Mapping[str, Any]]:
    """Why it was skipped."""
    return result.get("reasons") or result.get("errors") or ()
