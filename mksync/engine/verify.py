"""Hold both sides beside each other afresh, by another way than the cycle goes.

Nothing that the cycle has concluded is believed. The CRM's records are read from the CRM, their counterparts are looked
up in Marketo by the CRM id that they bear, and the values that both hold now are compared; links, bases and snapshots
are not asked. The mirror only tells, of what was found to differ, whether it is listed as rejected, held or filtered.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from mksync.core.filter import synced
from mksync.core.records import Gone, Page, Record, Side
from mksync.core.report import RecordName
from mksync.core.verdict import Difference, ObjectVerdict, Verdict
from mksync.engine.beside import Beside
from mksync.engine.joined import joined
from mksync.engine.labels import label
from mksync.engine.listed import accounted, edited
from mksync.engine.progress import Progress
from mksync.engine.project import Project
from mksync.engine.run import check_identity
from mksync.mirror.verifying import Verifying
from mksync.ports import Unavailable

CHUNK = 300  # records looked up in Marketo with one call


@dataclass(slots=True)
class _Count:
    compared: int = 0
    fields: int = 0
    rows: list[Difference] = field(default_factory=list)
    total: int = 0
    edited: int = 0
    accounted: Counter[str] = field(default_factory=Counter)


def verify(project: Project, objects: Sequence[str], sample: int | None, rows: int, progress: Progress) -> Verdict:
    """Compare every record of these objects, or `sample` of each. Writes nothing, moves no base and no cursor.

    `rows`: of each table that the verdict carries. Raises what a port raises, and MirrorError for another organisation.
    """
    check_identity(project)
    verifying, warnings, parts = Verifying(project.mirror.db), list(project.warnings), []
    for object in objects:
        progress.stage(f"Comparing {project.labels[object]}")
        count = _Count()
        try:
            for found in _differences(project, verifying, object, sample, count, progress):
                _tell(project, verifying, count, found, rows)
        except Unavailable as error:
            warnings.append(f"{project.labels[object]} cannot be compared: {error.told}")
        parts.append(_part(project, object, count))
    resting = tuple(f"{object}.{marketo}" for object, marketo, _ in project.suspended if object in objects)
    return Verdict(tuple(parts), sample, resting, project.calls(), tuple(warnings))


def _part(project: Project, object: str, count: _Count) -> ObjectVerdict:
    return ObjectVerdict(
        object, project.labels[object], count.compared, count.fields, tuple(count.rows), count.total, count.edited,
        dict(count.accounted),
    )  # fmt: skip


def _tell(project: Project, verifying: Verifying, count: _Count, found: Difference, rows: int) -> None:
    """Count a difference, where the mirror does not account for it."""
    if why := accounted(project, verifying, found):
        count.accounted[why] += 1
        return
    found = edited(project, found)
    count.total += 1
    count.edited += bool(found.edited)
    if len(count.rows) < rows:
        count.rows.append(found)


def _differences(
    project: Project, verifying: Verifying, object: str, sample: int | None, count: _Count, progress: Progress
) -> Iterator[Difference]:
    for records in _records(project, verifying, object, sample):
        if sample is None:
            verifying.meet([record.id for record in records])
        there = [record for record in records if _synced(project, record)]
        count.accounted.update({"filtered": len(records) - len(there)} if len(there) < len(records) else {})
        count.compared += len(there)
        beside = Beside(project, object, there)
        yield from beside.differences()
        count.fields += beside.compared
        progress.read(project.titles.crm, len(records))
    if sample is None:
        for id in verifying.unmet(object):
            yield _vanished(project, object, id)


def _records(project: Project, verifying: Verifying, object: str, sample: int | None) -> Iterator[Sequence[Record]]:
    """What the CRM holds now, as many at a time as Marketo is asked for at once."""
    names, crm = project.names(Side.CRM, object), project.ports.crm
    if sample is not None:
        read = crm.fetch(object, verifying.sample(object, sample), names)
        found = (one for one in read if not isinstance(one, Gone))
    else:
        pages = crm.changes({object: names}, None)
        found = (record for page in pages for record in _there(page))
    yield from _chunks(iter(joined(project.fields(Side.CRM, object), found)))


def _there(page: Page) -> Iterator[Record]:
    """The records of a page that go on: a lead that became a contact comes with its last values, and as gone."""
    gone = {(one.object, one.id) for one in page.gone}
    return (record for record in page.records if (record.object, record.id) not in gone)


def _chunks(records: Iterator[Record]) -> Iterator[Sequence[Record]]:
    while chunk := tuple(islice(records, CHUNK)):
        yield chunk


def _synced(project: Project, record: Record) -> bool:
    column = project.filter_column(record.object)
    return column is None or synced(record.values.get(column))


def _vanished(project: Project, object: str, id: str) -> Difference:
    last = project.mirror.snapshots.get(Side.CRM, object, id, project.fields(Side.CRM, object))
    values = last.values if last else {}
    name = RecordName(object, id, None, label(project, object, Side.CRM, values))
    return Difference(name, None, "", None, None, f"{project.titles.crm} does not show it any more", (Side.CRM,))
