"""A kind of record that mksync may create in Marketo, on the admin's word: what it holds, and whom it belongs to."""

from typing import Literal

from mksync.core.frozen import dataclass
from mksync.core.records import Field

State = Literal["draft", "approved", "approvedWithDraft"]


@dataclass(frozen=True, slots=True)
class ObjectLink:
    """A field of the type that names the record it belongs to, by the value of that record's field `to`."""

    field: str
    object: str  # "person", "company", or another type's API name
    to: str = "id"
    label: str = ""  # empty: the field's name


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A custom object. `name` is how the API calls it; `fields` are its own, without the links.

    `dedupe`: the one to three fields, links allowed, that a record is recognised by. `state` is Marketo's answer, not
    for a new type: only what was approved can hold records, and `approvedWithDraft` awaits changes besides.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    dedupe: tuple[str, ...]
    links: tuple[ObjectLink, ...] = ()
    description: str = ""
    state: State = "approved"
