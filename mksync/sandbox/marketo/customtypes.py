"""Types of custom activities: drafted, approved, changed by a new draft (developer guide, Activities, "Custom").

A definition is kept as JSON, once as approved and once as draft; the status follows from which of them there is.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.marketo.activitytypes import standard_types
from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.envelope import Failure, Item, Payload
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.times import instant

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marketo_activity_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT, api_name TEXT NOT NULL UNIQUE, approved TEXT, draft TEXT,
    created TEXT NOT NULL, updated TEXT NOT NULL
);
INSERT INTO sqlite_sequence (name, seq) SELECT 'marketo_activity_type', 100000
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'marketo_activity_type');
"""
_MOST_TYPES = 10
_MOST_ATTRIBUTES = 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DATA_TYPES = frozenset(
    {"string", "boolean", "integer", "float", "link", "email", "currency", "date", "datetime", "phone", "text"}
)
_TEXTS = ("name", "triggerName", "filterName", "description")


@dataclass(frozen=True, slots=True)
class CustomType:
    """A custom type as it stands."""

    id: int
    api_name: str
    approved: Item | None
    draft: Item | None
    created: str
    updated: str

    @property
    def status(self) -> str:
        if self.approved is None:
            return "draft"
        return "approved with draft" if self.draft else "approved"

    def item(self, definition: Item, status: str = "") -> Item:
        head = {"id": self.id, "apiName": self.api_name, "status": status or self.status}
        return {**head, "createdAt": self.created, "updatedAt": self.updated, **definition}


