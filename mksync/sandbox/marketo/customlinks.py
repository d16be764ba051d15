"""What a link field of a custom object may point to (developer guide, Custom Objects, "List Linkable Custom Objects").

Of a lead that is the id, the e-mail address and every custom field, of a company the id (product documentation, Add
Marketo Custom Object Link Fields), of another custom object its keys, unless that one holds links itself.
"""

from mksync.sandbox.marketo.catalogue import LeadField
from mksync.sandbox.marketo.customdefinitions import CustomDefinitions, CustomObject
from mksync.sandbox.marketo.customfields import Linkable
from mksync.sandbox.marketo.envelope import Item
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.objecttypes import ID


class CustomLinks:
    """The objects and fields that links can be made to at present."""

    def __init__(self, instance: Instance, definitions: CustomDefinitions) -> None:
        self._instance = instance
        self._definitions = definitions

    def listed(self) -> list[Item]:
        """Fields of leads and companies go by their display names here, as the guide shows them."""
        standard = [("lead", "Lead", self._lead()), ("company", "Company", [ID])]
        named = [(name, display, [(field.display, field) for field in fields]) for name, display, fields in standard]
        for name, display, fields in self._edges(None):
            named.append((name, display, [(field.name, field) for field in fields]))
        return [
            {
                "name": name,
                "displayName": display,
                "fields": [
                    {"name": worded, "displayName": field.display, "dataType": field.described_type}
                    for worded, field in fields
                ],
            }
            for name, display, fields in named
        ]

    def linkable(self, own: CustomObject) -> Linkable:
        """The same as a table, for the fields of one object, which cannot link to itself."""
        objects = [("lead", "Lead", self._lead()), ("company", "Company", [ID]), *self._edges(own.api_name)]
        return {
            name.lower(): {
                spelling.lower(): (field.name, field.described_type)
                for field in fields
                for spelling in (field.name, field.display)
            }
            for name, _, fields in objects
        }

    def _lead(self) -> list[LeadField]:
        return [field for field in self._instance.fields.all() if field.custom or field.name in ("id", "email")]

    def _edges(self, own: str | None) -> list[tuple[str, str, list[LeadField]]]:
        taken = {"lead", "company", (own or "").lower()}
        types = [type for type in self._definitions.approved() if not type.relations and type.name.lower() not in taken]
        return [(type.name, type.display, type.asked(list(type.dedupe))) for type in types]
