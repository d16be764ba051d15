"""Fields of a custom object's draft: what may be added, changed and taken away (guide, Custom Objects, "Fields")."""

import re
from collections.abc import Mapping
from typing import Any

from mksync.sandbox.marketo.envelope import Failure, Item

DATA_TYPES = (
    "string",
    "boolean",
    "integer",
    "float",
    "link",
    "email",
    "currency",
    "date",
    "datetime",
    "phone",
    "text",
)
MOST_DEDUPE = 3
_MOST_FIELDS = 50
_MOST_AFTER_APPROVAL = 20
_OWN = ("marketoguid", "createdat", "updatedat")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_DISPLAY = re.compile(r"[A-Za-z0-9_ ]+")
# Lower-case object name -> lower-case field name, in either of its spellings -> (API name, data type).
Linkable = Mapping[str, Mapping[str, tuple[str, str]]]


class FieldRules:
    """Judges the fields of one draft. `approved` names the fields that stand in the approved version already."""

    def __init__(self, fields: list[Item], approved: list[Item] | None, linkable: Linkable) -> None:
        self._fields = fields
        self._approved = None if approved is None else {wish["name"]: wish for wish in approved}
        self._linkable = linkable

    def added(self, wishes: list[dict[str, Any]]) -> list[Item]:
        """The draft's fields with the new ones; fails with 1003 as a whole."""
        fields = list(self._fields)
        for wish in wishes:
            fields.append(self._made(wish, fields))
        return self._counted(fields)

    def updated(self, name: str, wish: Mapping[str, Any]) -> list[Item]:
        """The draft's fields after the change of one; fails with 1013 if it does not exist."""
        held = self._one(name)
        others = [field for field in self._fields if field is not held]
        known = self._approved is not None and name in self._approved
        if self._frozen(held) or (known and any(wish.get(key, held[key]) != held[key] for key in ("name", "dataType"))):
            raise Failure("1003", f"Field '{name}' cannot be updated once the object is approved")
        made = self._made({**held, **wish}, others)
        return self._counted([made if field is held else field for field in self._fields])

    def without(self, names: list[str]) -> list[Item]:
        """The draft's fields but these; fails with 1013 if one does not exist."""
        for held in (self._one(name) for name in names):
            if self._frozen(held):
                raise Failure("1003", f"Field '{held['name']}' cannot be deleted once the object is approved")
        return [field for field in self._fields if field["name"] not in names]

    def _one(self, name: str) -> Item:
        for field in self._fields:
            if field["name"] == name:
                return field
        raise Failure("1013", f"Field '{name}' not found")

    def _frozen(self, field: Item) -> bool:
        known = self._approved is not None and field["name"] in self._approved
        return known and _ties(field)

    def _made(self, wish: Mapping[str, Any], others: list[Item]) -> Item:
        for key, pattern in (("name", _NAME), ("displayName", _DISPLAY)):
            if not isinstance(wish.get(key), str) or not wish[key]:
                raise Failure("1003", f"Value for required field '{key}' not specified")
            if not pattern.fullmatch(wish[key]):
                raise Failure("1003", f"Invalid value for field '{key}' and value '{wish[key]}'")
            if any(other[key].lower() == wish[key].lower() for other in others) or wish[key].lower() in _OWN:
                raise Failure("1003", f"Field '{wish[key]}' already exists")
        type = wish.get("dataType")
        if type not in DATA_TYPES:
            raise Failure("1003", f"Invalid value for field 'dataType' and value '{type}'")
        field: Item = {
            "name": wish["name"],
            "displayName": wish["displayName"],
            "dataType": type,
            "description": wish.get("description"),
            "isDedupeField": wish.get("isDedupeField") is True,
            "relatedTo": None,
        }
        field |= self._link(wish)
        before = None if self._approved is None else self._approved.get(field["name"])
        if self._approved is not None and _ties(field) and not (before and _ties(before)):
            raise Failure("1003", "A link field or dedupe field cannot be added once the object is approved")
        return field

    def _link(self, wish: Mapping[str, Any]) -> Item:
        target = wish.get("relatedTo")
        if (wish["dataType"] == "link") != isinstance(target, dict):
            raise Failure("1003", f"Field '{wish['name']}': data type 'link' and 'relatedTo' go together")
        if not isinstance(target, dict):
            return {}
        keys = self._linkable.get(str(target.get("name")).lower(), {})
        found = keys.get(str(target.get("field")).lower())
        if found is None:
            raise Failure("1003", f"Invalid value for field 'relatedTo' and value '{target}'")
        return {"relatedTo": {"name": str(target["name"]), "field": found[0]}, "linkType": found[1]}

    def _counted(self, fields: list[Item]) -> list[Item]:
        if len(fields) > _MOST_FIELDS:
            raise Failure("1003", f"No more than {_MOST_FIELDS} fields can be created")
        if sum(field["isDedupeField"] for field in fields) > MOST_DEDUPE:
            raise Failure("1003", f"No more than {MOST_DEDUPE} dedupe fields can be created")
        if self._approved is not None:
            new = [field for field in fields if field["name"] not in self._approved]
            if len(new) > _MOST_AFTER_APPROVAL:
                raise Failure("1003", f"No more than {_MOST_AFTER_APPROVAL} fields can be added after approval")
        return fields


def _ties(field: Item) -> bool:
    return bool(field["isDedupeField"]) or field["relatedTo"] is not None
