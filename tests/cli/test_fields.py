"""`mksync fields`: what is offered, and how it is chosen."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.desk import error, on_terminal
from tests.scenarios.crms import SALESFORCE
from tests.scenarios.sandbox_world import World

# Which fields there are is a CRM's own; the rules of choosing them are not.
pytestmark = pytest.mark.parametrize("crm", [SALESFORCE], ids=["salesforce"], indirect=True)
CUSTOMS = {
    "Customer_Tier__c": "customerTier",
    "Interests__c": "interests",
    "Last_Demo__c": "lastDemoAt",
    "Fit_Score__c": "fitScore",
    "Newsletter__c": "newsletter",
}
LIST = "mksync fields list --object lead --all"
NOT_SEEN = "the CRM has no field {} that its sync user can see"
NONE = "mksync creates no fields in Salesforce; {} of the lead has to be made there"
MAKE = (
    f"Create it in Setup, Object Manager, and grant the sync user access to it; then select it. What there is: {LIST}"
)


@pytest.fixture
def project(fresh: World) -> World:
    """The sample project after `init`, with the usual selection."""
    assert fresh.command("init", "--no-input").code == 0
    return fresh


QUICK_SYNC = "the next run-once fills what was added, also where the source is empty; --dry-run shows it before"

# What is offered


@pytest.mark.parametrize("word", ["lead", "person", "Person", "leads", "people"])
def test_person_and_lead_are_one_word(still: World, word: str) -> None:
    assert still.command("fields", "list", "--object", word).out.startswith("lead: 24 selected\n")


def test_json_lists_every_field_with_its_state(still: World) -> None:
    told = json.loads(still.command("fields", "list", "--json").out)
    rows = {(row["object"], row["crm"]): row for row in told["fields"]}
    assert told["mksync"]["command"] == "fields list"
    assert rows["lead", "Title"] == {
        "object": "lead", "crm": "Title", "label": "Title", "type": "text", "vendor_type": "string", "length": 128,
        "calculated": False, "marketo": "title", "marketo_label": "Job Title", "marketo_type": "text",
        "marketo_vendor_type": "string", "marketo_length": 255, "direction": "both", "policy": "marketo",
        "access": "read and write", "custom": False, "state": "active", "left": 0, "reason": "", "last_change": None,
        "values": {}, "truncate": False, "fit": "lossy", "losses": rows["lead", "Title"]["losses"],
    }  # fmt: skip
    text = "the CRM's Title holds 128 characters, Marketo's title up to 255: what is longer is rejected"
    assert {"to": "crm", "what": "length", "text": text} in rows["lead", "Title"]["losses"]
    assert (rows["lead", "DoNotCall"]["fit"], rows["lead", "DoNotCall"]["losses"]) == ("lossless", [])
    assert rows["lead", "Region_Code__c"]["fit"] is None
    assert rows["contact", "HomePhone"]["state"] == "not offered"
    assert rows["contact", "HomePhone"]["reason"] == "Marketo's own sync does not read it"
    assert rows["lead", "Region_Code__c"]["access"] == "read only"


def test_the_list_is_as_the_systems_are_now(project: World) -> None:
    """Fields are described afresh, so that a field that was made a minute ago can be selected."""
    project.crm.user.make_text_field("lead", "Rank__c", "Rank")
    assert "Rank__c " in project.command("fields", "list").out
    assert project.command("fields", "select", "--object", "lead", "--add", "Rank__c=urgency:to-crm").code == 0


def test_a_selected_field_that_was_hidden_is_listed_as_suspended(project: World) -> None:
    project.crm.hide("lead", "title")
    ended = project.command("fields", "list", "--object", "lead")
    line, reason = (line for line in ended.out.splitlines() if line.startswith("Title"))
    assert line.split() == ["Title", "title", "string", "both", "marketo", "suspended"]
    assert reason == (
        "Title is suspended: Salesforce's Title is gone or not visible to the sync user any more; its values are kept."
        " Remedy: grant access again; if it was renamed or deleted:"
        " mksync fields select --object lead --remove title"
    )


# How it is chosen


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["--add", "customerTier"], ["+ lead: Salesforce Customer_Tier__c = Marketo customerTier (both)"]),
        (["--add", "customer tier"], ["+ lead: Salesforce Customer_Tier__c = Marketo customerTier (both)"]),
        (["--add", "Region_Code__c=leadRole"], ["+ lead: Salesforce Region_Code__c = Marketo leadRole (to-marketo)"]),
        (
            ["--add", "Fit_Score__c=fitScore:to-marketo", "--add", "Last_Demo__c"],
            [
                "+ lead: Salesforce Fit_Score__c = Marketo fitScore (to-marketo)",
                "+ lead: Salesforce Last_Demo__c = Marketo lastDemoAt (both)",
            ],
        ),
        (["--remove", "Fax"], ["- lead: Salesforce Fax = Marketo fax (both)"]),
        (["--remove", "mktoPersonNotes"], ["- lead: Salesforce Description = Marketo mktoPersonNotes (both)"]),
        (["--add", "Title:to-crm"], ["~ lead: Salesforce Title = Marketo title (to-crm)"]),
        (
            ["--remove", "Fax", "--add", "Fax=leadRole"],
            ["+ lead: Salesforce Fax = Marketo leadRole (both)", "- lead: Salesforce Fax = Marketo fax (both)"],
        ),
        (["--add", "Title"], ["nothing changed"]),
    ],
)
def test_a_choice_prints_what_it_changed(project: World, words: list[str], printed: list[str]) -> None:
    ended = project.command("fields", "select", "--object", "lead", *words)
    assert (ended.code, ended.out.splitlines()) == (0, printed)
    added = any(line.startswith("+") for line in printed)
    told = [line for line in ended.err.splitlines() if not line.startswith("warning: ")]
    assert told == [QUICK_SYNC] * added


def test_names_alone_are_the_whole_selection_of_their_object(project: World) -> None:
    contacts = _selected(project, "contact")
    ended = project.command("fields", "select", "--object", "person", "Email", "lastName", "Company=company:to-marketo")
    assert ended.code == 0
    assert _selected(project, "lead") == [
        ("Email", "email", "both"), ("LastName", "lastName", "both"), ("Company", "company", "to-marketo"),
    ]  # fmt: skip
    assert _selected(project, "contact") == contacts
    assert ended.out.count("\n") == 22
    assert ended.out.endswith("~ lead: Salesforce Company = Marketo company (to-marketo)\n")


def test_all_custom_finds_every_pair_of_both_objects_by_name_or_label(project: World) -> None:
    ended = project.command("fields", "select", "--all-custom")
    assert ended.out.splitlines() == [
        f"+ {object}: Salesforce {crm} = Marketo {marketo} (both)"
        for object in ("lead", "contact")
        for crm, marketo in CUSTOMS.items()
    ]
    assert project.command("fields", "select", "--all-custom").out == "nothing changed\n"


def test_fields_come_from_a_file(project: World, tmp_path: Path) -> None:
    path = tmp_path / "fields.txt"
    path.write_text(
        "\ufeff# what sales wants\nEmail\n\nTitle = title : to-crm  # they never type it\r\n", encoding="utf-8"
    )
    assert project.command("fields", "select", "--object", "lead", "--from", str(path)).code == 0
    assert _selected(project, "lead") == [("Email", "email", "both"), ("Title", "title", "to-crm")]


def test_fields_come_from_stdin(project: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Email\nLastName\n"))
    assert project.command("fields", "select", "--object", "lead", "--from", "-").code == 0
    assert _selected(project, "lead") == [("Email", "email", "both"), ("LastName", "lastName", "both")]


def test_json_tells_the_change(project: World) -> None:
    ended = project.command("fields", "select", "--object", "lead", "--remove", "Fax", "--json")
    told = json.loads(ended.out)
    fax = {"object": "lead", "crm": "Fax", "marketo": "fax", "direction": "both"}
    assert (told["added"], told["removed"], told["turned"], told["created"]) == ([], [fax], [], [])


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--add", "Titel"], "lead: the CRM has no field Titel that its sync user can see", "did you mean Title?"),
        (
            ["--add", "Customer_Teir__c"],
            "lead: the CRM has no field Customer_Teir__c that its sync user can see",
            "did you mean Customer_Tier__c?",
        ),
        (["--add", "Qqq"], f"lead: {NOT_SEEN.format('Qqq')}; {NONE.format('Qqq')}", MAKE),
        # There, and hidden by field-level security.
        (
            ["--add", "Internal_Note__c=leadRole"],
            f"lead: {NOT_SEEN.format('Internal_Note__c')}; {NONE.format('Internal_Note__c')}",
            MAKE,
        ),
        (
            ["--add", "Title=titel"],
            "lead: Marketo has no field titel that its sync user can see",
            "did you mean title?",
        ),
        (
            ["--add", "LastModifiedDate"],
            "lead: LastModifiedDate is not offered: a stamp of the system, not data about the person",
            LIST,
        ),
        (
            ["--add", "Region_Code__c=mksyncCrmId"],
            "lead: Marketo's mksyncCrmId is not offered: mksync keeps the CRM record's id in it",
            "leave it out",
        ),
        (
            ["--add", "Region_Code__c"],
            "lead: Marketo has no field like Region_Code__c",
            "name the one that is meant: Region_Code__c=marketoField, or have it made: --create-in-marketo",
        ),
        (["--remove", "Faxx"], "lead: Faxx is not selected", "did you mean Fax?"),
    ],
)
def test_a_name_that_means_nothing_changes_nothing(still: World, words: list[str], message: str, hint: str) -> None:
    before = still.config.selection.read_bytes()
    ended = still.command("fields", "select", "--object", "lead", "--remove", "Website", *words)
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))
    assert still.config.selection.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["Title"], "which object's fields are meant?", "--object, one of {objects}"),
        (["--object", "planet", "Title"], "--object planet: there is no such object", "one of {objects}, {customs}"),
        ([], "no field is named, and nobody is here to choose", "mksync fields select --help"),
        (
            ["--object", "lead", "--from", "/no/such/file"],
            "--from /no/such/file: No such file or directory",
            "name a text file with one field a line",
        ),
        (
            ["--object", "lead", "--from", "/dev/null"],
            "--from /dev/null: there is no field in it",
            "one field a line: Title, or Title=title",
        ),
    ],
)
def test_a_choice_that_is_not_clear_is_asked_back(still: World, words: list[str], message: str, hint: str) -> None:
    ended = still.command("fields", "select", *words)
    customs = {"salesforce": ("Event_Registration__c", "Session_Booking__c"), "dynamics": ("new_event", "team")}
    known = {"objects": still.config.vendor("crm").catalogue, "customs": customs[still.facts.system]}
    hint = hint.format(**{name: ", ".join(some) for name, some in known.items()})
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))


def test_on_a_terminal_fields_are_ticked_in_a_list(project: World) -> None:
    answers = "999\n25 27-28\n9\n\n"
    ended = on_terminal("--project", str(project.folder), "fields", "select", "--object", "lead", answers=answers)
    assert ended.code == 0, ended.out
    assert "999 is not in the list: 1 to 29" in ended.out
    assert "lead: 27 selected" in ended.out
    assert "[ ]  9    Fax " in ended.out
    assert ended.out.endswith(
        "+ lead: Salesforce Customer_Tier__c = Marketo customerTier (both)\n"
        "+ lead: Salesforce Last_Demo__c = Marketo lastDemoAt (both)\n"
        "+ lead: Salesforce Fit_Score__c = Marketo fitScore (both)\n"
        "- lead: Salesforce Fax = Marketo fax (both)\n"
        "the next run-once fills what was added, also where the source is empty; --dry-run shows it before\n"
        + "".join(line for line in ended.out.splitlines(keepends=True) if line.startswith("warning: "))
    )


def test_a_list_that_is_left_changes_nothing(still: World) -> None:
    before = still.config.selection.read_bytes()
    ended = on_terminal("--project", str(still.folder), "fields", "select", answers="3\n\x04")
    assert ended.code == 2
    assert ended.out.endswith("error: the list was left without an answer; nothing was changed\n")
    assert still.config.selection.read_bytes() == before


def test_a_cycle_may_run_while_somebody_looks_at_the_list(project: World) -> None:
    def cycle() -> str:
        assert project.command("run-once").code == 0
        return "\n\n"

    ended = on_terminal("--project", str(project.folder), "fields", "select", meanwhile=cycle)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "nothing changed")


def _selected(here: World, object: str) -> list[tuple[str, str, str]]:
    told = json.loads(here.command("fields", "list", "--json", "--object", object).out)
    return [(row["crm"], row["marketo"], row["direction"]) for row in told["fields"] if row["state"] == "active"]
