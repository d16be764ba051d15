"""What the README shows of refusals: its commands, run on the sandbox, print it; and marketing reads what it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import rehearsal, run_once, sandbox_with_people
from tests.scenarios.crms import SALESFORCE

README = (Path(__file__).parents[1] / "README.md").read_text()
QUINN = "quinn.silva.0@example.org"


def story() -> Iterator[tuple[str, str]]:
    """Each command and what is shown of it."""
    (block,) = re.findall(r"## What is refused\n.*?```text\n(.*?)```", README, re.DOTALL)
    for part in block.strip().split("$ mksync ")[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.strip()


def test_the_commands_print_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    told = list(story())
    assert [command for command, _ in told] == ["log --rejected", "log retry --all"]
    with sandbox_with_people(SALESFORCE) as sandbox:
        here = rehearsal(tmp_path / "project", sandbox, SALESFORCE)
        assert here.command("init", "--no-input").code == 0
        run_once(here)
        quinn = next(id for id, row in here.marketo.people("email").items() if row["email"] == QUINN)
        here.marketo.edit(quinn, phone="12")
        assert run_once(here).code == 3
        for command, shown in told:
            assert here.command(*command.split()).out.strip() == shown
        (entry,) = here.marketo.activity_log(quinn)
    named = ("System", "Operation", "Code", "Cause", "Message", "Remedy")
    assert all(entry[name] for name in ("Fields", *named))
    assert (
        "*Refused by the CRM*, with fields,\nsystem, operation, code, cause, the CRM's own message and the remedy"
        in README
    )
