"""The Dataverse Web API's requests, one short method each. Knows headers and envelopes, no fields and no rules.

Sources: Power Apps developer documentation, "Compose HTTP requests and handle errors", "Execute batch operations".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from mksync.errors import MksyncError, OutcomeUnknown, Temporary
from mksync.ports import Clock
from mksync.vendors.budget import Budget
from mksync.vendors.dynamics.batch import Answer, Part, decoded, encoded
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.errors import raised
from mksync.vendors.dynamics.ids import id_of
from mksync.vendors.dynamics.rates import RATES
from mksync.vendors.dynamics.settings import BASE
from mksync.vendors.dynamics.shapes import link_of, multipart, shape
from mksync.wire.meter import Meter
from mksync.wire.patience import http_date
from mksync.wire.reply import Reply, UnexpectedReply
from mksync.wire.session import Repeat, Session

URL_LIMIT = 32_768  # "Query data using the Web API"; a GET inside a batch may be twice as long
URL_RESERVE = 768  # scheme and host count too
PAGE = 5_000  # the most rows of a page
READ_TIMEOUT = 180.0
WRITE_TIMEOUT = 600.0  # a batch with slow plug-ins; giving up earlier would only lose its outcome

ALWAYS = {
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
    "If-None-Match": "null",  # defeats caches of expanded collections
}
_CONTINUE = {"Prefer": "odata.continue-on-error"}
_WHO = "WhoAmI"


class TooLarge(Temporary):
    """A request was refused for its size; nothing of it was processed."""


class BatchRefused(Temporary):
    """A batch was refused whole for something in it; nothing of it was processed."""

    def __init__(self, answer: Answer, error: MksyncError) -> None:
        super().__init__(error.message, hint=error.hint)
        self.answer = answer


class Client:
    """One signed-in environment."""

    def __init__(self, session: Session, meter: Meter, clock: Clock) -> None:
        self._session = session
        self.budget = Budget(meter, RATES)
        self._clock = clock
        self._ahead = 0.0
        self._self: Mapping[str, Any] | None = None

    @property
    def calls(self) -> int:
        return self._session.calls

    @property
    def server_now(self) -> float:
        """The server's time; the local clock only measures what has passed since it was last told."""
        return self._clock.now() + self._ahead

    @property
    def organisation(self) -> str:
        """As an earlier run was told with the token that it kept, else as the environment tells it now."""
        self._session.token()  # one that has ended tells nothing
        return self._session.organisation or id_of(self.whoami()["OrganizationId"])

    def sign_in_anew(self) -> None:
        self._session.sign_in_anew()
        self._self = None

    def whoami(self) -> Mapping[str, Any]:
        """Who the sync user is, and in which organisation; asked once. Raises MirrorError if that is another by now."""
        return self._self or self._told(self._read_at_once(_WHO))

    def confirm(self) -> None:
        """Raises MirrorError if the organisation, which only an earlier run has asked for, is another by now.

        A token outlives an environment that is replaced behind its address. So nothing is asked for but what changed,
        and none of that is believed, before the environment has said itself what it is.
        """
        if self._session.hearsay:
            self.whoami()

    def confirm_beside(self, resource: str) -> Answer | None:
        """As `confirm`, with another question in the same request; None if there is nothing to confirm.

        What the batch does not answer, or not as that question alone would be answered, is asked for itself. Of
        neither anything is believed before the environment has said what it is.
        """
        if not self._session.hearsay:
            return None
        questions = [Part("GET", f"{BASE}/{one}", headers=ALWAYS) for one in (_WHO, resource)]
        who, beside = self._tried(questions)
        self._told(who or self._read_at_once(_WHO))
        return beside or self._read_at_once(resource)

    def peek(self, link: str, prefer: Sequence[str]) -> Answer:
        """As `get`, of a delta link, and unconfirmed: whether there is anything new at all."""
        return self._read_at_once(link, prefer)

    def get(self, resource: str, prefer: Sequence[str] = ()) -> Answer:
        """`resource`: a set with its query ("leads?$select=…"), or a link's path. What is too long goes by batch."""
        self.confirm()
        return self._read_at_once(resource, prefer)

    def _read_at_once(self, resource: str, prefer: Sequence[str] = ()) -> Answer:
        path = resource if resource.startswith("/") else f"{BASE}/{resource}"
        headers = {**ALWAYS, **({"Prefer": ",".join(prefer)} if prefer else {})}
        if len(path) > URL_LIMIT - URL_RESERVE:
            return self.batch([Part("GET", path, headers=headers)], repeat=Repeat.READ)[0]
        reply = self._session.call(
            "GET", path, headers=headers, repeat=Repeat.READ, timeout=READ_TIMEOUT, shape=shape(path)
        )
        self._observe(reply)
        return _whole(reply)

    def read(self, resource: str, prefer: Sequence[str] = ()) -> Any:  # noqa: ANN401 - any JSON value
        """The body. Raises what a refusal amounts to."""
        return self.get(resource, prefer).checked()

    def rows(self, resource: str, prefer: Sequence[str] = ()) -> Iterator[Any]:
        """The rows of all pages. The wished page size has to be repeated with every link."""
        prefer = (f"odata.maxpagesize={PAGE}", *prefer)
        link: str | None = resource
        while link is not None:
            page = self.read(link, prefer)
            yield from page["value"]
            link = link_of(page, "nextLink")

    def act(self, method: str, resource: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """One write or action for itself. A POST is not sent again if its answer is lost: OutcomeUnknown."""
        self.confirm()
        reply = self._session.call(
            method,
            f"{BASE}/{resource}",
            json=body,
            headers={**ALWAYS, **headers},
            repeat=Repeat.ONCE if method == "POST" else Repeat.SAFE,
            timeout=WRITE_TIMEOUT,
        )
        self._observe(reply)
        return _whole(reply)

    def batch(self, parts: Sequence[Part], *, repeat: Repeat) -> list[Answer]:
        """Up to 1,000 parts, one after the other, each for itself. Every part counts against the daily entitlement.

        Raises TooLarge, BatchRefused, and OutcomeUnknown if parts that write were sent and their answer cannot be
        read.
        """
        self.confirm()
        reply = self._posted(parts, repeat)
        kind = reply.headers.get("content-type", "")
        if reply.status == 413:
            hint = "Run again; if it stays, report it to mksync."
            raise TooLarge("Dynamics refused a request as too large", hint=hint)
        if reply.status >= 400 and "multipart" not in kind:
            raise _refused(_whole(reply))
        try:
            answers = decoded(kind, reply.body)
            if len(answers) != len(parts):
                raise UnexpectedReply("parts of a batch were left unanswered")
        except UnexpectedReply as error:
            if repeat is Repeat.READ:
                raise
            text = f"Dynamics may or may not have processed a batch: {error.message}"
            raise OutcomeUnknown(text, hint="Run again: what became of it is read and settled first.") from error
        return answers

    def _tried(self, questions: Sequence[Part]) -> Sequence[Answer | None]:
        """The answers of one request; None for what is no answer as the question alone would get."""
        reply = self._posted(questions, Repeat.READ)
        try:
            answers = decoded(reply.headers.get("content-type", ""), reply.body)
        except UnexpectedReply:
            answers = []
        if len(answers) != len(questions):
            return [None] * len(questions)
        fits = [one.status < 300 and shape(part.path)(one) for part, one in zip(questions, answers, strict=True)]
        return [one if fit else None for one, fit in zip(answers, fits, strict=True)]

    def _posted(self, parts: Sequence[Part], repeat: Repeat) -> Reply:
        """Whatever is answered to a batch."""
        meter = self.budget.meter
        meter.afford(len(parts))
        for _ in parts[1:]:
            meter.take()
        boundary = f"batch_{uuid4().hex}"
        reply = self._session.call(
            "POST",
            f"{BASE}/$batch",
            data=encoded(parts, boundary),
            headers={**ALWAYS, **_CONTINUE, "Content-Type": f'multipart/mixed; boundary="{boundary}"'},
            repeat=repeat,
            timeout=READ_TIMEOUT if repeat is Repeat.READ else WRITE_TIMEOUT,
            shape=multipart,
        )
        self._observe(reply)
        return reply

    def _told(self, who: Answer) -> Mapping[str, Any]:
        """Raises what a refusal amounts to, and MirrorError."""
        told: Mapping[str, Any] = who.checked()
        self._session.belongs(id_of(told["OrganizationId"]))
        self._self = told
        return told

    def _observe(self, reply: Reply) -> None:
        date = http_date(reply.headers.get("Date", ""))
        if date is not None:
            self._ahead = date - self._clock.now()


def whose(call: Callable[..., Reply]) -> str:
    """The organisation that answers a call."""
    return id_of(_whole(call("GET", f"{BASE}/WhoAmI", headers=ALWAYS, repeat=Repeat.READ)).checked()["OrganizationId"])


def _refused(answer: Answer) -> MksyncError:
    assert answer.problem is not None
    error = raised(answer.problem)
    about_one = answer.status == 400 and answer.problem.act is Act.REFUSED
    return BatchRefused(answer, error) if about_one else error


def _whole(reply: Reply) -> Answer:
    if reply.status >= 400:
        try:
            return Answer(reply.status, reply.json(), reply.headers)
        except UnexpectedReply:
            return Answer(reply.status, None, reply.headers)
    return Answer(reply.status, reply.json() if reply.body else None, reply.headers)
