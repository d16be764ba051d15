"""Small parts of metadata documents: ids, labels, managed properties.

Source: Microsoft Learn, "MetadataBase EntityType", "Label ComplexType", "BooleanManagedProperty ComplexType".
"""

import uuid
from typing import Any

Document = dict[str, Any]
_NAMESPACE = uuid.UUID("0c0c0000-0000-4000-8000-000000000000")


def metadata_id(*names: str) -> str:
    """The same GUID for the same thing in every organisation."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def label(text: str, *names: str) -> Document:
    """A Label with one language."""
    if not text:
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    one = {
        "Label": text,
        "LanguageCode": 1033,
        "IsManaged": False,
        "MetadataId": metadata_id("label", text, *names),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [one], "UserLocalizedLabel": dict(one)}


def managed(value: object, name: str) -> Document:
    """A managed property."""
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}
