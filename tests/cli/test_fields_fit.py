"""Fields that do not fit: what `mksync fields` tells of them, and the rules that help."""

import shlex

import pytest

from tests.cli.desk import ROOT
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.sandbox_world import World

# Which fields there are is a CRM's own; what is told of them is not.
pytestmark = pytest.mark.parametrize("crm", [SALESFORCE], ids=["salesforce"], indirect=True)


@pytest.fixture
def project(fresh: World) -> World:
    """The sample project after `init`, with the usual selection."""
    assert fresh.command("init", "--no-input").code == 0
    return fresh


def warnings(err: str) -> list[str]:
    return [line.removeprefix("warning: ") for line in err.splitlines() if line.startswith("warning: ")]


ONLY_CHOICES = (
    "lead.customerTier: the CRM's Customer_Tier__c takes its 3 choices only: other values are rejected;"
    ' name counterparts: mksync fields map lead.customerTier "value in the CRM=value in Marketo"'
)
DIGITS = (
    "lead.fitScore: the CRM's Fit_Score__c keeps 2 digits after the point: the rest is rounded;"
    " take a field that keeps more digits, or one direction"
)
TIME = (
    "lead.dateOfBirth: Marketo's dateOfBirth keeps the day: the time of day is dropped;"
    " take a field that holds date and time"
)
EMOJI = (
    "lead.leadRole: Marketo may cut a text off at the first emoji or other character outside the BMP;"
    " what Marketo made of a text is read back, and listed if it is not what was sent"
)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("Last_Demo__c", []),
        ("Newsletter__c", []),
        ("Customer_Tier__c", [ONLY_CHOICES]),
        ("Customer_Tier__c=customerTier:to-marketo", []),  # every choice fits
        ("Fit_Score__c", [DIGITS]),
        ("Last_Demo__c=dateOfBirth:to-marketo", [TIME]),
        ("Region_Code__c=leadRole", [EMOJI]),
    ],
)
def test_what_is_lost_between_two_fields_is_told_when_they_are_chosen(
    project: World, field: str, told: list[str]
) -> None:
    ended = project.command("fields", "select", "--object", "lead", "--add", field)
    assert (ended.code, warnings(ended.err)) == (0, told)


def test_of_many_losses_the_first_are_told_and_the_rest_counted(project: World) -> None:
    project.command("fields", "select", "--object", "lead", "--none")
    ended = project.command("fields", "select", "--object", "lead", "--defaults")
    told = warnings(ended.err)
    assert len(told) == 7
    assert told[0].startswith("lead.salutation: the CRM's Salutation holds 40 characters")
    assert told[5] == "10 more such losses: mksync fields list"  # of the 15 pairs that `fields list` names


PROPOSED = (
    "Of the 43 field pairs, some hold less on one side (digits 1, length 29): what is too long, or no choice, is"
    " rejected and listed. Which ones: mksync fields list"
)


def test_init_says_in_one_line_what_its_proposal_loses_and_says_it_once(fresh: World) -> None:
    first = fresh.command("init", "--no-input")
    assert [line for line in first.err.splitlines() if "hold less" in line] == [PROPOSED]
    assert warnings(first.err) == []
    assert "hold less" not in fresh.command("init", "--no-input").err


def test_the_readme_shows_what_is_printed(project: World) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Fields that do not fit")[2]
    shown = section.partition("```text\n")[2].partition("```")[0]
    commands = shown.split("$ mksync ")[1:]
    assert len(commands) == 3
    for command in commands:
        line, _, printed = command.partition("\n")
        ended = project.command(*shlex.split(line))
        assert ended.code == 0, ended.err
        assert sorted(filter(None, printed.splitlines())) == sorted((ended.out + ended.err).splitlines())
