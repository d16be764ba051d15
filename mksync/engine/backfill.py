"""A quick sync that an admin orders: fields of one object are filled again from their source, on chosen records.

What is ordered is kept in the mirror until a cycle has carried it out, so that a run that is killed goes on with it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Literal

from mksync.core.frozen import dataclass
from mksync.core.plan import Pending
from mksync.core.records import Gone, Record, Side
from mksync.engine.progress import Progress
from mksync.engine.project import Project
from mksync.engine.selected import read_afresh
from mksync.engine.settle import stage
from mksync.errors import ConfigError

CHUNK = 300  # records read together: what one call of Marketo's reads


@dataclass(frozen=True, slots=True)
class Range:
    """Records that were created, or last updated, in this time. Instants, "YYYY-MM-DDThh:mm:ssZ"; both may stand."""

    stamp: Literal["created", "updated"]
    since: str
    until: str = ""  # no end

    def holds(self, instant: str) -> bool:
        return self.since <= instant and (not self.until or instant <= self.until)


@dataclass(frozen=True, slots=True)
class Backfill:
    """Which fields (Marketo's names) of which object; `range` None: on every linked record."""

    object: str
    fields: tuple[str, ...]
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class _Order:
    """`after`: the link up to which records were looked at; None: all of them."""

    backfill: Backfill
    after: int | None


def order(project: Project, wish: Backfill) -> None:
    """Have it carried out by this cycle. The same wish goes on where it stopped. Raises ConfigError."""
    _check(project, wish)
    known = _known(project, wish.object)
    if known and known.backfill == wish:
        return
    mirror = project.mirror
    with mirror.transaction():
        if wish.range is None:
            for field in wish.fields:
                mirror.pending.begin(wish.object, field)
            read_afresh(project, [wish.object])
        else:
            mirror.pending.keep(wish.object, wish.fields)
        _keep(project, _Order(wish, None if wish.range is None else 0))


def look_for_records(project: Project, progress: Progress) -> None:
    """Find out which records are in the range that was ordered, read them on both sides, and have them filled."""
    for object in project.objects:
        found = _known(project, object)
        while found and found.after is not None:
            found = _look(project, found, found.after, progress)


def carried_out(project: Project, objects: Sequence[str]) -> None:
    """The cycle came to its end: what it could not fill is rejected or held, and listed as such."""
    for object in objects:
        project.mirror.project.unset(_fact(object))


def _check(project: Project, wish: Backfill) -> None:
    object, catalogue = wish.object, project.catalogue[wish.object]
    pairs = {pair.name for pair in project.pairs.get(object, ())}
    for field in wish.fields:
        if field not in pairs:
            hint = f"mksync fields list --object {object}"
            raise ConfigError(f"{object}.{field} is suspended: there is nothing to fill it from", hint=hint)
    if wish.range and not _stamp(project, wish):
        text = f"{project.titles.crm} does not tell when a {catalogue.label.lower()} was {wish.range.stamp}"
        raise ConfigError(text, hint="leave the range out: then every linked record is filled")


def _stamp(project: Project, wish: Backfill) -> str:
    catalogue = project.catalogue[wish.object]
    return catalogue.created if wish.range and wish.range.stamp == "created" else catalogue.updated


def _look(project: Project, found: _Order, after: int, progress: Progress) -> _Order:
    """The next records."""
    wish, mirror = found.backfill, project.mirror
    object, counterpart = wish.object, project.counterpart(wish.object)
    links = mirror.links.both_ids_after(object, after, CHUNK)
    records = {
        one.id: one for one in _fetched(project, Side.CRM, object, [id for _, _, id in links], _stamp(project, wish))
    }
    progress.read(project.titles.crm, len(links))
    chosen = [(link, person) for link, person, id in links if id in records and _in_range(project, wish, records[id])]
    people = list(_fetched(project, Side.MARKETO, counterpart, [person for _, person in chosen]))
    done = replace(found, after=links[-1][0] if len(links) == CHUNK else None)
    ids = {id for link, _, id in links if link in dict(chosen)}
    with mirror.transaction():
        stage(project, Side.CRM, object, [record for id, record in records.items() if id in ids])
        stage(project, Side.MARKETO, counterpart, people)
        mirror.pending.add((link for link, _ in chosen), wish.fields, Pending.QUICK)
        for id in ids:
            mirror.snapshots.soil(Side.CRM, object, id)
        _keep(project, done)
    return done


def _fetched(project: Project, side: Side, object: str, ids: Sequence[str], *more: str) -> list[Record]:
    """What these records hold. Who is gone is for the change feed to tell."""
    if not ids:
        return []
    names = list(dict.fromkeys((*project.names(side, object), *more)))
    return [one for one in project.ports[side].fetch(object, ids, names) if not isinstance(one, Gone)]


def _in_range(project: Project, wish: Backfill, record: Record) -> bool:
    assert wish.range is not None, "without a range nobody is looked for"
    return wish.range.holds(str(record.values[_stamp(project, wish)] or ""))


def _fact(object: str) -> str:
    return f"backfill_{object}"


def _known(project: Project, object: str) -> _Order | None:
    text = project.mirror.project.get(_fact(object))
    if text is None:
        return None
    stored = json.loads(text)
    wish, range = stored["backfill"], stored["backfill"]["range"]
    return _Order(Backfill(wish["object"], tuple(wish["fields"]), Range(**range) if range else None), stored["after"])


def _keep(project: Project, found: _Order) -> None:
    project.mirror.project.set(_fact(found.backfill.object), json.dumps(asdict(found)))
