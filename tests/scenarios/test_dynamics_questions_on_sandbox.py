"""Every class of error at the request that asks Dynamics both who it is and which columns are secured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mksync.ports import TOKENS
from tests.scenarios.crms import DYNAMICS
from tests.scenarios.fault_calls import Call
from tests.scenarios.fault_commands import Cell, struck
from tests.scenarios.fault_table import TROUBLES, Trouble
from tests.scenarios.sandbox_world import World, world
from tests.scenarios.test_brakes_on_sandbox import replace_organisation

API = "/api/data/v9.2"
QUESTIONS = "identity and column security"
PATTERN = r"POST .*/\$batch .*GET \S+/WhoAmI .*IsSecured"
MET = [one for one in TROUBLES["dynamics"] if one.meets(Call("crm", 1, QUESTIONS))]
ENDED = {"certificate": 2, "quota": 5}  # exit codes; all others heal within the run


class Trials:
    """One lead, edited before each trial, in the hour after a look at the fields: that asks who it is, too."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.lead = here.crm.named("lead", email="roe@example.com")
        here.cycle()
        self.person = here.person_of(self.lead)

    def edited(self, title: str) -> None:
        self.here.clock.sleep(3_600)
        assert self.here.cycle().exit_code == 0
        self.here.crm.edit("lead", self.lead, title=title)
        self.here.clock.sleep(300)

    def tried(self, trouble: Trouble) -> int:
        """The exit code. Raises AssertionError if anything was believed that was not answered."""
        before = self.title
        self.edited(trouble.key)
        with struck(self.here, Cell("dynamics", QUESTIONS, trouble, PATTERN)) as met:
            ended = self.here.command("run-once")
        assert met(), f"{trouble.key}: the fault met no call: {ended}"
        assert "Traceback" not in ended.err, ended
        self.here.sandbox.faults.clear()
        assert self.title == (trouble.key if ended.code == 0 else before), trouble.key
        assert self.here.cycle().exit_code == 0
        assert self.title == trouble.key
        return ended.code

    @property
    def title(self) -> object:
        return self.here.marketo.people("title")[self.person]["title"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, DYNAMICS) as made:
        made.init()
        yield made


def test_a_fault_at_both_questions_heals_or_ends_the_run_before_anything_is_believed(here: World) -> None:
    trials = Trials(here)
    assert len(MET) > 30
    assert {one.key: code for one in MET if (code := trials.tried(one))} == ENDED


def test_where_another_environment_answers_nothing_of_it_is_taken_over(here: World) -> None:
    """It was put behind the address while the token is still good."""
    trials = Trials(here)
    trials.edited("CEO")
    kept = here.config.beside.file(TOKENS).read_text()
    replace_organisation(here)
    here.sandbox.calls.clear()
    ended = here.command("run-once")
    assert ended.code == 7
    assert "this mirror belongs to another Dynamics organisation" in " ".join(ended.err.split())
    assert here.sandbox.calls.counts()["dynamics"] == {f"{API}/{one}": 1 for one in ("contacts", "leads", "$batch")}
    assert trials.title is None
    assert here.config.beside.file(TOKENS).read_text() == kept
