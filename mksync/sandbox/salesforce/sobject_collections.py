"""Up to 200 records in one call, each judged by itself; reads of up to 2,000.

Source: REST API Developer Guide, "sObject Collections".
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, TypeGuard

from mksync.sandbox.salesforce import ids
from mksync.sandbox.salesforce.calls import Answer, Call, RowFault, not_allowed
from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.errors import AmbiguousKey, ApiError, deny, malformed, refuse
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.records import chosen, record
from mksync.sandbox.salesforce.row_refusals import ambiguous, lost, wide
from mksync.sandbox.salesforce.writes import Save, Writer

MOST_WRITTEN = 200
MOST_READ = 2_000
MOST_RUNS = 10
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}
Result = dict[str, Any]
Step = Callable[[], Result]


class Collections:
    """The handlers of `/composite/sobjects`."""

    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def write(self, call: Call) -> Answer:
        if call.method == "DELETE":
            return self._delete(call)
        if call.method not in ("POST", "PATCH"):
            raise not_allowed(call.method, "DELETE", "PATCH", "POST")
        body = call.object()
        rows = _rows(body)
        types = [self._type_of(row, call) for row in rows]
        if len(list(groupby(types))) > MOST_RUNS:
            raise deny("LIMIT_EXCEEDED", f"Cannot have more than {MOST_RUNS} chunks in a single operation.")
        save = call.save()
        make = self._creating if call.method == "POST" else self._updating
        steps = [make(type, _data(row), save) for type, row in zip(types, rows, strict=True)]
        if call.method == "PATCH":
            steps = self._without_repeats(steps, [_own_id(row) for row in rows], "duplicate id in list")
        return self._run(call, steps, body.get("allOrNone") is True)

    def upsert(self, call: Call, object: str, key: str) -> Answer:
        if call.method != "PATCH":
            raise not_allowed(call.method, "PATCH")
        view = self._org.view(object, call.actor)
        field = self._writer.key_field(view, key)
        body = call.object()
        rows = _rows(body)
        if any(self._type_of(row, call) != view.name for row in rows):
            raise deny("INVALID_TYPE", f"All records must be of type {view.name}")
        keyed = [_take(_data(row), field.name) for row in rows]
        save = call.save()
        steps = [self._upserting(view, field.name, value, data, save) for value, data in keyed]
        values = [str(value).strip().lower() if value is not None else None for value, _ in keyed]
        steps = self._without_repeats(steps, values, "Duplicate external id specified: {}")
        return self._run(call, steps, body.get("allOrNone") is True)

    def read(self, call: Call, object: str) -> Answer:
        view = self._org.view(object, call.actor)
        if call.method == "POST":
            body = call.object()
            return self._read(call, view, body.get("ids"), body.get("fields"))
        if call.method in ("GET", "HEAD"):
            split = {name: [part for part in call.args.get(name, "").split(",") if part] for name in ("ids", "fields")}
            return self._read(call, view, split["ids"], split["fields"])
        raise not_allowed(call.method, "GET", "HEAD", "POST")

    def _read(self, call: Call, view: View, wanted: object, names: object) -> Answer:
        if not _are_texts(wanted) or not _are_texts(names):
            raise malformed("The request body must have the lists of texts ids and fields")
        if len(wanted) > MOST_READ:
            raise deny("EXCEEDED_ID_LIMIT", f"ID limit reached. You can get no more than {MOST_READ} records in a call")
        fields = chosen(view, names)
        if not any(field.name == "Id" for field in fields):
            fields.append(view.fields["id"])
        wide = [ids.widen(id) for id in wanted]
        rows = self._org.tables.many(view.name, [id for id in wide if id])
        found = (rows.get(id) if id else None for id in wide)
        return Answer(200, [record(view, row, fields, call.path) if row else None for row in found])

    def _delete(self, call: Call) -> Answer:
        wanted = [id for id in call.args.get("ids", "").split(",") if id]
        if not wanted:
            raise deny("MISSING_ARGUMENT", "ids must be given")
        if len(wanted) > MOST_WRITTEN:
            raise _too_many()
        save = call.save()
        return self._run(call, [self._deleting(id, save) for id in wanted], call.flag("allOrNone"))

    def _creating(self, type: str, data: Result, save: Save) -> Step:
        return lambda: _success(self._writer.create(type, data, save))

    def _updating(self, type: str, data: Result, save: Save) -> Step:
        raw, values = _take(data, "Id")

        def update() -> Result:
            if not raw:
                raise refuse("MISSING_ARGUMENT", "Id not specified in an update call")
            id = wide(type, raw)
            with _failing_as(self._org.quirks, id):
                self._writer.update(type, id, values, save)
            return _success(id)

        return update

    def _deleting(self, raw: str, save: Save) -> Step:
        def delete() -> Result:
            object = self._org.catalogue.by_id(raw)
            id = wide(object.name if object else "Record", raw)
            if object is None:
                raise refuse("MALFORMED_ID", f"malformed id {raw}")
            with _failing_as(self._org.quirks, id):
                self._writer.delete(object.name, id, save)
            return _success(id)

        return delete

    def _upserting(self, view: View, key: str, value: object, data: Result, save: Save) -> Step:
        def upsert() -> Result:
            try:
                id, created = self._writer.upsert(view.name, key, value, data, save)
            except AmbiguousKey as several:
                raise ambiguous(key, several) from None
            return {**_success(id), "created": created}

        return upsert

    def _without_repeats(self, steps: list[Step], keys: list[str | None], message: str) -> list[Step]:
        """Rows that name the same record twice in one request fail; by a switch only the later ones do."""
        seen: set[str] = set()
        repeated = (
            {key for key in keys if key is not None and keys.count(key) > 1} if len(set(keys)) < len(keys) else set()
        )
        checked: list[Step] = []
        for step, key in zip(steps, keys, strict=True):
            fails = key in repeated and (key in seen or "later_duplicate_fails" not in self._org.quirks)
            checked.append(_failing("DUPLICATE_VALUE", message.format(key)) if fails else step)
            seen.add(key or "")
        return checked

    def _run(self, call: Call, steps: Sequence[Step], all_or_none: bool) -> Answer:
        results: list[Result] = []
        try:
            with self._org.savepoint():
                for number, step in enumerate(steps):
                    results.append(self._row(_struck(call.row_fault) if call.row_fault and not number else step))
                if all_or_none and not all(result["success"] for result in results):
                    raise _RollBackError
        except _RollBackError:
            results = [_rolled_back(result) for result in results]
        return Answer(200, results)

    def _row(self, step: Step) -> Result:
        try:
            with self._org.savepoint():
                return step()
        except ApiError as error:
            if error.whole or self._spoils_all(error):
                raise
            id = {"id": error.id} if isinstance(error, _RowError) else {}
            return {**id, "success": False, "errors": error.rows()}

    def _spoils_all(self, error: ApiError) -> bool:
        unknown = error.complaints[0].message.startswith("No such column")
        return unknown and "collection_unknown_field_fails_call" in self._org.quirks

    def _type_of(self, row: object, call: Call) -> str:
        attributes = row.get("attributes") if isinstance(row, dict) else None
        type = attributes.get("type") if isinstance(attributes, dict) else None
        if not isinstance(type, str):
            raise malformed("Every record must have attributes with its type")
        view = self._org.catalogue.view(type, call.actor.admin)
        if view is None:
            raise deny("INVALID_TYPE", f"sObject type '{type}' is not supported.")
        return view.name


class _RollBackError(Exception):
    """One row failed and all were to succeed together."""


class _RowError(ApiError):
    """The failure of a row whose record is known."""

    def __init__(self, error: ApiError, id: str) -> None:
        super().__init__(error.status, error.complaints, whole=error.whole)
        self.id = id


class _failing_as:  # noqa: N801 - used as a verb
    """Gives errors raised inside the id of the record they are about."""

    def __init__(self, quirks: frozenset[str], id: str) -> None:
        self._quirks = quirks
        self._id = id

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ApiError):
            raise _RowError(lost(error, self._quirks), self._id) from None


def _rows(body: dict[str, Any]) -> list[Result]:
    rows = body.get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise malformed("The request body must have a list of objects, records")
    if len(rows) > MOST_WRITTEN:
        raise _too_many()
    return rows


def _too_many() -> ApiError:
    message = f"record limit reached. cannot submit more than {MOST_WRITTEN} records into this call"
    return deny("EXCEEDED_ID_LIMIT", message)


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _data(row: Result) -> Result:
    return {name: value for name, value in row.items() if name != "attributes"}


def _take(data: Result, key: str) -> tuple[Any, Result]:
    """A record's key value, whatever the case of its name, and the rest of it."""
    value = next((value for name, value in data.items() if name.lower() == key.lower()), None)
    return value, {name: value for name, value in data.items() if name.lower() != key.lower()}


def _own_id(row: Result) -> str | None:
    raw = _take(row, "Id")[0]
    return (ids.widen(raw) or raw) if isinstance(raw, str) else None


def _success(id: str) -> Result:
    return {"id": id, "success": True, "errors": []}


def _failing(code: str, message: str) -> Step:
    def fail() -> Result:
        raise refuse(code, message)

    return fail


def _struck(fault: RowFault) -> Step:
    def step() -> Result:
        raise fault(None)

    return step


def _rolled_back(result: Result) -> Result:
    return {"success": False, "errors": [_ROLLED_BACK]} if result["success"] else result
