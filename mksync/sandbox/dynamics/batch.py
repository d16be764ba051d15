"""`$batch`: many calls in one, alone or in change sets that succeed or fail together.

Sources: "Execute batch operations using the Web API"; OData Version 4.0 Part 1: Protocol, "Batch Requests".
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from mksync.sandbox.dynamics import multipart
from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.content_ids import References
from mksync.sandbox.dynamics.errors import ODataError, bad_payload, bad_request
from mksync.sandbox.dynamics.multipart import MalformedError, Part, Request, Response
from mksync.sandbox.dynamics.odata.shape import dumps
from mksync.sandbox.dynamics.org import Org

MOST = 1_000
LONGEST_URL = 65_536
BARE_ERROR = "changeset_error_bare"
LINE_FEEDS = "lenient_line_feeds"
Handle = Callable[[Call], Answer]
_ROOT = re.compile(r"(?:https?://[^/]+)?/api/data/v\d+\.\d+/(.*)", re.DOTALL | re.IGNORECASE)
# Lines of the envelope, not of a JSON body, that end in LF alone.
_BARE_LINE = re.compile(rb"^(?:--|[A-Za-z][A-Za-z0-9-]*:|[A-Z]+ [^\n]+ HTTP/1\.)[^\n]*(?<!\r)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Operation:
    """A request by itself, or (`change_set`) those that belong together."""

    requests: tuple[Request, ...]
    change_set: bool = False

    @property
    def writes(self) -> bool:
        return any(request.method != "GET" for request in self.requests)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation came to: one part of the answer, and the status of what failed."""

    part: bytes
    failed: int | None = None


class Batch:
    """Runs batches. `handle` answers one call; it may raise ODataError, and has then changed nothing that counts."""

    def __init__(self, org: Org, handle: Handle) -> None:
        self._org = org
        self._handle = handle

    def answer(self, call: Call) -> Answer:
        """The multipart answer. Raises ODataError for a batch that is refused as a whole."""
        operations = self._operations(call)
        wish = call.preferences.get("odata.continue-on-error", "false").lower()
        goes_on = wish != "false"
        outcomes: list[Outcome] = []
        fault = call.row_fault
        for operation in operations:
            if fault and operation.writes:
                outcomes.append(_struck(operation, fault))
                fault = None
            else:
                run = self._change_set if operation.change_set else self._one
                outcomes.append(run(call, operation))
            if outcomes[-1].failed is not None and not goes_on:
                break
        failed = None if goes_on else next((o.failed for o in outcomes if o.failed is not None), None)
        boundary = f"batchresponse_{uuid.uuid4()}"
        return Answer(
            failed or 200,
            multipart.write([outcome.part for outcome in outcomes], boundary),
            {"Preference-Applied": "odata.continue-on-error"} if goes_on else {},
            content_type=f"multipart/mixed; boundary={boundary}",
        )

    def _operations(self, call: Call) -> list[Operation]:
        boundary = multipart.boundary_of(call.header("Content-Type") or "")
        if boundary is None:
            raise bad_payload("", "The content type of a batch must be multipart/mixed with a boundary.")
        bare = _BARE_LINE.search(call.content) is not None and not call.content.endswith(b"\n\n")
        if bare and LINE_FEEDS not in self._org.quirks:
            raise bad_payload("", "Stream was not readable.")
        try:
            operations = [_operation(part) for part in multipart.parts(call.content, boundary)]
        except MalformedError as problem:
            raise bad_payload("", str(problem)) from None
        if sum(len(operation.requests) for operation in operations) > MOST:
            raise bad_request(f"The number of operations in a batch must not exceed {MOST}.")
        return operations

    def _one(self, call: Call, operation: Operation) -> Outcome:
        (request,) = operation.requests
        try:
            with self._org.savepoint():
                answer = self._handle(_inner(call, request, request.url, request.content))
        except ODataError as error:
            answer = _refusal(error, request)
        response = _response(answer, request)
        return Outcome(multipart.part_of(response), answer.status if answer.status >= 400 else None)

    def _change_set(self, call: Call, operation: Operation) -> Outcome:
        boundary = f"changesetresponse_{uuid.uuid4()}"
        responses: list[Response] = []
        request = operation.requests[0] if operation.requests else None
        try:
            with self._org.savepoint():
                references = References(self._org, call.root)
                for request in operation.requests:
                    responses.append(self._in_set(call, request, references))
        except ODataError as error:
            assert request is not None
            refusal = _response(_refusal(error, request), request)
            bare = BARE_ERROR in self._org.quirks
            part = multipart.part_of(refusal) if bare else multipart.set_of([refusal], boundary)
            return Outcome(part, error.status)
        return Outcome(multipart.set_of(responses, boundary))

    def _in_set(self, call: Call, request: Request, references: References) -> Response:
        if request.method == "GET":
            raise bad_request("GET requests are not allowed within a change set.")
        url, content = references.in_url(request.url), references.in_body(request.content)
        inner = _inner(call, request, url, content)
        answer = self._handle(inner)
        if request.content_id is not None:
            references.add(request.content_id, inner, answer)
        return _response(answer, request)


def _struck(operation: Operation, fault: ODataError) -> Outcome:
    request = operation.requests[0]
    return Outcome(multipart.part_of(_response(_refusal(fault, request), request)), fault.status)


def _operation(part: Part) -> Operation:
    inside = part.boundary
    if inside is None:
        return Operation((multipart.request(part),))
    return Operation(tuple(multipart.request(inner) for inner in multipart.parts(part.content, inside)), True)


def _inner(call: Call, request: Request, url: str, content: bytes) -> Call:
    """A request of a batch as a call of its own. Raises 400 for an address outside the service, and for a batch."""
    if len(url) > LONGEST_URL:
        raise bad_request("The length of the URL exceeds the maximum.")
    below = _ROOT.fullmatch(url)
    if below is None and (url.startswith("/") or "://" in url):
        raise bad_request(f"The request URI '{url}' is not below the service root.")
    path, _, query = (below[1] if below else url).partition("?")
    if path.lower() in ("$batch", "%24batch"):
        raise bad_request("A batch cannot contain another batch.")
    return Call(request.method, path, query, request.headers, content, call.user, call.root, in_batch=True)


def _refusal(error: ODataError, request: Request) -> Answer:
    annotated = "*" in request.headers.get("prefer", "")
    return Answer(error.status, error.body(annotated=annotated), {**error.headers, "REQ_ID": str(uuid.uuid4())})


def _response(answer: Answer, request: Request) -> Response:
    headers: dict[str, str] = {"OData-Version": "4.0", **answer.headers}
    content = _content(answer)
    if content:
        headers = {"Content-Type": answer.content_type, **headers}
    return Response(answer.status, headers, content, request.content_id)


def _content(answer: Answer) -> bytes:
    if answer.body is None:
        return b""
    if isinstance(answer.body, bytes):
        return answer.body
    return (answer.body if isinstance(answer.body, str) else dumps(answer.body)).encode()
