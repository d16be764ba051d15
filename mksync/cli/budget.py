"""`mksync budget`: what a day of watching, or a first sync, would cost on each system, before it is spent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mksync.cli.console import Console
from mksync.cli.shell import shell_of
from mksync.cli.since import seconds
from mksync.cli.table import Column, Table
from mksync.core.records import Side

if TYPE_CHECKING:
    from mksync.config import Config
    from mksync.core.quota import Quota
    from mksync.engine.forecast import Forecast, System
    from mksync.mirror import Mirror
    from mksync.ports import Clock, Port


def budget(
    context: typer.Context,
    interval: Annotated[
        str | None, typer.Option(metavar="TIME", help="Of the watch: 90s, 5m.  [default: as in mksync.toml]")
    ] = None,
    people: Annotated[int | None, typer.Option(min=1, metavar="N", help="Also a first sync of so many people.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask each system what is used by now: one call each.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what a day of watch, or a first sync, would cost in API calls, beside each system's quota and reserve.

    Rates are those that this project's own cycles had, else those of the clients. Calls nobody, unless --ask is given.
    """
    from mksync.engine.forecast import forecasts

    shell = shell_of(context)
    config = shell.config()
    every = config.habits.interval if interval is None else seconds(interval, "--interval", least=1)
    with _mirror(config) as mirror:
        systems = list(_systems(config, shell.clock, mirror, ask=ask))
        found = list(forecasts(mirror, systems, every, people))
    if json:
        told = [{**asdict(one), "allowed": one.allowed, "days": one.days} for one in found]
        shell.console.json("budget", {"interval": every, "systems": told})
    else:
        _show(found, every, shell.console)


@contextmanager
def _mirror(config: "Config") -> "Iterator[Mirror | None]":
    """The mirror, to be read beside whatever runs; None before `mksync init`."""
    from mksync.mirror import Mirror

    if not config.mirror.exists():
        yield None
        return
    mirror = Mirror.open(config.mirror)
    try:
        yield mirror
    finally:
        mirror.close()


def _systems(config: "Config", clock: "Clock", mirror: "Mirror | None", *, ask: bool) -> "Iterator[System]":
    """Those whose rates are known."""
    from mksync.app import open_ports
    from mksync.engine.forecast import System
    from mksync.ports.abilities import TellsRates

    ports = open_ports(config, clock) if ask else None
    for side in Side:
        vendor = config.vendor(side)
        if isinstance(vendor, TellsRates):
            known = _asked(ports[side], vendor.title, mirror) if ports else None
            yield System(vendor.title, vendor.rates, *config.bounds(side), known)


def _asked(port: "Port", title: str, mirror: "Mirror | None") -> "Quota | None":
    from mksync.ports.abilities import Budgeted

    if not isinstance(port, Budgeted):
        return None
    port.ask_usage()
    if mirror:
        port.budget.spent(mirror.spending.since(port.budget.day_began, title))
    return port.budget.quota


def _show(found: "list[Forecast]", every: float, console: Console) -> None:
    console.table(_day(found, every))
    console.data("")
    if any(one.first_sync for one in found):
        console.table(_first(found))
        console.data("")
    console.table(_quotas(found))
    for one in found:
        if one.allowed is None:
            how = "the first cycle tells it, or --ask" if one.tells else "set daily_calls in mksync.toml"
            console.say(f"hint: no quota of {one.system} is known: {how}")
        elif one.day.calls > one.allowed:
            need = f"{one.day.calls:,} calls, and mksync may make {one.allowed:,}"
            console.warn(f"a day of watch takes {one.system} {need}: choose a longer --interval")


def _day(found: "list[Forecast]", every: float) -> Table:
    columns = [Column(name) for name in ("system", "cycles", "calls of one", "calls", "a changed record", "rests on")]
    rows = [
        (
            one.system, f"{one.day.cycles:,}", f"{one.day.idle:.3g}", f"{one.day.calls:,}", f"+ {one.day.each:.3g}",
            f"{one.day.measured:,} cycles measured" if one.day.measured else "the client's rates",
        )
        for one in found
    ]  # fmt: skip
    return Table(columns, rows, f"A day of mksync watch, {_time(every)} between cycles, if nothing changes")


def _first(found: "list[Forecast]") -> Table:
    firsts = [(one, one.first_sync) for one in found if one.first_sync]
    rows = [
        (one.system, f"{first.reading:,}", f"{first.writing:,}", f"{first.calls:,}", f"{one.days or ''}")
        for one, first in firsts
    ]
    title = f"A first sync of {firsts[0][1].people:,} people, at most"
    return Table([Column(name) for name in ("system", "reading", "writing", "calls", "days of quota")], rows, title)


def _quotas(found: "list[Forecast]") -> Table:
    columns = [Column(name) for name in ("system", "used", "quota", "for others", "left", "as of", "daily_calls")]
    return Table(columns, [_quota(one) for one in found], "API calls of a day")


def _quota(one: "Forecast") -> tuple[str, ...]:
    own = f"{one.daily_calls:,}" if one.daily_calls and one.tells else ""  # else it is the quota
    if one.quota is None:
        return one.system, "", "not known", "", "", "", own
    used, limit, kept = f"{one.quota.used:,}", f"{one.quota.limit:,}", f"{one.quota.kept:,}"
    at = "now" if one.asked else one.quota_at or "never told"
    return one.system, used, limit, kept, f"{max(0, one.quota.left):,}", at, own


def _time(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
