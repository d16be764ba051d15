"""Dynamics behind `ports.Port`: puts settings, session, descriptions, feed and writer together."""

from collections.abc import Iterator, Mapping, Sequence

from mksync.core.custom import CustomObject
from mksync.core.records import (
    Check,
    Field,
    FieldType,
    Gone,
    Identity,
    Lookup,
    Outcome,
    Page,
    Record,
    Schema,
    Selection,
    Write,
)
from mksync.core.values import PLAIN
from mksync.errors import ConfigError
from mksync.ports import Clock, Unavailable
from mksync.vendors.dynamics import checks, choices, custom_tables
from mksync.vendors.dynamics.choices import Choices
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.convert import Converter
from mksync.vendors.dynamics.describing import Describing
from mksync.vendors.dynamics.feed import Feed
from mksync.vendors.dynamics.ids import id_of
from mksync.vendors.dynamics.lookups import Lookups
from mksync.vendors.dynamics.metadata import Description
from mksync.vendors.dynamics.objects import TABLES as PEOPLE
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.pace import Pace
from mksync.vendors.dynamics.roles import BY_CONNECTION, Roles
from mksync.vendors.dynamics.rows import Rows
from mksync.vendors.dynamics.security import Security
from mksync.vendors.dynamics.sources import Judged, Sources
from mksync.vendors.dynamics.tables import ROLE, Tables
from mksync.vendors.dynamics.trust import Trust, unseen
from mksync.vendors.dynamics.writes import Writer
from mksync.vendors.guard import guarded

TITLE = "Dynamics"

_SEARCHED_BY = PLAIN | {FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.REFERENCE}


