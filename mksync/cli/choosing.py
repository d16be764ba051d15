"""What `mksync fields select` does with the fields it is given, and what it says about it."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import mksync.cli.checklist as checklist
import mksync.cli.customs as customs
from mksync.app import App
from mksync.cli.console import Console
from mksync.cli.fitness import rules, warnings
from mksync.cli.objects import named
from mksync.engine.choose import Choice, Chooser, chosen
from mksync.engine.new_fields import Making, with_made
from mksync.errors import ConfigError
from mksync.selection import Difference, Selected, diff, load, save

QUICK_SYNC = "the next run-once fills what was added, also where the source is empty; --dry-run shows it before"


def choosers(project: App, object: str | None, choice: Choice) -> list[Chooser]:
    """The fields of the objects that are meant, as the systems describe them now. Raises ConfigError."""
    catalogue = project.catalogue
    objects = _objects(object, list(catalogue), list(project.synced(load(project.config.selection))), choice)
    schemas = project.schemas(objects, max_age=0)
    found = [customs.chooser(project, schemas, name) for name in objects]
    return [one for one in found if object is not None or not one.unmade]


def choose(
    path: Path, choosers: Sequence[Chooser], choice: Choice, made: Sequence[Making], console: Console
) -> Difference:
    """Change the selection as chosen, or as somebody ticks it on the terminal. Raises ConfigError; then it is kept.

    `made`: the Marketo fields that were made for it just now.
    """
    old = new = load(path)
    for chooser in choosers:
        whole = with_made(choice, chooser.object, made)
        new = chosen(chooser, new, whole) if choice.given else checklist.ask(console, chooser, new)
    there = {one.object: one.custom for one in choosers if one.custom and new.of(one.object)}
    new = replace(new, customs={**new.customs, **there})
    if new != old:
        save(path, new)
    return diff(old, new)


def _objects(asked: str | None, known: list[str], synced: list[str], choice: Choice) -> list[str]:
    """Single fields are named for one object; everything else goes through all that sync. Raises ConfigError."""
    if asked is not None:
        return [named(asked, known)]
    if choice.named:
        raise ConfigError("which object's fields are meant?", hint=f"--object, one of {', '.join(known)}")
    return synced


def lines(source: str) -> list[str]:
    """Fields from a file or stdin: one a line, `#` begins a comment. Raises ConfigError."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except OSError as error:
        text = f"--from {source}: {error.strerror}"
        raise ConfigError(text, hint="name a text file with one field a line") from None
    except UnicodeDecodeError:
        raise ConfigError(f"--from {source}: this is not UTF-8 text", hint="save it as UTF-8") from None
    found = [line for line in (line.split("#")[0].strip() for line in text.splitlines()) if line]
    if not found:
        raise ConfigError(f"--from {source}: there is no field in it", hint="one field a line: Title, or Title=title")
    return found


def warn(console: Console, choosers: Sequence[Chooser], change: Difference) -> None:
    """Tell what is lost of the pairs that are new, or that flow another way now."""
    for warning in warnings(choosers, (*change.added, *change.turned)):
        console.warn(warning)


def show(console: Console, change: Difference, crm: str) -> None:
    """What changed, a line each."""
    for sign, pairs in (("+", change.added), ("-", change.removed), ("~", change.turned)):
        for object, pair in pairs:
            rule = ", ".join([pair.direction.value, *rules(pair)])
            console.data(f"{sign} {object}: {crm} {pair.crm} = Marketo {pair.marketo} ({rule})")
    if change == Difference((), (), ()):
        console.data("nothing changed")
    elif change.added:
        console.say(QUICK_SYNC)


def as_json(change: Difference) -> dict[str, object]:
    return {"added": _pairs(change.added), "removed": _pairs(change.removed), "turned": _pairs(change.turned)}


def _pairs(pairs: Iterable[tuple[str, Selected]]) -> list[dict[str, str]]:
    return [
        {"object": object, "crm": p.crm, "marketo": p.marketo, "direction": p.direction.value} for object, p in pairs
    ]
