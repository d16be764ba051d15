"""Writing: a batch of single requests, each for itself, each with its read-back.

An update names the version of the record as it was read, so that it never goes over somebody else's edit; for the same
reason a batch of updates is not sent again when its answer was lost: our own first write would make the second one
fail. A create names an id of ours that follows from its token, so it may be sent any number of times: from the second
one on the record is there already, and ours.

Sources: Power Apps developer documentation, "Perform conditional operations using the Web API", "Create a table row
using the Web API" (with an id of one's own), "Detect duplicate data using the Web API".
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid4, uuid5

from mksync.core.records import Field, FieldType, Gone, Outcome, Record, Refusal, Value, Write
from mksync.errors import MksyncError, OutcomeUnknown
from mksync.ports import Clock
from mksync.vendors.dynamics import codec
from mksync.vendors.dynamics.batch import Answer, Part
from mksync.vendors.dynamics.choices import Choices
from mksync.vendors.dynamics.client import BatchRefused, Client, TooLarge
from mksync.vendors.dynamics.codec import NoSuchChoice
from mksync.vendors.dynamics.codes import DEAD_LINK, Act
from mksync.vendors.dynamics.errors import Problem, raised
from mksync.vendors.dynamics.ids import guid
from mksync.vendors.dynamics.kinds import LOOKUPS, kind
from mksync.vendors.dynamics.lookups import Lookups, NoSuchRecord
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.pace import Pace
from mksync.vendors.dynamics.rows import Rows
from mksync.vendors.dynamics.settings import BASE
from mksync.wire.reply import Headers
from mksync.wire.session import Repeat

WAITS = (1.0, 3.0, 6.0)  # seconds, for what passes: another save of the same record, a busy database
_IDS = UUID("6b1c8a52-6f0d-4d5e-9a53-2f6f4f1f9c11")  # the name space of the ids that follow from tokens
_NOT_THERE = "0x80040217"
_TOO_LARGE = "0x8004418A"

Fields = Mapping[str, Field]


class Writer:
    """Writes to one object. `fields` are those of the writes; `rows` reads back."""

    def __init__(
        self, client: Client, clock: Clock, pace: Pace, fields: Fields, rows: Rows, choices: Choices, lookups: Lookups
    ) -> None:
        self._client = client
        self._clock = clock
        self._pace = pace
        self._fields = fields
        self._rows = rows
        self._choices = choices
        self._lookups = lookups

    def write(self, writes: Sequence[Write]) -> Iterator[Outcome]:
        """One outcome per write. Raises OutcomeUnknown if a batch was sent and its answer lost."""
        for some in ([one for one in writes if one.id is None], [one for one in writes if one.id is not None]):
            parts: dict[int, tuple[Write, Part]] = {}
            for write in some:
                part = self._part(write)
                if isinstance(part, Outcome):
                    yield part
                else:
                    parts[write.ref] = (write, part)
            yield from self._sent(parts)

    def _part(self, write: Write) -> Part | Outcome:
        """The request, or the outcome that is known without one."""
        # A new record is told nothing of what is empty: an empty Boolean would become a No.
        values = write.values if write.id else {name: one for name, one in write.values.items() if one is not None}
        try:
            body = self._body(values)
        except NoSuchChoice as error:
            return Outcome(write.ref, "refused", refusal=_no_such_choice(error))
        except NoSuchRecord as error:
            return Outcome(write.ref, "refused", refusal=_no_such_record(error))
        headers = {"Prefer": ",".join(("return=representation", *self._rows.prefer))}
        set, table = self._rows.table.set, self._rows.table
        if write.id is None:
            # Duplicate rules hold for what people enter; over the API they are off unless asked for.
            headers["MSCRM.SuppressDuplicateDetection"] = "false"
            path = query(set, select=self._rows.columns)
            return Part("POST", f"{BASE}/{path}", {**body, table.key: _id_for(write)}, headers)
        id = guid(write.id)
        if id is None:
            return Outcome(write.ref, "gone")
        # Without a version any will do, but for none: a bare PATCH would make a deleted record anew.
        headers["If-Match"] = write.version or "*"
        path = query(f"{set}({id})", select=self._rows.columns)
        return Part("PATCH", f"{BASE}/{path}", body, headers)

    def _body(self, values: Mapping[str, Value]) -> dict[str, object]:
        body: dict[str, object] = {}
        for name, value in values.items():
            field = self._fields[name]
            if kind(field) in LOOKUPS:
                body |= self._lookups.bind(field, value)
            else:
                body[name] = codec.encode(field, value, self._choices)
        return body

    def _sent(self, parts: Mapping[int, tuple[Write, Part]]) -> Iterator[Outcome]:
        """Sends them, and again those that met passing trouble: a part that was refused wrote nothing."""
        left = dict(parts)
        for wait in (*WAITS, None):
            if not left:
                return
            again: dict[int, tuple[Write, Part]] = {}
            for (write, part), answer in zip(left.values(), self._answers(list(left.values())), strict=True):
                if wait is not None and answer.problem and answer.problem.act in (Act.AGAIN, Act.WAIT):
                    again[write.ref] = (write, part)
                else:
                    yield self._outcome(write, part, answer)
            left = again
            if left and wait is not None:
                self._clock.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter

    def _answers(self, parts: Sequence[tuple[Write, Part]]) -> list[Answer]:
        """Their answers, in as many batches as their size takes."""
        repeatable = all(write.id is None and write.token for write, _ in parts)
        try:
            return self._batch([part for _, part in parts], Repeat.SAFE if repeatable else Repeat.ONCE)
        except TooLarge as error:
            self._pace.too_large(len(parts))
            if len(parts) == 1:
                return [Answer(413, {"error": {"code": _TOO_LARGE, "message": error.message}}, Headers({}))]
        except BatchRefused as error:  # a body that cannot be read: it is one record's fault
            if len(parts) == 1:
                return [error.answer]
        middle = len(parts) // 2
        return self._answers(parts[:middle]) + self._answers(parts[middle:])

    def _batch(self, parts: Sequence[Part], repeat: Repeat) -> list[Answer]:
        with self._pace.timed(len(parts)):
            return self._client.batch(parts, repeat=repeat)

    def _outcome(self, write: Write, part: Part, answer: Answer) -> Outcome:
        if answer.problem is None:
            return self._written(write, part, answer)
        if write.id is None:
            return self._not_created(write, part, answer.problem)
        return self._not_updated(write, part, answer.problem)

    def _written(self, write: Write, part: Part, answer: Answer) -> Outcome:
        created = write.id is None
        if isinstance(answer.body, Mapping) and self._rows.table.key in answer.body:
            return Outcome(write.ref, "written", self._rows.record(answer.body), created=created)
        held = self._held(_own_id(write, part, self._rows.table.key))  # the wish for a read-back was passed over
        return _as_held(write, held, created=created)

    def _not_created(self, write: Write, part: Part, problem: Problem) -> Outcome:
        if problem.act is Act.EXISTS and write.token:
            held = self._held(_own_id(write, part, self._rows.table.key))
            if isinstance(held, Record):  # made by an earlier sending of this very write
                return Outcome(write.ref, "written", held, created=True)
        return _refused(write, problem)

    def _not_updated(self, write: Write, part: Part, problem: Problem) -> Outcome:
        if problem.act is Act.MOVED or (problem.status == 412 and not problem.code and write.version):
            return Outcome(write.ref, "moved")
        absent = problem.act is Act.GONE or (problem.status == 404 and problem.act is not Act.SCHEMA)
        if absent and self._is_about(write, part, problem):
            return Outcome(write.ref, "gone")
        return _refused(write, problem)

    def _is_about(self, write: Write, part: Part, problem: Problem) -> bool:
        """Whether it is the record itself that is not there, and not one that it was to refer to."""
        if not any(name.endswith("@odata.bind") for name in part.body or {}):
            return True
        return (guid(write.id or "") or "") in problem.message.lower()

    def _held(self, id: str) -> Record | Gone:
        try:
            (found,) = self._rows.read([id])
        except MksyncError as error:
            raise OutcomeUnknown(
                "Dynamics took the writes and could not be read afterwards", hint="Run again: they are read first."
            ) from error
        return found


def _refused(write: Write, problem: Problem) -> Outcome:
    if problem.status == 401 or problem.act is Act.QUOTA:
        raise raised(problem)
    refusal = problem.refusal
    if problem.act is Act.GONE:  # something that the record refers to
        refusal = replace(refusal, cause=DEAD_LINK.cause, remedy=DEAD_LINK.remedy)
    return Outcome(write.ref, "refused", refusal=refusal)


def _as_held(write: Write, held: Record | Gone, *, created: bool) -> Outcome:
    if isinstance(held, Record):
        return Outcome(write.ref, "written", held, created=created)
    return Outcome(write.ref, "gone")


def _id_for(write: Write) -> str:
    """The id of the record to be made: always the same for one token."""
    return str(uuid5(_IDS, f"{write.object}:{write.token}") if write.token else uuid4())


def _own_id(write: Write, part: Part, key: str) -> str:
    return write.id or str((part.body or {})[key])


def _no_such_choice(error: NoSuchChoice) -> Refusal:
    listed = ", ".join(error.options) or "none"
    multi = " (several are parted by ;)" if error.field.type is FieldType.MULTIPICKLIST else ""
    return Refusal(
        "0x8004431A",
        str(error),
        (error.field.name,),
        f"The value is not one of the choices of {error.field.label}.",
        f"Use one of them{multi}, or add this one to the column in Dynamics. There are: {listed}.",
    )


def _no_such_record(error: NoSuchRecord) -> Refusal:
    where = " or ".join(error.tables) or "any table"
    return Refusal(_NOT_THERE, f"{error} in {where}", (error.field.name,), DEAD_LINK.cause, DEAD_LINK.remedy)
