"""Opportunities that no person can be linked to: no role of theirs leads to somebody in Marketo.

Marketo shows an opportunity with the people whose roles it has, and counts it for nobody else (Marketo developer guide,
Opportunity Roles); the CRM is where a role is given.
"""

from collections.abc import Sequence
from dataclasses import replace

import mksync.mirror.orphans as orphans
from mksync.core.records import Side
from mksync.core.report import ObjectReport, RecordName, RunReport
from mksync.engine.labels import label
from mksync.engine.project import Project

PARENT, TIE = "opportunity", "role"  # Marketo's


def with_orphans(project: Project, report: RunReport, rows: int) -> RunReport:
    """The report with the orphans there are by now, the first `rows` by name. Remembers them for the next one."""
    tie = _tie(project)
    if tie is None:
        return report
    number, mark = orphans.count(project.mirror.db, tie)
    known = project.mirror.project.get("orphans")
    project.mirror.project.set("orphans", mark)
    new = mark != (known or "0 0")
    found = tuple(_named(project, tie.parent, *ids) for ids in orphans.first(project.mirror.db, tie, rows))
    return replace(report, objects=tuple(_told(part, tie, found, number, new=new) for part in report.objects))


def _told(
    part: ObjectReport, tie: orphans.Tie, found: tuple[RecordName, ...], number: int, *, new: bool
) -> ObjectReport:
    if part.object != tie.parent:
        return part
    return replace(part, orphans=found, orphans_total=number, orphans_changed=new)


def _tie(project: Project) -> orphans.Tie | None:
    """How roles name their opportunities, if both sync."""
    parent, object = _of(project, PARENT), _of(project, TIE)
    if not parent or not object:
        return None
    named = [pair.fields.crm.name for pair in project.pairs[object] if PARENT in pair.fields.marketo.references]
    return orphans.Tie(object, parent, named[0]) if named else None


def _of(project: Project, counterpart: str) -> str:
    """The object of the CRM that this is made of; empty if none syncs."""
    found: Sequence[str] = [object for object, kept in project.counterparts.items() if kept == counterpart]
    return found[0] if found else ""


def _named(project: Project, object: str, id: str, in_marketo: str) -> RecordName:
    record = project.mirror.snapshots.get(Side.CRM, object, id, project.fields(Side.CRM, object))
    return RecordName(object, id, in_marketo, label(project, object, Side.CRM, record.values if record else {}))
