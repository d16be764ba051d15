"""Writing: guarded updates with their read-back in one composite call, and so are creates.

An update carries the stamp of the record as it was read (REST API Developer Guide, "Conditional Request Headers",
If-Unmodified-Since): if somebody saved the record since, Salesforce answers 412 and writes nothing. For the same reason
a call whose answer was lost is not sent again: our own first write would make the second one fail.

Collections and bulk jobs take more records and no such condition, so speed comes from several calls at a time.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from functools import partial

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
from mksync.core.records import Field, Gone, Outcome, Record, Write
from mksync.errors import MksyncError, OutcomeUnknown
from mksync.ports import Clock
from mksync.vendors.salesforce.client import COMPOSITE_PARTS, Answer, Answers, Client, Part
from mksync.vendors.salesforce.codes import Act
from mksync.vendors.salesforce.errors import CallRefused, raised
from mksync.vendors.salesforce.rows import judged, read, slices
from mksync.vendors.salesforce.together import gravest, together
from mksync.wire.session import Repeat

IN_A_CALL = COMPOSITE_PARTS - 1  # one part is the read-back
AT_ONCE = 4  # calls; a developer organisation takes five long ones (Developer Limits, "API Request Limits")
BATCH = AT_ONCE * IN_A_CALL
LONGEST_LIST = 8_000  # bytes of field names in the address of a read: half of what an address may have
LOCK_WAITS = (1.0, 3.0, 6.0)  # seconds; locks are held for as long as somebody else's save takes

Fields = Mapping[str, Field]
Now = Record | Gone
Answered = tuple[Write, Answer, Now | None]


class Writer:
    """Writes to one object. `written` are the fields of the writes, `read` those to read back."""

    def __init__(self, client: Client, clock: Clock, object: str, written: Fields, read: Fields) -> None:
        self._client = client
        self._clock = clock
        self._object = object
        self._sobject = names.sobject(object)
        self._written = written
        self._read = read

    def write(self, writes: Sequence[Write]) -> Iterator[Outcome]:
        creates = [write for write in writes if write.id is None]
        if creates:
            yield from self._create(creates)
        yield from self._update([write for write in writes if write.id is not None])

    def _update(self, writes: Sequence[Write]) -> Iterator[Outcome]:
        """What is known of a batch comes out before what went wrong with the rest of it is raised."""
        for wait in (*LOCK_WAITS, None):
            if not writes:
                return
            answers, errors, locked = *self._all_sent(writes), list[Write]()
            for write, answer, now in answers:
                if wait is not None and answer.problem and answer.problem.act is Act.LOCKED:
                    locked.append(write)
                    continue
                try:
                    outcome = self._outcome(write, answer, now)
                except MksyncError as error:
                    errors.append(error)
                else:
                    yield outcome
            if errors:
                raise gravest(errors)
            writes = locked
            if writes and wait is not None:
                self._clock.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter

    def _all_sent(self, writes: Sequence[Write]) -> tuple[list[Answered], list[BaseException]]:
        """As many calls at once as it takes."""
        some = list(slices(writes, IN_A_CALL))
        if len(some) == 1:
            return self._sent(some[0]), []
        answered, errors = together([partial(self._sent, one) for one in some])
        return [one for answers in answered for one in answers], errors

    def _sent(self, writes: Sequence[Write]) -> list[Answered]:
        """Every write with its answer and what the record holds after it.

        A call that is refused whole (a body that cannot be read) is sent again in halves: it is one record's fault.
        """
        try:
            return self._composite(writes)
        except CallRefused as error:
            if len(writes) == 1:
                return [(writes[0], Answer(error.problem.status, error.problem.wire), None)]
        middle = len(writes) // 2
        return [*self._sent(writes[:middle]), *self._sent(writes[middle:])]

    def _composite(self, writes: Sequence[Write]) -> list[Answered]:
        """One call: the writes, and the read-back behind them."""
        ids = [codec.widen(str(write.id)) for write in writes]
        body = {"ids": ids, "fields": objects.columns(self._object, self._read)}
        read_back = Part("read_back", "POST", self._client.read_path(self._sobject), body)
        answers = self._client.composite([*map(self._part, writes), read_back], repeat=Repeat.ONCE)
        held = self._held(ids, answers["read_back"])
        return [(write, answers[_name(write)], held.get(id)) for write, id in zip(writes, ids, strict=True)]

    def _part(self, write: Write) -> Part:
        # Without this header an update runs the active assignment rule, which may change the owner.
        headers = {"Sforce-Auto-Assign": "false"}
        if write.version:
            headers["If-Unmodified-Since"] = _http_date(write.version)
        path = self._client.record_path(self._sobject, codec.widen(str(write.id)))
        return Part(_name(write), "PATCH", path, codec.body(write.values, self._written), headers)

    def _held(self, ids: Sequence[str], answer: Answer) -> Mapping[str, Now]:
        """The read-back by id. If that part alone failed, the writes stand: read again, by itself."""
        if answer.problem:
            return self._read_alone(ids)
        rows = [row for row in answer.body if row is not None]
        return {one.id: one for one in judged(self._object, rows, self._read)}

    def _read_alone(self, ids: Sequence[str]) -> Mapping[str, Now]:
        try:
            return {one.id: one for one in read(self._client, self._object, ids, self._read)}
        except MksyncError as error:
            raise OutcomeUnknown(
                "Salesforce took the writes and could not be read afterwards", hint="Run again: they are read first."
            ) from error

    def _outcome(self, write: Write, answer: Answer, now: Now | None) -> Outcome:
        if answer.problem is None:
            return self._written_as(write, now)
        if answer.status == 412:  # the body of a 412 is not documented; nothing else answers it here
            return Outcome(write.ref, "moved")
        match answer.problem.act:
            case Act.MOVED:
                return Outcome(write.ref, "moved")
            case Act.GONE:
                return Outcome(write.ref, "gone")
            case Act.QUOTA | Act.RENEW:
                raise raised(answer.problem)
        return Outcome(write.ref, "refused", refusal=answer.problem.refusal)

    def _written_as(self, write: Write, now: Now | None) -> Outcome:
        if isinstance(now, Record):
            return Outcome(write.ref, "written", now)
        return Outcome(write.ref, "gone")

    def _create(self, writes: Sequence[Write]) -> Iterator[Outcome]:
        """Each create is followed by a read of what it made, for which an earlier part's answer may be named."""
        wanted = ",".join(objects.columns(self._object, self._read))
        reads = len(wanted) <= LONGEST_LIST
        for some in slices(writes, COMPOSITE_PARTS // 2 if reads else COMPOSITE_PARTS):
            parts = [part for write in some for part in self._new(write, wanted if reads else None)]
            try:
                answers = self._client.composite(parts, repeat=Repeat.ONCE)
            except CallRefused as error:
                yield from self._halved(some, error)
            else:
                yield from self._all_created(some, answers)

    def _halved(self, writes: Sequence[Write], error: CallRefused) -> Iterator[Outcome]:
        if len(writes) == 1:
            yield Outcome(writes[0].ref, "refused", refusal=error.problem.refusal)
            return
        middle = len(writes) // 2
        yield from self._create(writes[:middle])
        yield from self._create(writes[middle:])

    def _all_created(self, writes: Sequence[Write], answers: Answers) -> Iterator[Outcome]:
        made = {w.ref: codec.widen(a.body["id"]) for w in writes if not (a := answers[_name(w)]).problem}
        read = [answers.parts[_anew(w)] for w in writes if w.ref in made and _anew(w) in answers.parts]
        found = judged(self._object, [one.body for one in read if not one.problem], self._read)
        held = {one.id: one for one in found}
        if missing := [id for id in made.values() if id not in held]:  # they stand, and are read by themselves
            held |= self._read_alone(missing)
        for write in writes:
            yield self._created(write, answers[_name(write)], held.get(made.get(write.ref, "")))

    def _created(self, write: Write, answer: Answer, now: Now | None) -> Outcome:
        if answer.problem is None:
            return replace(self._written_as(write, now), created=True)
        if answer.problem.act in (Act.QUOTA, Act.RENEW):
            raise raised(answer.problem)
        return Outcome(write.ref, "refused", refusal=answer.problem.refusal)

    def _new(self, write: Write, wanted: str | None) -> list[Part]:
        given = {name: value for name, value in write.values.items() if value is not None}
        headers, path = {"Sforce-Auto-Assign": "false"}, self._client.create_path(self._sobject)
        create = Part(_name(write), "POST", path, codec.body(given, self._written), headers)
        if wanted is None:
            return [create]
        made = self._client.record_path(self._sobject, f"@{{{create.name}.id}}")
        return [create, Part(_anew(write), "GET", f"{made}?fields={wanted}")]


def _name(write: Write) -> str:
    return f"w{write.ref}"


def _anew(write: Write) -> str:
    return f"r{write.ref}"


def _http_date(instant: str) -> str:
    return format_datetime(datetime.fromisoformat(instant), usegmt=True)
