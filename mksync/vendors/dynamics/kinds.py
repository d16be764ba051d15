"""Kinds of columns: which of mksync's types each is, and what has to be known of it beside that type.

Source: Power Apps developer documentation, "Column definitions", "Behavior and format of the date and time column".
A kind stands in `Field.vendor_type`, so that a description that was stored says everything that reading a value needs.
"""

from collections.abc import Mapping

from mksync.core.records import Field, FieldType

SECURED = " (secured)"  # behind the kind of a column that column security covers

# A UserLocal date is stored as midnight where the user was who entered it, which is not stored. Nearest to it is the
# day that was meant, but for zones 13 and 14 hours ahead; in whose midnight to write is not known, so it is read only.
LOCAL_DATE = "DateTime, user's own midnight"
FLOATING_DATE = "DateTime, date at midnight"  # time zone independent, shown as a date: midnight as it stands
FLOATING = "DateTime, any time zone"  # wall-clock digits: printed with Z, and never converted
CHOICES = ("Picklist", "MultiSelectPicklist", "State", "Status")
LOOKUPS = ("Lookup", "Customer", "Owner")

TYPES: Mapping[str, FieldType] = {
    "String": FieldType.TEXT,
    "Memo": FieldType.TEXTAREA,
    "Picklist": FieldType.PICKLIST,
    "State": FieldType.PICKLIST,
    "Status": FieldType.PICKLIST,
    "MultiSelectPicklist": FieldType.MULTIPICKLIST,
    "Boolean": FieldType.BOOLEAN,
    "Integer": FieldType.INTEGER,
    "BigInt": FieldType.INTEGER,
    "Decimal": FieldType.DECIMAL,
    "Double": FieldType.DECIMAL,
    "Money": FieldType.DECIMAL,
    "Lookup": FieldType.REFERENCE,
    "Customer": FieldType.REFERENCE,
    "Owner": FieldType.REFERENCE,
    "Uniqueidentifier": FieldType.REFERENCE,
    "DateTime": FieldType.DATETIME,
    FLOATING: FieldType.DATETIME,
    "Date": FieldType.DATE,
    LOCAL_DATE: FieldType.DATE,
    FLOATING_DATE: FieldType.DATE,
}
"""Kinds that are not here (party lists, images, files, calendar rules, …) hold no single value: skipped."""

FORMATS: Mapping[str, FieldType] = {
    "Email": FieldType.EMAIL,
    "Phone": FieldType.PHONE,
    "Url": FieldType.URL,
    "TextArea": FieldType.TEXTAREA,
}
"""What a String's format makes of it; the API does not check any of them."""

READ_ONLY = ("State", "Status", "Uniqueidentifier", LOCAL_DATE)
"""A status goes with its reason as a pair, and moves by qualifying and closing; ids are chosen at the beginning."""


def kind(field: Field) -> str:
    return field.vendor_type.removesuffix(SECURED)


def column(field: Field) -> str:
    """What a query calls this field: a lookup is read by its id."""
    return f"_{field.name}_value" if kind(field) in LOOKUPS else field.name


def date_kind(behavior: str, format: str) -> str:
    """The kind of a DateTime column of this behaviour and format."""
    if behavior == "DateOnly":
        return "Date"
    if behavior == "TimeZoneIndependent":
        return FLOATING_DATE if format == "DateOnly" else FLOATING
    return LOCAL_DATE if format == "DateOnly" else "DateTime"
