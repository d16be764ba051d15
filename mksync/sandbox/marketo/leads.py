"""Reading leads: by id and by filter (developer guide, Leads, "Query"); and the statements that change one."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from mksync.sandbox.marketo.call import BATCH, Call
from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.envelope import Failure, Item, Payload
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.values import BadValueError, Stored, present, to_store

_DEFAULT_FIELDS = ("id", "firstName", "lastName", "email", "updatedAt", "createdAt")
_MOST_MATCHES = 1000
Row = dict[str, Stored]


class Leads:
    """The table of leads, as the API user sees it."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._store = instance.store

    def by_id(self, call: Call, lead_id: str) -> Payload:
        """`GET /rest/v1/lead/{id}.json`."""
        fields = self._asked(call)
        found = self.matches(self._instance.fields.lookup("id"), [lead_id])
        rows = self._items(list(found), fields)
        if not rows and "unknown_lead_empty" not in self._instance.quirks:
            raise Failure("1004", f"Lead '{lead_id}' not found")
        return {"result": rows}

    def by_filter(self, call: Call) -> Payload:
        """`GET /rest/v1/leads.json`: a page in the order of ids; fails with 1003 beyond 1,000 matches."""
        key = self._instance.fields.lookup(call.needed("filterType"))
        values = call.listed("filterValues")
        if not values:
            raise Failure("1002", "Missing value for required parameter 'filterValues'")
        if len(values) > BATCH:
            raise Failure("1003", f"Too many values for parameter 'filterValues', the maximum is {BATCH}")
        fields = self._asked(call, key)
        ids = self.matches(key, values)
        if len(ids) > _MOST_MATCHES:
            raise Failure("1003", "Too many results match the filter")
        return self._page(fields, ids, call)

    def matches(self, key: LeadField, values: Sequence[Any]) -> list[int]:
        """The ids, in order, of the leads in sight whose key is one of the values; at most 1,001 of them."""
        wanted = [value for value in (_lookup_value(key, value) for value in values) if value is not None]
        marks = ", ".join("?" for _ in wanted)
        # Quoted and behind a "+", so that the partition is compared as text and never chosen as the index.
        seen = ", ".join(f"'{id}'" for id in self._instance.partitions.accessible())
        query = (
            f'SELECT id, "{key.name}" FROM marketo_lead WHERE "{key.name}" IN ({marks}) '
            f"AND +leadPartitionId IN ({seen}) ORDER BY id LIMIT {_MOST_MATCHES + 1}"
        )
        with self._store.lock:
            found = self._store.connection.execute(query, wanted).fetchall()
        exact = "exact_case" in self._instance.quirks
        return [id for id, held in found if not exact or held in wanted]

    def rows(self, key: str, values: Sequence[Stored], names: Sequence[str]) -> list[Row]:
        """The named columns of the leads whose `key` is one of the values, in the order of ids."""
        columns = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" for _ in values)
        query = f'SELECT {columns} FROM marketo_lead WHERE "{key}" IN ({marks}) ORDER BY id'
        with self._store.lock:
            found = self._store.connection.execute(query, values).fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

    def insert(self, values: Mapping[str, Stored]) -> int:
        columns = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" for _ in values)
        query = f"INSERT INTO marketo_lead ({columns}) VALUES ({marks})"
        return self._store.connection.execute(query, tuple(values.values())).lastrowid or 0

    def update(self, lead_id: int, values: Mapping[str, Stored]) -> None:
        assignments = ", ".join(f'"{name}" = ?' for name in values)
        query = f"UPDATE marketo_lead SET {assignments} WHERE id = ?"
        self._store.connection.execute(query, (*values.values(), lead_id))

    def delete(self, lead_id: int) -> None:
        self._store.connection.execute("DELETE FROM marketo_lead WHERE id = ?", (lead_id,))

    def _asked(self, call: Call, key: LeadField | None = None) -> list[LeadField]:
        names = call.listed("fields")
        if not names:
            names = [*_DEFAULT_FIELDS, *([key.name] if key and key.custom else [])]
        return self._instance.fields.known(dict.fromkeys(["id", *names]))

    def _page(self, fields: list[LeadField], ids: list[int], call: Call) -> Payload:
        after = _read_token(call.text("nextPageToken"))
        left = [id for id in ids if id > after]
        page = left[: call.batch_size()]
        payload: dict[str, Any] = {"result": self._items(page, fields)}
        if len(left) > len(page):
            payload["nextPageToken"] = base64.b32encode(f"lead:{page[-1]}".encode()).decode()
            payload["moreResult"] = True
        return payload

    def _items(self, ids: list[int], fields: list[LeadField]) -> list[Item]:
        items: list[Item] = self.rows("id", ids, [field.name for field in fields])
        # Most fields are read out as they are stored.
        for field in fields:
            if field.type == "boolean":
                for item in items:
                    item[field.name] = present(field, item[field.name])
        if "omits_nulls" in self._instance.quirks:
            return [{name: value for name, value in item.items() if value is not None} for item in items]
        return items


def _lookup_value(key: LeadField, value: object) -> Stored:
    try:
        # Whatever is no valid value of the key matches nothing; its syntax is not judged here.
        return to_store(key, value, frozenset({"any_email"}))
    except BadValueError:
        return None


def _read_token(text: str | None) -> int:
    if text is None:
        return 0
    try:
        return int(base64.b32decode(text).decode().removeprefix("lead:"))
    except ValueError:
        raise Failure("1003", f"Invalid value '{text}' for parameter 'nextPageToken'") from None
