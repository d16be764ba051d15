"""The selection as the mirror knows it: pairs that are new are filled from the CRM, pairs that vanished rest."""

from collections.abc import Sequence

from mksync.core.records import Side
from mksync.engine.project import Project
from mksync.engine.pull import full_read_needed


def begin_new_pairs(project: Project) -> None:
    """Have everything read afresh if a pair was selected, or became visible again, since the last cycle."""
    mirror = project.mirror
    known, states = mirror.project.pair_states(), _states(project)
    if states == known:
        return
    fresh = [key for key, state in states.items() if state == "new" and known.get(key) != "new"]
    with mirror.transaction():
        mirror.project.keep_pairs(states)
        for side in Side if fresh else ():
            full_read_needed(project, side)
        for object in {object for object, _, _ in fresh}:
            mirror.links.soil_all(object)


def settle_new_pairs(project: Project, objects: Sequence[str]) -> None:
    """The cycle that filled those of these objects is done: from now on they are pairs like any other."""
    new = [key for key, state in _states(project).items() if state == "new" and key[0] in objects]
    if not new:
        return
    with project.mirror.transaction():
        project.mirror.project.keep_pairs(project.mirror.project.pair_states() | dict.fromkeys(new, "live"))


def _states(project: Project) -> dict[tuple[str, str, str], str]:
    live = {
        (object, pair.name, pair.fields.crm.name): str(pair.state)
        for object, pairs in project.pairs.items()
        for pair in pairs
    }
    return live | dict.fromkeys(project.suspended, "suspended")
