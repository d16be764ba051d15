"""Fields that do not fit: what is called lossless loses nothing, and maps and cuts keep the rules of the program."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from mksync.core.cut import can_cut
from mksync.core.decide import Kind
from mksync.core.fitness import Lost, fitness
from mksync.core.pairs import Direction, FieldPair, Policy
from mksync.core.records import Field, FieldType, Side, Sides, Value
from mksync.core.value_map import ValueMap
from mksync.core.values import canonical, translate

from .core_model import Link, edits

T = FieldType
LINES = {T.TEXTAREA}
LETTERS = "abcXYZ é€😀\n"
WORDS = ["Hot", "Cold", "Warm", "1", "2", "3", "😀"]


@st.composite
def described(draw: st.DrawFn) -> Field:
    """A field with all that a vendor may say of it."""
    type = draw(st.sampled_from(FieldType))
    texts = type not in (T.BOOLEAN, T.INTEGER, T.DECIMAL, T.DATE, T.DATETIME)
    choices = draw(st.lists(st.sampled_from(WORDS), unique=True)) if type in (T.PICKLIST, T.MULTIPICKLIST) else []
    return Field(
        "f", "F", type,
        length=draw(st.sampled_from([None, 4, 8, 20, 40])) if texts else None,
        byte_length=draw(st.sampled_from([None, 8, 40])) if type is T.TEXTAREA else None,
        bmp=texts and draw(st.booleans()),
        scale=draw(st.sampled_from([None, 0, 1, 2])) if type is T.DECIMAL else None,
        choices=tuple(choices),
        restricted=bool(choices) and draw(st.booleans()),
    )  # fmt: skip


def may_hold(field: Field) -> st.SearchStrategy[Value]:
    """Values that a vendor would keep in this field, as far as it says."""
    return _raw(field).map(lambda raw: canonical(field.type, raw, field.scale)).filter(lambda one: holds(field, one))


def _raw(field: Field) -> st.SearchStrategy[object]:
    if field.type is T.BOOLEAN:
        return st.booleans()
    if field.type is T.INTEGER:
        return st.integers(-(10**18), 10**18)
    if field.type is T.DECIMAL:
        return st.decimals(allow_nan=False, allow_infinity=False, places=field.scale or 3).filter(_is_short)
    if field.type in (T.DATE, T.DATETIME):
        return st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda when: f"{when:%Y-%m-%dT%H:%M:%SZ}")
    if field.type is T.EMAIL or field.type is T.REFERENCE:
        return st.text("abcXYZ@.", max_size=12)
    if field.type is T.PICKLIST and field.restricted:
        return st.sampled_from(field.choices)
    if field.type is T.MULTIPICKLIST and field.restricted:
        return st.lists(st.sampled_from(field.choices)).map(";".join)
    return st.text(LETTERS if field.type in LINES else LETTERS.replace("\n", ""), max_size=45)


def _is_short(number: Decimal) -> bool:
    return len(f"{number:f}") <= 25


def holds(field: Field, value: Value) -> bool:
    """What a vendor checks: the length in its own measure, and the list of choices."""
    if not isinstance(value, str) or field.type in (T.DECIMAL, T.DATE, T.DATETIME):
        return True
    if field.length is not None and len(value) > field.length:
        return False
    if field.byte_length is not None and len(value.encode()) > field.byte_length:
        return False
    known = {choice.casefold() for choice in field.choices}
    parts = value.split(";") if field.type is T.MULTIPICKLIST else [value]
    return not (field.restricted and known) or all(part.casefold() in known for part in parts)


def kept(field: Field, value: Value) -> Value:
    """What a vendor makes of a value at worst: one line of it, and nothing from the first emoji on."""
    if isinstance(value, str):
        value = value if field.type in LINES else value.replace("\n", " ")
        beyond = next((place for place, char in enumerate(value) if char > "\uffff"), len(value))
        value = value[:beyond] if field.bmp else value
    return canonical(field.type, value, field.scale)


def meaning(value: Value, fields: Sides[Field]) -> object:
    """What people read in a value: the choices of a list in any order, and no difference between case in choices."""
    restricted = any(field.restricted for field in (fields.marketo, fields.crm))
    text = value.casefold() if isinstance(value, str) and restricted else value
    if T.MULTIPICKLIST in (fields.marketo.type, fields.crm.type):
        return frozenset(part.strip() for part in str(text or "").split(";")) - {""}
    return text


@given(described(), described(), st.sampled_from([Direction.TO_MARKETO, Direction.TO_CRM, Direction.BOTH]), st.data())
def test_what_is_called_lossless_arrives_whole_and_could_come_back(
    marketo: Field, crm: Field, direction: Direction, data: st.DataObject
) -> None:
    pair = FieldPair("lead", Sides(marketo, crm), direction, Policy.CRM)
    assume(fitness(pair).verdict == "lossless")
    side = data.draw(st.sampled_from([side for side in Side if direction.flows_from(side)]))
    source, target = pair.fields[side], pair.fields[side.other]
    value = data.draw(may_hold(source))

    image = kept(target, pair.image(value, side))

    assert holds(target, image)
    back = canonical(source.type, image, source.scale) if image is not None else translate(None, target, source)
    assert meaning(back, pair.fields) == meaning(value, pair.fields)


@given(described(), described(), st.sampled_from(Side), st.data())
def test_a_value_that_does_not_arrive_whole_was_told_of(
    marketo: Field, crm: Field, side: Side, data: st.DataObject
) -> None:
    """The other way round: each thing that can be seen lost is named for what it is."""
    direction = Direction.TO_CRM if side is Side.MARKETO else Direction.TO_MARKETO
    pair = FieldPair("lead", Sides(marketo, crm), direction, Policy.CRM)
    found = fitness(pair)
    assume(found.verdict != "refused")
    told = {loss.what for loss in found.losses}
    source, target = pair.fields[side], pair.fields[side.other]
    value = data.draw(may_hold(source))
    image = pair.image(value, side)
    if target.length is not None and isinstance(image, str) and len(image) > target.length:
        assert told & {Lost.LENGTH, Lost.CHOICES}
    if isinstance(value, str) and "😀" in value and target.bmp:
        assert Lost.CHARACTERS in told
    if isinstance(value, str) and "\n" in value and target.type not in LINES | {T.MULTIPICKLIST}:
        assert Lost.LINES in told
    if source.type is T.DATETIME and target.type is T.DATE:
        assert told == {Lost.TIME}


texts = st.sampled_from([T.TEXT, T.PICKLIST, T.MULTIPICKLIST])


@st.composite
def ruled(draw: st.DrawFn) -> FieldPair:
    """A pair with a map, or with a side that is cut to fit, or with both."""
    direction = draw(st.sampled_from(Direction))
    lengths = st.sampled_from([None, 3, 5])
    fields = Sides(*(Field(side, side, draw(texts), length=draw(lengths)) for side in Side))
    if fields.marketo.type is T.PICKLIST or fields.crm.type is T.PICKLIST:
        fields = fields.map(lambda field: replace(field, type=T.PICKLIST))
    crm = draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=4))
    once = direction is not Direction.TO_MARKETO
    marketo = draw(st.lists(st.sampled_from(WORDS), unique=once, min_size=len(crm), max_size=len(crm)))
    values = ValueMap.of(tuple(zip(crm, marketo, strict=True)), fields)
    policy = draw(st.sampled_from([Policy.MARKETO, Policy.CRM, Policy.HOLD]))
    return FieldPair("lead", fields, direction, policy, values=values, truncate=draw(st.booleans()))


def held(field: Field) -> st.SearchStrategy[Value]:
    """Values that a side may hold, from a small pool; no longer than it takes."""
    words = st.sampled_from(["", *WORDS, "Hotter", "Hot Hot", "Hottest", "Coldest"])
    raw = st.lists(words, max_size=3).map(";".join) if field.type is T.MULTIPICKLIST else words
    return raw.map(lambda one: canonical(field.type, one)).filter(lambda one: holds(field, one))


@st.composite
def lived(draw: st.DrawFn) -> Link:
    """A link of such a pair on servers that keep what they are sent, after some cycles with edits between them."""
    pair = draw(ruled())
    pair = replace(pair, state=draw(st.sampled_from(["live", "new"])))
    link = Link(pair, Sides(lambda value: value, lambda value: value), Sides(None, None))
    for _ in range(draw(st.integers(1, 3))):
        for side in draw(st.lists(st.sampled_from(Side), max_size=2)):
            link.edit(side, draw(held(pair.fields[side])))
        link.cycle()
    return link


@given(lived())
def test_a_mapped_or_cut_value_that_comes_back_is_no_change(link: Link) -> None:
    settled = link.now
    assert [link.cycle().write_to for _ in range(3)] == [None, None, None]
    assert link.now == settled


@given(lived())
def test_both_sides_agree_by_the_map_or_the_difference_is_listed(link: Link) -> None:
    assert link.alike() or link.cycle().kind in (Kind.STANDING, Kind.HELD)


@given(lived(), st.data())
def test_every_value_that_is_written_is_the_image_of_one_that_was_seen(link: Link, data: st.DataObject) -> None:
    side = data.draw(st.sampled_from(Side))
    link.edit(side, data.draw(held(link.pair.fields[side])))
    before, rows = link.now, dict(link.pair.values.rows)
    back = {marketo: crm for crm, marketo in rows.items()}

    decision = link.cycle()

    if decision.write_to is None:
        return
    source = decision.write_to.other
    names = back if source is Side.MARKETO else rows
    seen, wrote = str(before[source] or ""), str(decision.value or "")
    target = link.pair.fields[decision.write_to]
    if T.MULTIPICKLIST in (link.pair.fields.marketo.type, link.pair.fields.crm.type):
        images = {names.get(part, part) for part in seen.split(";")}
        whole = set(wrote.split(";")) == images
        assert whole or (link.pair.truncate and set(wrote.split(";")) < images)
    else:
        whole = wrote == names.get(seen, seen)
        assert whole or (link.pair.truncate and names.get(seen, seen).startswith(wrote) and holds(target, wrote))


@given(ruled(), st.data())
def test_a_named_value_finds_its_way_back(pair: FieldPair, data: st.DataObject) -> None:
    pair = replace(pair, truncate=False)
    assume(pair.values.rows)
    crm, marketo = data.draw(st.sampled_from(pair.values.rows))
    assert pair.image(crm, Side.CRM) == marketo
    if len({name for _, name in pair.values.rows}) == len(pair.values.rows):
        assert pair.image(marketo, Side.MARKETO) == crm


@given(st.text("ab é😀", min_size=6, max_size=20), st.data())
def test_a_long_text_stays_whole_where_it_came_from(text: str, data: st.DataObject) -> None:
    """The cut half comes back, is touched by nobody, and never flows over the long one."""
    long = canonical(T.TEXT, text)
    assume(isinstance(long, str) and len(long) > 5)
    side = data.draw(st.sampled_from(Side))
    wide, narrow = Field("w", "W", T.TEXT, length=20), Field("n", "N", T.TEXT, length=5)
    fields = Sides(wide, narrow) if side is Side.MARKETO else Sides(narrow, wide)
    assert can_cut(wide, narrow)
    policy = data.draw(st.sampled_from([Policy.MARKETO, Policy.CRM]))
    link = Link(
        FieldPair("lead", fields, Direction.BOTH, policy, truncate=True),
        Sides(lambda value: value, lambda value: value),
        Sides(None, None),
    )
    link.edit(side, long)
    for _ in range(3):
        link.cycle()
    assert link.now[side] == long
    assert str(long).startswith(str(link.now[side.other]))
    for other, value in data.draw(edits(link)):
        if other is side:
            link.edit(side, value)
    edited = link.now[side]
    link.cycle()
    assert link.now[side] == edited
