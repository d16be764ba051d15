"""One API call, read in every spelling that Marketo and its clients use (developer guide, REST API)."""

import json
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote

from werkzeug import Request

from mksync.sandbox.emulator import RAW_TARGET
from mksync.sandbox.marketo.envelope import Failure

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
BATCH = 300


@dataclass(frozen=True, slots=True)
class Call:
    """Method after any override, path without dot segments, parameters from URL, form body and JSON `query`."""

    method: str
    path: str
    params: dict[str, list[str]]
    request: Request

    def text(self, name: str) -> str | None:
        """The parameter's last value; None if it is missing or empty."""
        values = self.params.get(name)
        return values[-1] if values and values[-1] else None

    def needed(self, name: str) -> str:
        """The parameter's value; fails with 1002 if there is none."""
        value = self.text(name)
        if value is None:
            raise Failure("1002", f"Missing value for required parameter '{name}'")
        return value

    def listed(self, name: str) -> list[str]:
        """The values of a list parameter, repeated or separated by commas."""
        parts = (part.strip() for value in self.params.get(name, []) for part in value.split(","))
        return [part for part in parts if part]

    def numbers(self, name: str, most: int) -> list[int]:
        """A list of ids; fails with 1003 for more than `most`, and for what is no number."""
        texts = self.listed(name)
        if len(texts) > most:
            raise Failure("1003", f"Too many values for parameter '{name}', the maximum is {most}")
        return [self._number(name, text) for text in texts]

    def batch_size(self, text: str | None = None) -> int:
        """How many items a page may hold: 300 unless fewer are asked for."""
        size = self._number("batchSize", text or self.text("batchSize") or str(BATCH))
        if not 1 <= size <= BATCH:
            raise Failure("1003", f"Invalid value for 'batchSize': must be between 1 and {BATCH}")
        return size

    def body(self) -> dict[str, Any]:
        """The JSON object of the body; an empty body is an empty object. Fails with 609 and 612."""
        raw = self.request.get_data()
        if not raw.strip():
            return {}
        if self.request.mimetype != _JSON:
            raise Failure("612", "Invalid Content Type")
        return _object(raw)

    def records(self, key: str = "input") -> list[dict[str, Any]]:
        """The objects under `input`, one to 300 of them."""
        records = self.body().get(key)
        if not isinstance(records, list) or not records:
            raise Failure("1002", f"Missing value for required parameter '{key}'")
        if len(records) > BATCH:
            raise Failure("1003", f"Too many records in '{key}', the maximum is {BATCH}")
        if not all(isinstance(record, dict) for record in records):
            raise Failure("609", "Invalid JSON")
        return records

    def _number(self, name: str, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise Failure("1003", f"Invalid value '{text}' for parameter '{name}'") from None


def read_call(request: Request) -> Call:
    """Read a request. Fails with 609 for a JSON body that cannot be read."""
    params = {name: list(values) for name, values in request.args.lists()}
    if request.mimetype == _FORM:
        _merge(params, parse_qsl(request.get_data().decode("utf-8", "replace"), keep_blank_values=True))
    elif request.mimetype == _JSON and request.get_data().strip():
        _merge(params, _query_of(_object(request.get_data())))
    override = params.pop("_method", [request.method])[-1].upper()
    # Only a POST may pose as another method.
    method = override if request.method == "POST" and override in ("GET", "DELETE") else request.method
    return Call(method, _path(request), params, request)


def _path(request: Request) -> str:
    path = unquote(str(request.environ.get(RAW_TARGET, request.path)).partition("?")[0])
    # normpath would fold the double slashes that Marketo refuses.
    return path if "//" in path else posixpath.normpath(path)


def _query_of(body: dict[str, Any]) -> list[tuple[str, str]]:
    query = body.get("query")
    if not isinstance(query, dict):
        return []
    return [(name, _plain(value)) for name, value in query.items() if value is not None]


def _plain(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _merge(params: dict[str, list[str]], more: Sequence[tuple[str, str]]) -> None:
    for name, value in more:
        params.setdefault(name, []).append(value)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except ValueError:
        raise Failure("609", "Invalid JSON") from None
    if not isinstance(value, dict):
        raise Failure("609", "Invalid JSON")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
