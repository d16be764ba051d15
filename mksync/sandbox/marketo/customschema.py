"""The API that makes custom object types (developer guide, Custom Objects, "Custom Object Types").

Its writing calls answer with an empty result; what they did is read from the type's description.
"""

import re
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.customdefinitions import CustomDefinitions, CustomObject
from mksync.sandbox.marketo.customfields import DATA_TYPES, FieldRules
from mksync.sandbox.marketo.customlinks import CustomLinks
from mksync.sandbox.marketo.envelope import Failure, Item, Payload
from mksync.sandbox.marketo.family import in_use
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.objecttable import ObjectTable
from mksync.sandbox.marketo.objecttypes import field_item

_MOST_TYPES = 10
_NAME = re.compile(r"[A-Za-z0-9_]+")
_DISPLAY = re.compile(r"[A-Za-z0-9_ ]+")
_ACTIONS = ("createOnly", "updateOnly", "createOrUpdate")
_STATES = ("draft", "approved", "approvedWithDraft")
_DONE: Payload = {"result": []}


class CustomSchema:
    """Types are drafted, given fields, approved, changed by a new draft, and deleted with all of their records."""

    def __init__(self, instance: Instance, definitions: CustomDefinitions) -> None:
        self._instance = instance
        self._definitions = definitions
        self._links = CustomLinks(instance, definitions)

    def listing(self, call: Call) -> Payload:
        """`GET customobjects/schema.json?names=&state=`."""
        names = {name.lower() for name in call.listed("names")}
        found = [one for one in self._definitions.all() if not names or one.api_name.lower() in names]
        return {"result": [item for one in found if (item := self._item(one, _state(call)))]}

    def describe(self, call: Call, name: str) -> Payload:
        """`GET customobjects/schema/{apiName}/describe.json?state=`."""
        item = self._item(self._definitions.named(name), _state(call))
        if item is None:
            raise Failure("1013", f"Object '{name}' has no version in state '{_state(call)}'")
        return {"result": [item]}

    def sync(self, call: Call) -> Payload:
        """`POST customobjects/schema.json`."""
        wish = call.body()
        action = wish.get("action") or "createOrUpdate"
        if action not in _ACTIONS:
            raise Failure("1003", f"Invalid value '{action}' for parameter 'action'")
        found = self._definitions.get(_checked(wish, "apiName", _NAME))
        if found is None and action == "updateOnly":
            raise Failure("1013", f"Object '{wish['apiName']}' not found")
        if found is not None and action == "createOnly":
            raise Failure("1017", f"Object '{wish['apiName']}' already exists")
        if found is None:
            self._create(wish)
        else:
            self._update(found, wish)
        return _DONE

    def add_fields(self, call: Call, name: str) -> Payload:
        """`POST customobjects/schema/{apiName}/addField.json`."""
        return self._change_fields(name, lambda rules: rules.added(call.records()))

    def update_field(self, call: Call, name: str, field: str) -> Payload:
        """`POST customobjects/schema/{apiName}/{fieldApiName}/updateField.json`."""
        return self._change_fields(name, lambda rules: rules.updated(field, call.body()))

    def delete_fields(self, call: Call, name: str) -> Payload:
        """`POST customobjects/schema/{apiName}/deleteField.json`."""
        names = [str(record.get("name")) for record in call.records()]
        return self._change_fields(name, lambda rules: rules.without(names))

    def approve(self, _: Call, name: str) -> Payload:
        """`POST customobjects/schema/{apiName}/approve.json`: the draft becomes what counts."""
        found = self._definitions.named(name)
        if found.draft is None:
            raise Failure("1003", f"Object '{name}' has no draft to approve")
        type = found.type(found.draft)
        if not type.dedupe:
            raise Failure("1003", f"Object '{name}' needs at least one dedupe field to be approved")
        self._definitions.put(found, found.draft, None)
        ObjectTable(self._instance.store, type, self._instance.quirks).prepare()
        return _DONE

    def discard(self, _: Call, name: str) -> Payload:
        """`POST customobjects/schema/{apiName}/discardDraft.json`; a type that was never approved is gone with it."""
        found = self._definitions.named(name)
        if found.draft is None:
            raise Failure("1048", "Custom Object Discard Draft Failed")
        if found.approved is None:
            self._definitions.remove(found)
        else:
            self._definitions.put(found, found.approved, None)
        return _DONE

    def delete(self, _: Call, name: str) -> Payload:
        """`POST customobjects/schema/{apiName}/delete.json`: with all records; what links to it has to go first."""
        found = self._definitions.named(name)
        if any(other.links_to(name) for other in self._definitions.all()):
            raise Failure(in_use().code, in_use().message)
        if found.approved is not None:
            ObjectTable(self._instance.store, found.type(found.approved), self._instance.quirks).drop()
        self._definitions.remove(found)
        return _DONE

    def data_types(self, _: Call) -> Payload:
        """`GET customobjects/schema/fieldDataTypes.json`."""
        return {"result": list(DATA_TYPES)}

    def linkable_objects(self, _: Call) -> Payload:
        """`GET customobjects/schema/linkableObjects.json`: fields of leads and companies by their display names."""
        return {"result": self._links.listed()}

    def dependent_assets(self, _: Call, name: str) -> Payload:
        """`GET customobjects/schema/{apiName}/dependentAssets.json`: the sandbox has no assets."""
        self._definitions.named(name)
        return _DONE

    def _create(self, wish: dict[str, Any]) -> None:
        display = _checked(wish, "displayName", _DISPLAY)
        if len(self._definitions.all()) >= _MOST_TYPES:
            raise Failure("1003", f"No more than {_MOST_TYPES} custom object types can be created")
        self._refuse_display(display)
        suffix = "_c" if "custom_object_suffix" in self._instance.quirks else ""
        name = str(wish["apiName"]).removesuffix("_c") + suffix if suffix else str(wish["apiName"])
        if self._definitions.get(name) is not None:
            raise Failure("1017", f"Object '{name}' already exists")
        self._definitions.add(name, {**_texts(wish), "displayName": display, "fields": []})

    def _update(self, found: CustomObject, wish: dict[str, Any]) -> None:
        draft = found.latest
        display = wish.get("displayName", draft["displayName"])
        if display != draft["displayName"]:
            if found.approved is not None:
                raise Failure("1003", "Field 'displayName' cannot be updated once the object is approved")
            self._refuse_display(_checked(wish, "displayName", _DISPLAY))
        self._definitions.put(found, found.approved, {**draft, **_texts(wish), "displayName": display})

    def _refuse_display(self, display: str) -> None:
        if any(one.latest["displayName"].lower() == display.lower() for one in self._definitions.all()):
            raise Failure("1003", f"Display name '{display}' is already in use")

    def _change_fields(self, name: str, change: Any) -> Payload:  # noqa: ANN401 - a function of the rules
        found = self._definitions.named(name)
        approved = found.approved["fields"] if found.approved else None
        rules = FieldRules(found.latest["fields"], approved, self._links.linkable(found))
        self._definitions.put(found, found.approved, {**found.latest, "fields": change(rules)})
        return _DONE

    def _item(self, found: CustomObject, state: str | None) -> Item | None:
        version = ("approved" if found.approved else "draft") if state is None else state
        if version == "approvedWithDraft":
            version = "draft" if found.approved else "none"
        definition = {"approved": found.approved, "draft": found.draft}.get(version)
        if definition is None:
            return None
        type = found.type(definition)
        listed = type.listed()
        young = found.approved is None
        return {
            "state": found.state,
            "version": version,
            "displayName": type.display,
            "pluralName": definition.get("pluralName"),
            "description": type.description,
            "apiName": found.api_name,
            "idField": None if young else listed["idField"],
            "createdAt": None if young else found.created,
            "updatedAt": None if young else found.updated,
            "dedupeFields": listed["dedupeFields"],
            "searchableFields": listed["searchableFields"] if type.dedupe else [[]],
            "relationships": listed["relationships"],
            "fields": [field_item(field, updateable=type.updateable(field)) for field in type.fields],
        }


def _state(call: Call) -> str | None:
    state = call.text("state")
    if state is not None and state not in _STATES:
        raise Failure("1003", f"Invalid value '{state}' for parameter 'state'")
    return state


def _checked(wish: dict[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = wish.get(key)
    if not isinstance(value, str) or not value:
        raise Failure("1003", f"Value for required field '{key}' not specified")
    if not pattern.fullmatch(value):
        raise Failure("1003", f"Invalid value for field '{key}' and value '{value}'")
    return value


def _texts(wish: dict[str, Any]) -> Item:
    return {key: wish[key] for key in ("pluralName", "description", "showInLeadDetail") if key in wish}
