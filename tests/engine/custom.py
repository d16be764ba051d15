"""A world whose CRM has custom objects beside its leads and contacts: visits, and stops on their way."""

from collections.abc import Mapping

from mksync.core.records import PERSON, Catalogue, Field, FieldType, Schema, Side
from mksync.engine.custom_objects import KEY as RECORD
from mksync.engine.custom_objects import entry, with_links
from mksync.engine.fields import Schemas
from mksync.selection import Custom
from tests.engine.one_way import CATALOGUE, ID, SCHEMAS, OneWayWorld

VISIT, STOP = "Visit__c", "Stop__c"
CUSTOMS = {
    VISIT: Custom("visit", "Visit", person=("Contact__c", "Lead__c")),
    STOP: Custom("stop", "Stop", person=(VISIT,)),
}


def _text(name: str, *, writable: bool = True) -> Field:
    return Field(name, name, FieldType.TEXT, writable=writable)


def _refers(name: str, *objects: str) -> Field:
    return Field(name, name, FieldType.REFERENCE, references=objects)


def _described(object: str, *lookups: Field) -> Schema:
    fields = (ID, _text("Name"), *lookups)
    return Schema(object, object, {field.name: field for field in fields})


def _kept(object: str) -> Schema:
    fields = (_text(RECORD, writable=False), _text("name"), _refers(PERSON, PERSON))
    return Schema(object, object, {field.name: field for field in fields}, dedupe=(RECORD,))


class CustomWorld(OneWayWorld):
    """Two systems with custom objects in them."""

    catalogue: Mapping[str, Catalogue] = {
        **{object: CATALOGUE[object] for object in ("lead", "contact")},
        **{
            object: entry(Catalogue(object, one.label, counterpart=one.marketo, one_way=True), one)
            for object, one in CUSTOMS.items()
        },
    }
    schemas: Schemas = with_links(
        {
            **{key: schema for key, schema in SCHEMAS.items() if key[1] in (PERSON, "lead", "contact")},
            (Side.CRM, VISIT): _described(VISIT, _refers("Lead__c", "lead"), _refers("Contact__c", "contact")),
            (Side.CRM, STOP): _described(STOP, _refers(VISIT, VISIT)),
            **{(Side.MARKETO, one.marketo): _kept(one.marketo) for one in CUSTOMS.values()},
        },
        CUSTOMS,
    )
    selected: Mapping[str, Mapping[str, str]] = {VISIT: {"name": "Name"}, STOP: {"name": "Name"}}
