"""Custom object types: listing, creating and extending them (Marketo developer guide, Custom Objects).

A type is a draft until it is approved, and changes to an approved one are a draft beside it. Nothing here can be taken
back: the key and the links of an approved type stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import mksync.vendors.marketo.type_codec as codec
from mksync.core.object_types import ObjectType
from mksync.core.records import Field
from mksync.errors import ConfigError
from mksync.ports import Unavailable
from mksync.vendors.marketo.client import Client
from mksync.vendors.marketo.object_calls import available
from mksync.vendors.marketo.object_codec import Place
from mksync.wire.session import Repeat

_LIST = "/rest/v1/customobjects.json"
_SCHEMA = "/rest/v1/customobjects/schema"
_RECORDS = Place("customobjects", "Custom Object", "custom objects")
_TYPES = Place("customobjects/schema", "Custom Object Type", "custom object types")


class CustomTypes:
    """Every method raises Unavailable where the instance or the API user's role has no custom object types."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> Iterator[ObjectType]:
        """All there are, drafts included; without the API for types those that hold records."""
        try:
            found = self._listed()
        except Unavailable:
            found = self._described()
        yield from found

    def create(self, type: ObjectType) -> str:
        """Create and approve it, or finish that. Raises ConfigError for a type of that name in another shape."""
        codec.check(type)
        found = self._named(type.name)
        if found is None:
            self._post(".json", codec.new_type(type))
            found = self._named(type.name) or ObjectType(type.name, type.label, (), (), state="draft")
        _refuse_other(found, type)
        if found.state == "draft":
            self._add(found.name, codec.new_fields(type, codec.lacking(found, type)))
            self._approve(found.name)
        return found.name

    def add_field(self, name: str, field: Field) -> None:
        """Add a field to an approved type and approve that, or finish it. Raises ConfigError."""
        approved = self._named(name)
        if approved is None or approved.state == "draft":
            raise ConfigError(f"Marketo has no approved custom object {name}")
        extended = replace(approved, fields=(*approved.fields, field))
        codec.check(extended)
        drafted = self._draft(approved.name) if approved.state == "approvedWithDraft" else approved
        if others := codec.surplus(drafted, approved) - {field.name} | codec.surplus(approved, drafted):
            raise ConfigError(
                f"the custom object {name} has changes that wait to be approved: {', '.join(sorted(others))}",
                hint="approve or discard its draft in Marketo first (Admin, Marketo Custom Objects)",
            )
        if field.name not in {one.name for one in drafted.fields}:
            self._add(approved.name, codec.new_fields(extended, {field.name}))
        self._approve(approved.name)

    def _listed(self) -> list[ObjectType]:
        with available(_TYPES):
            return [codec.from_wire(raw) for raw in self._client.pages(f"{_SCHEMA}.json")]

    def _described(self) -> list[ObjectType]:
        """The listing of what holds records names no fields."""
        with available(_RECORDS):
            names = [str(raw.get("apiName") or raw["name"]) for raw in self._client.pages(_LIST)]
            described = [self._client.ask(f"/rest/v1/customobjects/{name}/describe.json") for name in names]
        return [codec.from_wire(raw) for found in described for raw in found]

    def _named(self, name: str) -> ObjectType | None:
        """In its approved version, where there is one.

        The guide creates a type "car" and later lists it as "car_c": the suffix that the user interface gives them all.
        """
        listed = {one.name.casefold(): one for one in self._listed()}
        return listed.get(name.casefold()) or listed.get(f"{name}_c".casefold())

    def _draft(self, name: str) -> ObjectType:
        with available(_TYPES):
            return codec.from_wire(self._client.ask(f"{_SCHEMA}/{name}/describe.json", state="draft")[0])

    def _add(self, name: str, fields: list[dict[str, object]]) -> None:
        if fields:
            self._post(f"/{name}/addField.json", {"input": fields})

    def _approve(self, name: str) -> None:
        self._post(f"/{name}/approve.json", {})

    def _post(self, path: str, body: Mapping[str, object]) -> None:
        # Not sent again when the answer is lost, as it would be refused then. Being called again finishes it.
        with available(_TYPES):
            self._client.send(f"{_SCHEMA}{path}", body, repeat=Repeat.ONCE)


def _refuse_other(found: ObjectType, wanted: ObjectType) -> None:
    """An approved type may have more than is wanted, and a draft less."""
    problems = sorted(codec.conflicts(found, wanted))
    if found.state == "draft":
        problems += [f"it has a field {name}" for name in sorted(codec.surplus(found, wanted))]
    else:
        problems += [f"it has no field {name}" for name in sorted(codec.lacking(found, wanted))]
        problems += [f"its key is {', '.join(found.dedupe)}"] if set(found.dedupe) != set(wanted.dedupe) else []
    if not problems:
        return
    raise ConfigError(
        f"Marketo has {'a draft of' if found.state == 'draft' else 'an'} other custom object {found.name}: "
        + "; ".join(problems),
        hint="choose another name, or change the one in Marketo (Admin, Marketo Custom Objects)",
    )
