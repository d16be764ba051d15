"""`push-person`: bring a few people into step with the CRM now, by the rules of any cycle, and create who is not there.

Written for a run that stands still meanwhile (`giving_way`): it plans under a number of its own and for its own
records, takes back what others have planned for them, and moves no cursor.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace

from mksync.core.plan import PlannedWrite
from mksync.core.pushing import PushReport, PushWish, Schemas, Told
from mksync.core.records import Gone, Record, Side
from mksync.engine.activity_log import post
from mksync.engine.budget import quotas
from mksync.engine.converted import fold
from mksync.engine.filter_column import check_emptiness
from mksync.engine.giving_way import take_back
from mksync.engine.making import checked_defaults
from mksync.engine.person_plan import LEAD, Task, plan_for, scope
from mksync.engine.plan import plan_only
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON, Project
from mksync.engine.push import push
from mksync.engine.pushed import answered, background, deleted, several, told
from mksync.engine.qualify import check_becomes, qualified
from mksync.engine.report import report
from mksync.engine.resume import settle_unknown
from mksync.engine.run import check_identity
from mksync.engine.settle import stage
from mksync.engine.unread import settle_unread
from mksync.engine.whereabouts import Found, Lost, Several, There, Whereabouts, find_records, link_of
from mksync.engine.who import Person, checked, find_people
from mksync.engine.wished_owner import owner_of
from mksync.errors import MksyncError, Temporary

Choose = Callable[[Several], Record | None]  # asks an admin which of the records is meant; None: none of them
ROWS = 100_000  # of each table of the report: it speaks of few people
ALL = -1


def push_people(
    project: Project, whos: Sequence[str], wish: PushWish, schemas: Schemas, choose: Choose | None, progress: Progress
) -> PushReport:
    """Raises ConfigError for what cannot be asked for, and what a port raises; what was written stays written.

    `schemas`: of leads and contacts in the CRM. `choose`: where somebody is there to be asked.
    """
    checked(whos)
    check_becomes(project, wish)
    project = _as_it_was_last_synced(project)
    defaults = checked_defaults(schemas[LEAD], wish.defaults.get(LEAD, {}), project.titles.crm)
    history = project.mirror.history
    with project.mirror.rehearsal() if wish.dry else nullcontext():
        cycle = history.begin("push-person", project.clock.now())
        code, people = 1, list[Told]()
        try:
            task = Task(project, cycle, wish, schemas, defaults, "")
            people = _push(task, whos, choose, progress)
            code = Temporary.exit_code if project.mirror.journal.lost(cycle) else 0
        except MksyncError as error:
            code = error.exit_code
            raise
        finally:
            exit_code = code or min({one.exit_code for one in people} - {0}, default=0)
            history.finish(
                cycle, project.clock.now(), exit_code, project.calls(), project.warnings, (), quotas(project)
            )
            if not wish.dry:
                project.mirror.last.tell()
        row = history.cycle(cycle)
        assert row is not None, "it was begun just now"
        ids = [id for one in people if one.record for id in (one.record.id, one.record.person_id) if id] or [""]
        run = report(project.mirror, project.labels, row, dry=wish.dry, rows=ROWS, ids=ids)
    report_so_far = PushReport(people, replace(run, exit_code=code))
    if wish.becomes == LEAD or wish.dry:
        return report_so_far
    return qualified(project, report_so_far, progress)


def _as_it_was_last_synced(project: Project) -> Project:
    """Without the pairs that were selected since the last cycle: the next one fills them, with a quick sync."""
    known = project.mirror.project.pairs()
    if not known:
        return project
    pairs = {
        object: [pair for pair in pairs if (object, pair.name, pair.fields.crm.name) in known]
        for object, pairs in project.pairs.items()
    }
    return replace(project, pairs=pairs)


def _push(task: Task, whos: Sequence[str], choose: Choose | None, progress: Progress) -> list[Told]:
    project = task.project
    check_identity(project)
    settle_unknown(project)
    progress.stage("Reading the people and their records")
    answers = find_people(project, whos)
    people = {one.record.id: one.record for one in answers if isinstance(one, Person)}
    found = find_records(project, list(people.values()))
    places = [_chosen(place, choose) for place in found.places]
    task = replace(task, owner=owner_of(project, task.wish.owner))
    left = {place.person.id: say for place in places if (say := _left_alone(task, place))}
    at_work = [place for place in places if place.person.id not in left]
    _fold(task, Found(at_work, found.read), people)
    check_emptiness(project)
    progress.stage("Comparing")
    with project.mirror.transaction():
        left |= plan_for(task, at_work)
    if not task.wish.dry:
        progress.stage("Writing")
        _write(task, at_work, progress)
        list(post(project))  # what goes wrong with it the next cycle tells, which tries again
    written = _written(task)
    by_person = {
        place.person.id: left.get(place.person.id) or told(project, place.person, written, dry=task.wish.dry)
        for place in places
    }
    return [
        replace(by_person[one.record.id], who=one.who) if isinstance(one, Person) else answered(project, one)
        for one in answers
    ]


def _chosen(place: Whereabouts, choose: Choose | None) -> Whereabouts:
    if not isinstance(place, Several) or choose is None:
        return place
    record = choose(place)
    return There(place.person, record, "chosen") if record else place


def _left_alone(task: Task, place: Whereabouts) -> Told | None:
    """Whom nothing is done with, though the CRM has something of theirs."""
    project = task.project
    if isinstance(place, Several):
        return several(project, place)
    if isinstance(place, There) and not task.wish.force and not project.catalogue[place.record.object].pushed:
        return background(project, place)
    if isinstance(place, Lost) and not task.wish.recreate:
        return deleted(project, place)
    return None


def _fold(task: Task, found: Found, people: Mapping[str, Record]) -> None:
    """Take over what was read of those who are at work, and nothing of anybody else."""
    project = task.project
    mine = [place.person.id for place in found.places]
    records = _records(project, found)
    take_back(project, mine, [(one.object, one.id) for one in records])
    settle_unread(project, {id: people[id] for id in mine})
    with project.mirror.transaction():
        stage(project, Side.MARKETO, PERSON, [people[id] for id in mine])
        fold(project, task.cycle, records)
        for id in mine:
            project.mirror.snapshots.soil(Side.MARKETO, PERSON, id)
            project.mirror.history.clear_unlinked([id])
        for one in records:
            if isinstance(one, Record):
                project.mirror.snapshots.soil(Side.CRM, one.object, one.id)


def _records(project: Project, found: Found) -> list[Record | Gone]:
    """What the CRM said of their records, and of those that these came from."""
    mine = {place.record.id for place in found.places if isinstance(place, There)}
    mine |= {place.gone.id for place in found.places if isinstance(place, Lost)}
    for place in found.places:
        if link := link_of(project, place.person.id):
            mine.add(project.mirror.snapshots.id(Side.CRM, link.object, link.record))
    known = [one for one in found.read if one.id in mine]
    return [one for one in known if isinstance(one, Record) or _is_known(project, one)]


def _is_known(project: Project, gone: Gone) -> bool:
    return project.mirror.snapshots.pid(Side.CRM, gone.object, gone.id) is not None


def _write(task: Task, places: Sequence[Whereabouts], progress: Progress) -> None:
    """What was made in the CRM has an id, and defaults of its own, which the person is to have too."""
    project, cycle = task.project, task.cycle
    push(project, cycle, project.people, progress, read_back=False)
    made = {write.person_id for write, _ in _written(task) if write.kind == "create"}
    if made:
        plan_only(project, cycle, scope(project, [place for place in places if place.person.id in made]))
        push(project, cycle, project.people, progress, read_back=False)


def _written(task: Task) -> list[tuple[PlannedWrite, str]]:
    journal = task.project.mirror.journal
    return [one for object in task.project.people for one in journal.of_cycle(task.cycle, object, ALL)]
