"""README stories of adding a field and a custom object: their commands, run on the sandbox, print what it shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import rehearsal, sandbox_with_people
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.sandbox_world import KEY, World

README = (Path(__file__).parents[1] / "README.md").read_text()
NADIA, IVAN = "nadia.iqbal.3@example.com", "ivan.moreau.6@example.org"


def story(title: str) -> Iterator[tuple[str, str]]:
    """Each command and what is shown of it."""
    (block,) = re.findall(rf"## {title}\n.*?```text\n(.*?)```", README, re.DOTALL)
    for part in block.strip().split("$ mksync ")[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.strip()


def drifted(folder: Path, sandbox: object) -> World:
    """A project whose Marketo has values of its own in a field that nobody synced so far."""
    here = rehearsal(folder, sandbox, SALESFORCE)  # type: ignore[arg-type]
    here.command("init", "--no-input")
    here.clock.sleep(300)
    here.command("run-once")
    for id, row in here.marketo.people("email", KEY).items():
        if row["email"] in (NADIA, IVAN):
            here.marketo.edit(id, customerTier="Bronze")
    here.clock.sleep(900)
    here.command("run-once")
    return here


@pytest.mark.parametrize(("title", "commands"), [("Adding a field", 5), ("Custom objects", 4)])
def test_a_story_is_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, commands: int
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    told = list(story(title))
    assert len(told) == commands
    with sandbox_with_people(SALESFORCE) as sandbox:
        here = drifted(tmp_path / "project", sandbox)
        for command, shown in told:
            here.clock.sleep(300)
            ended = here.command(*command.split())
            printed = {(ended.out + ended.err).strip(), (ended.err + ended.out).strip()}
            assert shown in printed, f"{command}\n{ended.err}{ended.out}"
