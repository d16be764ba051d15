"""What the README shows and lists is what the program does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mksync.cli import lazy, run
from mksync.cli.exits import EXITS
from mksync.core.table import render_table
from mksync.vendors import BUILT_IN_CRMS, load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a CRM")[2]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_published_decision_table_is_the_programs() -> None:
    assert render_table() in README


def test_every_exit_code_is_listed_with_its_meaning() -> None:
    rows = "\n".join(f"| {code} | {exit.meaning} |" for code, exit in EXITS.items())
    assert rows in README


def test_what_the_readme_shows_of_the_demo_is_what_the_demo_prints(tmp_path: Path) -> None:
    (shown,) = blocks("console")
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    done = subprocess.run(
        [sys.executable, "-m", "mksync", "demo", "--folder", str(tmp_path / "demo")],
        capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=environment, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    story, quiet = re.split(r"(?=^# Both sides agree)", shown, flags=re.MULTILINE)
    assert story.strip() in done.stdout
    assert quiet.strip() in done.stdout


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    found = [re.split(r"\bmksync ", line, maxsplit=1)[1] for line in lines if re.search(r"(^|\s|/)mksync ", line)]
    return [text.split("#")[0].split() for text in found]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_of_the_readme_exists_with_its_options(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run([*words, "--help"])  # options are read, and only then help is given
    assert end.value.code == 0


def test_every_command_is_in_the_readme() -> None:
    names = []
    for name in lazy.COMMANDS:
        command = lazy.built(name)
        names += [f"{name} {sub}" for sub in command.commands] if hasattr(command, "commands") else [name]
    assert [name for name in names if f"`mksync {name}`" not in README] == []


def test_the_readme_speaks_of_files_that_are_there() -> None:
    paths = re.findall(r"\]\(([^)#:]+)\)", README)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readme_names_every_crm_and_its_sample_configuration() -> None:
    for crm in BUILT_IN_CRMS:
        assert f"| {load(crm).title} | " in README, "the table of what to create"
        assert f"](sample-configs/{crm}.toml)" in README


@pytest.mark.parametrize("crm", BUILT_IN_CRMS)
def test_every_crm_was_added_as_the_guide_says(crm: str) -> None:
    paths = {found.replace("<name>", crm) for found in re.findall(r"`([\w<>./-]+/[\w<>./-]*)`", GUIDE)}
    assert f"mksync/vendors/{crm}/" in paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
