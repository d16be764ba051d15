"""How people are written: updates by id, creates by the cross-id."""

from collections.abc import Callable, Sequence

from mksync.core.records import Schema, Write
from mksync.ports import Misuse
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.codec import to_body
from mksync.vendors.marketo.codes import ABOUT_LINKS
from mksync.vendors.marketo.writes import Form, Payload, Result
from mksync.wire.session import Repeat


class UpdatePerson(Form):
    """Sent again when its answer is lost: it only says again what it said."""

    id = "id"
    absent = "1004"
    single = ABOUT_LINKS

    def __init__(self, client: Client, schema: Callable[[], Schema]) -> None:
        self._client = client
        self._schema = schema

    def takes(self, write: Write) -> bool:
        return write.id is not None

    def payload(self, write: Write) -> Payload:
        assert write.id is not None
        if write.delete:
            raise Misuse("people are not deleted by mksync")
        return {**to_body(self._schema(), write.values), "id": int(write.id)}

    def key(self, payload: Payload) -> str:
        return str(payload["id"])

    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        return self._client.sync_leads("updateOnly", "id", payloads)


class CreatePerson(Form):
    """By the cross-id, which a repeated create finds. `partition`: where new people go.

    One whose answer was lost is not sent again at once: while Marketo may still be at work on it, a second upsert can
    make twins (Marketo developer guide, Leads). It is settled by reading.
    """

    id = "id"
    single = ABOUT_LINKS

    def __init__(self, client: Client, schema: Callable[[], Schema], key_field: str, partition: str | None) -> None:
        self._client = client
        self._schema = schema
        self._key_field = key_field
        self._partition = partition

    def takes(self, write: Write) -> bool:
        return write.id is None

    def payload(self, write: Write) -> Payload:
        if write.token is None:
            raise Misuse("a person is created by a token, so that a repeated call finds it")
        return {**to_body(self._schema(), write.values), self._key_field: write.token}

    def key(self, payload: Payload) -> str:
        return str(payload[self._key_field])

    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        return self._client.sync_leads(
            "createOrUpdate", self._key_field, payloads, partition=self._partition, repeat=Repeat.ONCE
        )
