"""One object of Marketo as the port works with it: its fields, a reader and a writer."""

from collections.abc import Callable, Collection, Sequence

import mksync.vendors.marketo.codec as codec
import mksync.vendors.marketo.object_codec as object_codec
from mksync.core.records import Schema
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.object_calls import ObjectCalls
from mksync.vendors.marketo.object_writes import Delete, Update, Upsert
from mksync.vendors.marketo.people_writes import CreatePerson, UpdatePerson
from mksync.vendors.marketo.reader import Read, Reader
from mksync.vendors.marketo.settings import Settings
from mksync.vendors.marketo.writes import Form, Writer

Known = Callable[[], Schema]


class Object:
    """What describe says is kept until it is asked again; it is asked by the first who needs it."""

    def __init__(self, ask: Callable[[], Schema], read: Read, forms: Callable[[Known], Sequence[Form]]) -> None:
        self._ask = ask
        self._known: Schema | None = None
        self.reader = Reader(self.schema, read)
        self.writer = Writer(self.reader, forms(self.schema))

    def describe(self) -> Schema:
        self._known = self._ask()
        return self._known

    def recall(self, schema: Schema) -> None:
        self._known = schema

    def forget(self) -> None:
        self._known = None

    def schema(self) -> Schema:
        return self._known or self.describe()

    @property
    def known(self) -> Schema | None:
        return self._known


def people(client: Client, settings: Settings, company: Callable[[], Collection[str]]) -> Object:
    """`company`: names of custom fields that are known to be the company's."""
    return Object(
        lambda: codec.schema(client.describe(), client.describe2(), company()),
        client.leads,
        lambda known: (
            UpdatePerson(client, known),
            CreatePerson(client, known, settings.key_field, settings.partition),
        ),
    )


def other(client: Client, name: str) -> Object:
    """Any other than people. Raises ConfigError for what cannot be an object's name."""
    calls = ObjectCalls(client, object_codec.place(name))
    return Object(
        lambda: object_codec.schema(name, calls.describe()),
        calls.records,
        lambda known: tuple(form(calls, known) for form in (Upsert, Update, Delete)),
    )
