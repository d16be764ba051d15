"""Calls on one record: create, read, change, delete, by id or by an external key.

Source: REST API Developer Guide, "sObject Basic Information", "sObject Rows", "sObject Rows by External ID".
"""

from typing import Any

from mksync.sandbox.salesforce import conditions, ids
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.describe import summary
from mksync.sandbox.salesforce.errors import ApiError, missing_key, refuse
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.records import chosen, record
from mksync.sandbox.salesforce.tables import Row
from mksync.sandbox.salesforce.writes import Writer

_READS = ("GET", "HEAD")


class Rows:
    """The handlers of `/sobjects/{object}` and what lies below it."""

    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def basic(self, call: Call, object: str) -> Answer:
        view = self._org.view(object, call.actor)
        if call.method == "POST":
            return self._create(call, view)
        if call.method in _READS:
            return Answer(200, {"objectDescribe": summary(view, call.path), "recentItems": []})
        raise not_allowed(call.method, "GET", "HEAD", "POST")

    def row(self, call: Call, object: str, id: str) -> Answer:
        view = self._org.view(object, call.actor)
        if id.lower() == "id" and call.method == "POST":
            return self._create(call, view)
        if id.lower() == "id":
            raise not_allowed(call.method, "POST")
        wide = ids.widen(id)
        if wide is None:
            raise missing_key(id)
        row = self._writer.live(view.object, wide)
        if call.method in _READS:
            return self._read(call, view, row)
        if call.method == "PATCH":
            self._check(call, view, row)
            self._lock(call, wide)
            self._writer.update(view.name, wide, call.object(), call.save())
            return Answer(204)
        if call.method == "DELETE":
            return self._delete(call, view, wide)
        raise not_allowed(call.method, "DELETE", "GET", "HEAD", "PATCH")

    def keyed(self, call: Call, object: str, key: str, value: str) -> Answer:
        view = self._org.view(object, call.actor)
        if call.method == "PATCH":
            return self._upsert(call, view, key, value)
        found = self._writer.by_key(view, self._writer.key_field(view, key), value)
        if not found:
            raise missing_key(value)
        if call.method in _READS:
            return self._read(call, view, found[0])
        if call.method == "DELETE":
            return self._delete(call, view, str(found[0]["Id"]))
        raise not_allowed(call.method, "DELETE", "GET", "HEAD", "PATCH")

    def _create(self, call: Call, view: View) -> Answer:
        self._lock(call, None)
        id = self._writer.create(view.name, call.object(), call.save())
        return _written(call, view, id, 201)

    def _upsert(self, call: Call, view: View, key: str, value: str) -> Answer:
        self._lock(call, None)
        if "guarded_upsert" in self._org.quirks:
            for row in self._writer.by_key(view, self._writer.key_field(view, key), value):
                self._check(call, view, row)
        update_only = call.flag("updateOnly")
        id, created = self._writer.upsert(view.name, key, value, call.object(), call.save(), update_only=update_only)
        if not created and float(call.version) < 46:
            return Answer(204)
        return _written(call, view, id, 201 if created else 200, created=created)

    def _delete(self, call: Call, view: View, id: str) -> Answer:
        self._lock(call, id)
        self._writer.delete(view.name, id, call.save())
        return Answer(204)

    def _read(self, call: Call, view: View, row: Row) -> Answer:
        version = self._check(call, view, row)
        names = [name.strip() for name in call.args.get("fields", "").split(",") if name.strip()]
        fields = [*chosen(view, names), *([] if "id" in map(str.lower, names) else [view.fields["id"]])]
        body = record(view, row, fields if names else view.fields.values(), call.path)
        return Answer(200, body, version.headers())

    def _check(self, call: Call, view: View, row: Row) -> conditions.Version:
        version = conditions.version_of(view.name, row)
        conditions.check(call.method, call.headers, version, empty_412="empty_412" in self._org.quirks)
        return version

    def _lock(self, call: Call, id: str | None) -> None:
        if call.row_fault:
            raise call.row_fault(id)


def locked(id: str | None) -> ApiError:
    """Another transaction holds the row. Nothing was written."""
    message = f"unable to obtain exclusive access to this record or 1 records: {id or ''}".rstrip(": ")
    return refuse("UNABLE_TO_LOCK_ROW", message)


def _written(call: Call, view: View, id: str, status: int, **more: Any) -> Answer:  # noqa: ANN401 - JSON
    headers = {"Location": f"{call.path}{view.name}/{id}"} if status == 201 else {}
    return Answer(status, {"id": id, "success": True, "errors": [], **more}, headers)
