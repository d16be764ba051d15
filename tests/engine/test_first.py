"""A first comparison whose write did not get across is made again, and what was emptied meanwhile is an edit."""

from pathlib import Path

import pytest

from mksync.core.pairs import Policy
from mksync.core.plan import Pending
from mksync.core.records import Refusal, Value
from mksync.engine.project import PERSON
from mksync.mirror.history import Chosen
from tests.world import World

NO = Refusal("NO", "not now")
STEPS = 12  # more than a first cycle of one lead takes

Logged = tuple[Value, Value]


def _met(folder: Path, marketo: Value = "m", crm: Value = "c") -> World:
    """A lead and a person of the same address, whose titles were never compared."""
    world = World(folder)
    world.marketo.put(PERSON, "P1", email="ann@example.com", title=marketo)
    world.crm.put("lead", "L1", Email="ann@example.com", Title=crm)
    return world


def _titles(world: World) -> Logged:
    return world.marketo.records[PERSON]["P1"]["title"], world.crm.records["lead"]["L1"]["Title"]


def _logged(world: World) -> list[Logged]:
    rows = world.mirror.history.collisions(Chosen())
    return [(row.marketo, row.crm) for *_, row in rows if row.field == "title"]


@pytest.mark.parametrize("lost", [False, True], ids=["before the call", "behind it"])
@pytest.mark.parametrize("step", range(1, STEPS))
def test_what_is_emptied_after_a_kill_at_any_step_is_filled_again_only_with_a_line_in_the_log(
    tmp_path: Path, step: int, lost: bool
) -> None:
    world = _met(tmp_path)
    with world.dying(step, lost=lost):
        world.cycle()
    linked = world.mirror.db.execute("SELECT count(*) FROM link WHERE settled").fetchone()[0]
    world.crm.put("lead", "L1", Title=None)
    world.cycle()
    if not linked:
        assert (_titles(world), _logged(world)) == (("m", "m"), []), "it was empty when the two met"
    elif _titles(world) == ("m", "m"):
        assert ("m", None) in _logged(world)
    else:
        assert _titles(world) == (None, None)


@pytest.mark.parametrize(
    ("met", "then", "ends", "loses"),
    [
        (("m", "c"), {}, ("m", "m"), ("m", "c")),
        (("m", "c"), {"crm": None}, ("m", "m"), ("m", None)),
        (("m", "c"), {"crm": "d"}, ("m", "m"), ("m", "d")),
        (("m", "c"), {"marketo": None}, (None, None), (None, "c")),
        (("m", "c"), {"marketo": None, "crm": None}, (None, None), None),
        (("m", None), {}, ("m", "m"), None),
        (("m", None), {"marketo": "n"}, ("n", "n"), None),
        (("m", None), {"marketo": None, "crm": "d"}, (None, None), (None, "d")),
    ],
)
def test_a_refused_first_value_is_judged_again_by_what_both_sides_held_the_first_time(
    tmp_path: Path, met: Logged, then: dict[str, Value], ends: Logged, loses: Logged | None
) -> None:
    world = _met(tmp_path, *met)
    world.crm.refuse = lambda id, values: NO
    world.cycle()
    assert _titles(world) == met
    world.crm.refuse = lambda id, values: None
    if "crm" in then:
        world.crm.put("lead", "L1", Title=then["crm"])
    if "marketo" in then:
        world.marketo.put(PERSON, "P1", title=then["marketo"])
    world.cycle(retry=True)
    assert _titles(world) == ends
    assert _logged(world) == ([loses] if loses else [])
    assert world.mirror.db.execute("SELECT count(*) FROM pending").fetchone() == (0,)


@pytest.mark.parametrize(
    ("then", "ends", "held"),
    [
        ({"crm": None}, ("m", None), True),
        ({"marketo": None}, (None, "c"), True),
        ({"crm": "d"}, ("m", "d"), True),
        ({"crm": "m"}, ("m", "m"), False),
        ({"crm": None, "marketo": None}, (None, None), False),
    ],
)
def test_a_first_difference_that_is_held_waits_until_both_sides_agree(
    tmp_path: Path, then: dict[str, Value], ends: Logged, held: bool
) -> None:
    world = _met(tmp_path)
    world.policies["title"] = Policy.HOLD
    world.cycle()
    assert _titles(world) == ("m", "c")
    if "crm" in then:
        world.crm.put("lead", "L1", Title=then["crm"])
    if "marketo" in then:
        world.marketo.put(PERSON, "P1", title=then["marketo"])
    report = world.cycle()
    assert _titles(world) == ends
    assert [row.field for part in report.objects for row in part.held] == (["title"] if held else [])


def test_what_waits_for_a_quick_sync_goes_on_waiting_for_it(tmp_path: Path) -> None:
    world = _met(tmp_path, None, None)
    world.cycle()
    world.mirror.pending.begin("lead", "title")
    world.crm.put("lead", "L1", Title="c")
    world.marketo.refuse = lambda id, values: NO
    world.cycle()
    (link,) = world.mirror.db.execute("SELECT id FROM link").fetchone()
    assert world.mirror.pending.of([link]) == {link: {"title": Pending.QUICK}}
