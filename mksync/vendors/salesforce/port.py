"""Salesforce behind `ports.Port`: puts settings, session, feed and writer together."""

from collections.abc import Iterator, Mapping, Sequence

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.describing as describing
import mksync.vendors.salesforce.looking as looking
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
import mksync.vendors.salesforce.soql as soql
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
from mksync.errors import AccessError, ConfigError
from mksync.ports import Beside, Clock
from mksync.vendors.guard import guarded
from mksync.vendors.salesforce.auth import auth
from mksync.vendors.salesforce.bulk import Bulk
from mksync.vendors.salesforce.client import Client, Part, Row
from mksync.vendors.salesforce.convert import Converter
from mksync.vendors.salesforce.errors import classify
from mksync.vendors.salesforce.feed import Feed
from mksync.vendors.salesforce.rows import judged, read
from mksync.vendors.salesforce.settings import Settings
from mksync.vendors.salesforce.writes import BATCH, Writer
from mksync.wire.kept import kept
from mksync.wire.limits import Limiter
from mksync.wire.meter import Meter
from mksync.wire.redact import Redactor
from mksync.wire.session import Repeat, Session

TITLE = "Salesforce"

# 25 calls of 20 seconds and more may run in an organisation at once, 5 in a developer organisation (Developer Limits,
# "API Request Limits and Allocations"); shorter calls are not limited, nor is their rate.
CONCURRENT = 4
CALLS_A_SECOND = 1_000

_UNQUOTED = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME})


