"""Cycles that read Salesforce by bulk query jobs, whatever happens to them: they end as those that read by queries."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from requests import PreparedRequest

from mksync.core.report import RunReport
from tests.scenarios.crash import End, Prepared, end, prepare
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.killing import kill_at
from tests.scenarios.plug import Plug, PlugPulled, plugged
from tests.scenarios.sandbox_world import World, world

IN_BULK = replace(SALESFORCE, settings={**SALESFORCE.settings, "bulk_from": 1})
SAMPLE = 5  # steps in every build; all of them with MKSYNC_EXPLORE=1
JOBS = "/jobs/query"
FAULTS = [
    "reset_before", "reset_after", "truncated", "empty", "not_json", "other_shape", "portal", "redirect",
    "gateway_html",
    "http_403", "http_404", "http_413", "http_429", "http_503", "token_expired", "server_error", "unavailable",
    "timeout_after", "LIMIT_EXCEEDED", "API_ERROR", "INVALIDENTITY", "FEATURENOTENABLED", "NOBODY_KNOWS",
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return replace(prepare(tmp_path_factory.mktemp("prepared"), SALESFORCE), crm=IN_BULK)


@pytest.fixture(scope="module")
def expected(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> End:
    """The same cycle by queries."""
    with replace(prepared, crm=SALESFORCE).copy(tmp_path_factory.mktemp("by queries") / "copy") as here:
        here.cycle()
        return end(here)


def _told(report: RunReport) -> list[str]:
    """Objects that were read without a job."""
    return [note for note in report.notes if " was read by queries, not by a bulk query job: " in note]


def _undisturbed(prepared: Prepared, folder: Path) -> tuple[End, Plug]:
    with prepared.copy(folder) as here:
        with plugged(here) as plug:
            report = here.cycle()
        assert (report.exit_code, _told(report)) == (3, [])
        return end(here), plug


def test_the_end_is_the_same(prepared: Prepared, expected: End, tmp_path: Path) -> None:
    at_end, _ = _undisturbed(prepared, tmp_path / "undisturbed")
    assert at_end == expected


def test_a_kill_at_any_call_to_salesforce_leaves_the_same_end(
    prepared: Prepared, expected: End, tmp_path: Path
) -> None:
    _, plug = _undisturbed(prepared, tmp_path / "undisturbed")
    fatal = [step for step in plug.steps if step.startswith("crm")]
    assert len(fatal) > 40
    kill_at(fatal, prepared, expected, tmp_path / "copy", sample=SAMPLE)


@pytest.mark.parametrize("times", [1, 1_000])
@pytest.mark.parametrize("name", FAULTS if os.environ.get("MKSYNC_EXPLORE") else FAULTS[::5])
def test_a_fault_of_jobs_alone_ends_no_cycle(
    prepared: Prepared, expected: End, tmp_path: Path, name: str, times: int
) -> None:
    for after in (0, 5, 9) if times == 1 else (0,):
        with prepared.copy(tmp_path / "copy") as here:
            here.fails(name, "crm", JOBS, after=after, times=times)
            report = here.cycle()
            assert end(here) == expected, f"{name} after {after}"
            told = _told(report)
            assert len(told) == 5 if times > 1 else len(told) <= 1, told


def _reads_results(request: PreparedRequest) -> bool:
    return "/results" in str(request.url)


def test_a_job_that_a_killed_run_left_behind_brings_nothing_back_that_was_written_over_since(tmp_path: Path) -> None:
    with world(tmp_path, IN_BULK) as here:
        here.init()
        lead = here.crm.named("lead", lastName="Roe", email="roe@example.com", title="first")
        here.cycle()
        here.crm.edit("lead", lead, title="in the job")
        _killed_at_results(here)
        here.marketo.edit(here.person_of(lead), title="later")
        here.command("push-person", "roe@example.com")
        assert here.crm.everything("lead")[lead]["title"] == "later"
        with plugged(here) as plug:
            here.cycle()
        assert plug.written == []
        assert here.crm.everything("lead")[lead]["title"] == "later"
        assert here.marketo.people("title")[here.person_of(lead)]["title"] == "later"


def _killed_at_results(here: World) -> None:
    """The job is complete, and the run dies before it reads what the job holds."""

    def dies(side: str) -> None:
        if side == "crm":
            raise PlugPulled

    reading = World(here.folder, here.sandbox, replace(IN_BULK, writes=_reads_results))
    with plugged(reading) as plug:
        plug.at_write = dies
        with pytest.raises(PlugPulled):
            here.cycle()
