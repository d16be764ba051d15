"""The Salesforce emulator: HTTP in, HTTP out. What it answers is decided in the modules beside it."""

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.emulator import RAW_TARGET
from mksync.sandbox.faults import Fault
from mksync.sandbox.people import DemoPerson
from mksync.sandbox.salesforce import control, founding, vendor_faults
from mksync.sandbox.salesforce.api import Api, check_version, versions
from mksync.sandbox.salesforce.calls import Answer, Call, RowFault, split
from mksync.sandbox.salesforce.control import Control
from mksync.sandbox.salesforce.envelope import Fault as SoapFault
from mksync.sandbox.salesforce.envelope import fault as soap_fault
from mksync.sandbox.salesforce.errors import ApiError, deny, not_found
from mksync.sandbox.salesforce.oauth import OAuth
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.others import Others
from mksync.sandbox.salesforce.pending import Pending
from mksync.sandbox.salesforce.quirks import known as known_quirks
from mksync.sandbox.salesforce.rows import locked
from mksync.sandbox.salesforce.rules import Rules
from mksync.sandbox.salesforce.seeding import Seeding
from mksync.sandbox.salesforce.sessions import Sessions
from mksync.sandbox.salesforce.soap import Soap
from mksync.sandbox.salesforce.tables import Row
from mksync.sandbox.salesforce.usage import Usage
from mksync.sandbox.salesforce.writes import Writer
from mksync.sandbox.store import Store

LONGEST_URI = 16_384
_JSON = "application/json;charset=UTF-8"


