"""The selection as the mirror knows it: pairs that are new get their quick sync, pairs that vanished rest."""

from collections.abc import Iterable, Mapping

from mksync.core.pairs import FieldPair
from mksync.core.records import Side
from mksync.engine.drift import seen_of
from mksync.engine.project import Project
from mksync.engine.pull import full_read_needed
from mksync.mirror.project import KnownPair

LIVE, SUSPENDED = "live", "suspended"
Key = tuple[str, str, str]


def begin_new_pairs(project: Project) -> None:
    """Note what was selected, dropped, or went out of sight or came back since the last cycle.

    A pair that was selected waits for its quick sync, link by link. One that came back is judged by the bases that
    were kept, on values that are read afresh. Before the first cycle nothing is new: everything is a first comparison.
    """
    _heed_demands(project)
    known = project.mirror.project.pairs()
    pairs = _pairs(project, known)
    if pairs == known:
        return
    with project.mirror.transaction():
        project.mirror.project.keep_pairs(pairs)
        if known:
            _take_over(project, known, pairs)


def _take_over(project: Project, known: Mapping[Key, KnownPair], pairs: Mapping[Key, KnownPair]) -> None:
    mirror = project.mirror
    for object, field, _ in known.keys() - pairs.keys():
        mirror.pending.forget(object, field)
    selected = [key for key in pairs if key not in known]
    for object, field, _ in selected:
        mirror.pending.begin(object, field)
    unread = [key for key in pairs if pairs[key].state == LIVE and (key not in known or known[key].state == SUSPENDED)]
    if unread:
        read_afresh(project, {object for object, _, _ in unread})
    _try_again(project, known, pairs)


def _heed_demands(project: Project) -> None:
    """A field that the CRM demands no longer, or demands now, matters to what was refused, selected or not."""
    facts = project.mirror.project
    for object, names in project.demanded.items():
        before, told = facts.get(f"{object}_demands"), ",".join(names)
        if before == told:
            continue
        with project.mirror.transaction():
            facts.set(f"{object}_demands", told)
            if before is not None:
                project.mirror.snapshots.soil_left_over(object, "rejected")


def _try_again(project: Project, known: Mapping[Key, KnownPair], pairs: Mapping[Key, KnownPair]) -> None:
    """What was refused or held may have been so for a field that is no longer what it was, or no longer selected."""
    for object in {key[0] for key in known} - {key[0] for key in pairs}:
        project.mirror.refusals.drop_object(object)
    dropped = {key[0] for key in known.keys() - pairs.keys()}
    changed = {key[0] for key in known.keys() & pairs.keys() if known[key] != pairs[key]}
    for object in (dropped | changed).intersection(project.objects):
        project.mirror.snapshots.soil_left_over(object, "rejected", *(["held"] if object in dropped else []))


def read_afresh(project: Project, objects: Iterable[str]) -> None:
    """Have both sides read again from the beginning, and every link of these objects judged."""
    for side in Side:
        full_read_needed(project, side)
    for object in objects:
        project.mirror.links.soil_all(object)


def _pairs(project: Project, known: Mapping[Key, KnownPair]) -> dict[Key, KnownPair]:
    found = {_key(pair): KnownPair(LIVE, seen_of(pair)) for pairs in project.pairs.values() for pair in pairs}
    for key in project.suspended:
        found[key] = KnownPair(SUSPENDED, known[key].seen if key in known else {})
    return found


def _key(pair: FieldPair) -> Key:
    return pair.object, pair.name, pair.fields.crm.name


def quick_syncs(project: Project, objects: Iterable[str]) -> list[str]:
    """What this cycle is to fill, in words."""
    told = []
    for object in objects:
        due = project.mirror.pending.due(object)
        for pair in project.pairs[object]:
            if number := due.get(pair.name):
                source = pair.direction.source or Side.CRM
                records = f"{number:,} linked record" + ("" if number == 1 else "s")
                told.append(f"quick sync: {object}.{pair.name} is taken from {project.titles[source]} on {records}")
    return told
