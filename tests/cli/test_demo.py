"""`mksync demo`: the same story with every CRM that the sandbox knows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mksync.sandbox.server import VENDORS
from mksync.sandbox.story import STORIES, story
from mksync.vendors import BUILT_IN_CRMS
from tests.cli.conftest import Invoke
from tests.cli.desk import ROOT, error


def test_every_built_in_crm_has_a_story_and_a_place_in_the_sandbox() -> None:
    assert set(STORIES) == set(BUILT_IN_CRMS) == set(VENDORS) - {"marketo"}


@pytest.mark.parametrize("crm", STORIES)
def test_the_story_goes_as_it_is_told(crm: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mksync", "demo", "--crm", crm, "--folder", str(tmp_path / "demo")]
    environment = {**os.environ}  # Python's own: readline puts COLUMNS into the one that a child would inherit
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False, env=environment
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    title = story(crm).title
    _, init, first, edits, refused, _, mended, quiet = re.split(r"^\$ mksync .*\n", done.stdout, flags=re.MULTILINE)
    assert f"{title} sign-in " in init
    assert "API calls: Marketo " in first
    assert re.search(r" title +VP Marketing +Marketing Director +Marketo +lead: Marketo wins\n.*", edits)
    assert re.search(rf" title +Head of Data +Chief Data Officer +{title} +contact: the CRM wins\n", edits)
    assert re.search(rf" mobilePhone .* \+1 555 0100 +{title} → Marketo +changed\n", edits)
    assert re.search(rf" rating +\S+ +Hot +Marketo → {title} +changed\n", edits)
    assert "cycle 3: 3 updated, 2 collisions" in edits
    assert f"): {title} refused it (" in refused
    assert "cycle 4: 1 rejected" in refused
    assert "(exit code 3)\n" in refused
    assert re.search(rf" phone .* \+1 555 0123 +Marketo → {title} +changed\n", mended)
    assert quiet.startswith("cycle 6: nothing to do, both sides agree")


def test_a_crm_without_a_story_is_told_so(invoke: Invoke) -> None:
    told = error("--crm acme: the demo has no such story", f"one of {', '.join(STORIES)}")
    ended = invoke("demo", "--crm", "acme")
    assert (ended.code, ended.out, ended.err) == (2, "", told)


def test_a_folder_with_something_in_it_is_left_alone(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ended = invoke("demo", "--folder", str(tmp_path))
    assert (ended.code, ended.err) == (2, error(f"{tmp_path} is not empty", "name a new folder, or none"))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
