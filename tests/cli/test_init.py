"""`mksync init` with a mksync.toml that is there: what it makes, and that it changes no record."""

import json
import stat

from tests.cli.desk import agrees_with_golden, state
from tests.scenarios.sandbox_world import World


def test_the_sample_configuration_works_as_it_is(fresh: World) -> None:
    ended = fresh.command("init", "--no-input")
    assert ended.code == 0
    assert agrees_with_golden("init", ended.out, fresh.facts)


def test_no_record_of_either_system_is_changed(fresh: World) -> None:
    before = state(fresh)
    assert fresh.command("init", "--no-input").code == 0
    assert state(fresh) == before
    assert len(before["marketo_lead"]) == 11


def test_both_organisations_are_pinned(fresh: World) -> None:
    fresh.command("init", "--no-input")
    with fresh.mirror() as mirror:
        pinned = [mirror.project.get(f"{side}_organisation") for side in ("marketo", "crm")]
    assert pinned == [fresh.sandbox.marketo_url.removeprefix("http://"), fresh.facts.organisation]


def test_the_selection_is_the_usual_pairs_and_the_mirror_is_private(fresh: World) -> None:
    fresh.command("init", "--no-input")
    chosen = fresh.config.selection.read_text()
    names = fresh.fields["lead"]
    assert f'[[lead]]\nmarketo = "company"\ncrm = "{names["company"]}"\ndirection = "both"\n' in chosen
    assert names["customerTier"] not in chosen
    assert stat.S_IMODE(fresh.config.mirror.stat().st_mode) == 0o600


def test_a_second_run_makes_and_rewrites_nothing(fresh: World) -> None:
    fresh.command("init", "--no-input")
    fresh.command("fields", "select", "--object", "lead", "--remove", "fax")
    files = {path: path.read_bytes() for path in fresh.folder.glob("*.toml")}
    links = _links(fresh)
    calls = fresh.sandbox.calls.counts()["marketo"]["/rest/v1/leads/schema/fields.json"]
    ended = fresh.command("init", "--no-input")
    assert ended.code == 0
    assert {path: path.read_bytes() for path in fresh.folder.glob("*.toml")} == files
    assert _links(fresh) == links
    assert len(links) == 10
    assert fresh.sandbox.calls.counts()["marketo"]["/rest/v1/leads/schema/fields.json"] == calls


def test_init_may_be_run_again_after_cycles(fresh: World) -> None:
    fresh.command("init", "--no-input")
    fresh.command("run-once")
    before = state(fresh)
    ended = fresh.command("init", "--no-input")
    assert (ended.code, state(fresh)) == (0, before)
    assert "dry run, nothing written: nothing to do, both sides agree" in ended.out
    assert fresh.command("run-once").out.startswith("cycle 4: nothing to do, both sides agree")


def _links(here: World) -> list[tuple[str, str]]:
    with here.mirror() as mirror:
        return [pair for object in ("lead", "contact") for pair in mirror.links.all_ids(object)]


def test_json_is_one_document_with_checks_links_and_the_first_cycle(fresh: World) -> None:
    ended = fresh.command("init", "--no-input", "--json")
    told = json.loads(ended.out)
    assert told["mksync"] == {"schema": 1, "command": "init", "exit": {"code": 0, "name": "done"}}
    passed = [check["passed"] for check in told["checks"]]
    assert (all(passed), len(passed)) == (True, fresh.facts.checks)
    assert told["linked"] == {"lead": 8, "contact": 2}
    assert told["only_marketo"] == 1
    assert told["identities"]["crm"]["organisation"] == fresh.facts.organisation
    assert [part["created"] for part in told["first_cycle"]["objects"]] == [1, 0]
    assert ended.err == ""
