"""First contact: pin both organisations, read both sides, link what matches. Writes to neither side's records."""

from mksync.core.records import Identity, Side, Sides
from mksync.core.report import RunReport, SetupReport
from mksync.core.tally import TallyBuilder
from mksync.engine.matching import match
from mksync.engine.plan import plan
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON, Project
from mksync.engine.pull import conclude_full_reads, pull
from mksync.engine.relink import relink
from mksync.engine.report import report
from mksync.engine.resume import resume
from mksync.engine.selected import begin_new_pairs, settle_new_pairs
from mksync.errors import MirrorError, MksyncError
from mksync.mirror import Mirror
from mksync.ports import Port


def pin(mirror: Mirror, ports: Sides[Port]) -> Sides[Identity]:
    """Bind the mirror to these two organisations. Raises MirrorError if it is bound to others already."""
    identities = ports.map(lambda port: port.identify())
    for side in Side:
        name, found = f"{side}_organisation", identities[side]
        pinned = mirror.project.get(name)
        if pinned is not None and pinned != found.organisation:
            raise MirrorError(
                f"this mirror belongs to another {found.system} organisation ({pinned}, not {found.organisation})",
                hint="start in an empty folder, or point mksync.toml at the old organisation",
            )
    with mirror.transaction():
        for side in Side:
            mirror.project.set(f"{side}_organisation", identities[side].organisation)
    return identities


def set_up(project: Project, identities: Sides[Identity], rows: int, progress: Progress) -> SetupReport:
    """Read both sides, link what matches, and rehearse the first cycle."""
    mirror = project.mirror
    cycle = mirror.history.begin("init", project.clock.now())
    try:
        resume(project)
        begin_new_pairs(project)
        progress.stage("Reading both sides")
        warnings = pull(project, progress)
        progress.stage("Linking what matches")
        with mirror.transaction():
            conclude_full_reads(project, TallyBuilder())
            relink(project, cycle, TallyBuilder())
            for object in project.objects:
                match(project, cycle, object, create=False)
            # Nothing has been judged yet: a first cycle compares every linked pair whatever it was read as.
            settle_new_pairs(project)
    except MksyncError as error:
        mirror.history.finish(cycle, project.clock.now(), error.exit_code, _calls(project), [error.message])
        raise
    first = _rehearse(project, cycle, rows, warnings)
    mirror.history.finish(cycle, project.clock.now(), 0, _calls(project), warnings)
    linked = {object: mirror.links.count(object) for object in project.objects}
    only_marketo = mirror.snapshots.count(Side.MARKETO, PERSON) - sum(linked.values())
    return SetupReport(identities, linked, only_marketo, first)


def _rehearse(project: Project, cycle: int, rows: int, warnings: list[str]) -> RunReport:
    with project.mirror.rehearsal():
        plan(project, cycle, project.objects)
        project.mirror.history.finish(cycle, project.clock.now(), 0, _calls(project), warnings)
        row = project.mirror.history.cycle(cycle)
        assert row is not None, "it was begun just now"
        return report(project.mirror, project.labels, row, dry=True, rows=rows)


def _calls(project: Project) -> dict[str, int]:
    return {project.titles[side]: project.ports[side].calls for side in Side}
