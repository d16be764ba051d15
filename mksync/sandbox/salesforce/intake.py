"""A request's record to stored values: names to fields, profile checks, parents named by an external key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.errors import ApiError, deny, malformed, refuse
from mksync.sandbox.salesforce.fields import Field
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.tables import Row, Stored
from mksync.sandbox.salesforce.values import Intake

# Given to administrators of the sandbox only, to play back history: never overwritten by the clock when present.
AUDIT = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"})
_NOT_DATA = frozenset({"attributes"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the records of one object for one actor. `inserting` decides between createable and updateable."""

    org: Org
    view: View
    intake: Intake
    inserting: bool

    def read(self, body: object, *, key: str | None = None, audit: bool = False) -> Row:
        """The stored values of a request's record; `key` is the field that an upsert's path has named already.

        Raises ApiError naming every field that is wrong at once.
        """
        if not isinstance(body, Mapping):
            raise malformed("The request body must be a JSON object")
        named = list(self._named(body, key))
        self._check_writable((field for field, _ in named), audit)
        return self._stored(named)

    def _named(self, body: Mapping[str, Any], key: str | None) -> Iterable[tuple[Field, Any]]:
        for name, value in body.items():
            if name in _NOT_DATA and not self.view.find(name):
                continue
            field = self.view.find(name)
            if name.lower() == "id" or (field is not None and field.name == key):
                raise deny(
                    "INVALID_FIELD",
                    f"The {field.name if field else name} field should not be specified in the sobject data.",
                )
            if field is not None:
                yield field, value
            else:
                yield self._parent(name, value)

    def _parent(self, name: str, value: object) -> tuple[Field, str | None]:
        """A parent given as `{"Account": {"Account_Key__c": "A-17"}}`, as its reference field and id."""
        reference = self.view.references.get(name.lower())
        if reference is None or not isinstance(value, Mapping | None):
            raise unknown_field(name, self.view.name)
        if value is None:
            return reference, None
        keys = [(key, text) for key, text in value.items() if key != "attributes"]
        for parent in reference.reference_to:
            field = self._key_of(parent, keys)
            if field is not None:
                return reference, self._find_parent(parent, field, str(keys[0][1]))
        raise deny("INVALID_FIELD", f"A parent must be named by one external id field in {name}")

    def _key_of(self, parent: str, keys: list[tuple[str, Any]]) -> Field | None:
        object = self.org.catalogue.object(parent)
        field = object.fields.get(keys[0][0].lower()) if object and len(keys) == 1 else None
        return field if field and field.is_key else None

    def _find_parent(self, parent: str, field: Field, text: str) -> str:
        found = self.org.tables.find(parent, field.name, text)
        if len(found) == 1:
            return str(found[0]["Id"])
        problem = "not found" if not found else "matches several records"
        message = f"Foreign key external ID: {text.lower()} {problem} for field {field.name} in entity {parent}"
        raise refuse("INVALID_FIELD", message)

    def _check_writable(self, fields: Iterable[Field], audit: bool) -> None:
        locked = [f.name for f in fields if not self._writable(f) and not (audit and f.name in AUDIT)]
        if locked:
            message = (
                f"Unable to create/update fields: {', '.join(locked)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set."
            )
            raise refuse("INVALID_FIELD_FOR_INSERT_UPDATE", message, *locked)

    def _writable(self, field: Field) -> bool:
        return field.createable if self.inserting else field.updateable

    def _stored(self, named: Iterable[tuple[Field, Any]]) -> Row:
        row: dict[str, Stored] = {}
        errors: list[ApiError] = []
        for field, value in named:
            try:
                row[field.name] = self.intake.stored(field, value)
            except ApiError as error:
                if error.whole:
                    raise
                errors.append(error)
        if errors:
            raise ApiError(400, [complaint for error in errors for complaint in error.complaints])
        return row


def unknown_field(name: str, object: str) -> ApiError:
    return deny("INVALID_FIELD", f"No such column '{name}' on sobject of type {object}")
