"""Why one record is skipped, worded once for leads and for all other objects (developer guide, Error Codes)."""

from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.envelope import Refused


def unknown_field(name: str) -> Refused:
    return Refused("1006", f"Field '{name}' not found")


def read_only(name: str, quirks: frozenset[str]) -> Refused:
    if "read_only_1011" in quirks:
        return Refused("1011", f"Field '{name}' is read only")
    return unknown_field(name)


def mismatch(field: LeadField, value: object, quirks: frozenset[str]) -> Refused:
    """The value is of a wrong type, too long or too large."""
    if "type_mismatch_1001" in quirks:
        return Refused("1001", f"Invalid value '{value}'. Required of type '{field.described_type}'")
    return Refused("1003", f"Invalid value for field '{field.name}' and value '{value}'")


def not_specified(name: str) -> Refused:
    return Refused("1003", f"Value for required field '{name}' not specified")
