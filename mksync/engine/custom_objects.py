"""Custom objects of the CRM: what they become in Marketo, and how their records are linked to people and companies.

Marketo links a record by one field to one person, by Marketo's own id (Marketo developer guide, Custom Objects). In a
CRM it has a lookup for each kind of record that it may belong to: the first of them that is set counts. What belongs to
another custom object's record belongs to whom that one belongs to.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mksync.core.custom import CustomObject, Path
from mksync.core.object_types import ObjectLink, ObjectType
from mksync.core.pairs import FieldPair
from mksync.core.records import PERSON, Catalogue, DefaultPair, Field, FieldType, Schema, Side
from mksync.engine.fields import Schemas
from mksync.errors import ConfigError
from mksync.ports import Vendor
from mksync.ports.abilities import KnowsCustomObjects
from mksync.selection import Custom

KEY = "crmRecordId"  # of a record in Marketo: its id in the CRM, by which it is recognised
COMPANY = "company"
LINKS: Mapping[str, str] = {PERSON: "Person", COMPANY: "Company"}
"""The fields that link a record, on both sides, and their labels; each is called as what it leads to."""

_ROOTS: Mapping[str, Sequence[str]] = {PERSON: ("contact", "lead"), COMPANY: ("account",)}
_FOLLOWED = "leads to the record's person or company; mksync links it by itself"
# Every type has these (Marketo developer guide, Custom Objects).
_SYSTEM = ("marketoGUID", "createdAt", "updatedAt")


def candidate(found: CustomObject, taken: Iterable[str] = ()) -> Custom:
    """What a custom object would be in Marketo that is selected for the first time.

    The shortest way counts, and of several lookups to one object the first. `taken`: names of other objects.
    """
    from mksync.engine.new_fields import name_for  # no cycle asks for it

    field = Field(found.name, found.label, FieldType.TEXT, custom=bool(found.paths))
    name = name_for(field, {name.casefold() for name in taken})
    return Custom(name, found.label, *(_lookups(found.paths, roots) for roots in _ROOTS.values()))


def passed_over(found: CustomObject) -> list[str]:
    """Lookups to a person or company that the candidate does not follow, as others come first."""
    custom = candidate(found)
    followed = {COMPANY: custom.company, PERSON: custom.person}
    near = [(path[0], link) for path in found.paths if len(path) == 1 for link in LINKS]
    other = (hop.field for hop, link in near if hop.object in _ROOTS[link] and hop.field not in followed[link])
    return list(dict.fromkeys(other))


def _lookups(paths: Sequence[Path], roots: Sequence[str]) -> tuple[str, ...]:
    ways = [path for path in paths if path[-1].object in roots]
    shortest = [path for path in ways if len(path) == min(map(len, ways))]
    firsts = (next((path for path in shortest if path[-1].object == root), None) for root in roots)
    return tuple(dict.fromkeys(path[0].field for path in firsts if path))


def lookups(custom: Custom, link: str) -> tuple[str, ...]:
    """The lookups of the CRM that this link follows."""
    return custom.person if link == PERSON else custom.company


def _followed(custom: Custom) -> list[str]:
    return [link for link in LINKS if lookups(custom, link)]


def entry(known: Catalogue, custom: Custom) -> Catalogue:
    """What is known of a custom object, with its key and its links."""
    hidden = dict.fromkeys((*custom.person, *custom.company), _FOLLOWED)
    return replace(
        known,
        pairs=(_own(known.key, KEY), *known.pairs),
        not_offered={**known.not_offered, **hidden, **dict.fromkeys(LINKS, _FOLLOWED)},
        ties=tuple(_own(link, link) for link in _followed(custom)),
    )


def catalogue(vendor: Vendor, customs: Mapping[str, Custom]) -> Mapping[str, Catalogue]:
    """What is known of a CRM's objects, and of these custom ones behind them. Raises ConfigError."""
    if not customs:
        return vendor.catalogue
    if not isinstance(vendor, KnowsCustomObjects):
        text = f"mksync syncs no custom objects of {vendor.title}"
        raise ConfigError(text, hint="take [custom] out of the field selection")
    named = {object: vendor.custom(object, one.label, one.marketo) for object, one in customs.items()}
    return {**vendor.catalogue, **{object: entry(named[object], customs[object]) for object in named}}


