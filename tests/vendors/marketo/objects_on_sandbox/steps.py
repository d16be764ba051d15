"""What is written, and writing it in few words."""

from collections.abc import Mapping

from mksync.core.object_types import ObjectLink, ObjectType
from mksync.core.records import Field, FieldType, Outcome, Value, Write
from mksync.vendors.marketo.port import MarketoPort

LINKS = ["externalCompanyId", "externalSalesPersonId"]
CAR = ObjectType(
    name="car",
    label="Car",
    fields=(
        Field("vin", "VIN", FieldType.TEXT),
        Field("color", "Colour", FieldType.PICKLIST),
        Field("notes", "Notes", FieldType.TEXTAREA),
        Field("price", "Price", FieldType.DECIMAL),
        Field("sold", "Sold", FieldType.BOOLEAN),
        Field("soldOn", "Sold on", FieldType.DATE),
        Field("seenAt", "Seen at", FieldType.DATETIME),
        Field("doors", "Doors", FieldType.INTEGER),
        Field("page", "Page", FieldType.URL),
    ),
    dedupe=("vin",),
    links=(ObjectLink("leadId", "person"),),
    description="Cars of the CRM",
)
KEYS: Mapping[str, Mapping[str, Value]] = {
    "company": {"externalCompanyId": "001B"},
    "salesperson": {"externalSalesPersonId": "005B"},
    "opportunity": {"externalOpportunityId": "006B", "name": "Tables"},
    "role": {"externalOpportunityId": "006A", "leadId": 7, "role": "Buyer"},
}


def write(port: MarketoPort, *writes: Write, fields: tuple[str, ...] = ()) -> list[Outcome]:
    outcomes = {outcome.ref: outcome for outcome in port.write(writes[0].object, writes, fields)}
    assert len(outcomes) == len(writes)
    return [outcomes[write.ref] for write in writes]


def made(port: MarketoPort, object: str, **values: Value) -> str:
    """The id of a new record."""
    [outcome] = write(port, Write(1, object, None, values))
    assert outcome.created, outcome
    assert outcome.record is not None
    return outcome.record.id


def codes(outcomes: list[Outcome]) -> list[str]:
    """Refusal codes; "" for what was written."""
    return [outcome.refusal.code if outcome.refusal else "" for outcome in outcomes]
