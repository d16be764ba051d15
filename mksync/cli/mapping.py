"""What `mksync fields map` does, and what it says about it."""

from mksync.app import App
from mksync.cli.console import Console
from mksync.cli.fitness import loss_as_json, rules, warnings
from mksync.cli.objects import named
from mksync.cli.table import Column, Table
from mksync.core.records import Sides
from mksync.engine.choose import Chooser
from mksync.engine.fit import fit
from mksync.engine.rules import Rule, begin_anew, fields_of, line_of, strange, with_rule
from mksync.errors import ConfigError
from mksync.selection import Selected, load, save


def apply(project: App, pair: str, rule: Rule) -> tuple[Chooser, Selected, bool]:
    """Give a selected pair its rule. Returns the pair, and whether anything changed. Raises ConfigError."""
    asked, dot, name = pair.partition(".")
    if not (dot and name):
        raise ConfigError(f"{pair!r} names no field of an object", hint="write lead.rating")
    object, path = named(asked, project.catalogue), project.config.selection
    schemas = project.schemas([object], max_age=0)
    chooser = Chooser.of(schemas, project.catalogue[object], project.reserved(object))
    old = load(path)
    before = line_of(chooser, old, name)
    new = with_rule(chooser, old, before, rule, project.config.match_keys) if rule.given else old
    line = line_of(chooser, new, before.marketo)
    if line != before:
        begin_anew(project.mirror, object, before, line)
        save(path, new)
    return chooser, line, line != before


def show(console: Console, chooser: Chooser, line: Selected, titles: Sides[str], *, changed: bool) -> None:
    """The pair with its rule, value by value, and what is still lost."""
    fields, object = fields_of(chooser, line), chooser.object
    told = ", ".join([line.direction.value, *rules(line)])
    console.data(f"{object}: {titles.crm} {line.crm} = Marketo {line.marketo} ({told})")
    if line.values:
        console.table(Table([Column(titles.crm), Column("Marketo")], line.values))
    for value in strange(line, fields):
        console.warn(f"{object}.{line.marketo}: {value!r} is not on the list of {titles.crm}'s {line.crm}")
    for warning in warnings([chooser], [(object, line)]):
        console.warn(warning)
    if changed:
        console.say("the next run-once compares this field of every record anew; --dry-run shows it before")


def as_json(chooser: Chooser, line: Selected, *, changed: bool) -> dict[str, object]:
    fitness = fit(chooser.object, line, fields_of(chooser, line))
    return {
        "object": chooser.object,
        "crm": line.crm,
        "marketo": line.marketo,
        "direction": line.direction,
        "values": dict(line.values),
        "truncate": line.truncate,
        "changed": changed,
        "fit": fitness.verdict,
        "losses": [loss_as_json(loss) for loss in fitness.losses],
    }
