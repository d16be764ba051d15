"""The Dataverse emulator: HTTP in, HTTP out. What it answers is decided in the modules beside it."""

import gzip
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.dynamics import control, vendor_faults
from mksync.sandbox.dynamics.api import LONGEST_BODY, LONGEST_URL, Api
from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.control import Control
from mksync.sandbox.dynamics.errors import ODataError, no_http_resource
from mksync.sandbox.dynamics.founding import CLIENT_ID, Founding
from mksync.sandbox.dynamics.limits import Limits
from mksync.sandbox.dynamics.oauth import OAuth
from mksync.sandbox.dynamics.odata.shape import dumps
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.others import Others
from mksync.sandbox.dynamics.quirks import known as known_quirks
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.rules import Rules
from mksync.sandbox.dynamics.seeding import Seeding
from mksync.sandbox.dynamics.writes import Writer
from mksync.sandbox.emulator import IN_FLIGHT, RAW_TARGET
from mksync.sandbox.faults import Fault
from mksync.sandbox.people import DemoPerson
from mksync.sandbox.store import Store

ROOT = "/api/data/v9.2"
USERS = ("sync_user", "admin_user", "sales_user", "manager_user", "former_user", "team", "business_unit")


class DynamicsEmulator:
    """One organisation and the directory it trusts. `quirks` are explained in the package's docstring. Thread-safe."""

    name = "dynamics"

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._seeding: Seeding | None = None
        with store.transaction():
            self._org = Org(store, clock, known_quirks(quirks))
            self._rules = Rules(store.connection)
            self._oauth = OAuth(self._org)
            self._limits = Limits(self._org)
            writer = Writer(self._org, self._rules)
            self._api = Api(self._org, writer)
            self._others = Others(self._org, writer)
            self._control = Control(self._org, self._rules, self._others, self._oauth)
            if self._org.settings.get("organization") is None:
                Founding(self._org).found(self._rules, self._oauth)

    def handle(self, request: Request) -> Response:
        with self._store.transaction():
            return self._answered(request)

    def fault(self, fault: Fault, request: Request) -> Response | None:
        if not request.path.startswith("/api/"):
            answer = vendor_faults.SIGN_IN.get(fault.name)
            return _response(answer) if answer else self.handle(request)
        if fault.is_code:
            error = vendor_faults.coded(fault.name)
            with self._store.transaction():
                return self._answered(request, row_fault=error) if fault.row else self._answered(request, error)
        found = vendor_faults.worded(fault.name, _host(request), self._limits)
        if found is None:
            return None
        with self._store.transaction():
            return self._answered(request, found())

    def lift_rate_limits(self) -> None:
        self._limits.lifted = True

    def seed(self, people: Iterable[DemoPerson]) -> None:
        with self._store.transaction():
            self._seeding = self._seeding or Seeding(self._org)
            self._seeding.seed(people)

    @property
    def users(self) -> Mapping[str, str]:
        """Ids of note: `sync_user`, `admin_user`, other users, the `team` and the `business_unit`."""
        return {name: str(self._org.settings.get(name)) for name in USERS}

    @property
    def certificate(self) -> tuple[str, str]:
        """Private key and certificate (PEM) that the app registration `sandbox` may sign in with."""
        with self._store.transaction():
            return self._oauth.own_certificate()

    def register_certificate(self, certificate: str, client_id: str = CLIENT_ID) -> None:
        """Let an app sign in with assertions of this certificate (PEM), and with no other's."""
        with self._store.transaction():
            self._oauth.set_certificate(client_id, certificate)

    def edit(self, kind: str, table: str, id: str | None = None, **values: Any) -> str:  # noqa: ANN401 - JSON
        """Another user's edit, as the Web API takes it: kind create, update, delete or merge; the row's id."""
        with self._store.transaction():
            return self._others.edit(kind, table, id, values)

    def row(self, table: str, id: str) -> Row | None:
        """What the organisation holds under an id, as `rows.py` stores it, secured columns included."""
        with self._store.transaction():
            return self._org.rows.get(self._org.catalogue.named(table), id)

    def rows(self, table: str) -> list[Row]:
        """Every row of a table, oldest first."""
        with self._store.transaction():
            return self._org.rows.select(table, "1 ORDER BY _row", ())

    def _answered(
        self,
        request: Request,
        instead: Answer | ODataError | None = None,
        row_fault: ODataError | None = None,
    ) -> Response:
        if request.path.startswith(control.PREFIX):
            return _response(self._control.answer(request.method, request.path, request.get_data()))
        target = str(request.environ.get(RAW_TARGET) or request.full_path.rstrip("?"))
        path, _, query = target.partition("?")
        path = path.partition("://")[2].partition("/")[2].join(("/", "")) if "://" in path else path
        headers = {name.lower(): value for name, value in request.headers.items()}
        annotated = "*" in headers.get("prefer", "")
        try:
            if isinstance(instead, ODataError):
                raise instead
            answer = instead or self._routed(request, path, query, headers, row_fault)
        except ODataError as error:
            answer = refusal(error, annotated=annotated)
        return _response(answer)

    def _routed(
        self, request: Request, path: str, query: str, headers: Mapping[str, str], row_fault: ODataError | None
    ) -> Answer:
        parts = path.strip("/").split("/")
        if path == ROOT or path.startswith(f"{ROOT}/"):
            return self._called(request, path.removeprefix(ROOT).lstrip("/"), query, headers, row_fault)
        if request.method == "POST" and len(parts) == 4 and parts[1:] == ["oauth2", "v2.0", "token"]:
            return self._oauth.token(parts[0], request.form, _host(request))
        if parts[1:] == ["v2.0", ".well-known", "openid-configuration"]:
            return self._oauth.discovery(parts[0])
        raise no_http_resource(request.url)

    def _called(
        self, request: Request, path: str, query: str, headers: Mapping[str, str], row_fault: ODataError | None
    ) -> Answer:
        host = _host(request)
        user = self._oauth.authorize(headers.get("authorization"), host)
        self._limits.admit(user.id, int(request.environ.get(IN_FLIGHT, 1)))
        if len(path) + len(query) > LONGEST_URL:
            raise ODataError(414, "", "The request URI is too long.")
        root = f"{host}{ROOT}"
        call = Call(request.method, path, query, headers, _content(request), user, root, row_fault=row_fault)
        answer = self._api.run(call)
        more = {**self._limits.headers(user.id), **answer.headers}
        return Answer(answer.status, answer.body, more, answer.content_type)


def refusal(error: ODataError, *, annotated: bool = False) -> Answer:
    """An error as an answer; a challenge has no body."""
    body = error.body(annotated=annotated) if error.message else None
    return Answer(error.status, body, error.headers)


def _host(request: Request) -> str:
    return request.host_url.rstrip("/")


def _content(request: Request) -> bytes:
    body = request.get_data()
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError):
            raise ODataError(400, "0x80048d19", "The body is not gzip.") from None
    if len(body) > LONGEST_BODY:
        raise ODataError(413, "0x8004418A", "The length of the request is too large.")
    return body


def _response(answer: Answer) -> Response:
    id = str(uuid.uuid4())
    headers = {"REQ_ID": id, "x-ms-service-request-id": id, "OData-Version": "4.0", **answer.headers}
    if answer.body is None:
        empty = Response(status=answer.status, headers=headers)
        del empty.headers["Content-Type"]
        return empty
    body = answer.body if isinstance(answer.body, str | bytes) else dumps(answer.body)
    return Response(body, answer.status, headers, content_type=answer.content_type)
