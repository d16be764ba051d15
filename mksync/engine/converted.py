"""An order to convert a lead in the journal: noted before the call, settled after it or by the next run.

The order is not carried out anew by a run that finds it unanswered: either it took effect, which the lead tells, or the
admin who gave it gives it again.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict

from mksync.core.convert import Conversion, Converted
from mksync.core.plan import Kind, PlannedWrite
from mksync.core.records import Gone, Record, Ref, Side
from mksync.core.report import RecordName
from mksync.engine.project import Project
from mksync.engine.relink import follow
from mksync.engine.settle import close, stage
from mksync.ports.abilities import Converts

CONVERT: Kind = "convert"  # of the write


def note(project: Project, cycle: int, name: RecordName, link: int, order: Conversion) -> PlannedWrite:
    """The intent, committed before the call."""
    token = json.dumps(asdict(order))
    write = PlannedWrite(
        cycle, name.object, Side.CRM, CONVERT, name.label, (), link, name.person_id, name.id, token=token
    )  # fmt: skip
    journal = project.mirror.journal
    with project.mirror.transaction():
        journal.plan(write)
        (planned,) = journal.batch(cycle, Side.CRM, name.object, CONVERT, 1)
        journal.mark([planned.id], "sent")
    return planned


def settle_order(project: Project, write: PlannedWrite) -> Converted | None:
    """What became of an order whose answer is not known; the link follows. None: it had no effect."""
    port = project.ports.crm
    done = port.converter.settle(Conversion(**json.loads(str(write.token)))) if isinstance(port, Converts) else None
    if done is None:
        with project.mirror.transaction():
            close(project, write, "lost")
    else:
        took_effect(project, write)
    return done


def took_effect(project: Project, write: PlannedWrite) -> None:
    """The order was carried out: the mirror knows both records as they are now, and the link is the contact's."""
    found = list(read_on(project, Ref(write.object, str(write.record_id))))
    with project.mirror.transaction():
        close(project, write, "written")
        fold(project, write.cycle, found)


def read_on(project: Project, ref: Ref) -> Iterator[Record | Gone]:
    """A record of the CRM as it is now, and every one that it went into."""
    passed: set[Ref] = set()
    next_one: Ref | None = ref
    while next_one is not None and next_one not in passed and next_one.object in project.people:
        passed.add(next_one)
        object = next_one.object
        (one,) = project.ports.crm.fetch(object, [next_one.id], project.names(Side.CRM, object))
        yield one
        next_one = one.into if isinstance(one, Gone) else None


def fold(project: Project, cycle: int, found: list[Record | Gone]) -> None:
    """Take over what was read of one person in the CRM; links follow. Within a transaction."""
    for one in found:
        if isinstance(one, Record):
            stage(project, Side.CRM, one.object, [one])
    for one in found:
        if isinstance(one, Gone):
            project.mirror.snapshots.bury(Side.CRM, one.object, [one])
    for one in found:
        if isinstance(one, Gone):
            follow(project, cycle, Ref(one.object, one.id))
