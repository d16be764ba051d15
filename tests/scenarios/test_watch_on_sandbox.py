"""A watch between both emulators, as a process of its own in the sandbox's time: what happens between its cycles."""

import re
import signal
from typing import Any

import pytest

from mksync.config import FILE
from tests.scenarios.sandbox_world import World
from tests.scenarios.steered import Watched, watching

FIELD = "title"


def next_of(watched: Watched) -> dict[str, Any]:
    """The next cycle, which is to come to its end."""
    document = next(watched.documents)
    assert document["mksync"]["exit"]["code"] in (0, 3), document
    return document


def titles(here: World) -> tuple[set[str], set[str]]:
    """What both systems hold in the field, whoever may see it."""
    here.crm.show("lead", FIELD)
    found = {row[FIELD] for row in here.crm.records("lead", FIELD).values()}
    here.crm.hide("lead", FIELD)
    return {row[FIELD] for row in here.marketo.people(FIELD).values()}, found


def test_a_field_that_the_sync_user_loses_changes_no_value_anywhere_and_heals_when_it_is_back(here: World) -> None:
    leads = [
        here.crm.named("lead", email=f"{n}@example.com", title=f"Title {n}", phone="+1 555 0100 200") for n in "abc"
    ]
    with watching(here) as watched:
        assert next_of(watched)["watch"]["totals"]["created"] == 3
        here.crm.hide("lead", FIELD)
        here.crm.edit("lead", leads[0], phone="+1 555 0100 999")
        suspended = next_of(watched)
        assert any("suspended" in warning and FIELD in warning for warning in suspended["warnings"]), suspended
        assert here.marketo.people("phone")[here.person_of(leads[0])]["phone"] == "+1 555 0100 999", "the rest goes on"
        here.marketo.edit(here.person_of(leads[1]), title="Edited meanwhile")
        for _ in range(3):
            assert not any(change["field"] == FIELD for change in changes(next_of(watched)))
        assert titles(here) == ({"Title a", "Edited meanwhile", "Title c"}, {"Title a", "Title b", "Title c"})
        here.crm.show("lead", FIELD)
        here.clock.sleep(3_600)  # fields are described once an hour
        healed = [change for _ in range(2) for change in changes(next_of(watched))]
        assert [(change["field"], change["now"]) for change in healed] == [(FIELD, "Edited meanwhile")]
        assert not any("suspended" in warning for warning in next_of(watched)["warnings"])
    both = {"Title a", "Edited meanwhile", "Title c"}
    assert titles(here) == (both, both)


def changes(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [change for part in document["objects"] for change in part["changes"]]


def test_sighup_has_the_configuration_read_again_and_a_broken_one_is_not_taken(here: World) -> None:
    path = here.folder / FILE
    good = path.read_text()
    waits = []
    with watching(here) as watched:
        for text in (good + "\n[watch]\ninterval = 60\n", good + "\n[watch]\ninterval = soon\n", good):
            next_of(watched)
            waits.append(watched.wait)
            path.write_text(text)
            watched.process.send_signal(signal.SIGHUP)
        next_of(watched)
        waits.append(watched.wait)
        watched.process.send_signal(signal.SIGTERM)
        list(watched.documents)
    assert waits == [300, 60, 60, 300]
    assert re.fullmatch(
        rf"{re.escape(str(path))} was read again\n"
        rf"error: the configuration stays as it was: {re.escape(str(path))}, line \d+, .* not TOML: .*\n"
        r"    interval = soon\n"
        rf"{re.escape(str(path))} was read again\n"
        r"interrupted; the state is consistent, the next run goes on from here\n",
        watched.errors(),
    )


def test_a_secret_that_was_renewed_is_taken_after_a_sign_in_that_failed(here: World) -> None:
    """The old token ends with its secret; whoever pauses looks the new one up."""
    path = here.folder / FILE
    secret = here.folder / "secret.txt"
    text = path.read_text().replace('client_secret = "sandbox"', 'client_secret = { file = "secret.txt" }', 1)
    path.write_text(text + '\n[watch]\non_access = "pause"\n')
    secret.write_text("wrong")
    secret.chmod(0o600)
    with watching(here) as watched:
        assert next(watched.documents)["mksync"]["exit"]["name"] == "access"
        secret.write_text("sandbox")
        next_of(watched)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wait_is_ended_at_once(here: World, number: signal.Signals) -> None:
    with watching(here) as watched:
        next_of(watched)
        watched.process.send_signal(number)
        (last,) = list(watched.documents)
    assert last["mksync"]["exit"]["code"] == watched.ended() == 128 + number
