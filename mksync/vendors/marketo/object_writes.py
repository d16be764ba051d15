"""How companies, sales persons, opportunities, roles and custom objects are written and deleted."""

from collections.abc import Callable, Sequence

from mksync.core.records import Refusal, Schema, Write
from mksync.ports import Misuse
from mksync.vendors.marketo.codec import to_body, to_wire
from mksync.vendors.marketo.codes import ABOUT_RECORDS, OBJECT_CODES
from mksync.vendors.marketo.errors import refusal
from mksync.vendors.marketo.object_calls import ObjectCalls
from mksync.vendors.marketo.writes import Form, Payload, Result, reasons

GONE = "1013"


class ObjectForm(Form):
    """All of these may be sent again when an answer is lost: they name their record, and absolute values."""

    single = ABOUT_RECORDS

    def __init__(self, calls: ObjectCalls, schema: Callable[[], Schema]) -> None:
        self._calls = calls
        self._schema = schema

    @property
    def id(self) -> str:
        return self._schema().id

    def refusal(self, result: Result) -> Refusal:
        return refusal(reasons(result), OBJECT_CODES)

    def named(self, write: Write) -> dict[str, object]:
        """The record's id as Marketo takes it."""
        schema = self._schema()
        return {schema.id: to_wire(schema.fields[schema.id].type, write.id)}


class Upsert(ObjectForm):
    """By the dedupe fields, whose values are among the write's. Which of the two it was is told by the outcome."""

    def takes(self, write: Write) -> bool:
        return write.id is None

    def payload(self, write: Write) -> Payload:
        schema = self._schema()
        lacking = [name for name in schema.dedupe if write.values.get(name) is None]
        if lacking or not schema.dedupe:
            raise Misuse(f"a record of {schema.object} is created by its {', '.join(lacking) or 'dedupe fields'}")
        return to_body(schema, write.values)

    def key(self, payload: Payload) -> str:
        return "\n".join(str(payload[name]) for name in self._schema().dedupe)

    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        return self._calls.sync("createOrUpdate", "dedupeFields", payloads)


class Update(ObjectForm):
    """By the id: the dedupe fields need not be known. Updates are the only ones that Marketo lets name it."""

    absent = GONE
    doubtful = True

    def takes(self, write: Write) -> bool:
        return write.id is not None and not write.delete

    def payload(self, write: Write) -> Payload:
        return {**to_body(self._schema(), write.values), **self.named(write)}

    def key(self, payload: Payload) -> str:
        return str(payload[self.id])

    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        return self._calls.sync("updateOnly", "idField", payloads)


class Delete(ObjectForm):
    """A record that is not there is `gone`, also where an earlier attempt's answer was lost."""

    done = frozenset({"deleted"})
    absent = GONE
    reads_back = False

    def takes(self, write: Write) -> bool:
        return write.id is not None and write.delete

    def payload(self, write: Write) -> Payload:
        return self.named(write)

    def key(self, payload: Payload) -> str:
        return str(payload[self.id])

    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        return self._calls.delete("idField", payloads)
