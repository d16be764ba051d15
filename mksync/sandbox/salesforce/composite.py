"""Several calls in one: composite with references between them, batch, and graphs.

Source: REST API Developer Guide, "Composite", "Composite Batch", "Composite Graph".
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from mksync.sandbox.salesforce.calls import Answer, Call, RowFault, not_allowed, split
from mksync.sandbox.salesforce.errors import ApiError, deny, malformed
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.references import NoValue, resolve

MOST_REQUESTS = 25
MOST_HEAVY = 5
MOST_GRAPHS = 75
MOST_NODES = 500
MOST_FAILED_GRAPHS = 14
Answering = Callable[[Call], Answer]
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."
_HALTED_BODY = [{"errorCode": "PROCESSING_HALTED", "message": _HALTED}]
_WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


class _RollBackError(Exception):
    """One subrequest failed and all were to succeed together."""


class Composite:
    """The handlers of `/composite`, `/composite/batch` and `/composite/graph`. `answer` makes one call of many."""

    def __init__(self, org: Org, answer: Answering) -> None:
        self._org = org
        self._answer = answer

    def composite(self, call: Call) -> Answer:
        body = _posted(call)
        requests = _requests(body, "compositeRequest")
        if len(requests) > MOST_REQUESTS:
            raise deny("LIMIT_EXCEEDED", f"Limit of {MOST_REQUESTS} subrequests exceeded")
        if sum(_is_heavy(request) for request in requests) > MOST_HEAVY:
            raise deny("LIMIT_EXCEEDED", f"Limit of {MOST_HEAVY} collections and queries exceeded")
        parts, _ = self._together(call, requests, body.get("allOrNone") is True)
        return Answer(200, {"compositeResponse": parts})

    def graphs(self, call: Call) -> Answer:
        graphs = _requests(_posted(call), "graphs")
        nodes = [_requests(graph, "compositeRequest") for graph in graphs]
        if len(graphs) > MOST_GRAPHS or sum(map(len, nodes)) > MOST_NODES:
            raise deny("LIMIT_EXCEEDED", f"At most {MOST_GRAPHS} graphs and {MOST_NODES} nodes in a payload")
        answers: list[dict[str, Any]] = []
        for graph, requests in zip(graphs, nodes, strict=True):
            failed = sum(not answer["isSuccessful"] for answer in answers)
            if failed >= MOST_FAILED_GRAPHS:
                parts, good = [_part(request, Answer(400, _HALTED_BODY)) for request in requests], False
            else:
                parts, good = self._together(call, requests, True)
            response = {"compositeResponse": parts}
            answers.append({"graphId": graph.get("graphId"), "graphResponse": response, "isSuccessful": good})
        return Answer(200, {"graphs": answers})

    def batch(self, call: Call) -> Answer:
        body = _posted(call)
        requests = _requests(body, "batchRequests")
        if len(requests) > MOST_REQUESTS:
            raise deny("LIMIT_EXCEEDED", f"Limit of {MOST_REQUESTS} subrequests exceeded")
        results: list[dict[str, Any]] = []
        fault = call.row_fault
        halted = Answer(412, [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing was halted"}])
        for request in requests:
            stop = body.get("haltOnError") is True and any(result["statusCode"] >= 400 for result in results)
            one = _subcall(call, request, "/services/data/" + str(request.get("url", "")).lstrip("/"), "richInput")
            answer = halted if stop else self._answer(replace(one, row_fault=fault))
            fault = None if one.method in _WRITES else fault
            results.append({"statusCode": answer.status, "result": answer.body})
        failed = any(result["statusCode"] >= 400 for result in results)
        return Answer(200, {"hasErrors": failed, "results": results})

    def _together(
        self, call: Call, requests: Sequence[dict[str, Any]], all_or_none: bool
    ) -> tuple[list[dict[str, Any]], bool]:
        """The parts of the answer in request order, and whether all of them succeeded."""
        _check_names(requests)
        answers: dict[str, Answer] = {}
        try:
            with self._org.savepoint():
                self._each(call, requests, answers, all_or_none)
        except _RollBackError:
            answers = {name: a if _failed(a) else Answer(400, _HALTED_BODY) for name, a in answers.items()}
        missing = Answer(400, _HALTED_BODY)
        parts = [_part(request, answers.get(request["referenceId"], missing)) for request in requests]
        return parts, all(not _failed(answer) for answer in answers.values())

    def _each(
        self, call: Call, requests: Sequence[dict[str, Any]], answers: dict[str, Answer], all_or_none: bool
    ) -> None:
        fault = call.row_fault
        bodies: dict[str, Any] = {}
        for request in requests:
            name = request["referenceId"]
            answer = self._one(call, request, bodies, fault)
            fault = None if str(request.get("method")).upper() in _WRITES else fault
            answers[name] = answer
            if answer.status < 300:
                bodies[name] = answer.body
            if all_or_none and _failed(answer):
                raise _RollBackError

    def _one(self, call: Call, request: dict[str, Any], bodies: dict[str, Any], fault: RowFault | None) -> Answer:
        try:
            url = str(resolve(request.get("url"), bodies))
            body = resolve(request.get("body"), bodies)
        except NoValue as missing:
            return Answer(400, [{"errorCode": "PROCESSING_HALTED", "message": str(missing)}])
        try:
            one = _subcall(call, {**request, "body": body}, url, "body")
        except ApiError as error:
            return Answer(error.status, error.body())
        return self._answer(replace(one, row_fault=fault))


def _subcall(call: Call, request: dict[str, Any], url: str, body_key: str) -> Call:
    path, _, query = url.partition("?")
    parts = split(path)
    if len(parts) < 4 or parts[:2] != ("services", "data") or _is_nested(parts):
        raise deny("INVALID_INPUT", f"The url {url} cannot be used in a subrequest")
    headers = request.get("httpHeaders") or {}
    if not isinstance(headers, dict):
        raise malformed("httpHeaders must be a JSON object")
    return Call(
        method=str(request.get("method", "GET")).upper(),
        version=parts[2].lower().removeprefix("v"),
        parts=parts[3:],
        args=dict(parse_qsl(query, keep_blank_values=True)),
        headers={str(name).lower(): str(value) for name, value in headers.items()},
        content=request.get(body_key),
        actor=call.actor,
    )


def _is_nested(parts: Sequence[str]) -> bool:
    """Whether a resource, by its kind, is none that a subrequest may ask for."""
    if parts[3].lower() == "jobs":
        return True
    return parts[3].lower() == "composite" and (len(parts) == 4 or parts[4].lower() in ("batch", "graph"))


def _posted(call: Call) -> dict[str, Any]:
    if call.method != "POST":
        raise not_allowed(call.method, "POST")
    return call.object()


def _requests(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    requests = body.get(key)
    if not isinstance(requests, list) or not requests or not all(isinstance(request, dict) for request in requests):
        raise malformed(f"The request body must have a list of objects, {key}")
    return requests


def _check_names(requests: Sequence[dict[str, Any]]) -> None:
    names = [request.get("referenceId") for request in requests]
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise malformed("Every subrequest must have a referenceId of its own")


def _is_heavy(request: dict[str, Any]) -> bool:
    """Whether a subrequest is a collection or a query, of which few are allowed."""
    parts = [part.lower() for part in split(str(request.get("url", "")).partition("?")[0])[3:5]]
    return parts[:1] in (["query"], ["queryall"]) or parts == ["composite", "sobjects"]


def _failed(answer: Answer) -> bool:
    """A collection fails by a row of it, too."""
    rows = answer.body if isinstance(answer.body, list) else []
    bad_row = any(isinstance(row, dict) and row.get("success") is False for row in rows)
    return answer.status == 300 or answer.status >= 400 or bad_row


def _part(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": request["referenceId"],
    }
