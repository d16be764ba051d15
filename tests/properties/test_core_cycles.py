"""The rules of the program, as properties of whole histories: edits on both sides, cycles, servers that reformat."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mksync.core.decide import Kind
from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import Field, FieldType, Side, Sides, Value
from mksync.core.values import same

from .core_model import Link, edits, free_links, links, values

LISTED = {Kind.STANDING, Kind.HELD}
HISTORIES = settings(max_examples=400)  # of each property: thousands of histories in every build


def live_through(link: Link, data: st.DataObject) -> None:
    """Some cycles with edits between them."""
    for _ in range(data.draw(st.integers(0, 3))):
        link.cycle()
        make(link, data.draw(edits(link)))


def make(link: Link, changes: list[tuple[Side, Value]]) -> None:
    for side, value in changes:
        link.edit(side, value)


@HISTORIES
@given(st.data())
def test_after_a_cycle_the_next_one_writes_nothing_also_when_servers_reformat(data: st.DataObject) -> None:
    link = data.draw(links())
    live_through(link, data)
    link.cycle()

    settled = link.now
    decisions = [link.cycle() for _ in range(3)]

    assert [decision.write_to for decision in decisions] == [None, None, None]
    assert link.now == settled


@HISTORIES
@given(st.data())
def test_after_a_cycle_both_sides_agree_or_the_difference_is_listed(data: st.DataObject) -> None:
    link = data.draw(links())
    live_through(link, data)
    link.cycle()

    assert link.alike() or link.cycle().kind in LISTED


@HISTORIES
@given(st.data())
def test_servers_that_keep_what_they_are_sent_agree_after_every_cycle(data: st.DataObject) -> None:
    link = data.draw(free_links())
    live_through(link, data)
    link.cycle()
    assert link.alike()


@HISTORIES
@given(st.data())
def test_no_edit_disappears_unless_it_is_named_as_the_loser(data: st.DataObject) -> None:
    link = data.draw(links())
    live_through(link, data)
    before, edited = link.now, [side for side in Side if link.changed(side)]

    decision = link.cycle()

    for side in edited:
        kept = link.now[side] == before[side]
        assert kept or decision.loser is side


@HISTORIES
@given(st.data())
def test_an_edit_is_settled_only_once_it_has_flowed_or_lost(data: st.DataObject) -> None:
    """Held or blocked, it stays a change, and flows as soon as nothing stands in its way."""
    link = data.draw(links())
    live_through(link, data)
    edited = [side for side in Side if link.changed(side)]

    decision = link.cycle()

    for side in edited:
        reached = decision.winner is side or decision.loser is side or decision.kind is Kind.AGREED
        assert reached is not link.changed(side)


@HISTORIES
@given(st.data())
def test_bases_move_only_to_what_the_sides_were_seen_to_hold(data: st.DataObject) -> None:
    link = data.draw(links())
    live_through(link, data)
    before = link.base
    link.cycle()
    assert link.base in (before, link.now)


@HISTORIES
@given(st.data())
def test_an_edit_on_one_side_arrives_on_the_other(data: st.DataObject) -> None:
    link = data.draw(free_links())
    link.cycle()
    side = data.draw(st.sampled_from(Side))
    value = data.draw(values(link.pair.fields[side]))
    link.edit(side, value)

    link.cycle()

    assert link.now[side] == value
    assert link.alike()


@HISTORIES
@given(st.data())
def test_edits_of_different_fields_on_both_sides_both_survive(data: st.DataObject) -> None:
    """Marketo's user edits the phone, the CRM's user the city of the same record: no collision."""
    policy = data.draw(st.sampled_from([Policy.MARKETO, Policy.CRM, Policy.HOLD]))
    text = Field("field", "Field", FieldType.TEXT)
    pair = FieldPair("lead", Sides(text, text), Direction.BOTH, policy)
    words = values(text)
    phone, city = (settled_on(data.draw(words), pair) for _ in range(2))
    new_phone, new_city = data.draw(words), data.draw(words)
    phone.edit(Side.MARKETO, new_phone)
    city.edit(Side.CRM, new_city)

    kinds = {phone.cycle().kind, city.cycle().kind}

    assert phone.now == Sides(new_phone, new_phone)
    assert city.now == Sides(new_city, new_city)
    assert kinds <= {Kind.IN_SYNC, Kind.ONE_SIDED}


@HISTORIES
@given(st.data())
def test_a_cleared_field_is_cleared_on_the_other_side(data: st.DataObject) -> None:
    link = data.draw(free_links())
    link.cycle()
    side = data.draw(st.sampled_from(Side))
    link.edit(side, None)
    link.cycle()

    other = link.pair.fields[side.other]
    assert same(other.type, link.now[side.other], link.pair.image(link.now[side], side))
    if FieldType.BOOLEAN not in {field.type for field in (link.pair.fields.marketo, link.pair.fields.crm)}:
        assert link.now == Sides(None, None)


def settled_on(value: Value, pair: FieldPair) -> Link:
    held: Sides[Value] = Sides(value, value)
    return Link(pair, Sides(lambda text: text, lambda text: text), held, held)
