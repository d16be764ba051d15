"""The Marketo emulator: one instance behind one address.

The switches it knows stand in `quirks`, what a marketer and an admin can do over HTTP in `control`.

Sign in with client id `sandbox` and client secret `sandbox`. As in the real service there is no "who am I" call: a
client learns its user from the token's `scope`, and which instance this is from the host.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from werkzeug import Request, Response

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.emulator import IN_FLIGHT, RAW_TARGET
from mksync.sandbox.faults import Fault
from mksync.sandbox.marketo import vendor_faults
from mksync.sandbox.marketo.call import read_call
from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.control import PREFIX, Control
from mksync.sandbox.marketo.envelope import Envelopes, Failure, compress
from mksync.sandbox.marketo.identity import TOKEN_PATH, Identity
from mksync.sandbox.marketo.instance import open_instance
from mksync.sandbox.marketo.leads import Leads
from mksync.sandbox.marketo.marketer import Marketer
from mksync.sandbox.marketo.meter import UNLIMITED, Limits, Meter
from mksync.sandbox.marketo.objects import Objects
from mksync.sandbox.marketo.partitions import Partitions
from mksync.sandbox.marketo.permissions import Permissions
from mksync.sandbox.marketo.quirks import checked
from mksync.sandbox.marketo.routes import router
from mksync.sandbox.marketo.seed import seed_leads
from mksync.sandbox.people import DemoPerson
from mksync.sandbox.store import Store

_LONGEST_TARGET = 8 * 1024
_LARGEST_BODY = 1024 * 1024


class MarketoEmulator:
    """Answers Marketo's REST API from the store."""

    name = "marketo"

    def __init__(self, store: Store, clock: SandboxClock, quirks: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._instance = open_instance(store, clock, checked(quirks))
        self._identity = Identity(store, clock, quirks)
        self._meter = Meter(store, clock)
        self._envelopes = Envelopes(clock, quirks)
        leads = Leads(self._instance)
        changes = Changes(self._instance, leads)
        objects = Objects(self._instance, leads, changes)
        self._marketer = Marketer(objects)
        self._router = router(self._instance, self._meter, leads, changes, objects)
        self._denied: list[tuple[str, re.Pattern[str]]] = []
        self._permissions = Permissions()
        self._control = Control(self._marketer, self._permissions)

    @property
    def limits(self) -> Limits:
        """Rate, concurrency and quota; may be set at any time."""
        return self._meter.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._meter.limits = limits

    def lift_rate_limits(self) -> None:
        self.limits = replace(UNLIMITED, concurrency=self.limits.concurrency)

    @property
    def activity_delay(self) -> float:
        """The longest time in seconds until a new activity becomes visible; they then come out of order."""
        return self._instance.log.delay

    @activity_delay.setter
    def activity_delay(self, seconds: float) -> None:
        self._instance.log.delay = seconds

    @property
    def partitions(self) -> Partitions:
        """The lead partitions; an admin may add some."""
        return self._instance.partitions

    @property
    def permissions(self) -> Permissions:
        """What the API user's role allows."""
        return self._permissions

    def edit(self, kind: str, object: str, id: object = None, **values: Any) -> object:  # noqa: ANN401 - any JSON
        """A marketer creates, updates or deletes a company, an opportunity and the like; the record's id."""
        with self._store.transaction():
            return self._marketer.edit(kind, object, id, values)

    def rows(self, object: str) -> list[dict[str, Any]]:
        """Every record of an object other than the lead, with all of its fields."""
        with self._store.transaction():
            return self._marketer.rows(object)

    def add_field(self, object: str, name: str, type: str = "string") -> None:
        """An admin adds a custom field to a company, opportunity, role or sales person."""
        with self._store.transaction():
            self._marketer.add_field(object, name, type)

    def deny(self, method: str, path: str) -> None:
        """Take a permission from the API user's role: these calls are answered 603 (developer guide, Error Codes).

        `path` is a regular expression for the whole path, as in `/rest/v1/leads/schema/fields.*`.
        """
        self._denied.append((method, re.compile(path)))

    def block_updates(self, field: str, *, blocked: bool = True) -> None:
        """The admin's "block field updates": updates of it are answered `updated` and change nothing."""
        self._instance.fields.block(field, blocked=blocked)

    def handle(self, request: Request) -> Response:
        if len(str(request.environ.get(RAW_TARGET, ""))) > _LONGEST_TARGET:
            return Response("414 Request-URI Too Long", 414, content_type="text/plain")
        if (request.content_length or 0) > _LARGEST_BODY:
            return Response("413 Request Entity Too Large", 413, content_type="text/plain")
        if request.path.startswith(PREFIX):
            with self._store.transaction():
                return self._control.answer(request)
        if request.path == TOKEN_PATH:
            return self._identity.answer(request)
        code, response = self._answer(request)
        self._meter.settle(code)
        return compress(response, request)

    def fault(self, fault: Fault, request: Request) -> Response | None:
        if request.path == TOKEN_PATH:
            return vendor_faults.at_sign_in(fault.name) or self.handle(request)
        if fault.name == "server_error":
            return Response("<html><body>500 Internal Server Error</body></html>", 500, content_type="text/html")
        code = vendor_faults.NAMED.get(fault.name, fault.name if fault.is_code else "")
        if not code:
            return None
        if fault.row:
            return vendor_faults.first_refused(request, code, self.handle)
        if code in vendor_faults.SESSION:
            # Signing in again has to give a token that differs.
            self._identity.revoke()
        self._meter.book(code)
        return self._envelopes.failure(code, vendor_faults.words(code))

    def seed(self, people: Iterable[DemoPerson]) -> None:
        seed_leads(self._instance, people)

    def _answer(self, request: Request) -> tuple[str | None, Response]:
        try:
            self._meter.admit(int(request.environ.get(IN_FLIGHT, 1)))
            self._identity.check(request)
            if any(request.method == method and path.fullmatch(request.path) for method, path in self._denied):
                raise Failure("603", "Access denied")
            with self._store.transaction():
                call = read_call(request)
                self._permissions.check(call.method, call.path)
                return None, self._envelopes.success(self._router.answer(call))
        except Failure as failure:
            return failure.code, self._envelopes.failure(failure.code, failure.message)
