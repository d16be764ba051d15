"""Custom objects of the CRM that are not selected yet: what there is, and what has to be made in Marketo for them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mksync.app import App
from mksync.cli.console import Console
from mksync.cli.objects import find, named
from mksync.core.custom import CustomObject
from mksync.core.records import Side
from mksync.engine.choose import CREATE, Choice, Chooser
from mksync.engine.custom_objects import LINKS, candidate, lookups, new_type, passed_over, with_planned
from mksync.engine.fields import Schemas
from mksync.engine.new_fields import Making
from mksync.errors import AccessError, ConfigError
from mksync.ports import Unavailable
from mksync.ports.abilities import MakesObjects, OffersCustomObjects
from mksync.selection import Custom, load

_OWN = ("lead", "person", "company", "salesperson", "opportunity", "role")  # Marketo's objects
SELECT = "mksync fields select --object {object} --defaults --all-custom {create}"


def offered(project: App) -> list[CustomObject]:
    """The custom objects that could be selected beside those that are."""
    port = project.ports.crm
    found = port.custom_objects() if isinstance(port, OffersCustomObjects) else ()
    return [one for one in found if one.name not in project.catalogue]


def offers(some: Sequence[CustomObject]) -> Iterator[str]:
    """Their names, and what to type."""
    if some:
        yield f"custom objects that could sync: {', '.join(f'{one.name} ({one.label})' for one in some)}"
        yield f"to have one in Marketo: {_select('NAME')}"


def about(project: App, object: str, *, unmade: bool) -> Iterator[str]:
    """How the records of a custom object are linked, and how Marketo gets it."""
    custom = project.customs.get(object)
    if custom:
        yield f"in Marketo it is the custom object {custom.marketo}, linked to {linked(custom)}"
    if unmade:
        yield f"Marketo has no such custom object yet; to have it made, with all of these: {_select(object)}"


def linked(custom: Custom) -> str:
    """To whom its records are linked, and by which lookups."""
    links = [f"its {link} by {' or '.join(lookups(custom, link))}" for link in LINKS if lookups(custom, link)]
    return ", to ".join(links) or "nobody"


def as_json(found: CustomObject) -> dict[str, object]:
    custom = candidate(found)
    return {"object": found.name, "label": found.label, "person": custom.person, "company": custom.company}


def _select(object: str) -> str:
    return SELECT.format(object=object, create=CREATE)


def reached(project: App, asked: str | None, console: Console) -> App:
    """The project with the object that is asked for, if it is a custom one that it does not know yet.

    Raises ConfigError if there is none, or if Marketo has another custom object of its name.
    """
    if asked is None or find(asked, project.catalogue):
        return project
    there = {one.name: one for one in offered(project)}
    found = there[named(asked, [*project.catalogue, *there])]
    if others := passed_over(found):
        names = ", ".join(others)
        console.warn(f"{found.name}: {names} could lead to its person or company, too; the first lookup counts")
    taken = (*_OWN, *project.catalogue, *(one.marketo for one in project.customs.values()))
    return project.with_custom(found.name, _as_there_is(project, candidate(found, taken)))


def _as_there_is(project: App, custom: Custom) -> Custom:
    """The same by the name that Marketo gave the type, if an earlier command has made it."""
    port = project.ports.marketo
    if not isinstance(port, MakesObjects):
        return custom
    try:
        types = list(port.object_types())
    except Unavailable:
        return custom
    names = (custom.marketo.casefold(), f"{custom.marketo}_c".casefold())
    there = next((one for one in types if one.name.casefold() in names and one.state != "draft"), None)
    if there is None:
        return custom
    return replace(custom, marketo=port.create_object(new_type(replace(custom, marketo=there.name), ())))


def chooser(project: App, schemas: Schemas, object: str) -> Chooser:
    """The fields of an object to choose from; of a type that is yet to be made, those that it begins with."""
    entry, custom = project.catalogue[object], project.customs.get(object)
    unmade = custom is not None and bool(schemas[Side.MARKETO, entry.counterpart].unavailable)
    found = Chooser.of(with_planned(schemas, project.customs), entry, project.reserved(object))
    return replace(found, custom=custom, unmade=unmade)


def check(choosers: Sequence[Chooser], project: App, choice: Choice) -> None:
    """Raises ConfigError for an object, not selected yet, whose records could be linked to nothing that syncs."""
    selection = load(project.config.selection)
    synced = project.synced(selection)
    for one in choosers:
        if one.unmade and not choice.given:
            text = f"Marketo has no custom object for {one.object} yet: which fields is it to have there?"
            raise ConfigError(text, hint=f"all of its own: {_select(one.object)}")
        if one.custom and not selection.of(one.object):
            _check(one, synced)


def _check(chooser: Chooser, synced: Sequence[str]) -> None:
    custom = chooser.custom
    links = [chooser.records[link] for link in LINKS if custom and lookups(custom, link) and link in chooser.records]
    if not links or any(object in synced for link in links for object in link.references):
        return
    ways = list(dict.fromkeys(object for link in links for object in link.references))
    raise ConfigError(
        f"{chooser.object} belongs to people or companies by way of {' or '.join(ways)} only, which does not sync",
        hint=f"select fields of that one first: mksync fields list --object {ways[0]}",
    )


def refused(object: str) -> ConfigError:
    """Nothing is made without a word."""
    return ConfigError(
        f"Marketo has no custom object for {object} yet",
        hint=f"let mksync create it, with the fields that you name: mksync fields select --object {object} … {CREATE}",
    )


def question(chooser: Chooser, makings: Sequence[Making]) -> str:
    fields = ", ".join(f"{one.marketo.name} ({one.marketo.type.value})" for one in makings)
    name = chooser.custom.marketo if chooser.custom else ""
    return (
        f"Marketo has no custom object for {chooser.object} ({chooser.catalogue.label}). Create {name} there, with the"
        f" fields {fields}? Marketo keeps 10 at most; its key and links stay as they are."
    )


def create(project: App, chooser: Chooser, makings: Sequence[Making], console: Console) -> App:
    """Create and approve the type with these fields. Raises ConfigError, AccessError."""
    port, custom = project.ports.marketo, chooser.custom
    if custom is None or not isinstance(port, MakesObjects):
        raise ConfigError(f"Marketo's {chooser.object} cannot be made")
    type = new_type(custom, [one.marketo for one in makings])
    try:
        name = port.create_object(type)
    except Unavailable as error:
        raise AccessError(error.reason, hint=error.remedy) from error
    console.say(f"created Marketo's custom object {name} ({custom.label}), linked to {linked(custom)}")
    return project.with_custom(chooser.object, replace(custom, marketo=name))
