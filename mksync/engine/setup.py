"""First contact: pin both organisations, read both sides, link what matches. Writes to neither side's records."""

from mksync.core.brakes import judge
from mksync.core.filter import FROZEN
from mksync.core.records import Identity, Side, Sides
from mksync.core.report import RunReport, SetupReport
from mksync.core.tally import TallyBuilder
from mksync.engine.budget import quotas
from mksync.engine.filter_column import begin_filters, check_emptiness
from mksync.engine.filtering import apply_filter
from mksync.engine.matching import match
from mksync.engine.plan import plan
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON, Project
from mksync.engine.pull import conclude_full_reads, pull, read_afresh_after_brake
from mksync.engine.relink import relink
from mksync.engine.report import report
from mksync.engine.resume import resume
from mksync.engine.selected import begin_new_pairs
from mksync.errors import BrakeApplied, MirrorError, MksyncError
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


def set_up(
    project: Project, identities: Sides[Identity], rows: int, progress: Progress, command: str = "init"
) -> SetupReport:
    """Read both sides, link what matches, and rehearse the first cycle. Raises what a port raises, BrakeApplied.

    `command`: what the log calls this run.
    """
    mirror = project.mirror
    cycle = mirror.history.begin(command, project.clock.now())
    notes: list[str] = []
    try:
        resume(project)
        begin_new_pairs(project)
        begin_filters(project)
        progress.stage("Reading both sides")
        warnings = pull(project, cycle, progress, notes)
        check_emptiness(project)
        progress.stage("Linking what matches")
        _link(project, cycle)
    except MksyncError as error:
        mirror.history.finish(
            cycle, project.clock.now(), error.exit_code, project.calls(), [error.message], notes, quotas(project)
        )
        raise
    first = _rehearse(project, cycle, rows, warnings, notes)
    mirror.history.finish(cycle, project.clock.now(), 0, project.calls(), warnings, notes, quotas(project))
    linked = {object: mirror.links.count(object) for object in project.objects}
    frozen = sum(mirror.links.count(object, FROZEN) for object in project.objects)
    only_marketo = mirror.snapshots.count(Side.MARKETO, PERSON) - sum(linked.values()) - frozen
    left_out = {object: mirror.snapshots.left_out(object, field.name) for object, field in project.filters.items()}
    return SetupReport(identities, linked, only_marketo, first, left_out)


def _link(project: Project, cycle: int) -> None:
    """Raises BrakeApplied where too much is gone: run again over an old mirror, `init` takes nobody for deleted."""
    tally = TallyBuilder()
    try:
        with project.mirror.transaction():
            conclude_full_reads(project, tally)
            relink(project, cycle, tally)
            apply_filter(project, cycle, tally)
            for object in project.objects:
                match(project, cycle, object, create=False)
                tally.linked(object, project.mirror.links.count(object))
            if brakes := judge(tally.tally(), project.limits, project.titles):
                raise BrakeApplied("; ".join(brake.message for brake in brakes), hint="see: mksync run-once --dry-run")
    except BrakeApplied:
        read_afresh_after_brake(project)
        raise


def _rehearse(project: Project, cycle: int, rows: int, warnings: list[str], notes: list[str]) -> RunReport:
    with project.mirror.rehearsal():
        plan(project, cycle, project.objects)
        project.mirror.history.finish(cycle, project.clock.now(), 0, project.calls(), warnings, notes, quotas(project))
        row = project.mirror.history.cycle(cycle)
        assert row is not None, "it was begun just now"
        return report(project.mirror, project.labels, row, dry=True, rows=rows)
