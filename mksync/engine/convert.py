"""Converting one person's lead: the order, and what follows from it at once.

The link moves to the contact as it does for a conversion that was found in the feed, the contact's account gets its
company in Marketo, and the person is brought into step with the contact by the rules of any cycle.
"""

from dataclasses import replace

from mksync.core.convert import Answer, ConvertReport, Wish
from mksync.core.filter import LIVE, frozen
from mksync.core.plan import PlannedWrite
from mksync.core.records import Gone, Record, Refusal, Side
from mksync.core.report import Event, Rejected
from mksync.engine.activity_log import enter, post
from mksync.engine.budget import quotas
from mksync.engine.converted import CONVERT, fold, note, read_on, settle_order, took_effect
from mksync.engine.convertible import LEAD, Ready, converter_of, look
from mksync.engine.giving_way import take_back
from mksync.engine.instants import instant
from mksync.engine.oneway import arrive_alone
from mksync.engine.order import COMPANY
from mksync.engine.plan import judge_link
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON, Project
from mksync.engine.push import push
from mksync.engine.report import changes
from mksync.engine.resume import settle_unknown
from mksync.engine.run import check_identity
from mksync.engine.settle import close, stage
from mksync.engine.whereabouts import link_of
from mksync.errors import MksyncError, OutcomeUnknown, Temporary
from mksync.mirror.refusals import Refused

REFUSED = "conversion refused"  # what the log calls it
WHOLE = "the whole record"  # Marketo wants a word for the fields that were refused, also where the CRM names none
ROWS = 200  # of what was written afterwards


def prepare(project: Project, who: str, wish: Wish, *, dry: bool = False) -> Ready:
    """Find out who is meant and what would be done; settles what an earlier run left, unless `dry`.

    Raises ConfigError where nothing can be converted, and for what an admin has to choose.
    """
    check_identity(project)
    if not dry:
        settle_unknown(project)
    return look(project, who, wish, dry=dry)


def agreed(ready: Ready) -> Ready:
    """The same, of an admin who has seen that there is an account of that name, and wants another one."""
    if ready.ordered is None or not ready.report.like_it:
        return ready
    order = replace(ready.ordered.order, duplicates=True)
    return replace(ready, ordered=replace(ready.ordered, order=order), report=replace(ready.report, order=order))


def carry_out(project: Project, ready: Ready, progress: Progress) -> ConvertReport:
    """Convert. A refusal is part of the report; Temporary: the answer was lost, and the lead is not converted."""
    if ready.ordered is None and not ready.report.moved:
        return ready.report
    history = project.mirror.history
    cycle = history.begin("convert", project.clock.now())
    try:
        report = _carry_out(project, cycle, ready, progress)
    except MksyncError as error:
        history.finish(
            cycle, project.clock.now(), error.exit_code, project.calls(), [error.message], (), quotas(project)
        )
        project.mirror.last.tell()
        raise
    history.finish(cycle, project.clock.now(), report.exit_code, project.calls(), report.notes, (), quotas(project))
    project.mirror.last.tell()
    return replace(report, cycle=cycle)


def _carry_out(project: Project, cycle: int, ready: Ready, progress: Progress) -> ConvertReport:
    report, person = ready.report, ready.person
    take_back(project, [person.id], [(LEAD, str(report.record.id))])
    with project.mirror.transaction():
        stage(project, Side.MARKETO, PERSON, [person])
        fold(project, cycle, list(ready.read))
    if ready.ordered is None:
        return _in_step(project, cycle, person, report, progress)
    progress.stage(f"Converting in {project.titles.crm}")
    link = link_of(project, person.id)
    assert link is not None, "it was looked at just now, and nobody else works meanwhile"
    write = note(project, cycle, report.record, link.id, ready.ordered.order)
    answer = _answered(project, write, ready)
    if isinstance(answer, Refusal):
        return _refused(project, write, report, answer)
    if isinstance(answer, Gone):
        return _overtaken(project, write, ready, answer, progress)
    done = replace(
        report, contact=answer.contact, account=answer.account, opportunity=answer.opportunity, notes=answer.notes
    )
    try:
        return _in_step(project, cycle, person, done, progress)
    except MksyncError as error:
        text = f"the lead is converted, into contact {done.contact}; then this went wrong: {error.message}"
        raise type(error)(text, hint="mksync run-once does the rest") from error


