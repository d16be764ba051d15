"""A model of one linked field on two servers that reformat what they are sent, and Hypothesis strategies around it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from mksync.core.decide import Decision, decide
from mksync.core.pairs import Direction, FieldPair, Policy, are_checkboxes, natural_direction
from mksync.core.records import Field, FieldType, Side, Sides, Value
from mksync.core.values import canonical, same

T = FieldType
Normaliser = Callable[[Value], Value]

# Small pools, so that two draws often mean the same, nearly the same, or the same in another spelling.
WORDS = st.sampled_from(
    ["", " ", "a", "A", "b", " b", "a b", "a;b", "b;a", "É", "E\u0301", "ÄRGER", "long word", "0", "x\r\ny"]
)
MOMENTS = ["2026-01-31T09:15:30Z", "2026-01-31T10:15:30+01:00", "2026-01-31T09:15:00Z", "2026-02-01T00:00:00Z"]
NUMBERS = ["0", "1", "1.0", "1.4", "1.44", "1.45", "1.5", "-1.5", "1000000", "0.005"]
RAW: dict[FieldType, st.SearchStrategy[object]] = {
    T.BOOLEAN: st.sampled_from([None, True, False]),
    T.INTEGER: st.sampled_from([None, 0, 1, 2, -1, 1000000]),
    T.DECIMAL: st.sampled_from([None, *NUMBERS]),
    T.DATE: st.sampled_from([None, "2026-01-31", "2026-02-01"]),
    T.DATETIME: st.sampled_from([None, *MOMENTS]),
    T.EMAIL: st.sampled_from(["", "a@x.org", "A@X.org", "b@x.org"]),
}


def values(field: Field) -> st.SearchStrategy[Value]:
    """Canonical values of a field."""
    raw = RAW.get(field.type, st.none() | WORDS)
    return raw.map(lambda value: canonical(field.type, value, field.scale))


@st.composite
def fields(draw: st.DrawFn, type: FieldType | None = None) -> Field:
    type = type or draw(st.sampled_from(FieldType))
    scale = draw(st.sampled_from([None, 0, 1, 2])) if type is T.DECIMAL else None
    return Field("field", "Field", type, scale=scale)


def directions_of(marketo: Field, crm: Field) -> list[Direction]:
    natural = natural_direction(marketo, crm)
    return list(Direction) if natural is Direction.BOTH else [natural] if natural else []


TYPES = {
    direction: [(m, c) for m in T for c in T if direction in directions_of(Field("", "", m), Field("", "", c))]
    for direction in Direction
}


@st.composite
def pairs(
    draw: st.DrawFn,
    directions: tuple[Direction, ...] = tuple(Direction),
    policies: tuple[Policy, ...] = tuple(Policy),
) -> FieldPair:
    """Any field pair that the configuration would accept, live."""
    direction = draw(st.sampled_from(directions))
    marketo, crm = draw(st.sampled_from(TYPES[direction]))
    sides = Sides(draw(fields(marketo)), draw(fields(crm)))
    object = draw(st.sampled_from(["lead", "contact", "account"]))
    return FieldPair(object, sides, direction, draw(st.sampled_from(_for(sides, policies))))


def _for(sides: Sides[Field], policies: tuple[Policy, ...]) -> list[Policy]:
    """sticky-true is for checkboxes."""
    checkboxes = are_checkboxes(sides.marketo, sides.crm)
    return [policy for policy in policies if checkboxes or policy is not Policy.STICKY_TRUE]


@st.composite
def held(draw: st.DrawFn, pair: FieldPair) -> Sides[Value]:
    return Sides(draw(values(pair.fields.marketo)), draw(values(pair.fields.crm)))


def _lower(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def _cut(value: Value) -> Value:
    return value[:2] if isinstance(value, str) else value


def _to_the_minute(value: Value) -> Value:
    return value[:17] + "00Z" if isinstance(value, str) else value


def _whole(value: Value) -> Value:
    return canonical(T.DECIMAL, value, 0)


def _as_it_is(value: Value) -> Value:
    return value


def normalisers(field: Field) -> st.SearchStrategy[Normaliser]:
    """What a server may make of a value it is sent. Doing it twice changes nothing more."""
    own = {T.DATETIME: [_to_the_minute], T.DECIMAL: [_whole], T.BOOLEAN: [], T.INTEGER: [], T.DATE: []}
    return st.sampled_from([_as_it_is, *own.get(field.type, [_lower, _cut])])


@dataclass
class Link:
    """One linked field: what the servers hold, what mksync last saw settled, and every value that was written over."""

    pair: FieldPair
    servers: Sides[Normaliser]
    now: Sides[Value]
    base: Sides[Value] | None = None

    def edit(self, side: Side, value: Value) -> None:
        """Somebody other than mksync writes a value."""
        self._store(side, value)

    def cycle(self) -> Decision:
        """Decide, write, read back, settle: what the engine does with one field. A new pair is live afterwards."""
        decision = decide(self.base, self.now, self.pair)
        if decision.write_to:
            self._store(decision.write_to, decision.value)
        if decision.write_to or decision.rebase:
            self.base = self.now
        if self.pair.state == "new":
            self.pair = replace(self.pair, state="live")
        return decision

    def changed(self, side: Side) -> bool:
        return self.base is not None and not same(self.pair.fields[side].type, self.base[side], self.now[side])

    def alike(self) -> bool:
        return self.pair.same(self.now.marketo, self.now.crm)

    def _store(self, side: Side, value: Value) -> None:
        field = self.pair.fields[side]
        kept = canonical(field.type, self.servers[side](value), field.scale)
        self.now = Sides(kept, self.now.crm) if side is Side.MARKETO else Sides(self.now.marketo, kept)


@st.composite
def links(
    draw: st.DrawFn,
    directions: tuple[Direction, ...] = tuple(Direction),
    policies: tuple[Policy, ...] = tuple(Policy),
) -> Link:
    """A link before its first comparison, on servers that reformat what they are sent."""
    pair = draw(pairs(directions, policies))
    pair = replace(pair, state=draw(st.sampled_from(["live", "new"])))
    link = Link(pair, pair.fields.map(lambda field: draw(normalisers(field))), Sides(None, None))
    for side in Side:
        link.edit(side, draw(values(pair.fields[side])))
    return link


def free_links() -> st.SearchStrategy[Link]:
    """Links that nothing keeps from agreeing: both ways, a policy that decides, servers that keep what they get."""
    deciding = links((Direction.BOTH,), (Policy.MARKETO, Policy.CRM, Policy.STICKY_TRUE))
    return deciding.map(lambda link: replace(link, servers=Sides(_as_it_is, _as_it_is)))


Edits = list[tuple[Side, Value]]


def edits(link: Link) -> st.SearchStrategy[Edits]:
    """What happens between two cycles: no, one or several edits on either side."""
    one = [st.tuples(st.just(side), values(link.pair.fields[side])) for side in Side]
    return st.lists(st.one_of(one), max_size=3)