def _own(crm: str, marketo: str) -> DefaultPair:
    return DefaultPair(crm, marketo, "to-marketo")


def with_links(schemas: Schemas, customs: Mapping[str, Custom]) -> Schemas:
    """The same with the links among the fields of the CRM's custom objects.

    A lookup that is not visible is not taken for empty: then there is no such link.
    """
    described = {object: schemas[Side.CRM, object] for object in customs if (Side.CRM, object) in schemas}
    linked = {(Side.CRM, object): _linked(schema, customs[object]) for object, schema in described.items()}
    return {**schemas, **linked}


def _linked(schema: Schema, custom: Custom) -> Schema:
    links = {link: _link(schema, link, lookups(custom, link)) for link in _followed(custom)}
    return replace(schema, fields={**schema.fields, **{link: field for link, field in links.items() if field}})


def _link(schema: Schema, link: str, names: Sequence[str]) -> Field | None:
    if any(name not in schema.fields for name in names):
        return None
    references = dict.fromkeys(object for name in names for object in schema.fields[name].references)
    field = Field(link, LINKS[link], FieldType.REFERENCE, "link", creatable=False, writable=False)
    return replace(field, references=tuple(references), first_of=tuple(names))


def unlinked(
    customs: Mapping[str, Custom], schemas: Schemas, pairs: Mapping[str, Iterable[FieldPair]]
) -> Iterator[str]:
    """Warnings of links that are not kept for now, of the objects that have pairs."""
    for object, custom in customs.items():
        if object in pairs:
            yield from _unlinked(custom, schemas[Side.CRM, object], {pair.name for pair in pairs[object]})


def _unlinked(custom: Custom, schema: Schema, kept: Container[str]) -> Iterator[str]:
    label = custom.label
    for link in _followed(custom):
        names = lookups(custom, link)
        hidden = [name for name in names if name not in schema.fields]
        if hidden:
            yield (
                f"{label}: {', '.join(hidden)} is gone or not visible to the sync user any more; records stay linked to"
                f" the {link} they have. Remedy: grant access again"
            )
        elif link == PERSON and link not in kept:
            of = " or ".join(dict.fromkeys(one for name in names for one in schema.fields[name].references))
            yield f"{label}: its records are linked to nobody, as {of} does not sync. Remedy: select fields of it"


def new_type(custom: Custom, fields: Sequence[Field]) -> ObjectType:
    """The type to be created in Marketo, with these fields of its own."""
    links = tuple(ObjectLink(link, link, "id", LINKS[link]) for link in _followed(custom))
    key = Field(KEY, "CRM Record Id", FieldType.TEXT)
    return ObjectType(custom.marketo, custom.label, (key, *fields), (KEY,), links)


def planned(custom: Custom) -> Schema:
    """What Marketo would tell of the type, were it there without fields of its own."""
    system = [Field(name, name, FieldType.TEXT, creatable=False, writable=False) for name in _SYSTEM]
    links = [Field(link, LINKS[link], FieldType.INTEGER, "integer", references=(link,)) for link in _followed(custom)]
    fields = [*system, *links, *new_type(custom, ()).fields]
    return Schema(custom.marketo, custom.label, {field.name: field for field in fields}, "marketoGUID", (KEY,))


def with_planned(schemas: Schemas, customs: Mapping[str, Custom]) -> Schemas:
    """The same, with the planned type for each that Marketo has not."""
    names = {custom.marketo: custom for custom in customs.values()}
    lacking = [name for name in names if (one := schemas.get((Side.MARKETO, name))) and one.unavailable]
    if not lacking:
        return schemas
    return {**schemas, **{(Side.MARKETO, name): planned(names[name]) for name in lacking}}