def _refused(project: Project, write: PlannedWrite, report: ConvertReport, refusal: Refusal) -> ConvertReport:
    """It stands in the log and in the person's Activity Log; nothing waits for it, as nothing tries it again."""
    name, words = report.record, (refusal.code, refusal.message, refusal.cause, refusal.remedy)
    with project.mirror.transaction():
        close(project, write, "refused", refusal)
        project.mirror.events.note(write.cycle, Event(name, REFUSED))
        met = Refused(instant(project.clock.now()), 1, first=True)
        row = Rejected(name, Side.CRM, refusal.fields or (WHOLE,), *words, met.since)
        enter(project, write.cycle, row, met, CONVERT, passing=refusal.passing)
    return replace(report, refusal=refusal, notes=(*report.notes, *post(project)))


def _answered(project: Project, write: PlannedWrite, ready: Ready) -> Answer:
    """The answer, and its effect in the mirror. A call whose answer is lost is looked up, and not sent again."""
    assert ready.ordered is not None, "there is an order"
    try:
        answer = converter_of(project).convert(ready.ordered.order)
    except OutcomeUnknown as error:
        done = settle_order(project, write)
        if done is None:
            text = f"{error.message}; the lead was read again, and it is not converted"
            raise Temporary(text, hint="run the same command again") from error
        return done
    except MksyncError:
        with project.mirror.transaction():
            project.mirror.journal.withdraw([write])
        raise
    if isinstance(answer, Refusal | Gone):
        return answer
    try:
        took_effect(project, write)
    except MksyncError as error:
        text = f"the lead is converted, into contact {answer.contact}, and could not be read again: {error.message}"
        raise type(error)(text, hint="the next run reads it, and lets the link follow") from error
    return answer


def _overtaken(project: Project, write: PlannedWrite, ready: Ready, gone: Gone, progress: Progress) -> ConvertReport:
    """Somebody else did something with the lead in the very moment before the order."""
    found = list(read_on(project, gone.into)) if gone.into else []
    with project.mirror.transaction():
        close(project, write, "gone")
        fold(project, write.cycle, [*found, gone])
    if gone.reason != "converted" or gone.into is None:
        raise Temporary(f"lead {gone.id} was {gone.reason} just now", hint="run the same command again")
    report = replace(ready.report, order=None, contact=gone.into.id, account=None, already=True, moved=True)
    return _in_step(project, write.cycle, ready.person, report, progress)


def _in_step(project: Project, cycle: int, person: Record, report: ConvertReport, progress: Progress) -> ConvertReport:
    """Bring the person into step with the contact, and the company that it names into Marketo before."""
    link = link_of(project, person.id)
    if link is None or link.object == LEAD or link.state != LIVE:
        by_filter = link is not None and frozen(link.state)
        return replace(report, notes=(*report.notes, _at_rest(project, person, report)), left=not by_filter)
    company = next((one for one in project.one_way if project.counterpart(one) == COMPANY), None)
    if company and report.account:
        _read_account(project, company, report.account)
    with project.mirror.transaction():
        if company and report.account:
            arrive_alone(project, cycle, company, report.account)
        judge_link(project, cycle, link)
    objects = tuple(one for one in project.objects if one in (company, link.object))
    push(project, cycle, objects, progress)
    written = (row for object in objects for row in changes(project.mirror.journal.of_cycle(cycle, object, ROWS)))
    told = tuple(row for row in written if row.field != project.key_field)  # the cross-id is mksync's own
    return replace(report, moved=report.already, changes=told)


def _read_account(project: Project, object: str, id: str) -> None:
    """An account that was made just now, or that no cycle has read yet."""
    if project.mirror.snapshots.is_there(Side.CRM, object, id):
        return
    found = list(project.ports.crm.fetch(object, [id], project.names(Side.CRM, object)))
    with project.mirror.transaction():
        stage(project, Side.CRM, object, [one for one in found if isinstance(one, Record)])


def _at_rest(project: Project, person: Record, report: ConvertReport) -> str:
    """Why nothing flows between the person and the contact."""
    link, contact = link_of(project, person.id), report.contact
    if link is not None and link.object == LEAD and link.state == LIVE:
        return f"contact {contact} is not visible to the sync user: the next cycle moves the link as soon as it is"
    if link is not None and frozen(link.state):
        return f"the sync filter leaves contact {contact} out: nothing flows until it says Yes"
    return (
        f"contact {contact} has a person of its own: two people are left to be merged in {project.titles.marketo}:"
        f" mksync log --person {person.id}"
    )
