"""What `mksync init` checks before it sets anything up, and which organisations it refuses."""

import json
from pathlib import Path

import pytest

from mksync.mirror import Mirror
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.cli.desk import created_fields, error, rehearsal, sandbox_with_people, state
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.sandbox_world import NOW, Ended, World


def failed(ended: Ended, name: str) -> list[str]:
    """The line of a failed check in the table, with the spaces between its columns folded."""
    return [" ".join(line.split()) for line in ended.out.splitlines() if line.startswith(name) and "FAILED" in line]


def test_without_its_field_and_leave_to_create_it_nothing_is_set_up(fresh: World) -> None:
    text = fresh.config.path.read_text().replace("create_key_field = true", "create_key_field = false")
    fresh.config.path.write_text(text)
    ended = fresh.command("init", "--no-input")
    assert ended.code == 2
    assert ended.err == error("Marketo field mksyncCrmId: does not exist", "mksync init --create-key-field")
    assert failed(ended, "Marketo field mksyncCrmId") == [
        "Marketo field mksyncCrmId FAILED does not exist mksync init --create-key-field"
    ]
    assert not fresh.config.selection.exists()
    assert fresh.command("init", "--no-input", "--create-key-field").code == 0


def test_a_user_who_may_not_create_the_field_is_told_so(fresh: World) -> None:
    fresh.sandbox.marketo.deny("POST", "/rest/v1/leads/schema/fields.json")
    ended = fresh.command("init", "--no-input")
    assert ended.code == 8
    assert ended.err.startswith("error: Marketo field mksyncCrmId: ")
    assert len(failed(ended, "Marketo field mksyncCrmId")) == 1
    assert f"{fresh.facts.title} sign-in" in ended.out, "the other checks are made all the same"


def test_a_user_who_may_not_even_see_custom_fields_is_told_which_permission_it_takes(fresh: World) -> None:
    fresh.sandbox.marketo.deny("GET", "/rest/v1/leads/schema/fields.json")
    fresh.sandbox.marketo.deny("POST", "/rest/v1/leads/schema/fields.json")
    fresh.config.path.write_text(fresh.config.path.read_text().replace("create_key_field = true\n", ""))
    ended = fresh.command("init", "--no-input")
    assert ended.code == 2
    lacking = 'does not exist; the API user may not create it (permission "Read-Write Schema Custom Field")'
    assert ended.err == error(f"Marketo field mksyncCrmId: {lacking}", "mksync init --create-key-field")


def test_an_instance_that_marketos_own_sync_owns_is_refused(tmp_path: Path) -> None:
    with sandbox_with_people(SALESFORCE, {"marketo": frozenset({"native_sync"})}) as sandbox:
        here = rehearsal(tmp_path, sandbox, SALESFORCE)
        before = state(here)
        ended = here.command("init", "--no-input")
        assert (ended.code, state(here)) == (2, before)
    fields = "sfdcLeadId, sfdcContactId, sfdcAccountId …"
    assert ended.err == error(
        f"Marketo's built-in CRM sync: is or was on: it owns fields ({fields})",
        "Two syncs would work against each other. Use an instance without the built-in sync, or have it removed.",
    )


def test_what_the_sync_user_may_not_do_is_named_with_its_remedy(fresh: World) -> None:
    fresh.crm.user.forbid_edits("contact")
    message, hint = fresh.facts.no_edits
    ended = fresh.command("init", "--no-input")
    assert (ended.code, ended.err) == (8, error(message, hint))
    assert len(failed(ended, message.partition(":")[0])) == 1


@pytest.mark.parametrize("crm", [SALESFORCE], ids=["salesforce"], indirect=True)
def test_a_field_that_a_sync_needs_and_the_sync_user_does_not_see_is_named(fresh: World) -> None:
    fresh.crm.hide("lead", "email")
    ended = fresh.command("init", "--no-input")
    assert (ended.code, ended.err) == (
        8,
        error(
            "Salesforce Lead fields: not visible to the sync user: Email",
            "Grant field-level read access to Lead Email (Setup, Object Manager, Lead, Fields).",
        ),
    )


def test_a_failed_check_in_json_comes_with_all_the_checks(fresh: World) -> None:
    fresh.crm.user.forbid_edits("contact")
    message, hint = fresh.facts.no_edits
    ended = fresh.command("init", "--no-input", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["mksync"]["exit"]) == (8, {"code": 8, "name": "access"})
    assert told["error"] == {"message": message, "hint": hint}
    assert [check["name"] for check in told["checks"] if not check["passed"]] == [message.partition(":")[0]]
    assert ended.err.startswith(f"error: {message}")


@pytest.mark.parametrize("side", ["marketo", "crm"])
def test_a_mirror_of_another_organisation_is_refused(fresh: World, side: str) -> None:
    fresh.command("init", "--no-input")
    with fresh.mirror() as mirror:
        ours = mirror.project.get(f"{side}_organisation")
        mirror.project.set(f"{side}_organisation", "another one")
    before = state(fresh)
    title = {"marketo": "Marketo", "crm": fresh.facts.title}[side]
    ended = fresh.command("init", "--no-input")
    assert (ended.code, state(fresh)) == (7, before)
    assert ended.err == (
        f"error: this mirror belongs to another {title} organisation (another one, not {ours})\n"
        "hint: start in an empty folder, or point mksync.toml at the old organisation\n"
    )


def test_nothing_is_created_in_an_instance_that_the_mirror_does_not_belong_to(fresh: World, tmp_path: Path) -> None:
    fresh.command("init", "--no-input")
    with Sandbox.start(clock=SandboxClock(frozen_at=NOW)) as other:
        elsewhere = rehearsal(tmp_path / "elsewhere", other, fresh.facts)
        Mirror.open(fresh.config.mirror).close()
        elsewhere.config.mirror.write_bytes(fresh.config.mirror.read_bytes())
        assert elsewhere.command("init", "--no-input").code == 7
        assert created_fields(other) == ""
