"""mksync's objects in Salesforce's words. Pure."""

import re
from collections.abc import Iterable, Mapping

from mksync.errors import ConfigError

PEOPLE: Mapping[str, str] = {"lead": "Lead", "contact": "Contact"}
_STANDARD: Mapping[str, str] = {
    **PEOPLE,
    "account": "Account",
    "user": "User",
    "opportunity": "Opportunity",
    "role": "OpportunityContactRole",
}
_OBJECTS = {sobject: object for object, sobject in _STANDARD.items()}

# What ends otherwise is no object with records of its own to replicate: __mdt, __e, __x, __b, __Share, __History …
_CUSTOM = re.compile(r"[A-Za-z][A-Za-z0-9_]*__c")


def is_custom(object: str) -> bool:
    """Whether this is the API name of a custom object, which mksync calls by that name too."""
    return bool(_CUSTOM.fullmatch(object))


def sobject(object: str) -> str:
    """Salesforce's name. Raises `ConfigError` for an object that mksync does not read from Salesforce."""
    if is_custom(object):
        return object
    if object not in _STANDARD:
        listed = ", ".join(_STANDARD)
        raise ConfigError(
            f"Salesforce has no {object!r} here", hint=f"Objects: {listed}, or the API name of a custom one (Name__c)."
        )
    return _STANDARD[object]


def objects_named(sobjects: Iterable[str]) -> tuple[str, ...]:
    """Those of Salesforce's objects that mksync knows, by mksync's names; the others are left out."""
    return tuple(_OBJECTS.get(name, name) for name in sobjects if name in _OBJECTS or is_custom(name))
