"""`mksync fields` and custom objects: what is offered, what is made in Marketo, and only on somebody's word."""

import json
from typing import Any

import pytest

from tests.cli.desk import error, on_terminal, run_once
from tests.scenarios.crms import DYNAMICS, SALESFORCE
from tests.scenarios.outsiders import Caller
from tests.scenarios.sandbox_world import World

REGISTRATION, CREATE = "Event_Registration__c", "--create-in-marketo"
SELECT = ("fields", "select", "--object", REGISTRATION)
MAKE_IT = f"let mksync create it, with the fields that you name: mksync {' '.join(SELECT)} … {CREATE}"
FOLLOWED = "leads to the record's person or company; mksync links it by itself"
salesforce = pytest.mark.parametrize("crm", [SALESFORCE], ids=["salesforce"], indirect=True)
dynamics = pytest.mark.parametrize("crm", [DYNAMICS], ids=["dynamics"], indirect=True)


@pytest.fixture
def project(fresh: World) -> World:
    """The sample project after `init`, with the usual selection."""
    assert fresh.command("init", "--no-input").code == 0
    return fresh


def marketo(here: World, path: str, body: object = None) -> Any:
    api = Caller(here.sandbox, here.sandbox.marketo_url, "/identity/oauth/token")
    return api.call("GET" if body is None else "POST", f"/rest/v1/customobjects{path}", body)


def types(here: World) -> dict[str, str]:
    """The custom objects of Marketo, drafts too, and their state."""
    return {one["apiName"]: one["state"] for one in marketo(here, "/schema.json")["result"]}


@salesforce
def test_the_list_of_one_that_does_not_sync_says_what_it_would_be(project: World) -> None:
    ended = project.command("fields", "list", "--object", REGISTRATION.lower())
    assert (ended.code, ended.err) == (0, "")
    head, *rows, linked, unmade = [line.split("  ")[0] for line in ended.out.splitlines() if line.strip()]
    assert head == f"{REGISTRATION}: 0 selected"
    assert rows[2:] == [
        "Event_Name__c", "Event_Date__c", "Registered_At__c", "Status__c", "Fee__c", "Guests__c", "Consent__c",
        "Source_Code__c",
    ]  # fmt: skip
    assert linked == (
        "in Marketo it is the custom object eventRegistration, linked to its person by Contact__c or Lead__c, to its"
        " company by Account__c"
    )
    assert unmade == (
        "Marketo has no such custom object yet; to have it made, with all of these:"
        f" mksync fields select --object {REGISTRATION} --defaults --all-custom {CREATE}"
    )


def test_the_list_names_those_that_could_sync_for_machines_too(project: World) -> None:
    told = json.loads(project.command("fields", "list", "--json").out)["custom_objects"]
    assert told == {
        "salesforce": [
            {"object": REGISTRATION, "label": "Event Registration", "person": ["Contact__c", "Lead__c"],
             "company": ["Account__c"]},
            {"object": "Session_Booking__c", "label": "Session Booking", "person": ["Registration__c"],
             "company": ["Registration__c"]},
        ],
        "dynamics": [
            {"object": "new_event", "label": "Event", "person": ["new_contact", "new_lead"], "company": []},
            {"object": "team", "label": "Team", "person": [], "company": []},
        ],
    }[project.facts.system]  # fmt: skip


@salesforce
@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (
            [*SELECT, "Event_Name__c"],
            f"Marketo has no custom object for {REGISTRATION} yet",
            MAKE_IT,
        ),
        (
            [*SELECT, "--defaults", "--all-custom"],
            f"Marketo has no custom object for {REGISTRATION} yet",
            MAKE_IT,
        ),
        (
            ["fields", "select", "--object", "Session_Booking__c", "--all-custom", CREATE],
            f"Session_Booking__c belongs to people or companies by way of {REGISTRATION} only, which does not sync",
            f"select fields of that one first: mksync fields list --object {REGISTRATION}",
        ),
        (
            [*SELECT, "Event_Name__c", "Contact__c", CREATE],
            f"{REGISTRATION}: Contact__c is not offered: {FOLLOWED}",
            f"mksync fields list --object {REGISTRATION} --all",
        ),
        (
            [*SELECT, "Event_Name__c=person", CREATE],
            f"{REGISTRATION}: Marketo's person is not offered: mksync links the record by it",
            "leave it out",
        ),
        (
            [*SELECT, "Event_Name__c=crmRecordId", CREATE],
            f"{REGISTRATION}: Marketo's crmRecordId is not offered: mksync keeps the CRM record's id in it",
            "leave it out",
        ),
    ],
)  # fmt: skip
def test_nothing_is_made_of_a_choice_that_cannot_be(project: World, words: list[str], message: str, hint: str) -> None:
    before = project.config.selection.read_text()
    ended = project.command(*words)
    assert (ended.code, ended.out, ended.err) == (2, "", error(message, hint))
    assert types(project) == {}
    assert project.config.selection.read_text() == before


