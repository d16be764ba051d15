"""Keep within each system's daily budget, and know what is left of it."""

from mksync.core.quota import Quota
from mksync.core.records import Side, Sides
from mksync.engine.project import Project
from mksync.mirror import Mirror
from mksync.ports import Port
from mksync.ports.abilities import Budgeted


def count_earlier_runs(mirror: Mirror, ports: Sides[Port], titles: Sides[str]) -> None:
    """A day has room for the calls of one day, however many runs make them."""
    for side in Side:
        port = ports[side]
        if isinstance(port, Budgeted):
            port.budget.spent(mirror.spending.since(port.budget.day_began, titles[side]))


def count_aside(mirror: Mirror, ports: Sides[Port], titles: Sides[str], before: Sides[int], now: float) -> None:
    """Have later runs of the day know of calls that are no cycle's: those since the ports had made so many."""
    with mirror.transaction():
        mirror.spending.add(now, {titles[side]: ports[side].calls - before[side] for side in Side})


def batch_of(project: Project, side: Side) -> int:
    """The most writes of the next batch: what the system takes at once, or what is left of the day; at least one."""
    port = project.ports[side]
    return max(1, port.budget.room(port.batch)) if isinstance(port, Budgeted) else port.batch


def keep_reserve(project: Project, side: Side, writes: int) -> None:
    """To be called before a batch is begun. Raises Temporary if it might cross the reserve: nothing of it is sent."""
    port = project.ports[side]
    if isinstance(port, Budgeted):
        port.budget.afford(writes)


def quotas(project: Project) -> dict[str, Quota]:
    """System -> calls of the day and the most, of those systems where both are known."""
    ports = [(project.titles[side], project.ports[side]) for side in Side]
    known = {title: port.budget.quota for title, port in ports if isinstance(port, Budgeted)}
    return {title: quota for title, quota in known.items() if quota}
