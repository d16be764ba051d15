"""People that were written without being read back: the next run reads them before anything else is compared.

Until then the mirror takes them to hold what was sent. If one holds something else, either the system changed the value
while saving it, or somebody edited it since; its log tells which: our own write is one change of the field.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mksync.core.plan import FieldWrite, PlannedWrite
from mksync.core.records import Record, Side
from mksync.core.values import same
from mksync.engine.instants import epoch
from mksync.engine.project import PERSON, Project
from mksync.engine.settle import stage, written
from mksync.ports.abilities import TellsEdits

CLOCKS_APART = 120.0  # seconds that the log's clock may be behind ours
CHUNK = 300  # people read together: what one call of Marketo's reads
People = Mapping[str, Record]
Edits = Mapping[tuple[str, str], int]


def settle_unread(project: Project, known: People | None = None) -> None:
    """Read back whoever waits for it. `known`: people that were read just now; then the others go on waiting."""
    waiting = [one for one in project.mirror.journal.unread() if one[0].object in project.people]
    if known is not None:
        waiting = [one for one in waiting if one[0].person_id in known]
    for start in range(0, len(waiting), CHUNK):
        some = waiting[start : start + CHUNK]
        people = _read(project, {str(write.person_id) for write, _ in some}) if known is None else known
        edits = _edits(project, [one for one in some if _differing(project, one[0], people)])
        with project.mirror.transaction():
            for write, _ in some:
                project.mirror.journal.mark([write.id], "written")
                _settle(project, write, people, edits)


def _read(project: Project, ids: Iterable[str]) -> People:
    """Who is gone is for the change feed to tell."""
    found = project.ports.marketo.fetch(PERSON, sorted(ids), project.names(Side.MARKETO, PERSON))
    return {one.id: one for one in found if isinstance(one, Record)}


def _differing(project: Project, write: PlannedWrite, people: People) -> list[FieldWrite]:
    """The fields that hold something else than what was sent."""
    person = people.get(str(write.person_id))
    types = {field.name: field.type for field in project.fields(Side.MARKETO, PERSON)}
    sent = [one for one in write.images() if one.field in types]
    return [one for one in sent if person and not same(types[one.field], person.values.get(one.field), one.now)]


def _edits(project: Project, differing: Sequence[tuple[PlannedWrite, str]]) -> Edits:
    port = project.ports.marketo
    if not differing or not isinstance(port, TellsEdits):
        return {}
    since = min(epoch(at) for _, at in differing) - CLOCKS_APART
    return port.edits(PERSON, sorted({str(write.person_id) for write, _ in differing}), since)


def _settle(project: Project, write: PlannedWrite, people: People, edits: Edits) -> None:
    """A field that was edited since keeps what was sent as its base, so that the edit flows; else what it holds is."""
    person = people.get(str(write.person_id))
    if person is None:
        return
    before = project.mirror.snapshots.get(Side.MARKETO, PERSON, person.id, project.fields(Side.MARKETO, PERSON))
    differing = _differing(project, write, people)
    stage(project, Side.MARKETO, PERSON, [person])
    altered = [one for one in differing if edits.get((person.id, one.field), 0) < 2]
    link = project.mirror.link_of(Side.MARKETO, PERSON, person.id)
    if altered and link is not None and link.id == write.link:
        written(project, replace(write, fields=tuple(altered)), person, before)
