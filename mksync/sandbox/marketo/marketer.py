"""Somebody who works in Marketo itself, past the API: edits records, reads them all, adds fields as an admin does."""

import re
from collections.abc import Mapping
from typing import Any

from mksync.sandbox.marketo.catalogue import TEXT_TYPES, LeadField
from mksync.sandbox.marketo.envelope import Failure, Item, Refused
from mksync.sandbox.marketo.family import Family
from mksync.sandbox.marketo.leads import Row
from mksync.sandbox.marketo.objectcatalogue import display_of
from mksync.sandbox.marketo.objects import Objects
from mksync.sandbox.marketo.objecttable import ROW
from mksync.sandbox.marketo.values import BadValueError, present, to_store

KINDS = ("create", "update", "delete")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TYPES = frozenset(
    {"string", "text", "boolean", "integer", "float", "currency", "percent", "date", "datetime", "email"}
)


class Marketer:
    """Objects go by `company`, `opportunity`, `opportunityRole`, `salesPerson`, or a custom object's API name.

    What the API refuses to write is no obstacle here, links to what does not exist are. Raises ValueError.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def edit(self, kind: str, object: str, id: object = None, values: Mapping[str, Any] | None = None) -> object:
        """Create, update or delete a record; `id` is the one that Marketo gave. Answers with it."""
        if kind not in KINDS:
            raise ValueError(f"no edit is called {kind!r}; there are: {', '.join(KINDS)}")
        family = self._family(object)
        held = None if kind == "create" else self._held(family, id)
        try:
            after = self._edited(kind, family, held, _stored(family, values or {}))
        except (Refused, Failure) as refused:
            raise ValueError(f"{object}: {refused.message}") from None
        return after[family.type.id_field]

    def rows(self, object: str) -> list[Item]:
        """Every record with every field, oldest first."""
        family = self._family(object)
        fields = family.type.fields
        return [{field.name: present(field, row[field.name]) for field in fields} for row in family.table.all()]

    def add_field(self, object: str, name: str, type: str = "string", display: str | None = None) -> None:
        """A custom field for one of the standard objects."""
        if not _NAME.fullmatch(name) or type not in _TYPES:
            raise ValueError(f"no field {name!r} of type {type!r}; types are: {', '.join(sorted(_TYPES))}")
        length = 255 if type in TEXT_TYPES else None
        self._objects.add_field(object, LeadField(0, name, display or display_of(name), type, length, custom=True))

    def _edited(self, kind: str, family: Family, held: Row | None, values: Row) -> Row:
        if held is None:
            _refuse_twin(family, values)
            family.check(values, None)
            return family.create(values)
        if kind == "delete":
            family.check_delete(held)
            family.delete(held)
            return held
        family.check(values, held)
        return family.update(held, values)

    def _held(self, family: Family, id: object) -> Row:
        held = next((row for row in family.table.find((family.type.id_field,), [(_key(id),)])), None)
        if held is None:
            raise ValueError(f"{family.type.name} has no record {id}")
        return held

    def _family(self, object: str) -> Family:
        try:
            return self._objects.family(object)
        except Failure as failure:
            raise ValueError(failure.message) from None


def _refuse_twin(family: Family, values: Row) -> None:
    key = tuple(values.get(name) for name in family.type.dedupe)
    if None not in key and family.table.one(family.type.dedupe, key) is not None:
        raise ValueError(f"{family.type.name} has a record with the key {key} already")


def _key(id: object) -> str | int:
    return id if isinstance(id, str | int) else str(id)


def _stored(family: Family, values: Mapping[str, Any]) -> Row:
    known = family.type.known()
    try:
        return {name: to_store(known[name], value, frozenset()) for name, value in values.items() if name != ROW}
    except KeyError as name:
        raise ValueError(f"{family.type.name} has no field {name}") from None
    except BadValueError:
        raise ValueError(f"a value does not fit: {dict(values)}") from None
