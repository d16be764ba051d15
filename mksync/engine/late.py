"""Late collisions: edits that a write of ours replaced unseen are found in that side's own log, logged and settled."""

from collections.abc import Iterator, Sequence

from mksync.core.decide import Decision, Kind
from mksync.core.late import Told, told, winner
from mksync.core.pairs import FieldPair
from mksync.core.plan import FieldWrite, Linked, PlannedWrite
from mksync.core.records import Field, FieldType, Logged, Page, Side, Sides, Value
from mksync.core.report import Collision, Held, RecordName
from mksync.core.values import same
from mksync.engine.project import Project
from mksync.mirror.windows import Reopened, Spot

KEPT = 3600.0  # seconds: six times as long as the latest entry that a feed overlaps for
GONE = "their link is gone, or rests"
AGAIN = "edited again since"
UNSURE = "written over, or taken back by hand"  # a write that left no trace of its own


def note(project: Project, side: Side, page: Page) -> None:
    """Keep what a page tells of fields that were written over. Belongs to the page's transaction."""
    if page.replaced:
        project.mirror.windows.note(side, page.replaced, project.clock.now())


def find_late(project: Project, cycle: int) -> None:
    """Compare what the log tells with what was written; after a pull, before anything is planned."""
    windows = project.mirror.windows
    with project.mirror.transaction():
        for spot in windows.spots():
            field = next((one for one in project.fields(spot.side, spot.object) if one.name == spot.field), None)
            if field is None:
                continue  # it is not selected any more, or rests
            writes = {window: (write, one) for window, write, one in windows.at(spot)}
            for found in told(field.type, list(writes), windows.entries(spot)):
                windows.close(found.window, spot, found.entry.replaced.entry)
                _settle(project, cycle, spot, field, found, *writes[found.window])
        windows.forget(project.clock.now() - KEPT)


def given_back(project: Project, linked: Linked, rows: Sequence[Reopened]) -> Iterator[tuple[FieldPair, Decision]]:
    """Edits of a link that are to be written back, where the field still holds what replaced them."""
    pairs = {pair.name: pair for pair in project.pairs[linked.object]}
    for row in rows:
        pair = pairs.get(row.field)
        if pair is None or row.held:
            continue
        name = pair.fields[row.side].name
        if same(pair.fields[row.side].type, linked.now[row.side][name], row.over):
            edit = bool(row.edit) if pair.fields[row.side].type is FieldType.BOOLEAN else row.edit
            yield pair, Decision(Kind.LATE, row.side, edit, row.side, rule="late")
        else:
            project.mirror.windows.settled([(row.link, row.field)])


def list_held(project: Project, cycle: int, name: RecordName, linked: Linked, rows: Sequence[Reopened]) -> None:
    """Edits that no rule can settle stay listed until somebody edits the field."""
    pairs = {pair.name: pair for pair in project.pairs[linked.object]}
    for row in rows:
        pair = pairs.get(row.field)
        if pair is None or not row.held:
            continue
        there, across = (linked.now[side][pair.fields[side].name] for side in (row.side, row.side.other))
        if not same(pair.fields[row.side].type, there, row.over):
            project.mirror.windows.settled([(row.link, row.field)])
            continue
        values = _sides(row.side, row.edit, across)
        remedy = f"enter it in {project.titles[row.side]} again if it is meant, or edit the field as it should be"
        project.mirror.history.hold(
            cycle, Held(name, row.field, row.held, values.marketo, values.crm, remedy), project.clock.now()
        )


def _settle(
    project: Project, cycle: int, spot: Spot, field: Field, found: Told, write: PlannedWrite, one: FieldWrite
) -> None:
    if found.edited_since(field.type):
        _let_flow(project, spot, field, found, write)
    if found.late:
        _collide(project, cycle, spot, field, found, write, one)


def _let_flow(project: Project, spot: Spot, field: Field, found: Told, write: PlannedWrite) -> None:
    """Somebody edited the field after it was written and before it was read back: it did hold what was sent."""
    linked = _linked(project, write, spot)
    if linked is None or not same(field.type, linked.base[spot.side].get(spot.field), found.window.holds):
        return
    project.mirror.links.rebase(linked.link, write.object, spot.side, {spot.field: found.window.sent})
    project.mirror.snapshots.soil(spot.side, spot.object, spot.record)


def _collide(
    project: Project, cycle: int, spot: Spot, field: Field, found: Told, write: PlannedWrite, one: FieldWrite
) -> None:
    """Keep the edit in the log, and have it settled as if it had been seen in time."""
    edit, holds = found.entry.replaced.old, found.window.holds
    linked = _linked(project, write, spot)
    pair = next((pair for pair in project.pairs.get(write.object, ()) if pair.name == one.field), None)
    wins: Side | None = spot.side.other
    rule = GONE
    if same(field.type, found.window.was, holds):
        rule = UNSURE
    elif linked is not None and pair is not None:
        wins, rule, held = _ruling(project, spot, edit, one, pair)
        if wins is not spot.side.other and not same(field.type, linked.now[spot.side].get(spot.field), holds):
            rule = AGAIN
        elif wins is not spot.side.other:
            row = Reopened(linked.link, one.field, spot.side, edit.value, holds, held)
            project.mirror.windows.reopen(row)
            project.mirror.snapshots.soil(spot.side, spot.object, spot.record)
    _log(project, cycle, write, one, spot, edit.value, wins, rule)


def _ruling(
    project: Project, spot: Spot, edit: Logged, one: FieldWrite, pair: FieldPair
) -> tuple[Side | None, str, str]:
    """Who wins, by which rule, and why it is held, if it is."""
    wins, rule = winner(pair, spot.side, one.kind, _sides(spot.side, edit.value, one.source))
    if wins is spot.side and not edit.whole:
        rule = f"{project.titles[spot.side]}'s log does not tell the whole value"
        return None, rule, f"{rule}, and it was written over before it was seen"
    return wins, rule, rule if wins is None else ""


def _log(
    project: Project, cycle: int, write: PlannedWrite, one: FieldWrite, spot: Spot, edit: Value, wins: Side | None,
    rule: str,
) -> None:  # fmt: skip
    now, base = _sides(spot.side, edit, one.source), _sides(spot.side, one.was, one.source)
    name = RecordName(write.object, write.record_id, write.person_id, write.label)
    row = Collision(
        name, one.field, one.crm_field, now.marketo, now.crm, base.marketo, base.crm, wins, f"late: {rule}", Kind.LATE
    )
    project.mirror.history.collide(cycle, row)


def _linked(project: Project, write: PlannedWrite, spot: Spot) -> Linked | None:
    """The link that was written through, if values still flow through it to the same record."""
    if write.link is None or write.object not in project.pairs or not project.mirror.links.is_live(write.link):
        return None
    linked = project.mirror.links.load(write.object, project.pairs[write.object], write.link)
    return linked if linked is not None and linked.ids[spot.side] == spot.record else None


def _sides(side: Side, here: Value, there: Value) -> Sides[Value]:
    return Sides(here, there) if side is Side.MARKETO else Sides(there, here)
