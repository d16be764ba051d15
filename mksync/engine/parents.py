"""Writes that Marketo refused because somebody deleted in Marketo what they name."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mksync.core.plan import PlannedWrite
from mksync.core.records import PERSON, Side
from mksync.engine.project import Project
from mksync.engine.references import links, parent_in_marketo
from mksync.engine.sweep import look


def orphaned(project: Project, refused: Sequence[PlannedWrite]) -> list[PlannedWrite]:
    """Those of the refused writes that name a parent which is found to be gone. Raises what the port raises."""
    named = {write.id: list(_parents(project, write)) for write in refused}
    ids: dict[str, dict[str, None]] = defaultdict(dict)
    for object, id in (parent for parents in named.values() for parent in parents):
        ids[object][id] = None
    for object, those in ids.items():
        look(project, object, list(those))
    return [write for write in refused if any(_is_gone(project, *parent) for parent in named[write.id])]


def _parents(project: Project, write: PlannedWrite) -> Iterator[tuple[str, str]]:
    """(object, id in Marketo) of the records that a write names."""
    pairs = {pair.name: pair for pair in project.pairs[write.object] if links(pair)}
    for field in write.fields:
        pair = pairs.get(field.field)
        if pair and field.now is not None and pair.fields.marketo.references != (PERSON,):
            yield from parent_in_marketo(project, pair, str(field.now))


def _is_gone(project: Project, object: str, id: str) -> bool:
    return not project.mirror.snapshots.is_there(Side.MARKETO, project.counterpart(object), id)
