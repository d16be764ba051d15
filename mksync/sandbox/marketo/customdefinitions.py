"""Definitions of custom object types: one as approved, one as draft (guide, Custom Objects, "Approval of Type").

A definition is kept as JSON; the state follows from which of the two there is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.marketo.catalogue import TEXT_TYPES, LeadField
from mksync.sandbox.marketo.envelope import Failure, Item
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.objecttypes import CREATED_AT, GUID, UPDATED_AT, ObjectType, Relation
from mksync.sandbox.marketo.times import instant

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_custom_object (
    id INTEGER PRIMARY KEY AUTOINCREMENT, api_name TEXT NOT NULL UNIQUE COLLATE NOCASE, approved TEXT, draft TEXT,
    created TEXT NOT NULL, updated TEXT NOT NULL
)
"""
_OBJECTS = {"lead": "Lead", "company": "Company"}


@dataclass(frozen=True, slots=True)
class CustomObject:
    """A custom object type as it stands."""

    id: int
    api_name: str
    approved: Item | None
    draft: Item | None
    created: str
    updated: str

    @property
    def state(self) -> str:
        if self.approved is None:
            return "draft"
        return "approvedWithDraft" if self.draft else "approved"

    @property
    def latest(self) -> Item:
        """What changes start from."""
        return dict(self.draft or self.approved or {})

    def links_to(self, api_name: str) -> bool:
        """Whether a field of this type, approved or not, points to another custom object."""
        if api_name.lower() in _OBJECTS:
            return False  # a link of that name means the standard object
        links = [
            field["relatedTo"] for version in (self.approved, self.draft) if version for field in version["fields"]
        ]
        return any(link["name"].lower() == api_name.lower() for link in links if link)

    def type(self, definition: Item) -> ObjectType:
        """The object that a definition makes of this type."""
        fields = [_field(wish) for wish in definition["fields"]]
        dedupe = tuple(wish["name"] for wish in definition["fields"] if wish["isDedupeField"])
        links = [wish for wish in definition["fields"] if wish["relatedTo"]]
        keys = [dedupe, ("marketoGUID",), *((wish["name"],) for wish in links)]
        return ObjectType(
            self.api_name,
            definition["displayName"],
            f"marketo_custom_{self.id}",
            "marketoGUID",
            dedupe,
            (GUID, CREATED_AT, UPDATED_AT, *fields),
            tuple(dict.fromkeys(key for key in keys if key)),
            relations=tuple(_relation(wish) for wish in links),
            description=definition.get("description"),
            created=self.created,
            updated=self.updated,
            missing="Object not found",
        )


class CustomDefinitions:
    """The custom object types of the instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        with instance.store.lock:
            instance.store.connection.execute(_SCHEMA)

    def all(self) -> list[CustomObject]:
        """Every type, oldest first."""
        query = "SELECT id, api_name, approved, draft, created, updated FROM marketo_custom_object ORDER BY id"
        with self._instance.store.lock:
            rows = self._instance.store.connection.execute(query).fetchall()
        return [CustomObject(id, name, _load(a), _load(d), made, moved) for id, name, a, d, made, moved in rows]

    def get(self, api_name: str) -> CustomObject | None:
        return next((found for found in self.all() if found.api_name.lower() == api_name.lower()), None)

    def named(self, api_name: str) -> CustomObject:
        """The type of this name; fails with 1013 if there is none."""
        found = self.get(api_name)
        if found is None:
            raise Failure("1013", f"Object '{api_name}' not found")
        return found

    def approved(self) -> list[ObjectType]:
        return [found.type(found.approved) for found in self.all() if found.approved]

    def add(self, api_name: str, draft: Item) -> None:
        now = instant(self._instance.clock.now())
        self._instance.store.connection.execute(
            "INSERT INTO marketo_custom_object (api_name, draft, created, updated) VALUES (?, ?, ?, ?)",
            (api_name, json.dumps(draft), now, now),
        )

    def put(self, found: CustomObject, approved: Item | None, draft: Item | None) -> None:
        self._instance.store.connection.execute(
            "UPDATE marketo_custom_object SET approved = ?, draft = ?, updated = ? WHERE id = ?",
            (_dump(approved), _dump(draft), instant(self._instance.clock.now()), found.id),
        )

    def remove(self, found: CustomObject) -> None:
        self._instance.store.connection.execute("DELETE FROM marketo_custom_object WHERE id = ?", (found.id,))


def linked_as(object: str) -> str:
    """How descriptions call an object that a link points to: "Lead" for "lead"."""
    return _OBJECTS.get(object.lower(), object)


def _field(wish: Mapping[str, Any]) -> LeadField:
    kind = wish["linkType"] if wish["relatedTo"] else wish["dataType"]
    length = 255 if kind in TEXT_TYPES else None
    return LeadField(0, wish["name"], wish["displayName"], kind, length, custom=True, description=wish["description"])


def _relation(wish: Mapping[str, Any]) -> Relation:
    return Relation(wish["name"], linked_as(wish["relatedTo"]["name"]), wish["relatedTo"]["field"])


def _load(text: str | None) -> Item | None:
    if text is None:
        return None
    item: Item = json.loads(text)
    return item


def _dump(item: Item | None) -> str | None:
    return None if item is None else json.dumps(item)
