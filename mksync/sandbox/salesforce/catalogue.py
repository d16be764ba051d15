"""Which objects and fields there are, and what the sync user's profile lets it see of them (field-level security).

Custom fields and the profile are kept in the store. Source: REST API Developer Guide, "sObject Describe".
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from mksync.sandbox.salesforce.fields import Choice, Field, SObject
from mksync.sandbox.salesforce.standard import standard_objects

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS salesforce_custom_field (
        object TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (object, name))""",
    """CREATE TABLE IF NOT EXISTS salesforce_access (
        object TEXT NOT NULL, field TEXT NOT NULL, access TEXT NOT NULL, PRIMARY KEY (object, field))""",
)
LEVELS = ("edit", "read", "none")
_WHOLE = ""  # the access row that speaks of the object itself


@dataclass(frozen=True)
class View:
    """An object as one actor may use it: only readable fields, `createable` and `updateable` as they are for it."""

    object: SObject
    fields: Mapping[str, Field]
    editable: bool

    @property
    def name(self) -> str:
        return self.object.name

    def find(self, name: str) -> Field | None:
        return self.fields.get(name.lower())

    @cached_property
    def references(self) -> Mapping[str, Field]:
        """Visible reference fields by lower-case relationship name."""
        return {f.relationship.lower(): f for f in self.fields.values() if f.relationship}


class Catalogue:
    """Objects, custom fields and access. Views are cached until something changes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for statement in _SCHEMA:
            connection.execute(statement)
        self._objects = standard_objects()
        for object, definition in connection.execute("SELECT object, definition FROM salesforce_custom_field"):
            self._put(object, _load(definition))
        self._prefixes = {o.prefix: o for o in self._objects.values()}
        self._views: dict[tuple[str, bool], View | None] = {}

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())

    def object(self, name: str) -> SObject | None:
        """The object of this name in any case, whoever asks."""
        return self._objects.get(name.lower())

    def named(self, name: str) -> SObject:
        """The object of this canonical name; raises KeyError if there is none."""
        return self._objects[name.lower()]

    def by_id(self, id: str) -> SObject | None:
        """The object whose prefix the id starts with."""
        return self._objects.get(found.name.lower()) if (found := self._prefixes.get(id[:3])) else None

    def view(self, name: str, admin: bool = False) -> View | None:
        """The object as the sync user sees it, or as an administrator does; None if it is not there for them."""
        key = (name.lower(), admin)
        if key not in self._views:
            self._views[key] = self._make_view(name, admin)
        return self._views[key]

    def children(self, parent: str) -> Iterator[tuple[SObject, Field]]:
        """Every reference field that points at this object."""
        for child in self._objects.values():
            for field in child.fields.values():
                if parent in field.reference_to:
                    yield child, field

    def add_field(self, object: str, field: Field) -> None:
        """Create or redefine a custom field. As in a live organisation nobody but administrators sees it yet."""
        self._connection.execute(
            "INSERT OR REPLACE INTO salesforce_custom_field VALUES (?, ?, ?)",
            (object, field.name, json.dumps(asdict(field))),
        )
        self._connection.execute("INSERT OR IGNORE INTO salesforce_access VALUES (?, ?, 'none')", (object, field.name))
        self._put(object, field)
        self._views.clear()

    def set_access(self, object: str, field: str | None, level: str) -> None:
        """Let the sync user edit, only read, or not see a field (or, with None, the object).

        Raises ValueError for an unknown name or level, or a field that access cannot be set on.
        """
        found = self.object(object)
        if found is None or level not in LEVELS:
            raise ValueError(f"no object {object!r}, or {level!r} is none of {', '.join(LEVELS)}")
        name = _WHOLE if field is None else _permissionable(found, field)
        self._connection.execute("INSERT OR REPLACE INTO salesforce_access VALUES (?, ?, ?)", (found.name, name, level))
        self._views.clear()

    def _put(self, object: str, field: Field) -> None:
        owner = self._objects[object.lower()]
        fields = {**owner.fields, field.name.lower(): field}
        self._objects[object.lower()] = replace(owner, fields=fields)

    def _make_view(self, name: str, admin: bool) -> View | None:
        object = self.object(name)
        if object is None:
            return None
        if admin:
            return View(object, object.fields, editable=True)
        access = self._access(object.name)
        whole = access.get(_WHOLE, "edit")
        if whole == "none":
            return None
        fields = {key: _seen(field, access) for key, field in object.fields.items() if _readable(field, access)}
        return View(object, fields, editable=object.editable and whole == "edit")

    def _access(self, object: str) -> dict[str, str]:
        rows = self._connection.execute("SELECT field, access FROM salesforce_access WHERE object = ?", (object,))
        return dict(rows.fetchall())


def _readable(field: Field, access: Mapping[str, str]) -> bool:
    return access.get(field.name) != "none"


def _seen(field: Field, access: Mapping[str, str]) -> Field:
    if access.get(field.name) == "read":
        return replace(field, createable=False, updateable=False)
    return field


def _permissionable(object: SObject, name: str) -> str:
    field = object.fields.get(name.lower())
    if field is None or not field.permissionable:
        raise ValueError(f"access cannot be set on {object.name}.{name}")
    return field.name


def _load(definition: str) -> Field:
    raw = json.loads(definition)
    raw["choices"] = tuple(Choice(**choice) for choice in raw["choices"])
    raw["reference_to"] = tuple(raw["reference_to"])
    return Field(**raw)
