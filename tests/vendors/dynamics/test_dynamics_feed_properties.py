"""Whatever happens in Dynamics, and however often the reading is cut off: the mirror ends as Dynamics is."""

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import mksync.vendors.dynamics.feed as feed
from mksync.core.records import Ref
from tests.vendors.dynamics.sandbox_org import Mirror, World, world

PLACES = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(["lead", "contact"]), PLACES),
    st.tuples(st.just("edit"), st.sampled_from(["lead", "contact"]), PLACES),
    st.tuples(st.just("delete"), st.sampled_from(["lead", "contact"]), PLACES),
    st.tuples(st.just("merge"), st.sampled_from(["lead", "contact"]), PLACES),
    st.tuples(st.just("qualify"), st.just("lead"), PLACES),
    st.tuples(st.just("pull"), st.sampled_from(["all", "cut"]), PLACES),
    st.tuples(st.just("wait"), st.just(""), PLACES),
)


class Model:
    """What a careful observer knows: who is there, and who went into whom."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.there: dict[str, dict[str, str]] = {"lead": {}, "contact": {}}
        self.into: dict[str, Ref] = {}
        self.deleted: set[str] = set()

    def takes(self, step: str, object: str, place: int, number: int) -> None:
        ids = sorted(self.there[object]) if object in self.there else []
        if step == "create":
            id = self.here.others.creates(f"{object}s", lastname=f"Roe {number}")
            self.there[object][id] = f"Roe {number}"
        elif not ids:
            return
        else:
            getattr(self, f"_{step}")(object, ids[place % len(ids)], ids[(place + 1) % len(ids)], number)

    def _edit(self, object: str, id: str, _: str, number: int) -> None:
        self.here.others.edits(f"{object}s", id, lastname=f"Edited {number}")
        self.there[object][id] = f"Edited {number}"

    def _delete(self, object: str, id: str, _: str, __: int) -> None:
        self.here.others.deletes(f"{object}s", id)
        del self.there[object][id]
        self.deleted.add(id)

    def _merge(self, object: str, loser: str, winner: str, _: int) -> None:
        if loser == winner:
            return
        self.here.others.merges(object, winner, loser)
        del self.there[object][loser]
        self.into[loser] = Ref(object, winner)

    def _qualify(self, object: str, lead: str, _: str, __: int) -> None:
        contact = self.here.others.qualifies(lead)
        self.there["contact"][contact] = self.there[object].pop(lead)
        self.into[lead] = Ref("contact", contact)


def agrees(model: Model, mirror: Mirror) -> None:
    orphans = {id for id, into in model.into.items() if _ends(model, into) & model.deleted}
    for object, there in model.there.items():
        known = {one.id: one.values["lastname"] for one in mirror.records.values() if one.object == object}
        # A qualified lead whose contact was deleted before anybody read it is a lead without a contact.
        assert {id: name for id, name in known.items() if id not in orphans} == there, object
    for id, into in model.into.items():
        assert id in orphans or _end(mirror, id) in _ends(model, into), id


def _end(mirror: Mirror, id: str) -> str:
    """Where following the mirror leads to."""
    while id in mirror.gone and (into := mirror.gone[id].into):
        id = into.id
    return id


def _ends(model: Model, into: Ref) -> set[str]:
    """The survivor, and whoever it went into in turn."""
    ends = {into.id}
    while into.id in model.into:
        into = model.into[into.id]
        ends.add(into.id)
    return ends


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_VALUES_A_PAGE", 1)
    monkeypatch.setattr(feed, "_LEAST_PAGE", 2)
    monkeypatch.setattr(feed, "_STEP", 1)


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
@given(steps=st.lists(STEPS, min_size=5, max_size=30))
def test_the_mirror_ends_as_dynamics_is(steps: list[tuple[str, str, Any]]) -> None:
    with world(0) as here:
        model, mirror = Model(here), Mirror()
        for number, (step, what, place) in enumerate(steps):
            if step == "pull":
                mirror.pulls(here.connected(), at_most=1 if what == "cut" else None)
            elif step == "wait":
                here.passes(60.0 * place)
            else:
                model.takes(step, what, place, number)
        mirror.pulls(here.port)  # may end a first read that was cut off
        mirror.pulls(here.port)
        agrees(model, mirror)
        (idle,) = here.port.changes({"lead": ["emailaddress1"], "contact": ["emailaddress1"]}, mirror.cursor)
        assert (list(idle.records), list(idle.gone)) == ([], [])
