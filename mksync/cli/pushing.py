"""What `mksync push-person` is given, asks and says."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

import mksync.cli.converting as converting
import mksync.cli.render as render
from mksync.cli.console import Console
from mksync.cli.leftovers import called
from mksync.cli.text import visible
from mksync.core.pushing import PushReport, Told
from mksync.core.records import Record, Sides
from mksync.errors import ConfigError

if TYPE_CHECKING:
    from mksync.engine.whereabouts import Several

STDIN = "-"


def read(whos: Iterable[str], stdin: TextIO) -> list[str]:
    """What was typed, with the lines of stdin in place of "-". Raises ConfigError if that is nobody."""
    found = [line for who in whos for line in (stdin if who == STDIN else [who]) if line.strip()]
    if not found:
        raise ConfigError("nobody is named", hint="give an e-mail address or a Marketo id, one a line on stdin")
    return found


def chooser(console: Console) -> "Callable[[Several], Record | None]":
    """Asks which of several records is meant. One that is somebody else's cannot be chosen."""

    def choose(place: "Several") -> Record | None:
        free = [one for one in place.records if one.id not in place.taken]
        if not free:
            return None
        console.say(f"{len(place.records)} records of the CRM have the address of person {place.person.id}:")
        for number, one in enumerate(free, 1):
            values = ", ".join(str(value) for value in one.values.values() if value not in (None, False))
            console.say(f"  {number}  {one.object} {one.id}  {visible(values)}")
        console.say(f"Which one is meant (1 to {len(free)}; anything else: none):")
        answer = sys.stdin.readline().strip()
        return free[int(answer) - 1] if answer.isdecimal() and 1 <= int(answer) <= len(free) else None

    return choose


def show(report: PushReport, titles: Sides[str], console: Console) -> None:
    """A line for everybody who was named, then what was written, as of any cycle."""
    for one in report.people:
        console.data("\n".join(_lines(one)))
    console.data("")
    render.show(report.run, titles, console, quiet="nothing to write")
    for done in report.converted:
        console.data("\n".join(["", *converting.told(done, titles)]))


def to_json(report: PushReport) -> dict[str, object]:
    """The report for the envelope: everybody who was named, then the same as of `run-once`."""
    people = [{**asdict(one), "exit_code": one.exit_code} for one in report.people]
    converted = [asdict(one) for one in report.converted]
    return {"people": people, "converted": converted, **render.to_json(report.run)}


def _lines(one: Told) -> Iterator[str]:
    who = called(one.record) if one.record and one.record.label else one.who
    yield f"{visible(who)}: {visible(one.message)}"
    if one.hint:
        yield f"  hint: {visible(one.hint)}"