@guarded("Salesforce")
class SalesforcePort:
    """One organisation, as its sync user sees it."""

    batch = BATCH

    def __init__(self, client: Client, settings: Settings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self.budget = client.budget
        self.converter = Converter(client, clock)
        self._schemas: dict[str, Schema] = {}

    @property
    def calls(self) -> int:
        return self._client.calls

    def ask_usage(self) -> None:
        """See `ports.Budgeted`: any answer tells calls of the whole organisation in the last 24 hours."""
        self._client.limits()

    def organisation(self) -> str:
        """The token came with it, as a rule."""
        return self._client.organisation or codec.widen(self._client.userinfo()["organization_id"])

    def sign_in_anew(self) -> None:
        """See `ports.KeepsTokens`."""
        self._client.sign_in_anew()

    def identify(self) -> Identity:
        user = self._client.userinfo()
        query = soql.Query("Organization", ("Id", "Name"))
        of_user = (f"Id = {soql.literal(codec.widen(user['user_id']))}",)
        answers = self._client.composite(
            [
                Part("org", "GET", self._client.query_path(query, deleted_too=False)),
                Part(
                    "user",
                    "GET",
                    self._client.query_path(soql.Query("User", ("Id", "Username"), of_user), deleted_too=False),
                ),
            ],
            repeat=Repeat.READ,
        )
        org, name = (_only(answers[part].checked()) for part in ("org", "user"))
        return Identity(TITLE, codec.widen(org["Id"]), org["Name"], name["Username"])

    def checks(self) -> Iterator[Check]:
        from mksync.vendors.salesforce.checks import checks  # no cycle makes them

        yield from checks(self._client, self._settings.api_version)

    def describe(self, object: str) -> Schema:
        """Asked afresh each time; the other methods go by the last answer.

        Leads and contacts are never Unavailable: without them there is nothing to sync, so that is an AccessError.
        """
        self._schemas[object] = describing.schema(self._client, object)
        return self._schemas[object]

    def custom_objects(self) -> Sequence[CustomObject]:
        """See `ports.OffersCustomObjects`. Three calls, as a rule."""
        return describing.custom_objects(self._client)

    def recall(self, schema: Schema) -> None:
        self._schemas[schema.object] = schema

    def changes(self, selection: Selection, cursor: str | None) -> Iterator[Page]:
        """A converted lead, a merged or deleted record comes as `Gone`; a user never goes, see `IsActive`.

        An idle cycle costs one call for up to ten objects. One that is new in the selection is read whole meanwhile.
        """
        bulk = Bulk(self._client.jobs, self._clock, self._settings.bulk_from)
        yield from Feed(self._client, self._fields, bulk).pages(selection, cursor)

    def fetch(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Iterator[Record | Gone]:
        yield from read(self._client, object, ids, self._fields(object, fields))

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Record]:
        """SOQL compares text in any case. Converted leads are not found: they can no longer be written."""
        wanted = self._fields(object, fields)
        (key,) = self._fields(object, (field,)).values()
        if key.type in _UNQUOTED:
            raise ConfigError(f"{field} is a {key.vendor_type}: records are looked up by texts and ids only")
        literals = [soql.literal(value) for value in dict.fromkeys(values) if soql.expressible(value)]
        for query in soql.chunks(literals, lambda some: _by_key(object, field, some, wanted)):
            rows = self._client.rows(query)
            yield from self._whole(object, rows, wanted)

    def look(self, lookups: Sequence[Lookup]) -> Iterator[Record | Gone]:
        """See `ports.LooksAtOnce`. One call, as long as nobody asks for hundreds."""
        described = {one.object: self._fields(one.object, one.fields) for one in lookups}
        yield from looking.look(self._client, lookups, described)

    def write(self, object: str, writes: Sequence[Write], fields: Sequence[str]) -> Iterator[Outcome]:
        """Updates are guarded by `Write.version`; 24 of them and their read-back are one call, four calls at a time."""
        if object not in names.PEOPLE or any(write.delete for write in writes):
            raise ConfigError(
                f"mksync never writes the {object} to Salesforce, nor deletes anything there",
                hint="Leads and contacts sync both ways; everything else goes from Salesforce to Marketo only.",
            )
        written = self._fields(object, list(dict.fromkeys(name for write in writes for name in write.values)))
        writer = Writer(self._client, self._clock, object, written, self._fields(object, fields))
        yield from writer.write(writes)

    def create_field(self, object: str, field: Field) -> None:
        raise ConfigError(
            f"mksync creates no fields in Salesforce; {field.name} of the {object} has to be made there",
            hint="Create it in Setup, Object Manager, and grant the sync user access to it; then select it.",
        )

    def _fields(self, object: str, wanted: Sequence[str]) -> Mapping[str, Field]:
        described = (self._schemas.get(object) or self.describe(object)).fields
        unseen = [name for name in wanted if name not in described]
        if unseen:
            raise AccessError(
                f"Salesforce {names.sobject(object)}: {', '.join(unseen)} is missing or not visible to the sync user",
                hint="Grant the sync user field-level access, or take the field out of the selection.",
            )
        return codec.Fields((name, described[name]) for name in wanted)

    def _whole(self, object: str, rows: Sequence[Row], fields: Mapping[str, Field]) -> Iterator[Record]:
        """Records of found rows; where the query had no room for the fields, they are read by id."""
        whole = [row for row in rows if all(name in row for name in fields)]
        rest = [row["Id"] for row in rows if any(name not in row for name in fields)]
        found = (*judged(object, whole, fields), *read(self._client, object, rest, fields))
        yield from (one for one in found if isinstance(one, Record))


def connect(settings: Settings, clock: Clock, beside: Beside | None = None) -> SalesforcePort:
    """A port that signs in with its first call."""
    secret = settings.client_secret or settings.private_key or ""
    redactor = Redactor(*filter(None, (settings.client_secret, settings.private_key)))
    meter = Meter(TITLE, budget=settings.daily_calls, clock=clock, reserve=settings.reserve, tells=True)
    session = Session(
        system=TITLE,
        origin=settings.url,
        auth=auth(settings, clock, redactor),
        classify=classify,
        limiter=Limiter(clock, calls=CALLS_A_SECOND, per=1.0, concurrent=CONCURRENT),
        meter=meter,
        clock=clock,
        redactor=redactor,
        keep=kept(beside, "salesforce", settings.signed_in_with, secret, clock),
    )
    return SalesforcePort(Client(session, meter, settings.base, clock), settings, clock)


def _by_key(object: str, field: str, literals: Sequence[str], fields: Mapping[str, Field]) -> soql.Query:
    where = (soql.one_of(field, literals), *(("IsConverted = false",) if object == "lead" else ()))
    query = soql.Query(names.sobject(object), objects.columns(object, fields), where)
    return query if query.fits else soql.Query(query.object, objects.keys(object), where)


def _only(found: Row) -> Row:
    if not found["records"]:
        raise AccessError("the sync user may not see its own organisation or user", hint="Check its profile.")
    row: Row = found["records"][0]
    return row
