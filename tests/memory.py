"""A system in memory behind the `Port` protocol: the engine's rules are tested on it by the thousand.

It has a change feed, servers' habits (each field can be reformatted on save), refusals, conditional writes, and a
hook that is called before and after every call's effect, where a test can pull the plug.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mksync.core.records import (
    Check,
    Field,
    FieldType,
    Gone,
    Identity,
    Logged,
    Outcome,
    Page,
    Record,
    Ref,
    Refusal,
    Replaced,
    Schema,
    Selection,
    Side,
    Value,
    Write,
)
from mksync.errors import OutcomeUnknown

Values = dict[str, Value]


class Clock:
    """Stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1_780_000_000.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


class PlugPulled(BaseException):
    """The process died here."""


@dataclass
class System:
    """What a vendor would keep: records, and who changed when."""

    side: Side
    schemas: Mapping[str, Schema]
    token_field: str = ""
    nullable: frozenset[str] = frozenset()  # yes/no fields that may be empty, and are so in new records
    tells: bool = False  # whether its feed tells what was written over; then it cannot guard its writes
    last_words: bool = False  # whether the feed shows what a record last held before it tells that it is gone
    records: dict[str, dict[str, Values]] = field(default_factory=dict)
    gone: dict[tuple[str, str], Gone] = field(default_factory=dict)
    remains: dict[tuple[str, str], Record] = field(default_factory=dict)  # what gone records last held
    stamps: dict[tuple[str, str], int] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    told: list[list[Replaced]] = field(default_factory=list)  # what each entry of the log tells of values
    reformat: Callable[[str, Value], Value] = lambda name, value: value
    refuse: Callable[[str, Mapping[str, Value]], Refusal | None] = lambda id, values: None
    refuse_in: Callable[[str, Mapping[str, Value]], Refusal | None] = lambda object, values: None
    at_step: Callable[[str], None] = lambda step: None
    organisation: str = "org-1"
    now: Callable[[], float] = lambda: 0.0
    edits: list[tuple[str, str, float]] = field(default_factory=list)  # record, field, when
    writes: int = 0
    written: Counter[str] = field(default_factory=Counter)  # the same, by object
    calls: int = 0

    def put(self, object: str, id: str, **values: Value) -> str:
        """Somebody saves a record, with the server's habits. A save that changes nothing is not logged."""
        known = self.records.setdefault(object, {}).get(id)
        old = known or {name: self._empty(one) for name, one in self.schemas[object].fields.items()}
        new = {**old, **{name: self.reformat(name, value) for name, value in values.items()}}
        if known is None and "Id" in old:
            new["Id"] = id
        if new != known:
            self.edits += [(id, name, self.now()) for name in new if known is not None and new[name] != known[name]]
            self.records[object][id] = new
            self._logs(object, id, known or new, new)
            self.stamps[object, id] = len(self.log)
        return id

    def _logs(self, object: str, id: str, old: Values, new: Values) -> None:
        at = len(self.log)
        self.log.append((object, id))
        changed = [name for name in new if self.tells and old[name] != new[name]]
        self.told.append(
            [Replaced(object, id, one, f"{at} {one}", at, Logged(old[one]), Logged(new[one])) for one in changed]
        )

    def drop(self, object: str, id: str, reason: str = "deleted", into: Ref | None = None) -> None:
        last = self.records[object].pop(id)
        self.remains[object, id] = Record(object, id, last, str(self.stamps[object, id]))
        self.gone[object, id] = Gone(object, id, reason, into)  # type: ignore[arg-type]
        self._logs(object, id, last, last)

    def _empty(self, field: Field) -> Value:
        return False if field.type is FieldType.BOOLEAN and field.name not in self.nullable else None

    def snapshot(self) -> dict[str, dict[str, Values]]:
        return {object: {id: dict(values) for id, values in of.items()} for object, of in self.records.items()}


