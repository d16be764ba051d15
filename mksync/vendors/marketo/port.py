"""Marketo as `ports.Port`."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import mksync.vendors.marketo.codec as codec
import mksync.vendors.marketo.edits as edits
import mksync.vendors.marketo.objects as objects
from mksync.core.activity import Entry
from mksync.core.object_types import ObjectType
from mksync.core.records import (
    Check,
    Field,
    Gone,
    Identity,
    Outcome,
    Page,
    Record,
    Refusal,
    Schema,
    Selection,
    Write,
)
from mksync.errors import ConfigError
from mksync.ports import Beside, Clock
from mksync.vendors.budget import Budget
from mksync.vendors.guard import guarded
from mksync.vendors.marketo.activity_log import ActivityLog
from mksync.vendors.marketo.auth import MarketoAuth
from mksync.vendors.marketo.client import BATCH, Client
from mksync.vendors.marketo.codec import COMPANY, PERSON
from mksync.vendors.marketo.custom_types import CustomTypes
from mksync.vendors.marketo.errors import RequestRefused, classify, refusal
from mksync.vendors.marketo.feed import Feed
from mksync.vendors.marketo.object_codec import place
from mksync.vendors.marketo.objects import Object
from mksync.vendors.marketo.settings import Settings
from mksync.vendors.marketo.standard import OTHERS
from mksync.vendors.marketo.writes import reasons
from mksync.wire.kept import kept
from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from mksync.wire.origin import address
from mksync.wire.redact import Redactor
from mksync.wire.session import Session

_MUNCHKIN = re.compile(r"(\d{3}-[a-z]{3}-\d{3})\.mktorest\.com", re.IGNORECASE)

MIDNIGHT = 6 * 3_600.0  # of US Central in winter, in UTC (Marketo developer guide, Error Codes); in summer an hour late


def connect(settings: Settings, clock: Clock, beside: Beside | None = None) -> "MarketoPort":
    """A port that signs in with its first call."""
    counted = beside.file("marketo-calls") if beside else None
    meter = Meter("Marketo", budget=settings.daily_calls, clock=clock, day_begins=MIDNIGHT, reserve=settings.reserve)
    session = Session(
        system="Marketo",
        origin=settings.url,
        auth=MarketoAuth(settings, clock),
        classify=classify,
        # Marketo developer guide, REST API: 100 in 20 s
        limiter=Limiter(clock, calls=100, per=20.0, concurrent=5, beside=counted),
        meter=meter,
        clock=clock,
        redactor=Redactor(settings.client_secret),
        keep=kept(beside, "marketo", settings.signed_in_with, settings.client_secret, clock),
    )
    return MarketoPort(settings, Client(session, meter, clock))


@guarded("Marketo")
class MarketoPort:
    """One instance, one API user. What describe says is kept until `describe` is asked again."""

    batch = BATCH

    def __init__(self, settings: Settings, client: Client) -> None:
        self._settings = settings
        self._client = client
        self._people = objects.people(client, settings, self._company_fields)
        self._objects = {PERSON: self._people}
        self._types = CustomTypes(client)
        self._log = ActivityLog(client)

    @property
    def calls(self) -> int:
        return self._client.calls

    @property
    def budget(self) -> Budget:
        return self._client.budget

    def ask_usage(self) -> None:
        """See `ports.Budgeted`. With a reserve, everybody's calls count, and else this API user's.

        Without `daily_calls` there is no limit to compare them with, as Marketo tells none.
        """
        if self._settings.daily_calls is None:
            return
        self._client.learn_usage(of_all=bool(self._settings.reserve))

    def organisation(self) -> str:
        """Marketo's API has no call that names the instance: its host does, by the Munchkin account id."""
        found = _MUNCHKIN.fullmatch(urlsplit(self._settings.url).hostname or "")
        return found[1].upper() if found else address(self._settings.url)

    def identify(self) -> Identity:
        return Identity("Marketo", self.organisation(), self.organisation(), self._client.user)

    def sign_in_anew(self) -> None:
        """See `ports.KeepsTokens`."""
        self._client.sign_in_anew()

    def checks(self) -> Iterator[Check]:
        from mksync.vendors.marketo.checks import checks  # no cycle makes them

        yield from checks(self._client, self._settings.key_field)

    def describe(self, object: str) -> Schema:
        """The object's fields, asked for afresh. Raises Unavailable, and ConfigError for what cannot be a name.

        Custom fields of the company are told from the person's own once `company` was described or recalled: nothing
        that Marketo says of people tells them apart.
        """
        return self._object(object).describe()

    def recall(self, schema: Schema) -> None:
        if schema.object == PERSON and not schema.id:  # kept before schemas told
            schema = replace(schema, id="id")
        if schema.id:
            self._object(schema.object).recall(schema)

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        """The feed of people (see `feed`); raises ConfigError for other objects, which Marketo has no feed of.

        Values of a company that come with its people are not followed either: they have no activity.
        """
        if strangers := sorted(selection.keys() - {PERSON}):
            raise ConfigError(f"Marketo cannot tell what changed of {', '.join(strangers)}", hint="only of people")
        self.ask_usage()
        asked = set(selection.get(PERSON, ()))
        fields = self._people.schema().fields
        feed = Feed(
            self._client,
            lambda ids: self._people.reader.fetch(ids, selection.get(PERSON, ())),
            # How the activity log names the fields that nobody asks for.
            ignored=frozenset(
                one.number for one in fields.values() if one.number is not None and one.name not in asked
            ),
            fields=[fields[name] for name in fields if name in asked],
        )
        yield from feed.pages(cursor)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        yield from self._object(object).reader.fetch(ids, fields)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        yield from self._object(object).reader.find(field, values, fields)

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        """See `ports.Port.write`. Raises Unavailable where the API user may read the object and not write it."""
        yield from self._object(object).writer.write(writes, fields)

    def write_unread(self, object: str, writes: Sequence[Write]) -> Iterator[Outcome]:
        """See `ports.WritesUnread`: Marketo's answer to a write names records, and none of their values."""
        yield from self._object(object).writer.write(writes, None)

    def edits(self, object: str, ids: Sequence[str], since: float) -> Mapping[tuple[str, str], int]:
        """See `ports.TellsEdits`. Of people only, as nothing else has an activity log."""
        return edits.count(self._client, self._people.schema().fields, ids, since) if object == PERSON else {}

    def create_field(self, object: str, field: Field) -> None:
        """Create a custom field of people or of a custom object; one that exists already is left as it is.

        Raises ConfigError if Marketo refuses, and Unavailable.
        """
        if object in OTHERS:
            hint = "create it in Marketo: Admin, Field Management"
            raise ConfigError(f"Marketo's API creates no fields of {place(object).title}", hint=hint)
        if field.name in self.describe(object).fields:
            return
        if object == PERSON:
            self._create_persons_field(field)
        else:
            self._types.add_field(object, field)
        self._object(object).forget()

    def object_types(self) -> Iterator[ObjectType]:
        """The custom objects there are, drafts included. Raises Unavailable."""
        yield from self._types.all()

    def create_object(self, type: ObjectType) -> str:
        """See `ports.MakesObjects`. Whether a label is in use already only Marketo knows: then it refuses."""
        return self._types.create(type)

    def activity_type(self) -> str | None:
        return self._log.type()

    def create_activity_type(self) -> str:
        return self._log.create()

    def may_log(self, type: str) -> None:
        self._log.check(type)

    def log_activities(self, type: str, entries: Sequence[Entry]) -> Sequence[Refusal | None]:
        return self._log.write(type, entries)

    def logged(self, type: str, people: Sequence[str], since: str) -> set[str]:
        return self._log.references(type, people, since)

    def _create_persons_field(self, field: Field) -> None:
        result = self._client.create_field(codec.new_field(field))
        if result.get("status") != "created":
            why = refusal(reasons(result))
            raise RequestRefused(why.code, why.message, hint=why.remedy)

    def _object(self, name: str) -> Object:
        if name not in self._objects:
            self._objects[name] = objects.other(self._client, name)
        return self._objects[name]

    def _company_fields(self) -> Collection[str]:
        known = self._objects[COMPANY].known if COMPANY in self._objects else None
        return [] if known is None else [field.name for field in known.fields.values() if field.custom]
