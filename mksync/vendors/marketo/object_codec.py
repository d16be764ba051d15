"""Metadata of companies, sales persons, opportunities, their roles and custom objects as `core.Schema`. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.object_types import ObjectLink
from mksync.core.records import Field, FieldType, Schema
from mksync.errors import ConfigError
from mksync.vendors.marketo.codec import COMPANY, PERSON, SYSTEM, field_of, readable
from mksync.vendors.marketo.standard import OTHERS

SALESPERSON, OPPORTUNITY, ROLE = "salesperson", "opportunity", "role"
API_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_LINKED = {"lead": PERSON, "company": COMPANY}  # Marketo's word for an object, in any case -> mksync's
# "The 'name' field must not be null" (Marketo developer guide, Opportunities), which describe does not say.
_REQUIRED = {OPPORTUNITY: frozenset({"name"})}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object's calls go, and what a role needs to make them. `title`: what people call such records."""

    path: str
    permission: str
    title: str


OWN: Mapping[str, Place] = {
    COMPANY: Place("companies", "Company", "companies"),
    SALESPERSON: Place("salespersons", "Sales Person", "sales persons"),
    OPPORTUNITY: Place("opportunities", "Opportunity", "opportunities"),
    ROLE: Place("opportunities/roles", "Opportunity", "opportunity roles"),
}


def place(object: str) -> Place:
    """What is not one of Marketo's own objects is a custom one. Raises ConfigError for what no API name can be."""
    if not API_NAME.fullmatch(object):
        hint = "a custom object's API name: a letter, then letters, digits and underscores"
        raise ConfigError(f"Marketo has no object {object!r}", hint=hint)
    return OWN.get(object) or Place(f"customobjects/{object}", "Custom Object", f"custom objects {object}")


def schema(object: str, raw: Mapping[str, Any]) -> Schema:
    """From what describe answers. A dedupe field is set when a record is created, and not changed later."""
    id, dedupe = str(raw["idField"]), tuple(raw.get("dedupeFields") or ())
    searchable = {names[0] for names in raw.get("searchableFields") or () if len(names) == 1}
    required = _REQUIRED.get(object, frozenset()) | set(dedupe)
    linked = {link.field: link for link in links(raw)}
    fields = {
        field.name: replace(field, required=field.name in required)
        for field in (_field(object, one, searchable, linked) for one in raw.get("fields") or ())
    }
    label = str(raw.get("displayName") or raw.get("name") or object)
    return Schema(object, label, readable(fields, object), id, dedupe)


def links(raw: Mapping[str, Any]) -> Iterator[ObjectLink]:
    """The relationships that describe names: which field holds what of whom."""
    for one in raw.get("relationships") or ():
        related = one.get("relatedTo") or one.get("object") or {}  # the guide's examples show both
        object, to = str(related.get("name", "")), str(related.get("field", ""))
        yield ObjectLink(
            str(one["field"]), _LINKED.get(object.lower(), object), to.lower() if to.lower() == "id" else to
        )


def _field(object: str, raw: Mapping[str, Any], searchable: set[str], linked: Mapping[str, ObjectLink]) -> Field:
    field = field_of(raw, str(raw["name"]) in searchable, OTHERS.get(object, SYSTEM))
    if field.name in SYSTEM or raw.get("crmManaged"):
        return replace(field, creatable=False, writable=False)
    if link := linked.get(field.name):
        field = _link(field, link, bool(raw.get("updateable")))
    elif object == ROLE and field.name == "leadId":
        field = replace(field, references=(PERSON,))
    # "Updateable" is what may change after a record's creation (Marketo developer guide, Lead Database, "Describe").
    return replace(field, creatable=True)


def _link(field: Field, link: ObjectLink, updateable: bool) -> Field:
    if field.vendor_type in ("link", "reference"):
        field = replace(field, type=FieldType.INTEGER if link.to == "id" else FieldType.TEXT, writable=updateable)
    return replace(field, references=(link.object,) if link.to == "id" else ())
