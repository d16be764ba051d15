"""Marketo fields that are made on somebody's word, for fields of the CRM that have none there; and none in the CRM."""

from collections.abc import Sequence
from dataclasses import replace

import mksync.cli.customs as customs
from mksync.app import App
from mksync.cli.console import Console
from mksync.core.records import Field, FieldType
from mksync.engine.choose import CREATE, Choice, Chooser, Missing
from mksync.engine.new_fields import Making, lacking, make
from mksync.errors import ConfigError
from mksync.selection import Selection


def wanted(
    choosers: Sequence[Chooser], selection: Selection, choice: Choice, console: Console, *, allowed: bool
) -> list[Making]:
    """What is to be made in Marketo: on the flag, or on the word of somebody who is there. Raises ConfigError."""
    found: list[Making] = []
    for chooser in choosers:
        if chooser.unmade:
            found += _type_wanted(chooser, selection, choice, console, allowed=allowed)
        elif allowed:
            found += list(lacking(chooser, selection, choice, found))
        elif console.prompts:
            some = list(lacking(chooser, selection, replace(choice, customs=False), found))
            # A name that somebody typed and that Marketo lacks may be a typing error: that takes the flag.
            found += [one for one in some if "=" not in one.text and _agreed(console, one)]
    return found


def _type_wanted(
    chooser: Chooser, selection: Selection, choice: Choice, console: Console, *, allowed: bool
) -> list[Making]:
    """The first fields of a type that Marketo has not yet. Raises ConfigError if there are none, or without a word."""
    if choice.none or not choice.given:
        return []
    fields = list(lacking(chooser, selection, choice, []))
    if not fields:
        hint = f"name fields: mksync fields list --object {chooser.object}"
        raise ConfigError(f"{chooser.object}: no field is chosen for its custom object in Marketo", hint=hint)
    if not allowed and not (console.prompts and console.confirm(customs.question(chooser, fields), CREATE)):
        raise customs.refused(chooser.object)
    return fields


def _agreed(console: Console, making: Making) -> bool:
    question = (
        f"Marketo has no field like {making.crm.name} ({making.crm.label}). Create {making.marketo.name}"
        f" ({making.marketo.type.value}) there? It can be hidden later, never deleted."
    )
    return console.confirm(question, CREATE)


def create(
    project: App, choosers: Sequence[Chooser], makings: Sequence[Making], console: Console
) -> tuple[App, list[Making]]:
    """Make the types and fields, and say so. One that Marketo's API cannot make ends the command if it was named.

    Raises ConfigError, AccessError; what was made before stays.
    """
    made: list[Making] = []
    for chooser in choosers:
        mine = [one for one in makings if chooser.unmade and one.object == chooser.object]
        if mine:
            project = customs.create(project, chooser, mine, console)
            made += mine
    for making in [one for one in makings if one not in made]:
        there = [one for one in made if (one.counterpart, one.marketo) == (making.counterpart, making.marketo)]
        try:
            if not there:
                make(project.ports.marketo, making)
        except ConfigError as error:
            if making.text:
                raise
            console.warn(f"{making.object}: {making.crm.name} is left out: {error.message}; {error.hint}")
            continue
        made.append(making)
        if not there:
            console.say(f"created Marketo's {making.marketo.name} ({making.marketo.type.value}) for {making.crm.name}")
    return project, made


def as_json(made: Sequence[Making]) -> list[dict[str, object]]:
    fields = {one.marketo.name: one for one in reversed(made)}
    return [
        {"marketo": name, "label": one.marketo.label, "type": one.marketo.type, "for": one.crm.name}
        for name, one in sorted(fields.items())
    ]


def explained(project: App, error: Missing) -> ConfigError:
    """A CRM field that is not there: why mksync does not make it, and who does."""
    try:
        project.ports.crm.create_field(error.object, Field(error.name, error.name, FieldType.TEXT))
    except ConfigError as why:
        return ConfigError(f"{error.message}; {why.message}", hint=f"{why.hint} What there is: {error.hint}")
    return error
