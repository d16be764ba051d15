"""What a lead database object other than the lead is made of, and how it describes itself (guide, Lead Database)."""

from dataclasses import dataclass

from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.envelope import Failure, Item

CREATED_AT = LeadField(0, "createdAt", "Created At", "datetime", read_only=True)
UPDATED_AT = LeadField(0, "updatedAt", "Updated At", "datetime", read_only=True)
GUID = LeadField(0, "marketoGUID", "Marketo GUID", "string", 36, read_only=True)
ID = LeadField(0, "id", "Id", "integer", read_only=True)
# Calls may spell this field as the guide's own samples do.
_ALIASES = {"marketoGuid": "marketoGUID"}
_FOUNDED = "2020-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Relation:
    """`field` holds the `key` of a record of `object`: "Lead", "Company", or a custom object's API name."""

    field: str
    object: str
    key: str

    def item(self) -> Item:
        return {"field": self.field, "type": "child", "relatedTo": {"name": self.object, "field": self.key}}


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One kind of record. `id_field` is given by Marketo; `dedupe` are the keys that the caller gives."""

    name: str
    display: str
    table: str
    id_field: str
    dedupe: tuple[str, ...]
    fields: tuple[LeadField, ...]
    searchable: tuple[tuple[str, ...], ...]
    frozen: frozenset[str] = frozenset()  # beside the keys: not updateable once the record exists
    required: frozenset[str] = frozenset()
    relations: tuple[Relation, ...] | None = None  # only custom objects tell theirs
    description: str | None = None
    created: str = _FOUNDED
    updated: str = _FOUNDED
    missing: str = "Record not found"
    tells_all: bool = False  # a query without `fields` gives every field that has a value

    def known(self) -> dict[str, LeadField]:
        return {field.name: field for field in self.fields}

    def updateable(self, field: LeadField) -> bool:
        return not field.read_only and field.name not in self.dedupe and field.name not in self.frozen

    def keys(self, filter_type: str) -> tuple[str, ...]:
        """The fields that a `filterType` stands for; fails with 1006 if unknown, with 1011 if it is no key."""
        if filter_type == "dedupeFields":
            return self.dedupe
        name = self.id_field if filter_type == "idField" else _ALIASES.get(filter_type, filter_type)
        if (name,) in self.searchable:
            return (name,)
        if name not in self.known():
            raise Failure("1006", f"Lookup field '{filter_type}' not found")
        raise Failure("1011", f"Lookup field '{filter_type}' not supported")

    def asked(self, names: list[str]) -> list[LeadField]:
        """The fields of these names behind the id; fails with 1006 at one that does not exist."""
        known = self.known()
        wanted = dict.fromkeys([self.id_field, *(_ALIASES.get(name, name) for name in names)])
        for name in wanted:
            if name not in known:
                raise Failure("1006", f"Field '{name}' not found")
        return [known[name] for name in wanted]

    def described(self, *, crm_managed: bool = False) -> Item:
        """The one element of a describe call's result."""
        return {
            **self.listed(),
            "fields": [
                field_item(field, updateable=self.updateable(field), crm_managed=crm_managed) for field in self.fields
            ],
        }

    def listed(self) -> Item:
        """The description without the fields, as the list of custom objects gives it."""
        relations = {} if self.relations is None else {"relationships": [found.item() for found in self.relations]}
        return {
            "name": self.name,
            "displayName": self.display,
            "description": self.description,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "idField": self.id_field,
            "dedupeFields": list(self.dedupe),
            "searchableFields": [list(keys) for keys in self.searchable],
            **relations,
        }


def field_item(field: LeadField, *, updateable: bool, crm_managed: bool = False) -> Item:
    """One field of a description."""
    item: Item = {"name": field.name, "displayName": field.display, "dataType": field.described_type}
    if field.description is not None:
        item["description"] = field.description
    if field.length is not None:
        item["length"] = field.length
    return {**item, "updateable": updateable, "crmManaged": crm_managed}
