"""One cycle: resume, pull, plan, brake, push. The table of contents of the program."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from mksync.core.brakes import Brake, judge
from mksync.core.frozen import dataclass
from mksync.core.records import Side
from mksync.core.report import RunReport
from mksync.engine.activity_log import advised, post
from mksync.engine.backfill import Backfill, carried_out, look_for_records, order
from mksync.engine.budget import quotas
from mksync.engine.filter_column import begin_filters, check_emptiness
from mksync.engine.late import find_late
from mksync.engine.oneway import frees
from mksync.engine.orphans import with_orphans
from mksync.engine.plan import plan
from mksync.engine.progress import Progress, Silent
from mksync.engine.project import Project
from mksync.engine.pull import pull, read_afresh_after_brake
from mksync.engine.push import push
from mksync.engine.refusals import try_again
from mksync.engine.report import report
from mksync.engine.resume import resume
from mksync.engine.returned import look_for_returned
from mksync.engine.selected import begin_new_pairs, quick_syncs
from mksync.engine.sweep import sweep
from mksync.engine.turns import Alone
from mksync.errors import BrakeApplied, MirrorError, MksyncError, Temporary, another_organisation
from mksync.mirror.history import Cycle
from mksync.ports import Unavailable
from mksync.ports.abilities import KeepsTokens

PASSES = 3  # a role waits for its person, and a person that is made in this cycle is there in its second pass
ROWS = 200  # of each table that a report carries; the rest is counted


@dataclass(frozen=True, slots=True)
class Options:
    """How an admin wants this cycle.

    `confirm`: the number of the brake that may be passed. `rows`: of each table. `command`: as the log calls it.
    """

    dry: bool = False
    objects: tuple[str, ...] = ()  # none: all
    confirm: int | None = None
    retry: bool = False  # try again what was refused before
    backfill: Backfill | None = None  # fields to be filled again from their source
    rows: int = ROWS
    command: str = "run-once"


def run_once(
    project: Project,
    options: Options = Options(),  # noqa: B008 - frozen
    progress: Progress | None = None,
) -> RunReport:
    """Bring both sides into step once. A dry run does everything but write, and leaves the mirror as it was.

    Raises BrakeApplied before the first write, Temporary and AccessError where the vendors cannot be worked with.
    """
    if options.dry:
        project = replace(project, turns=Alone())  # what it forgets in the end is no state for others to build upon
    with _rehearsed(project, options.dry):
        cycle = project.mirror.history.begin(options.command, project.clock.now())
        warnings, notes = list(project.warnings), list(project.notes)
        try:
            warnings += _cycle(project, cycle, options, progress or Silent(), notes)
        except MksyncError as error:
            _finish(project, cycle, error.exit_code, [*warnings, error.message], notes, dry=options.dry)
            raise
        warnings += _unanswered(project, cycle)
        _finish(project, cycle, _exit_code(project, cycle), warnings, notes, dry=options.dry)
        told = report(project.mirror, project.labels, _row(project, cycle), dry=options.dry, rows=options.rows)
        return told if options.dry else with_orphans(project, told, options.rows)


def _cycle(project: Project, cycle: int, options: Options, progress: Progress, notes: list[str]) -> list[str]:
    """Returns warnings. `notes` takes what else is worth knowing."""
    check_identity(project)
    progress.stage("Settling what an earlier run left open")
    resume(project)
    begin_new_pairs(project)
    begin_filters(project)
    if options.retry:
        try_again(project.mirror)
    if options.backfill:
        order(project, options.backfill)
    progress.stage("Looking for the records to fill")
    look_for_records(project, progress)
    progress.stage("Reading both sides")
    warnings = pull(project, cycle, progress, notes)
    find_late(project, cycle)
    objects = options.objects or project.objects
    absent = sweep(project, objects)
    look_for_returned(project)
    check_emptiness(project)
    notes += quick_syncs(project, objects)
    for _ in range(PASSES):
        objects = tuple(object for object in objects if object not in absent)
        progress.stage("Comparing")
        brakes = _plan(project, cycle, objects, options)
        if options.dry:
            warnings += (f"a brake would stop this run: {brake.message}" for brake in brakes)
            break
        progress.stage("Writing")
        back = project.mirror.windows.to_write_back()
        pushed = push(project, cycle, objects, progress)
        absent |= pushed.absent
        written_back = project.mirror.windows.to_write_back() < back
        if not pushed.late and not written_back and not _freed(project, objects):
            break
    if not options.dry:
        carried_out(project, [object for object in objects if object not in absent])
        project.mirror.refusals.close(project.objects)
        notes += advised(project, cycle)
        warnings += post(project)
    return [*warnings, *_absences(project, absent)]


def _absences(project: Project, absent: Mapping[str, Unavailable]) -> Iterator[str]:
    """One object that cannot be had is no reason to stop the others."""
    for object, error in absent.items():
        yield f"{project.labels[object]} is not synced: {error.told}"


def _freed(project: Project, objects: tuple[str, ...]) -> bool:
    """Whether a record that waited for its parent need wait no longer, now that this cycle has written."""
    return any(frees(project, object) for object in objects)


def _plan(project: Project, cycle: int, objects: tuple[str, ...], options: Options) -> list[Brake]:
    """Plan, and stop at a brake: then the plan was never made. Returns the brakes that a dry run met."""
    try:
        with project.mirror.transaction():
            brakes = judge(plan(project, cycle, objects), project.limits, project.titles)
            if not options.dry:
                _brake(brakes, options.confirm)
    except BrakeApplied:
        read_afresh_after_brake(project)
        raise
    return brakes


def check_identity(project: Project) -> None:
    """Raises MirrorError if a side is not the organisation that this mirror was made from."""
    for side in Side:
        pinned = project.mirror.project.get(f"{side}_organisation")
        if pinned is None:
            raise MirrorError("this mirror was never set up", hint="mksync init")
        port = project.ports[side]
        found = port.organisation()
        if pinned != found and isinstance(port, KeepsTokens):  # a token of an earlier run may have told it
            port.sign_in_anew()
            found = port.organisation()
        if pinned != found:
            raise another_organisation(project.titles[side], pinned, found)


def _brake(brakes: list[Brake], confirm: int | None) -> None:
    """Stop unless the admin repeated the number that the brakes named; whoever confirms it has read them all."""
    if any(brake.number != confirm for brake in brakes):
        raise BrakeApplied("; ".join(brake.message for brake in brakes), hint=brakes[0].hint)


def _exit_code(project: Project, cycle: int) -> int:
    if project.mirror.journal.lost(cycle):
        return Temporary.exit_code  # their answers were lost, and they had no effect: the next cycle sends them again
    return 3 if project.mirror.history.anything_left() else 0


def _unanswered(project: Project, cycle: int) -> Iterator[str]:
    if lost := project.mirror.journal.lost(cycle):
        writes, they = ("1 write was", "it") if lost == 1 else (f"{lost} writes were", "they")
        yield f"{writes} sent without an answer and had no effect; the next run decides anew whether {they} should go"


def _finish(project: Project, cycle: int, exit_code: int, warnings: list[str], notes: list[str], *, dry: bool) -> None:
    told = project.calls(), warnings, notes, quotas(project)
    project.mirror.history.finish(cycle, project.clock.now(), exit_code, *told)
    if not dry:
        project.mirror.last.tell()


def _row(project: Project, cycle: int) -> Cycle:
    row = project.mirror.history.cycle(cycle)
    assert row is not None, "it was begun just now"
    return row


def _rehearsed(project: Project, dry: bool) -> AbstractContextManager[None]:
    return project.mirror.rehearsal() if dry else nullcontext()
