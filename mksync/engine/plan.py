"""Judge everything that moved, field by field, and write down what would be done about it.

One transaction: if a brake stops the cycle, the plan and everything it settled are as if they had never been.
"""

from collections.abc import Collection, Iterator, Mapping

from mksync.core.filter import LIVE
from mksync.core.plan import Linked
from mksync.core.records import Side
from mksync.core.tally import Tally, TallyBuilder
from mksync.engine.filtering import apply_filter
from mksync.engine.judge import judge, judge_last
from mksync.engine.matching import match
from mksync.engine.oneway import arrive, depart
from mksync.engine.project import PERSON, Project
from mksync.engine.pull import conclude_full_reads
from mksync.engine.references import look_again_behind
from mksync.engine.relink import follow_departed, relink, rest_unlinked
from mksync.engine.returned import take_up_again
from mksync.mirror.links import Link

CHUNK = 500


def plan(project: Project, cycle: int, objects: tuple[str, ...]) -> Tally:
    """Fill the journal with this cycle's writes. Returns what they amount to, for the brakes."""
    tally = TallyBuilder()
    conclude_full_reads(project, tally)
    relink(project, cycle, tally)
    for object in project.one_way:
        depart(project, cycle, object)
    apply_filter(project, cycle, tally)
    look_again_behind(project)
    reopened = project.mirror.windows.reopened()
    for object in objects:
        for linked in project.mirror.links.parting(object, project.pairs[object]):
            judge_last(project, cycle, linked, tally)
        arriving = arrive if object in project.one_way else match
        tally.created(object, Side.MARKETO, arriving(project, cycle, object))
        for chunk in _due(project, object):
            judge(project, cycle, object, chunk, reopened, tally)
    rest_unlinked(project)
    return _weighed(project, tally, objects)


def plan_only(project: Project, cycle: int, scope: Mapping[tuple[Side, str], Collection[int]]) -> None:
    """The same for a few people and their CRM records, by our own keys; nothing else is judged, nor counted.

    `scope`: of people, and of every object whose records are people.
    """
    tally, mirror = TallyBuilder(), project.mirror
    with mirror.transaction(), mirror.snapshots.only(scope):
        reopened = mirror.windows.reopened()
        follow_departed(project, cycle, tally)
        take_up_again(project, cycle, project.people)
        apply_filter(project, cycle, tally)
        for object in project.people:
            match(project, cycle, object, create=False)
            for chunk in _due(project, object):
                judge(project, cycle, object, chunk, reopened, tally)
            mirror.snapshots.clean_left_behind(object)
        mirror.snapshots.clean_unlinked(PERSON)


def _weighed(project: Project, tally: TallyBuilder, objects: tuple[str, ...]) -> Tally:
    """What was counted, beside how many links there are."""
    for object in objects:
        tally.linked(object, project.mirror.links.count(object))
    return tally.tally()


def judge_link(project: Project, cycle: int, link: Link) -> None:
    """Plan what one link wants, by the rules of any cycle; no brake looks at it."""
    linked = project.mirror.links.load(link.object, project.pairs[link.object], link.id)
    if linked is not None and link.state == LIVE:
        judge(project, cycle, link.object, [linked], project.mirror.windows.reopened(), TallyBuilder())


def _due(project: Project, object: str) -> Iterator[list[Linked]]:
    project.mirror.links.collect_due(object)
    after = 0
    while chunk := project.mirror.links.due(object, project.pairs[object], after, CHUNK):
        yield chunk
        after = chunk[-1].link
