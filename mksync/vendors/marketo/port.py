"""Marketo as `ports.Port`."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import mksync.vendors.marketo.checks as checks
import mksync.vendors.marketo.codec as codec
from mksync.core.records import (
    Check,
    Field,
    FieldType,
    Gone,
    Identity,
    Outcome,
    Page,
    Record,
    Schema,
    Selection,
    Write,
)
from mksync.errors import ConfigError
from mksync.ports import Clock
from mksync.vendors.marketo.auth import MarketoAuth
from mksync.vendors.marketo.client import BATCH, Client
from mksync.vendors.marketo.codec import PERSON
from mksync.vendors.marketo.errors import RequestRefused, classify, refusal
from mksync.vendors.marketo.feed import Feed
from mksync.vendors.marketo.people import People
from mksync.vendors.marketo.settings import Settings
from mksync.vendors.marketo.writes import Writer
from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from mksync.wire.origin import address
from mksync.wire.redact import Redactor
from mksync.wire.session import Session

_MUNCHKIN = re.compile(r"(\d{3}-[a-z]{3}-\d{3})\.mktorest\.com", re.IGNORECASE)


def connect(settings: Settings, clock: Clock) -> "MarketoPort":
    """A port that signs in with its first call."""
    auth = MarketoAuth(settings, clock)
    meter = Meter("Marketo", budget=settings.daily_calls)
    session = Session(
        system="Marketo",
        origin=settings.url,
        auth=auth,
        classify=classify,
        limiter=Limiter(clock, calls=100, per=20.0, concurrent=5),  # Marketo developer guide, REST API: 100 in 20 s
        meter=meter,
        clock=clock,
        redactor=Redactor(settings.client_secret),
    )
    return MarketoPort(settings, Client(session, auth, meter, clock))


class MarketoPort:
    """One instance, one API user. What describe says is kept until `describe` is asked again."""

    batch = BATCH

    def __init__(self, settings: Settings, client: Client) -> None:
        self._settings = settings
        self._client = client
        self._schema: Schema | None = None
        self._people = People(client, self._types)
        self._writer = Writer(client, self._people, self._types, settings.key_field, settings.partition)

    @property
    def calls(self) -> int:
        return self._client.calls

    def organisation(self) -> str:
        """Marketo's API has no call that names the instance: its host does, by the Munchkin account id."""
        found = _MUNCHKIN.fullmatch(urlsplit(self._settings.url).hostname or "")
        return found[1].upper() if found else address(self._settings.url)

    def identify(self) -> Identity:
        return Identity("Marketo", self.organisation(), self.organisation(), self._client.sign_in())

    def checks(self) -> Iterator[Check]:
        yield from checks.checks(self._client, self._settings.key_field)

    def describe(self, object: str) -> Schema:
        """The person's fields, asked for afresh. Raises ConfigError for another object."""
        _person(object)
        self._schema = codec.schema(self._client.describe(), self._client.describe2())
        return self._schema

    def recall(self, schema: Schema) -> None:
        self._schema = schema

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        """See `feed`. Values of a company that come with its people are not followed: they have no activity."""
        if self._settings.daily_calls is not None:
            self._client.learn_usage()
        fields = selection.get(PERSON, ())
        types = self._types()
        feed = Feed(
            self._client,
            lambda ids: self._people.fetch(ids, fields),
            ignored=frozenset(self._numbers(excluding=set(fields))),
            scores=any(types.get(name) is FieldType.INTEGER for name in fields),
        )
        yield from feed.pages(cursor)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        _person(object)
        yield from self._people.fetch(ids, fields)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        _person(object)
        yield from self._people.find(field, values, fields)

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        _person(object)
        yield from self._writer.write(writes, fields)

    def create_field(self, object: str, field: Field) -> None:
        """Create a custom field; one that exists already is left as it is. Raises ConfigError if Marketo refuses."""
        _person(object)
        if field.name in self.describe(object).fields:
            return
        result = self._client.create_field(codec.new_field(field))
        self._schema = None
        if result.get("status") != "created":
            why = refusal(result.get("reasons") or result.get("errors") or ())
            raise RequestRefused(why.code, why.message, hint=why.remedy)

    def _numbers(self, excluding: set[str]) -> Iterator[int]:
        """How the activity log names the fields that nobody asks for."""
        schema = self._schema or self.describe(PERSON)
        for name, field in schema.fields.items():
            if field.number is not None and name not in excluding:
                yield field.number

    def _types(self) -> dict[str, FieldType]:
        schema = self._schema or self.describe(PERSON)
        return {name: field.type for name, field in schema.fields.items()}


def _person(object: str) -> None:
    if object != PERSON:
        raise ConfigError(f"Marketo has no object {object!r} for mksync", hint="the only one is `person`")
