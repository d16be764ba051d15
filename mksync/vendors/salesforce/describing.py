"""An object's fields out of its describe, and the custom objects that hang off people.

Source: REST API Developer Guide, "sObject Describe".
"""

from collections.abc import Iterable, Iterator, Sequence

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.names as names
import mksync.vendors.salesforce.objects as objects
from mksync.core.custom import ROOTS, CustomObject, Hop, paths_to_people
from mksync.core.records import Schema
from mksync.errors import ConfigError
from mksync.ports import Unavailable
from mksync.vendors.salesforce.client import COMPOSITE_PARTS, Client, Part, Row
from mksync.vendors.salesforce.errors import MISSING, MissingError
from mksync.vendors.salesforce.rows import slices
from mksync.wire.session import Repeat

# Dozens of check boxes about menus and messages inside Salesforce.
_USER_SETTINGS = ("UserPreferences", "UserPermissions", "EmailPreferences")


def schema(client: Client, object: str) -> Schema:
    """Raises `Unavailable` for an object other than people that is not there, or that cannot be read or followed."""
    sobject = names.sobject(object)
    if object in names.PEOPLE:
        return _schema(object, client.describe(sobject))
    try:
        wire = client.describe(sobject)
    except MissingError as error:
        raise Unavailable(f"Salesforce has no {sobject}, or the sync user may not read it", error.hint) from error
    _check(object, wire)
    return _schema(object, wire)


def custom_objects(client: Client) -> list[CustomObject]:
    """See `ports.OffersCustomObjects`: the children of people and accounts, and the custom ones among their children.

    Three calls, or some more where there are more than twenty-five of a kind.
    """
    near = dict(_describes(client, [names.sobject(root) for root in ROOTS]))
    children = dict(_describes(client, _custom_children(near.values())))
    further = [name for name in _custom_children(children.values()) if name not in children]
    found = {**children, **dict(_describes(client, further))}
    usable = {name: wire for name, wire in found.items() if _followed(name, wire) and not wire.get("customSetting")}
    paths = paths_to_people({name: _hops(wire) for name, wire in usable.items()})
    return [CustomObject(name, usable[name]["label"], paths[name]) for name in sorted(paths)]


def _schema(object: str, wire: Row) -> Schema:
    fields = filter(None, map(codec.described, wire["fields"]))
    shown = (field for field in fields if not (object == "user" and field.name.startswith(_USER_SETTINGS)))
    return Schema(object, wire["label"], {field.name: field for field in shown})


def _check(object: str, wire: Row) -> None:
    name = wire["name"]
    if names.is_custom(object) and object != name:
        raise ConfigError(f"Salesforce has no object {object}", hint=f"Did you mean {name}?")
    if not wire.get("queryable") or not wire.get("retrieveable"):
        raise Unavailable(
            f"the sync user may not read Salesforce's {name}",
            f"Grant it Read on {name} in its profile or a permission set.",
        )
    if not _followed(object, wire):
        raise Unavailable(f"Salesforce does not tell what changes in {name}", "Take it out of the selection.")


def _followed(object: str, wire: Row) -> bool:
    """Whether its changes can be read: `replicateable`, and the fields are there that tell of them."""
    able = all(wire.get(flag) for flag in ("queryable", "retrieveable", "replicateable"))
    return able and {field["name"] for field in wire["fields"]}.issuperset(objects.keys(object))


def _describes(client: Client, sobjects: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """What these are like; one that the sync user does not see is left out."""
    for some in slices(sobjects, COMPOSITE_PARTS):
        parts = [Part(f"d{number}", "GET", client.describe_path(name)) for number, name in enumerate(some)]
        answers = client.composite(parts, repeat=Repeat.READ)
        for part, name in zip(parts, some, strict=True):
            answer = answers[part.name]
            if answer.problem is None or answer.problem.code not in MISSING:
                yield name, answer.checked()


def _custom_children(wires: Iterable[Row]) -> list[str]:
    children = (child["childSObject"] for wire in wires for child in wire.get("childRelationships") or ())
    return sorted(set(filter(names.is_custom, children)))


def _hops(wire: Row) -> list[Hop]:
    fields = filter(None, map(codec.described, wire["fields"]))
    return [Hop(field.name, object) for field in fields for object in field.references]
