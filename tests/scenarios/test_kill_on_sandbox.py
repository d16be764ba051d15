"""Kill a run at every HTTP call and at every commit of its mirror, run again: the same end as without the kill."""

from pathlib import Path

import pytest

from mksync.core.records import Side
from tests.scenarios.crash import OBJECTS, End, Prepared, end, prepare
from tests.scenarios.crms import CRMS
from tests.scenarios.killing import kill_at
from tests.scenarios.plug import Plug, plugged

SAMPLE = 3  # steps of a kind in every build; all of them with MKSYNC_EXPLORE=1
KINDS = ("marketo before", "marketo after", "crm before", "crm after", "commit before", "commit after")


@pytest.fixture(scope="module", params=CRMS, ids=lambda crm: crm.system)
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("prepared"), request.param)


def _undisturbed(prepared: Prepared, folder: Path) -> tuple[End, Plug]:
    with prepared.copy(folder) as here:
        with plugged(here) as plug:
            report = here.cycle()
        assert report.exit_code == 3
        return end(here), plug


def test_the_cycle_has_everything_that_a_kill_could_spoil(prepared: Prepared, tmp_path: Path) -> None:
    at_end, plug = _undisturbed(prepared, tmp_path / "undisturbed")
    assert {winner for *_, winner in at_end.lost} == set(Side)
    people = {(side, kind) for _, object, side, kind in at_end.writes if object not in OBJECTS}
    assert people == {("marketo", "create"), ("marketo", "update"), ("crm", "update")}
    beside = {(object, kind) for _, object, _, kind in at_end.writes if object in OBJECTS}
    assert beside >= {("account", "create"), ("account", "update"), ("opportunity", "update"), ("role", "create")}
    assert prepared.crm.refusal.code in [code for *_, code in at_end.rejected]
    assert {step.rpartition(" ")[0] for step in plug.steps} == set(KINDS)
    assert {call.partition(" ")[0] for call in plug.written} == set(Side)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_step_leaves_the_same_end_as_no_kill(prepared: Prepared, tmp_path: Path, kind: str) -> None:
    expected, plug = _undisturbed(prepared, tmp_path / "undisturbed")
    fatal = [step for step in plug.steps if step.startswith(kind)]
    assert fatal
    kill_at(fatal, prepared, expected, tmp_path / "copy", sample=SAMPLE)