@guarded("Dynamics")
class DynamicsPort:
    """One environment, as its application user sees it."""

    def __init__(self, client: Client, clock: Clock, host: str, pace: Pace) -> None:
        self._client = client
        self._clock = clock
        self._pace = pace
        self._host = host
        self._security = Security(client, lambda: id_of(client.whoami()["UserId"]))
        self.budget = client.budget
        self.converter = Converter(client)
        self._schemas: dict[str, Schema] = {}
        self._choices: dict[str, Choices] = {}
        self._lookups: dict[str, Lookups] = {}
        self._tables = Tables(client)
        self._describing = Describing(client, self._tables, self._security)

    @property
    def batch(self) -> int:
        """Goes by how long the last batches took, those of the last run too."""
        return self._pace.size

    @property
    def calls(self) -> int:
        return self._client.calls

    def ask_usage(self) -> None:
        """See `ports.Budgeted`: Dataverse tells burst limits only, so there is nothing to ask."""

    def organisation(self) -> str:
        """The environment's organisation id; of an earlier run, if its token is still good (see `Client.confirm`)."""
        return self._client.organisation

    def sign_in_anew(self) -> None:
        """See `ports.KeepsTokens`."""
        self._client.sign_in_anew()

    def identify(self) -> Identity:
        user, organisation = id_of(self._client.whoami()["UserId"]), self.organisation()
        name = self._named(f"organizations({organisation})", "name") or self._host
        return Identity(TITLE, organisation, name, self._named(f"systemusers({user})", "fullname") or user)

    def checks(self) -> Iterator[Check]:
        yield from checks.checks(self._client, self._security)

    def describe(self, object: str) -> Schema:
        """Asked afresh each time; the other methods go by the last answer.

        Leads and contacts are never Unavailable: without them there is nothing to sync, so that is an AccessError.
        """
        found = self.describe_together([object])[object]
        if isinstance(found, Unavailable):
            raise found
        return found

    def describe_together(self, objects: Sequence[str]) -> Mapping[str, Schema | Unavailable]:
        """See `ports.DescribesTogether`. One call for all their columns, and one for each object but people."""
        found = self._describing.describe(objects)
        for object, one in found.items():
            if isinstance(one, Description):
                self.recall(one.schema)
                if one.options:
                    self._choices_of(object).learn(one.options)
        return {object: one.schema if isinstance(one, Description) else one for object, one in found.items()}

    def custom_objects(self) -> Sequence[CustomObject]:
        """See `ports.OffersCustomObjects`. Two calls beside the one that tells who the sync user is."""
        return custom_tables.custom_objects(self._client, id_of(self._client.whoami()["UserId"]))

    def recall(self, schema: Schema) -> None:
        self._schemas[schema.object] = schema
        self._choices.pop(schema.object, None)

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        """A lead that became a contact comes as a record and as `Gone`; an idle cycle costs one call a table.

        Roles are read from two tables, opportunities and connections.
        """
        if cursor is None:
            for object in selection:
                if object != ROLE:
                    self._choices_of(object).forget()
        yield from Feed(self._client, self._sources, Trust(self._client, self._security)).pages(selection, cursor)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        if object == ROLE:
            yield from self._roles(fields).read(ids)
            return
        yield from self._rows(object, fields).read(ids)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        """Neither losers of merges nor leads that became contacts are found."""
        if object == ROLE:
            yield from self._roles(fields).find(field, values)
            return
        (key,) = self._fields(object, (field,)).values()
        if key.type not in _SEARCHED_BY:
            raise ConfigError(f"{field} is a {key.vendor_type}: records are looked up by texts and ids only")
        yield from self._rows(object, fields).find(key, values)

    def look(self, lookups: Sequence[Lookup]) -> Iterator[Record | Gone]:
        """See `ports.LooksAtOnce`. A call for ids and one for addresses of each table, as a rule."""
        trust = Trust(self._client, self._security)
        for one in lookups:
            rows = self._rows(one.object, one.fields)
            keys = self._fields(one.object, (one.field,)).values() if one.values else ()
            found = [*rows.read(one.ids), *(some for key in keys for some in rows.found(key, one.values))]
            trust.believe(rows, Judged([one for one in found if isinstance(one, Record)], []))
            yield from found

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        """Updates are guarded by `Write.version`; a create may be repeated if it has a token."""
        if object not in PEOPLE or any(write.delete for write in writes):
            raise ConfigError(
                f"mksync never writes the {object} to Dynamics, nor deletes anything there",
                hint="Leads and contacts sync both ways; everything else goes from Dynamics to Marketo only.",
            )
        names = dict.fromkeys(name for write in writes for name in write.values)
        written, rows = self._fields(object, list(names)), self._rows(object, fields)
        yield from Writer(self._client, self._clock, self._pace, written, rows, rows.choices, rows.lookups).write(
            writes
        )

    def create_field(self, object: str, field: Field) -> None:
        raise ConfigError(
            f"mksync creates no fields in Dynamics; {field.name} of the {object} has to be made there",
            hint="Create the column in Power Apps (Tables), and publish it; then select it.",
        )

    def _sources(self, object: str, names: Sequence[str]) -> Sources:
        if object != ROLE:
            return {object: self._rows(object, names)}
        customers, connections = self._roles(names).sources
        return {ROLE: customers, BY_CONNECTION: connections}

    def _roles(self, names: Sequence[str]) -> Roles:
        self._fields(ROLE, names)
        return Roles(self._client, tuple(names), Trust(self._client, self._security).believe)

    def _rows(self, object: str, names: Sequence[str]) -> Rows:
        table, fields = self._tables[object], self._fields(object, names)
        if object not in self._lookups:
            self._lookups[object] = Lookups(self._client, table.name)
        return Rows(self._client, table, fields, self._choices_of(object), self._lookups[object])

    def _choices_of(self, object: str) -> Choices:
        name = self._tables[object].name
        if object not in self._choices:
            known = self._schemas.get(object)
            told = choices.recalled(known.fields.values()) if known else {}
            self._choices[object] = Choices(lambda of: choices.read(self._client, name, of), told)
        return self._choices[object]

    def _fields(self, object: str, names: Sequence[str]) -> Mapping[str, Field]:
        described = (self._schemas.get(object) or self.describe(object)).fields
        missing = [name for name in names if name not in described]
        if missing:
            raise unseen(object if object == ROLE else self._tables[object].name, missing)
        return {name: described[name] for name in names}

    def _named(self, resource: str, column: str) -> str:
        """A text of a row that the sync user may see, or may not."""
        answer = self._client.get(query(resource, select=[column]))
        return "" if answer.problem else str(answer.body.get(column) or "")
