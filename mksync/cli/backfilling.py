"""What `mksync fields backfill` is asked for: which fields, on which records."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mksync.cli.objects import named
from mksync.cli.since import instant
from mksync.engine.backfill import Backfill, Range
from mksync.engine.custom_objects import catalogue
from mksync.errors import ConfigError
from mksync.selection import Selected, load, synced

if TYPE_CHECKING:
    from mksync.config import Config


def span(created: str | None, updated: str | None, until: str | None, now: float) -> Range | None:
    """The time that is meant; None for all of it. Raises ConfigError."""
    if created is not None and updated is not None:
        raise ConfigError("--created-since and --updated-since exclude each other", hint="name one of them")
    if created is None and updated is None:
        if until is not None:
            raise ConfigError("--until is the end of a time", hint="add --created-since or --updated-since")
        return None
    end = instant(until, now, "--until") if until is not None else ""
    if created is not None:
        return _span(Range("created", instant(created, now, "--created-since"), end))
    return _span(Range("updated", instant(str(updated), now, "--updated-since"), end))


def _span(range: Range) -> Range:
    if range.until and range.until < range.since:
        raise ConfigError(f"nothing was {range.stamp} between {range.since} and {range.until}", hint="swap the two")
    return range


def wish(config: "Config", object: str, names: Sequence[str], range: Range | None) -> Backfill:
    """The selected pairs that are named, by Marketo's names. Raises ConfigError."""
    chosen = load(config.selection)
    known = synced(chosen, catalogue(config.vendor("crm"), chosen.customs))
    if not object:
        raise ConfigError("which object's fields are meant?", hint=f"--object, one of {', '.join(known)}")
    object = named(object, known)
    lines = chosen.of(object)
    fields = [_selected(object, lines, name) for name in names] or [line.marketo for line in lines]
    return Backfill(object, tuple(dict.fromkeys(fields)), range)


def _selected(object: str, lines: Sequence[Selected], name: str) -> str:
    wanted = name.strip().casefold()
    for line in lines:
        if wanted in (line.marketo.casefold(), line.crm.casefold()):
            return line.marketo
    hint = f"select it, and it is filled by itself: mksync fields select --object {object} --add {name.strip()}"
    raise ConfigError(f"{object}: {name.strip()} is not selected", hint=hint)