class SalesforceEmulator:
    """One organisation. `quirks` are explained in the package's docstring. Thread-safe."""

    name = "salesforce"

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._seeding: Seeding | None = None
        with store.transaction():
            self._org = Org(store, clock, known_quirks(quirks))
            self._rules = Rules(store.connection)
            pending = Pending(store.connection)
            writer = Writer(self._org, self._rules, pending)
            self._sessions = Sessions(self._org)
            self._usage = Usage(self._org)
            self._oauth = OAuth(self._org, self._sessions)
            self._others = Others(self._org, writer, pending)
            self._api = Api(self._org, writer, pending, self._usage)
            self._soap = Soap(self._org, writer, self._sessions, self._usage)
            self._control = Control(
                self._org, self._rules, self._others, self._oauth, self._sessions, self._api.replication
            )
            if self._org.settings.get("organization") is None:
                founding.found(self._org, self._rules)
                self._oauth.register(founding.CLIENT_ID, founding.CLIENT_SECRET, self._org.sync_user)

    def handle(self, request: Request) -> Response:
        return self._respond(request, None)

    def fault(self, fault: Fault, request: Request) -> Response | None:
        if request.path.lower().startswith("/services/oauth2/token"):
            worded = vendor_faults.SIGN_IN.get(fault.name)
            return _response(worded) if worded else self.handle(request)
        if fault.name == "row_lock":
            return self._respond(request, locked)
        if fault.row:
            return self._respond(request, lambda _: vendor_faults.of_row(fault.name))
        answer = vendor_faults.of_call(fault.name) if fault.is_code else vendor_faults.ANSWERS.get(fault.name)
        if answer is None:
            return None
        if request.path.lower().startswith("/services/soap/") and answer.body:
            problem = answer.body[0]
            return _xml(500, soap_fault(SoapFault(problem["errorCode"], problem["message"])))
        return _response(answer)

    def lift_rate_limits(self) -> None:
        self._usage.unlimited = True

    def seed(self, people: Iterable[DemoPerson]) -> None:
        with self._store.transaction():
            self._seeding = self._seeding or Seeding(self._org)
            self._seeding.seed(people)

    @property
    def private_key(self) -> str:
        """The PEM key that signs JWTs for the consumer `sandbox`."""
        with self._store.transaction():
            return self._oauth.private_key()

    def register_key(self, client_id: str, public_key: str) -> None:
        """Let a consumer sign in with JWTs made by the private key that belongs to this one (PEM)."""
        with self._store.transaction():
            self._oauth.set_public_key(client_id, public_key)

    @property
    def users(self) -> Mapping[str, str]:
        """Ids of note: `sync_user`, `admin_user`, and `queue`, which is a group."""
        return {name: str(self._org.settings.get(name)) for name in ("sync_user", "admin_user", "queue")}

    def edit(self, kind: str, object: str, id: str | None = None, **values: Any) -> str:  # noqa: ANN401 - JSON
        """Another user's edit, visible at once: kind create, update, delete or undelete; the record's id."""
        with self._store.transaction():
            self._catch_up()
            return self._others.edit(kind, object, id, values)

    def row(self, object: str, id: str) -> Row | None:
        """What the organisation holds under an 18-character id, deleted or not, hidden fields included."""
        with self._store.transaction():
            self._catch_up()
            return self._org.tables.get(object, id)

    def _catch_up(self) -> None:
        self._api.bulk.catch_up(self._others)
        self._others.catch_up()

    def _respond(self, request: Request, row_fault: RowFault | None) -> Response:
        with self._store.transaction():
            self._catch_up()
            path, _, _ = str(request.environ.get(RAW_TARGET) or request.path).partition("?")
            parts = split(path)
            if request.path.startswith(control.PREFIX):
                return _response(self._control.answer(request.method, request.path, request.get_data()))
            if [part.lower() for part in parts[:3]] == ["services", "soap", "u"]:
                return _xml(*self._soap.answer(request.get_data(), row_fault=row_fault))
            answer = self._answer(request, parts, row_fault)
        if isinstance(answer.body, bytes):
            return _data(answer, request.headers.get("Accept-Encoding", ""))
        return _response(answer, pretty=request.headers.get("X-PrettyPrint") == "1")

    def _answer(self, request: Request, parts: tuple[str, ...], row_fault: RowFault | None) -> Answer:
        try:
            if len(str(request.environ.get(RAW_TARGET, ""))) > LONGEST_URI:
                raise deny("URI_TOO_LONG", "The request URI is too long", 414)
            return self._route(request, parts, row_fault)
        except ApiError as error:
            return Answer(error.status, error.body())

    def _route(self, request: Request, parts: tuple[str, ...], row_fault: RowFault | None) -> Answer:
        known = [part.lower() for part in parts]
        if known[:2] == ["services", "oauth2"] and len(known) == 3:
            return self._sign_in(request, known[2])
        if known[:1] == ["id"] and len(known) == 3:
            return self._oauth.identity(self._sessions.authorize(request.headers.get("Authorization")), _base(request))
        if known == ["services", "data"]:
            return Answer(200, versions())
        if known[:2] != ["services", "data"]:
            raise not_found()
        return self._rest(request, parts, row_fault)

    def _sign_in(self, request: Request, endpoint: str) -> Answer:
        base = _base(request)
        if endpoint == "token" and request.method == "POST":
            basic = request.authorization
            given = basic is not None and basic.type == "basic"
            pair = (str(basic.username), str(basic.password)) if basic is not None and given else None
            return self._oauth.token(request.form, pair, base)
        if endpoint == "revoke":
            return self._oauth.revoke(request.values.get("token", ""))
        if endpoint == "userinfo":
            return self._oauth.user_info(self._sessions.authorize(request.headers.get("Authorization")), base)
        raise not_found()

    def _rest(self, request: Request, parts: tuple[str, ...], row_fault: RowFault | None) -> Answer:
        version = parts[2].lower().removeprefix("v")
        check_version(version)
        actor = self._sessions.authorize(request.headers.get("Authorization"))
        self._usage.count()
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(
            method=request.method,
            version=version,
            parts=parts[3:],
            args=request.args,
            headers={**headers, "x-base": _base(request)},
            content=_content(request, data=[part.lower() for part in parts[3:5]] == ["jobs", "ingest"]),
            actor=actor,
            row_fault=row_fault,
            as_text=request.headers.get("X-PrettyPrint") != "1",
        )
        answer = self._api.answer(call)
        return Answer(answer.status, answer.body, {**answer.headers, "Sforce-Limit-Info": self._usage.header()})


def _base(request: Request) -> str:
    return request.host_url.rstrip("/")


def _content(request: Request, *, data: bool) -> bytes:
    """The body; `data`: it may be the rows of a job."""
    body = request.get_data()
    if body and request.mimetype not in ("application/json", "", *(("text/csv",) if data else ())):
        raise deny("UNSUPPORTED_MEDIA_TYPE", f"Content type {request.mimetype} not supported", 415)
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError):
        raise deny("JSON_PARSER_ERROR", "the body is not gzip") from None


def _response(answer: Answer, *, pretty: bool = False) -> Response:
    if answer.body is None:
        return Response(status=answer.status, headers=dict(answer.headers))
    if pretty:
        text = json.dumps(answer.body, ensure_ascii=False, indent=2)
    else:
        text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, answer.status, dict(answer.headers), content_type=_JSON)


def _data(answer: Answer, accepted: str) -> Response:
    """JSON that is text already; and rows of a bulk job, as they are or compressed."""
    if "Content-Type" not in answer.headers:
        return Response(answer.body, answer.status, dict(answer.headers), content_type=_JSON)
    if "gzip" not in accepted.lower():
        return Response(answer.body, answer.status, dict(answer.headers))
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return Response(gzip.compress(answer.body, compresslevel=1), answer.status, headers)


def _xml(status: int, text: str) -> Response:
    return Response(text, status, content_type="text/xml;charset=utf-8")
