"""People's Activity Logs: what the CRM refuses is written there, once, so that marketers see it too.

The row is made together with the refusal, committed as sent before the call, and settled after it. An entry cannot be
written twice with the same effect as once; so where an answer was lost, the logs are read before it is sent again, and
not before Marketo's log shows all that was written by then.
"""

from collections.abc import Iterator, Mapping

from mksync.core.activity import Entry
from mksync.core.records import Refusal, Side
from mksync.core.report import Rejected
from mksync.engine.instants import epoch, instant
from mksync.engine.project import Project
from mksync.errors import MksyncError, OutcomeUnknown
from mksync.mirror.refusals import Refused
from mksync.ports import Unavailable
from mksync.ports.abilities import KeepsActivities

TYPE = "activity_type"  # of `project`: the number of mksync's own type of activity, once `init` has seen it
TOLD = "activity_type_told"  # of `project`: the admin knows how to have one
SETTLES = 600.0  # seconds until Marketo's log surely shows an entry (Marketo Nation, "Paging token use case")
CHUNK = 300
GONE = "1004"  # the person is not there any more
HINT = "mksync init --create-activity-type"


def enter(project: Project, cycle: int, row: Rejected, known: Refused, operation: str, *, passing: bool) -> None:
    """What the CRM refused to a person is due in their log; what passes by itself only once it has not passed."""
    person, is_due = row.record.person_id, known.first and known.tries == (2 if passing else 1)
    if not is_due or row.to is not Side.CRM or person is None or not row.record.is_person:
        return
    if project.mirror.project.get(TYPE) is None:
        return
    entry = Entry(
        person, instant(project.clock.now()), ", ".join(_called(project, row)), project.titles.crm, operation,
        row.record.id or "", row.code, row.cause, row.message, row.remedy,
    )  # fmt: skip
    project.mirror.activities.add(cycle, entry)


def _called(project: Project, row: Rejected) -> Iterator[str]:
    """The fields as people in Marketo call them; one that has no counterpart there, as the CRM does."""
    labels = {pair.fields.crm.name: pair.fields.marketo.label for pair in project.pairs[row.record.object]}
    yield from (labels.get(name, name) for name in row.fields)


def advised(project: Project, cycle: int) -> Iterator[str]:
    """Once: how what is refused comes into people's Activity Logs."""
    facts = project.mirror.project
    if facts.get(TYPE) or facts.get(TOLD) or not project.mirror.refusals.any_of(cycle, Side.CRM):
        return
    facts.set(TOLD, "yes")
    yield f"what {project.titles.crm} refuses can also stand in the person's Activity Log in Marketo: {HINT}"


def post(project: Project) -> Iterator[str]:
    """Write what is due. Yields warnings: nothing that goes wrong here undoes or stops what was synced."""
    port, type = project.ports.marketo, project.mirror.project.get(TYPE)
    if type is None or not isinstance(port, KeepsActivities):
        return
    try:
        _look_for_unsettled(project, port, type)
        while batch := project.mirror.activities.due(project.ports.marketo.batch):
            yield from _send(project, port, type, batch)
    except OutcomeUnknown:
        return  # they stay sent: a later cycle looks for them
    except Unavailable as error:
        yield f"what was refused is not in people's Activity Logs yet: {error.told}"
    except MksyncError as error:
        yield f"what was refused is not in people's Activity Logs yet: {error.message}"


def _send(project: Project, port: KeepsActivities, type: str, batch: Mapping[int, Entry]) -> Iterator[str]:
    activities = project.mirror.activities
    with project.mirror.transaction():
        activities.send(batch, project.clock.now())
    try:
        answers = dict(zip(batch, port.log_activities(type, list(batch.values())), strict=True))
    except OutcomeUnknown:
        raise
    except (Unavailable, MksyncError):
        with project.mirror.transaction():
            activities.settle(batch, "due")
        raise
    refused = {id: why for id, why in answers.items() if why is not None}
    with project.mirror.transaction():
        activities.settle(batch.keys() - refused.keys(), "written")
        activities.settle(refused, "refused")
    yield from _told([why for why in refused.values() if why.code != GONE])


def _told(refused: list[Refusal]) -> Iterator[str]:
    if refused:
        first = refused[0]
        entries = "1 entry" if len(refused) == 1 else f"{len(refused):,} entries"
        why = f"{first.cause}: {first.message} (code {first.code})"
        yield f"Marketo did not take {entries} of people's Activity Logs: {why}; is the type still there? {HINT}"


def _look_for_unsettled(project: Project, port: KeepsActivities, type: str) -> None:
    activities, now = project.mirror.activities, project.clock.now()
    while batch := activities.unsettled(now - SETTLES, CHUNK):
        since = instant(min(map(epoch, (entry.at for entry in batch.values()))) - SETTLES)
        there = port.logged(type, [entry.person_id for entry in batch.values()], since)
        found = [id for id, entry in batch.items() if entry.reference in there]
        with project.mirror.transaction():
            activities.settle(found, "written")
            activities.settle(batch.keys() - set(found), "due")
