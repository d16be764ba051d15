"""Between `core.ObjectType` and Marketo's custom object types, and what tells two of them apart. Pure.

Source: Marketo developer guide, Custom Objects, "Custom Object Types" and "Custom Object Fields".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mksync.core.object_types import ObjectLink, ObjectType
from mksync.core.records import FieldType
from mksync.errors import ConfigError
from mksync.vendors.marketo.codec import COMPANY, CREATABLE, PERSON, SYSTEM, TYPES, field_of, plain
from mksync.vendors.marketo.object_codec import API_NAME, OWN, links

MOST_FIELDS = 50
MOST_DEDUPE = 3
_TYPES: Mapping[FieldType, str] = {**CREATABLE, FieldType.TEXTAREA: "text", FieldType.URL: "string"}
_STANDARD_LABELS = ("Marketo GUID", "Created At", "Updated At")  # every type has these fields
_LINKABLE = {PERSON: "lead", COMPANY: "company"}  # mksync's word for an object -> Marketo's


def from_wire(raw: Mapping[str, Any]) -> ObjectType:
    """From a listing of types, or from describe, which calls the name and the state otherwise."""
    name, related = str(raw.get("apiName") or raw["name"]), tuple(links(raw))
    linked = {link.field for link in related}
    fields = tuple(
        field_of(one, False, SYSTEM)
        for one in raw.get("fields") or ()
        if one["name"] not in SYSTEM and one["name"] not in linked
    )
    return ObjectType(
        name=name,
        label=str(raw.get("displayName") or name),
        fields=fields,
        dedupe=tuple(raw.get("dedupeFields") or ()),
        links=related,
        description=str(raw.get("description") or ""),
        state=raw.get("state") or "approved",
    )


def new_type(type: ObjectType) -> dict[str, object]:
    """The body that creates its draft, as yet without fields."""
    body: dict[str, object] = {"action": "createOnly", "apiName": type.name, "displayName": plain(type.label)}
    if type.description:
        body["description"] = type.description
    return {**body, "showInLeadDetail": True}


def new_fields(type: ObjectType, missing: set[str]) -> list[dict[str, object]]:
    """The bodies that create these of its fields. Labels are unique within a type; a second one gives way to a name."""
    taken, bodies = {label.casefold() for label in _STANDARD_LABELS}, []
    for body in _bodies(type):
        label = str(body["displayName"])
        if not label or label.casefold() in taken:
            label = str(body["name"])
        taken.add(label.casefold())
        if body["name"] in missing:
            bodies.append({**body, "displayName": label})
    return bodies


def check(type: ObjectType) -> None:
    """Raises ConfigError for what Marketo cannot create."""
    if problem := next(_problems(type), None):
        raise ConfigError(f"Marketo cannot hold the custom object {type.name}: {problem}")


def conflicts(found: ObjectType, wanted: ObjectType) -> Iterator[str]:
    """What of the wanted type the one that was found has otherwise; what it lacks is no conflict."""
    have, want = {field.name: field for field in found.fields}, {field.name: field for field in wanted.fields}
    for name in have.keys() & want.keys():
        kind = TYPES[_TYPES[want[name].type]]
        if have[name].type is not kind:
            yield f"its field {name} is of type {have[name].vendor_type}, not {_TYPES[want[name].type]}"
        if found.dedupe and (name in found.dedupe) is not (name in wanted.dedupe):
            yield f"its field {name} {'is' if name in found.dedupe else 'does not belong to'} its key"
    for name, link in _links(wanted).items():
        bare = name in have and have[name].vendor_type != "link"  # whose, a draft may not tell
        if bare or _links(found).get(name, link) != link:
            yield f"its field {name} does not link it to {link[0]} by {link[1]}"
    for name in _links(found).keys() & want.keys():
        yield f"its field {name} is a link"


def lacking(found: ObjectType, wanted: ObjectType) -> set[str]:
    """Fields and links of the wanted type that the other does not have."""
    return _names(wanted) - _names(found)


def surplus(found: ObjectType, wanted: ObjectType) -> set[str]:
    return _names(found) - _names(wanted)


def _bodies(type: ObjectType) -> Iterator[dict[str, object]]:
    for link in type.links:
        related = {"name": _LINKABLE.get(link.object, link.object), "field": link.to}
        yield _body(link.field, link.label, "link", type) | {"relatedTo": related}
    for field in type.fields:
        yield _body(field.name, field.label, _TYPES[field.type], type)


def _body(name: str, label: str, kind: str, type: ObjectType) -> dict[str, object]:
    body: dict[str, object] = {"name": name, "displayName": plain(label or name), "dataType": kind}
    return {**body, "isDedupeField": True} if name in type.dedupe else body


def _problems(type: ObjectType) -> Iterator[str]:
    names = [*(link.field for link in type.links), *(field.name for field in type.fields)]
    if not API_NAME.fullmatch(type.name) or type.name in OWN:
        yield "its name has to be a letter, then letters, digits and underscores, and not that of an object of Marketo"
    for name in names:
        if not API_NAME.fullmatch(name) or name in SYSTEM or names.count(name) > 1:
            yield f"a field cannot be named {name!r}, or not twice"
    if not plain(type.label):
        yield "its label has no letter or digit"
    if not 1 <= len(type.dedupe) <= MOST_DEDUPE or not set(type.dedupe) <= set(names):
        yield f"it has to be recognised by one to {MOST_DEDUPE} of its fields"
    if len(names) > MOST_FIELDS:
        yield f"it has {len(names)} fields, and at most {MOST_FIELDS} are possible"


def _links(type: ObjectType) -> dict[str, tuple[str, str]]:
    return {link.field: _linked(link) for link in type.links}


def _linked(link: ObjectLink) -> tuple[str, str]:
    """Marketo spells objects and fields of its own in more than one way ("Lead", "lead"; "Id", "id")."""
    return link.object.casefold(), link.to.casefold()


def _names(type: ObjectType) -> set[str]:
    return {*(field.name for field in type.fields), *(link.field for link in type.links)}