class CustomTypes:
    """The lifecycle of custom activity types, and the list of all types."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        with instance.store.lock:
            instance.store.connection.executescript(_SCHEMA)

    def all_types(self, _: Call) -> Payload:
        """`GET activities/types.json`: standard types and approved custom ones, not told apart."""
        approved = [(found, found.approved) for found in self.custom() if found.approved]
        return {"result": [*standard_types(), *(_as_type(found, definition) for found, definition in approved)]}

    def listing(self, _: Call) -> Payload:
        """`GET activities/external/types.json`."""
        return {"result": [found.item(found.approved or found.draft or {}) for found in self.custom()]}

    def describe(self, call: Call, name: str) -> Payload:
        """`GET activities/external/type/{apiName}/describe.json?draft=true`."""
        found = self._named(name)
        wants_draft = (call.text("draft") or "").lower() == "true"
        definition = found.draft if wants_draft else found.approved or found.draft
        if definition is None:
            raise Failure("1013", f"Activity type '{name}' has no draft")
        return {"result": [found.item(definition)]}

    def create(self, call: Call) -> Payload:
        """`POST activities/external/type.json`."""
        wish = call.body()
        name = _api_name(wish)
        if len(self.custom()) >= _MOST_TYPES:
            raise Failure("1027", f"No more than {_MOST_TYPES} custom activity types can be created")
        if any(found.api_name.lower() == name.lower() for found in self.custom()):
            raise Failure("1017", f"Activity type '{name}' already exists")
        now = instant(self._instance.clock.now())
        self._instance.store.connection.execute(
            "INSERT INTO marketo_activity_type (api_name, draft, created, updated) VALUES (?, ?, ?, ?)",
            (name, json.dumps(_new(wish)), now, now),
        )
        return self._answer(name)

    def update(self, call: Call, name: str) -> Payload:
        """`POST activities/external/type/{apiName}.json`: changes the draft."""
        wish = call.body()
        definition = self._draft_of(self._named(name))
        definition |= {key: str(wish[key]) for key in _TEXTS if key in wish}
        if "primaryAttribute" in wish:
            definition["primaryAttribute"] = _attribute(wish["primaryAttribute"])
        return self._put(name, definition)

    def attributes(self, call: Call, name: str, verb: str) -> Payload:
        """`POST activities/external/type/{apiName}/attributes/{create|update|delete}.json`."""
        definition = self._draft_of(self._named(name))
        held = {attribute["apiName"]: attribute for attribute in definition["attributes"]}
        for wish in call.records("attributes"):
            _apply(held, wish, verb)
        if len(held) > _MOST_ATTRIBUTES:
            raise Failure("1028", f"No more than {_MOST_ATTRIBUTES} attributes can be created")
        return self._put(name, {**definition, "attributes": list(held.values())})

    def approve(self, _: Call, name: str) -> Payload:
        found = self._named(name)
        if found.draft is None:
            raise Failure("1003", f"Activity type '{name}' has no draft to approve")
        return self._set(name, found.draft, None)

    def discard(self, _: Call, name: str) -> Payload:
        found = self._named(name)
        if found.draft is None or found.approved is None:
            raise Failure("1048", f"Discard draft of activity type '{name}' failed")
        return self._set(name, found.approved, None)

    def delete(self, _: Call, name: str) -> Payload:
        found = self._named(name)
        self._instance.store.connection.execute("DELETE FROM marketo_activity_type WHERE id = ?", (found.id,))
        return {"result": [found.item(found.approved or found.draft or {}, "deleted")]}

    def custom(self) -> list[CustomType]:
        """Every custom type, oldest first."""
        query = "SELECT id, api_name, approved, draft, created, updated FROM marketo_activity_type ORDER BY id"
        with self._instance.store.lock:
            rows = self._instance.store.connection.execute(query).fetchall()
        return [CustomType(id, name, _load(a), _load(d), created, updated) for id, name, a, d, created, updated in rows]

    def _named(self, name: str) -> CustomType:
        for found in self.custom():
            if found.api_name == name:
                return found
        raise Failure("1013", f"Activity type '{name}' not found")

    def _draft_of(self, found: CustomType) -> Item:
        return dict(found.draft or found.approved or {})

    def _put(self, name: str, draft: Item) -> Payload:
        return self._set(name, self._named(name).approved, draft)

    def _set(self, name: str, approved: Item | None, draft: Item | None) -> Payload:
        self._instance.store.connection.execute(
            "UPDATE marketo_activity_type SET approved = ?, draft = ?, updated = ? WHERE api_name = ?",
            (_dump(approved), _dump(draft), instant(self._instance.clock.now()), name),
        )
        return self._answer(name)

    def _answer(self, name: str) -> Payload:
        found = self._named(name)
        return {"result": [found.item(found.draft or found.approved or {})]}


def _apply(held: dict[str, Item], wish: dict[str, Any], verb: str) -> None:
    name = str(wish.get("apiName"))
    if verb == "create":
        if name in held:
            raise Failure("1003", f"Attribute '{name}' already exists")
        held[name] = _attribute(wish)
        return
    if name not in held:
        raise Failure("1013", f"Attribute '{name}' not found")
    if verb == "delete":
        del held[name]
    else:
        held[name] = _attribute({**held[name], **wish})


def _api_name(wish: dict[str, Any]) -> str:
    for key in ("apiName", "name", "triggerName", "filterName", "primaryAttribute"):
        if not wish.get(key):
            raise Failure("1003", f"Value for required field '{key}' not specified")
    name = str(wish["apiName"])
    if not _NAME.fullmatch(name):
        raise Failure("1003", f"Invalid value for field 'apiName' and value '{name}'")
    return name


def _new(wish: dict[str, Any]) -> Item:
    texts = {key: str(wish[key]) for key in _TEXTS if wish.get(key)}
    return {**texts, "primaryAttribute": _attribute(wish["primaryAttribute"]), "attributes": []}


def _attribute(wish: object) -> Item:
    if not isinstance(wish, dict) or not wish.get("apiName") or not wish.get("name"):
        raise Failure("1003", "Value for required field 'apiName' or 'name' of an attribute not specified")
    type = wish.get("dataType") or "string"
    if type not in _DATA_TYPES:
        raise Failure("1003", f"Invalid value for field 'dataType' and value '{type}'")
    item: Item = {"apiName": str(wish["apiName"]), "name": str(wish["name"]), "dataType": type}
    return {**item, **({"description": str(wish["description"])} if wish.get("description") else {})}


def _as_type(found: CustomType, definition: Item) -> Item:
    def plain(attribute: Item) -> Item:
        return {key: attribute[key] for key in ("apiName", "name", "dataType")}

    return {
        "id": found.id,
        "name": definition["name"],
        "description": definition.get("description", ""),
        "apiName": found.api_name,
        "primaryAttribute": plain(definition["primaryAttribute"]),
        "attributes": [plain(attribute) for attribute in definition["attributes"]],
    }


def _load(text: str | None) -> Item | None:
    if text is None:
        return None
    item: Item = json.loads(text)
    return item


def _dump(item: Item | None) -> str | None:
    return None if item is None else json.dumps(item)
