"""One cycle: resume, pull, plan, brake, push. The table of contents of the program."""

from contextlib import AbstractContextManager, nullcontext

from mksync.core.brakes import Brake, judge
from mksync.core.records import Side
from mksync.core.report import RunReport
from mksync.engine.plan import plan
from mksync.engine.progress import Progress, Silent
from mksync.engine.project import Project
from mksync.engine.pull import pull, read_afresh_after_brake
from mksync.engine.push import push
from mksync.engine.report import report
from mksync.engine.resume import resume
from mksync.engine.selected import begin_new_pairs, settle_new_pairs
from mksync.errors import BrakeApplied, MirrorError, MksyncError

ROWS = 200  # of each table that a report carries; the rest is counted


def run_once(
    project: Project,
    *,
    dry: bool = False,
    objects: tuple[str, ...] = (),
    confirm: int | None = None,
    rows: int = ROWS,
    progress: Progress | None = None,
) -> RunReport:
    """Bring both sides into step once. A dry run does everything but write, and leaves the mirror as it was.

    Raises BrakeApplied before the first write, Temporary and AccessError where the vendors cannot be worked with.
    """
    telling = progress or Silent()
    with _rehearsed(project, dry):
        cycle = project.mirror.history.begin("run-once", project.clock.now())
        warnings: list[str] = list(project.warnings)
        try:
            warnings += _cycle(project, cycle, dry, objects or project.objects, confirm, telling)
        except MksyncError as error:
            _finish(project, cycle, error.exit_code, [*warnings, error.message])
            raise
        _finish(project, cycle, _exit_code(project), warnings)
        return report(project, cycle, dry=dry, rows=rows)


def _cycle(
    project: Project, cycle: int, dry: bool, objects: tuple[str, ...], confirm: int | None, progress: Progress
) -> list[str]:
    check_identity(project)
    progress.stage("Settling what an earlier run left open")
    resume(project)
    begin_new_pairs(project)
    progress.stage("Reading both sides")
    warnings = pull(project, progress)
    progress.stage("Comparing")
    try:
        with project.mirror.transaction():
            brakes = judge(plan(project, cycle, objects), project.limits, project.titles)
            if not dry:
                _brake(brakes, confirm)
    except BrakeApplied:
        read_afresh_after_brake(project)
        raise
    if dry:
        return [*warnings, *(f"a brake would stop this run: {brake.message}" for brake in brakes)]
    progress.stage("Writing")
    push(project, objects, progress)
    settle_new_pairs(project)
    return warnings


def check_identity(project: Project) -> None:
    """Raises MirrorError if a side is not the organisation that this mirror was made from."""
    for side in Side:
        pinned = project.mirror.project.get(f"{side}_organisation")
        found = project.ports[side].identify()
        if pinned != found.organisation:
            raise MirrorError(
                f"this mirror belongs to another {found.system} organisation: it was made from {pinned},"
                f" and {found.name} is {found.organisation}",
                hint="point mksync.toml at the old organisation, or start in an empty folder with mksync init",
            )


def _brake(brakes: list[Brake], confirm: int | None) -> None:
    """Stop unless the admin repeated the very number that the brake named."""
    for brake in brakes:
        if brake.number != confirm:
            raise BrakeApplied(brake.message, hint=brake.hint)


def _exit_code(project: Project) -> int:
    history = project.mirror.history
    return 3 if history.count_leftovers("rejected") or history.count_leftovers("held") else 0


def _finish(project: Project, cycle: int, exit_code: int, warnings: list[str]) -> None:
    calls = {project.titles[side]: project.ports[side].calls for side in Side}
    project.mirror.history.finish(cycle, project.clock.now(), exit_code, calls, warnings)


def _rehearsed(project: Project, dry: bool) -> AbstractContextManager[None]:
    return project.mirror.rehearsal() if dry else nullcontext()