@salesforce
def test_the_type_is_made_with_the_fields_that_are_named_and_their_types(project: World) -> None:
    ended = project.command(*SELECT, "Name", "Event_Date__c=heldOn", "Fee__c", "Consent__c", CREATE, "--json")
    told = json.loads(ended.out)
    assert [(one["marketo"], one["type"]) for one in told["created"]] == [
        ("consent", "boolean"), ("fee", "decimal"), ("heldOn", "date"), ("name", "text"),
    ]  # fmt: skip
    assert ended.err.splitlines()[0] == (
        "created Marketo's custom object eventRegistration (Event Registration), linked to its person by Contact__c or"
        " Lead__c, to its company by Account__c"
    )
    assert types(project) == {"eventRegistration": "approved"}
    (made,) = marketo(project, "/eventRegistration/describe.json")["result"]
    assert {one["name"]: one["dataType"] for one in made["fields"] if one["updateable"]} == {
        "person": "integer", "company": "integer", "name": "string", "heldOn": "date", "fee": "float",
        "consent": "boolean",
    }  # fmt: skip
    assert made["dedupeFields"] == ["crmRecordId"]
    assert [(one["field"], one["relatedTo"]) for one in made["relationships"]] == [
        ("person", {"name": "Lead", "field": "id"}), ("company", {"name": "Company", "field": "id"}),
    ]  # fmt: skip
    assert run_once(project).code == 0
    assert "nothing to do" in run_once(project).out


@salesforce
def test_more_fields_come_later_and_are_filled(project: World) -> None:
    assert project.command(*SELECT, "Name", CREATE).code == 0
    run_once(project)
    ended = project.command(*SELECT, "--add", "Status__c", CREATE)
    assert ended.out == f"+ {REGISTRATION}: Salesforce Status__c = Marketo status (to-marketo)\n"
    assert ended.err.splitlines()[0] == "created Marketo's status (picklist) for Status__c"
    assert run_once(project).code == 0
    assert all(row["status"] for row in project.sandbox.marketo.rows("eventRegistration"))
    assert "nothing to do" in run_once(project).out


@salesforce
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2)])
def test_somebody_who_is_there_is_asked_once(project: World, answer: str, code: int) -> None:
    ended = on_terminal("--project", str(project.folder), *SELECT, "Name", "Guests__c", answers=answer)
    asked = (
        f"Marketo has no custom object for {REGISTRATION} (Event Registration). Create eventRegistration there, with"
        " the fields name (text), guests (decimal)?"
    )
    assert ended.out.count(asked) == 1, ended.out
    assert ended.code == code, ended.out
    assert types(project) == ({"eventRegistration": "approved"} if code == 0 else {})


@salesforce
def test_somebody_who_is_there_and_names_no_field_is_told_what_to_type(project: World) -> None:
    ended = on_terminal("--project", str(project.folder), *SELECT)
    assert f"Marketo has no custom object for {REGISTRATION} yet: which fields is it to have there?" in ended.out
    assert f"mksync fields select --object {REGISTRATION} --defaults --all-custom {CREATE}" in ended.out
    assert ended.code == 2


@salesforce
def test_another_custom_object_of_that_name_is_left_alone(project: World) -> None:
    body = {"action": "createOnly", "apiName": "eventRegistration", "displayName": "Ours"}
    assert marketo(project, "/schema.json", body)["success"]
    fields = {"input": [{"name": "code", "displayName": "Code", "dataType": "string", "isDedupeField": True}]}
    assert marketo(project, "/schema/eventRegistration/addField.json", fields)["success"]
    assert marketo(project, "/schema/eventRegistration/approve.json", {})["success"]
    ended = project.command(*SELECT, "Name", CREATE)
    assert ended.code == 2
    assert ended.err.startswith("error: Marketo has an other custom object eventRegistration: it has no field company")
    assert "its key is code" in ended.err


@salesforce
def test_what_the_api_user_may_not_make_is_a_matter_of_permission(project: World) -> None:
    project.sandbox.marketo.permissions.revoke("Read-Write Custom Object", "Read-Write Custom Object Type")
    ended = project.command(*SELECT, "Name", CREATE)
    assert ended.code == 8, ended
    assert "hint: give the API user's role \"Read-Write Custom Object" in ended.err


@salesforce
def test_one_that_was_dropped_is_taken_up_again_with_the_type_there_is(project: World) -> None:
    assert project.command(*SELECT, "Name", CREATE).code == 0
    run_once(project)
    assert project.command(*SELECT, "--none").code == 0
    assert "nothing to do" in run_once(project).out
    ended = project.command(*SELECT, "Name")
    assert (ended.code, ended.out) == (0, f"+ {REGISTRATION}: Salesforce Name = Marketo name (to-marketo)\n")
    assert run_once(project).code == 0
    assert "nothing to do" in run_once(project).out


@dynamics
def test_teams_are_custom_objects_that_belong_to_nobody(project: World) -> None:
    ended = project.command("fields", "select", "--object", "team", "--defaults", CREATE)
    assert ended.out.splitlines() == [
        "+ team: Dynamics name = Marketo name (to-marketo)",
        "+ team: Dynamics description = Marketo description (to-marketo)",
        "+ team: Dynamics emailaddress = Marketo email (to-marketo)",
    ]
    assert ended.err.splitlines()[0] == "created Marketo's custom object team (Team), linked to nobody"
    assert run_once(project).code == 0
    user, teams = project.crm.user, project.sandbox.dynamics.rows("team")
    assert {row["name"] for row in project.sandbox.marketo.rows("team")} == {str(one["name"]) for one in teams}
    assert user.edit("team", str(teams[0]["teamid"]), name="South Team")
    told = run_once(project)
    assert "South Team  name" in told.out, told
    assert "South Team" in {row["name"] for row in project.sandbox.marketo.rows("team")}
    assert "nothing to do" in run_once(project).out


@dynamics
def test_only_one_object_is_named_on_the_command_line_of_a_cycle(project: World) -> None:
    assert project.command("fields", "select", "--object", "new_event", "new_name", CREATE).code == 0
    told = run_once(project, "--object", "NEW_EVENT", "--json")
    assert [one["object"] for one in json.loads(told.out)["objects"] if one["created"]] == ["new_event"]
    assert project.command("fields", "backfill", "--object", "new_event").code == 0
    assert project.command("fields", "map", "new_event.name").code == 0