class MemoryPort:
    """A signed-in `System`."""

    def __init__(self, system: System, batch: int = 3) -> None:
        self.system = system
        self.batch = batch
        self._before = system.calls

    @property
    def calls(self) -> int:
        return self.system.calls - self._before

    def _call(self, name: str) -> None:
        self.system.calls += 1
        self.system.at_step(f"{self.system.side} {name}")

    def organisation(self) -> str:
        self._call("organisation")
        return self.system.organisation

    def recall(self, schema: Schema) -> None: ...

    def identify(self) -> Identity:
        self._call("identify")
        return Identity(str(self.system.side), self.system.organisation, "memory", "sync@example.com")

    def checks(self) -> Iterator[Check]:
        yield Check("sign-in", True, "signed in")

    def describe(self, object: str) -> Schema:
        return self.system.schemas[object]

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        start = max(0, int(cursor or 0) - 2)  # overlaps on purpose
        end = len(self.system.log)
        entries = list(dict.fromkeys(self.system.log[start:end])) if cursor else self._everything()
        for at in range(0, max(1, len(entries)), 4):
            self._call("changes")
            # As with a killed read of a real feed, the cursor moves to the end with the last page only.
            done = at + 4 >= len(entries)
            place = str(end) if done else cursor or ""
            page = self._page(selection, entries[at : at + 4], place, full=cursor is None)
            told = self.system.told[start:end] if done else []
            yield replace(page, replaced=[one for entry in told for one in entry])

    def _everything(self) -> list[tuple[str, str]]:
        return [(object, id) for object, records in self.system.records.items() for id in records]

    def _page(self, selection: Selection, keys: Sequence[tuple[str, str]], cursor: str, *, full: bool) -> Page:
        found = [self._look(object, id, selection[object]) for object, id in keys if object in selection]
        records = [one for one in found if isinstance(one, Record)]
        if self.system.last_words:
            remains = [self.system.remains[one.object, one.id] for one in found if isinstance(one, Gone)]
            records += [replace(one, values=_only(one.values, selection[one.object])) for one in remains]
        return Page(records, [one for one in found if isinstance(one, Gone)], cursor, full)

    def _look(self, object: str, id: str, fields: Sequence[str]) -> Record | Gone:
        values = self.system.records.get(object, {}).get(id)
        if values is None:
            return self.system.gone.get((object, id), Gone(object, id, "deleted"))
        version = None if self.system.tells else str(self.system.stamps[object, id])
        return Record(object, id, {name: values[name] for name in fields}, version)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        self._call("fetch")
        yield from [self._look(object, id, fields) for id in ids]

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        self._call("find")
        wanted = {value.casefold() for value in values}
        for id, record in list(self.system.records.get(object, {}).items()):
            if str(record[field]).casefold() in wanted:
                found = self._look(object, id, fields)
                assert isinstance(found, Record)
                yield found

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        assert len(writes) <= self.batch
        self._call("write")
        outcomes = [self._write(object, write, fields) for write in writes]
        self.system.at_step(f"{self.system.side} wrote")
        yield from outcomes

    def _write(self, object: str, write: Write, fields: Sequence[str]) -> Outcome:
        self.system.writes += 1
        self.system.written[object] += 1
        if write.delete:
            return self._delete(object, write)
        id = write.id or self._created_before(object, write)
        if id is not None and id not in self.system.records.get(object, {}):
            return Outcome(write.ref, "gone")
        if refusal := self.system.refuse(str(id), write.values) or self.system.refuse_in(object, write.values):
            return Outcome(write.ref, "refused", refusal=refusal)
        if write.version is not None and write.version != str(self.system.stamps[object, str(id)]):
            return Outcome(write.ref, "moved")
        created = id is None
        id = id or self._id(object, sum(of == object for of, _ in self.system.stamps) + 1)  # each once
        dedupe = self.system.schemas[object].dedupe
        token = {self.system.token_field: write.token} if write.token and self.system.token_field and not dedupe else {}
        self.system.put(object, id, **{**write.values, **token})
        found = self._look(object, id, fields)
        assert isinstance(found, Record)
        return Outcome(write.ref, "written", found, created=created)

    def _id(self, object: str, number: int) -> str:
        return f"{object[0].upper()}{number:03}"

    def _created_before(self, object: str, write: Write) -> str | None:
        of, dedupe = self.system.records.get(object, {}), self.system.schemas[object].dedupe
        if dedupe:
            told = [write.values.get(name) for name in dedupe]
            return next((id for id, values in of.items() if [values[name] for name in dedupe] == told), None)
        if not self.system.token_field:
            return None  # it keeps no token, and makes a second record
        return next((id for id, values in of.items() if values[self.system.token_field] == write.token), None)

    def _delete(self, object: str, write: Write) -> Outcome:
        if write.id not in self.system.records.get(object, {}):
            return Outcome(write.ref, "gone")
        self.system.drop(object, str(write.id))
        return Outcome(write.ref, "written")

    def create_field(self, object: str, field: Field) -> None:
        raise NotImplementedError


class UnreadPort(MemoryPort):
    """One that answers writes without what the records then hold, and has a log of edits, as Marketo's."""

    def write_unread(self, object: str, writes: Sequence[Write]) -> Iterator[Outcome]:
        for outcome in self.write(object, writes, []):
            yield replace(outcome, record=None)

    def edits(self, object: str, ids: Sequence[str], since: float) -> Mapping[tuple[str, str], int]:
        self._call("edits")
        return Counter((id, name) for id, name, at in self.system.edits if id in ids and at >= since)


def _only(values: Mapping[str, Value], names: Sequence[str]) -> Values:
    return {name: values[name] for name in names}


def fatal(at: int, *, lost: bool = False) -> Callable[[str], None]:
    """For `at_step`: die at this step, counted from 1. `lost`: if it is a write, only its answer is lost."""
    left = [at]

    def at_step(step: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            if lost and step.split()[1] in ("write", "wrote"):
                raise OutcomeUnknown(step)
            raise PlugPulled(step)

    return at_step


def lost_answers(steps: set[str]) -> Callable[[str], None]:
    """A hook that loses the answer of the named steps, once each."""

    def at_step(step: str) -> None:
        if step in steps:
            steps.remove(step)
            raise OutcomeUnknown(f"{step}: the answer was lost")

    return at_step
