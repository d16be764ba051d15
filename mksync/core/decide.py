"""The heart of mksync: one field of one link, its bases and its values on both sides go in, a decision comes out.

A change is judged within a side only: its value now against its own base. The sides are compared with one another only
to see whether they are the same. Everything is written over sides as data; no rule exists once per direction. The
table of all cases (`table.TABLE`) is what the README publishes and the tests prove row by row.
"""

from mksync.core.kinds import Decision, Kind
from mksync.core.pairs import NAMES, Direction, FieldPair, Policy, default_policy
from mksync.core.records import SIDES, Side, Sides, Value
from mksync.core.values import same

__all__ = ["Decision", "Kind", "decide"]


def decide(base: Sides[Value] | None, now: Sides[Value], pair: FieldPair) -> Decision:
    """Judge one field of one link. `base` is None if the two values were never settled; a quick sync ignores it.

    An empty value is a value: clearing a field flows like any other change. Only a first comparison treats it
    otherwise: there the empty side is filled, and never empties the other one.
    """
    if pair.state == "suspended":
        return Decision(Kind.SUSPENDED, rule=f"{pair.name} is suspended: a side does not show it")
    if pair.state == "kept":
        return Decision(Kind.STANDING, rebase=True, rule="quick sync: this record was left out, and stays as it is")
    if pair.state == "new":
        return _quick(now, pair)
    if base is None:
        return _first(now, pair)
    return _again(base, now, pair) if pair.state == "again" else _since(base, now, pair)


def _quick(now: Sides[Value], pair: FieldPair) -> Decision:
    """The source's value goes over the other side's, also where the source has none; but true is not undone."""
    if pair.same(now.marketo, now.crm):
        return Decision(Kind.ADOPT, rebase=True, rule="quick sync: the same on both sides")
    sticky = pair.direction is Direction.BOTH and pair.policy is Policy.STICKY_TRUE
    source = (pair.winner(now) if sticky else pair.direction.source) or Side.CRM
    rule = by_policy(source, pair) if sticky else f"quick sync: filled from {NAMES[source]}"
    if now[source.other] is None:
        return _write(Kind.FILL, source, now, pair, rule)
    if pair.direction is Direction.BOTH and pair.policy is Policy.HOLD:
        return Decision(Kind.HELD, rule=f"field rule {pair.name}: held for a human")
    return _write(Kind.INITIAL, source, now, pair, rule)


def _again(base: Sides[Value], now: Sides[Value], pair: FieldPair) -> Decision:
    """The first comparison once more, as its write did not get across. `base`: what the sides held the first time.

    What somebody emptied since then is an edit: to fill it would undo that in silence.
    """
    held = [side for side in SIDES if base[side] is not None]
    emptied = [one for one in held if now[one] is None and not same(pair.fields[one].type, base[one], None)]
    if emptied and not pair.same(now.marketo, now.crm):
        return _contest(Kind.COLLISION, now, pair)
    return _first(now, pair)


def _since(base: Sides[Value], now: Sides[Value], pair: FieldPair) -> Decision:
    changed = [side for side in SIDES if not same(pair.fields[side].type, base[side], now[side])]
    alike = pair.same(now.marketo, now.crm)
    if not changed:
        return _unchanged(alike)
    if alike:
        return Decision(Kind.AGREED, rebase=True, rule="changed, and now the same on both sides")
    if len(changed) > 1:
        return _contest(Kind.COLLISION, now, pair)
    side = changed[0]
    if pair.direction.flows_from(side):
        return _write(Kind.ONE_SIDED, side, now, pair, f"only {NAMES[side]} changed it")
    return _write(Kind.OVERRULED, side.other, now, pair, one_way(side.other, pair))


def _unchanged(alike: bool) -> Decision:
    if alike:
        return Decision(Kind.IN_SYNC, rule="unchanged")
    return Decision(Kind.STANDING, rule="differs, and nobody has changed it since it was settled")


def _first(now: Sides[Value], pair: FieldPair) -> Decision:
    if pair.same(now.marketo, now.crm):
        return Decision(Kind.ADOPT, rebase=True, rule="first comparison: the same on both sides")
    filled = [side for side in Side if now[side] is not None]
    if len(filled) > 1:
        return _contest(Kind.INITIAL, now, pair)
    side = filled[0]
    if pair.direction.flows_from(side):
        return _write(Kind.FILL, side, now, pair, f"first comparison: only {NAMES[side]} has a value")
    return Decision(Kind.STANDING, rebase=True, rule="first comparison: an empty value does not clear the other side")


def _contest(kind: Kind, now: Sides[Value], pair: FieldPair) -> Decision:
    """Both sides have a say. A one-way pair's source wins; otherwise the policy decides, or holds."""
    source = pair.direction.source
    if source is not None:
        return _write(kind, source, now, pair, one_way(source, pair))
    winner = pair.winner(now)
    if winner is None:
        return Decision(Kind.HELD, rule=f"field rule {pair.name}: held for a human")
    return _write(kind, winner, now, pair, by_policy(winner, pair))


def _write(kind: Kind, source: Side, now: Sides[Value], pair: FieldPair, rule: str) -> Decision:
    """Let the source's value flow, if the other side's field can be written and can hold it; if not, nothing moves."""
    target = source.other
    field = f"{NAMES[target]}'s {pair.fields[target].name}"
    if not pair.fields[target].writable:
        return Decision(Kind.STANDING, rule=f"{field} cannot be written")
    try:
        image = pair.image(now[source], source)
    except ValueError as why:  # the field's type was changed under a pair that is selected: one record's trouble
        return Decision(Kind.STANDING, rule=f"{field} cannot hold it: {why}")
    return Decision(kind, target, image, source, rule=rule)


def one_way(source: Side, pair: FieldPair) -> str:
    """The rule of a one-way pair, in plain words."""
    return f"{pair.object}.{pair.name} flows one way: {NAMES[source]} wins"


def by_policy(winner: Side, pair: FieldPair) -> str:
    """The rule of a collision, in plain words."""
    if pair.policy is Policy.STICKY_TRUE:
        return f"{pair.name} is sticky-true: {NAMES[winner]} says true"
    if pair.policy is default_policy(pair.object):
        return f"{pair.object}: {NAMES[winner]} wins"
    return f"field rule {pair.name}: {NAMES[winner]} wins"
