"""Read again what Marketo keeps beside people: it has no change feed for companies, opportunities and the like.

Whatever is about to be compared is read first, so that nothing is written over unseen; and of every object a window
moves on with each cycle, so that an edit made in Marketo is found even if the CRM's record rests.
"""

from collections.abc import Sequence

from mksync.core.records import Gone, Record, Side
from mksync.engine.project import Project
from mksync.engine.settle import stage
from mksync.ports import Unavailable

WINDOW = 300  # records of an object looked at in every cycle: what one call reads


def sweep(project: Project, objects: Sequence[str]) -> dict[str, Unavailable]:
    """Bring the mirror up to what Marketo holds. Returns the objects that are not to be had, and why.

    Raises whatever else the port raises.
    """
    absent = {}
    for object in project.one_way:
        if object not in objects:
            continue
        try:
            _sweep(project, object)
        except Unavailable as error:
            absent[object] = error
    return absent


def _sweep(project: Project, object: str) -> None:
    mark = f"sweep_{object}"
    links, facts = project.mirror.links, project.mirror.project
    window = links.ids_after(object, int(facts.get(mark) or 0), WINDOW)
    in_window, after = [id for _, id in window], 0
    while due := links.ids_due(object, after, WINDOW):
        look(project, object, [id for _, id in due if id not in in_window])
        after = due[-1][0]
    look(project, object, in_window)
    facts.set(mark, str(window[-1][0]) if len(window) == WINDOW else "0")


def look(project: Project, object: str, ids: Sequence[str]) -> None:
    """Read these records of Marketo's again."""
    if not ids:
        return
    counterpart = project.counterpart(object)
    found = list(project.ports.marketo.fetch(counterpart, ids, project.names(Side.MARKETO, object)))
    with project.mirror.transaction():
        stage(project, Side.MARKETO, counterpart, [one for one in found if isinstance(one, Record)])
        project.mirror.snapshots.bury(Side.MARKETO, counterpart, [one for one in found if isinstance(one, Gone)])
