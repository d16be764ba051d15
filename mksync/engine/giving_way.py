"""A run gives way: others work where nothing of its own is open, and it goes on with what they left.

What a command that works in turn has to keep, as a cycle may stand still between two of its pages or batches:

- It plans under a cycle number of its own, and only for its own records: a full read may be half done, so that nobody
  may conclude from it who is gone (`plan.plan` does).
- It moves no cursor and no generation.
- Before it plans, it takes back what is planned for its records (`take_back`), and settles what a run that died has
  left (`resume.settle_unknown`; `resume.resume` would take back the whole plan of the cycle that stands still).
- It sends its own writes only: `push` with the number of its cycle.
"""

from collections.abc import Sequence

from mksync.core.plan import PlannedWrite
from mksync.engine.project import Project
from mksync.engine.resume import settle_unknown
from mksync.engine.settle import judge_again, nobody_lost


def give_way(project: Project, cycle: int) -> bool:
    """Let those work first who wait for their turn; to be called where no transaction is open and no write under way.

    True if somebody did: then the mirror may be another, and what was read ahead is older than what they wrote. If
    they died over it, what they had planned is taken back, and what they had sent is looked up.
    """
    if not project.turns.give_way():
        return False
    with project.mirror.transaction():
        never_planned(project, project.mirror.journal.withdraw_others(cycle))
    settle_unknown(project)
    return True


def take_back(project: Project, people: Sequence[str], records: Sequence[tuple[str, str]]) -> None:
    """What is planned and not sent for these people, and for these records of the CRM, each with its object.

    They are judged anew by the next plan that looks at them.
    """
    with project.mirror.transaction():
        never_planned(project, project.mirror.journal.withdraw_of(people, records))


def never_planned(project: Project, writes: Sequence[PlannedWrite]) -> None:
    """These were withdrawn: as if they had never been planned."""
    for write in writes:
        nobody_lost(project, write)
        judge_again(project, write)
