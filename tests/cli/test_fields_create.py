"""`mksync fields select --create-in-marketo`: fields are made in Marketo on somebody's word, and never in the CRM."""

import json

import pytest

from tests.cli.desk import created_fields, error, on_terminal, run_once
from tests.scenarios.crms import DYNAMICS, SALESFORCE
from tests.scenarios.outsiders import Caller
from tests.scenarios.sandbox_world import World

SELECT = ("fields", "select", "--object", "lead")
CREATE = "--create-in-marketo"
salesforce = pytest.mark.parametrize("crm", [SALESFORCE], ids=["salesforce"], indirect=True)
dynamics = pytest.mark.parametrize("crm", [DYNAMICS], ids=["dynamics"], indirect=True)


@pytest.fixture
def project(fresh: World) -> World:
    """The sample project after `init`, with the usual selection."""
    assert fresh.command("init", "--no-input").code == 0
    return fresh


def of_marketo(here: World) -> set[str]:
    """What Marketo's own people see of its fields."""
    api = Caller(here.sandbox, here.sandbox.marketo_url, "/identity/oauth/token")
    described = api.call("GET", "/rest/v1/leads/describe.json")["result"]
    return {field["rest"]["name"] for field in described if "rest" in field}


@salesforce
def test_nothing_is_made_without_a_word(project: World) -> None:
    before = of_marketo(project)
    ended = project.command(*SELECT, "--add", "Region_Code__c")
    hint = f"name the one that is meant: Region_Code__c=marketoField, or have it made: {CREATE}"
    assert (ended.code, ended.err) == (2, error("lead: Marketo has no field like Region_Code__c", hint))
    assert project.command(*SELECT, "--add", "Mkto_Id__c=crmKey").code == 2
    assert of_marketo(project) == before


@salesforce
def test_a_field_is_made_with_its_name_label_and_type_and_filled_by_the_next_cycle(project: World) -> None:
    run_once(project)
    project.crm.user.make_text_field("lead", "Sales_Region__c", "Sales Region")
    lead = project.crm.user.create("lead", LastName="Roe", Company="Acme", Sales_Region__c="North")
    ended = project.command(*SELECT, "--add", "Sales_Region__c:to-marketo", CREATE, "--json")
    told = json.loads(ended.out)
    assert told["created"] == [
        {"marketo": "salesRegion", "label": "Sales Region", "type": "text", "for": "Sales_Region__c"}
    ]
    assert [(one["crm"], one["marketo"], one["direction"]) for one in told["added"]] == [
        ("Sales_Region__c", "salesRegion", "to-marketo")
    ]
    assert ended.err.splitlines()[0] == "created Marketo's salesRegion (text) for Sales_Region__c"
    assert run_once(project).code == 0
    assert project.marketo.people("salesRegion")[project.person_of(lead)]["salesRegion"] == "North"
    assert "nothing to do" in run_once(project).out


@dynamics
def test_a_publishers_prefix_is_left_out(project: World) -> None:
    ended = project.command(*SELECT, "--add", "new_visits", "--add", "new_renewal=renewsOn", CREATE)
    assert ended.out.splitlines() == [
        "+ lead: Dynamics new_visits = Marketo visits (both)",
        "+ lead: Dynamics new_renewal = Marketo renewsOn (both)",
    ]
    assert {"visits", "renewsOn"} <= of_marketo(project)


def test_all_custom_makes_each_field_once_for_both_objects(project: World) -> None:
    before = of_marketo(project)
    ended = project.command("fields", "select", "--all-custom", CREATE, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    made = [one["marketo"] for one in told["created"]]
    assert of_marketo(project) - before == set(made)
    for object in ("lead", "contact"):
        mine = {one["marketo"] for one in told["added"] if one["object"] == object}
        assert set(made) <= mine
    assert run_once(project).code == 0
    assert "nothing to do" in run_once(project).out


@salesforce
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Region_Code__c", "Qqq"], "lead: the CRM has no field Qqq that its sync user can see; mksync creates no"),
        (["Region_Code__c", "Title=fax"], "lead: the CRM field Title is already paired: title with Title"),
        (["Region_Code__c=bad-name"], "Marketo takes no field name 'bad-name'"),
    ],
)
def test_nothing_is_made_for_a_choice_that_cannot_be(project: World, words: list[str], message: str) -> None:
    before = of_marketo(project)
    ended = project.command(*SELECT, *(word for one in words for word in ("--add", one)), CREATE)
    assert ended.code == 2
    assert ended.err.startswith(f"error: {message}")
    assert of_marketo(project) == before


@salesforce
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2)])
def test_somebody_who_is_there_is_asked(project: World, answer: str, code: int) -> None:
    before = of_marketo(project)
    ended = on_terminal("--project", str(project.folder), *SELECT, "--add", "Region_Code__c", answers=answer)
    asked = "Marketo has no field like Region_Code__c (Region Code). Create regionCode (text) there?"
    assert asked in ended.out
    assert ended.code == code, ended.out
    assert of_marketo(project) - before == ({"regionCode"} if code == 0 else set())


@salesforce
def test_mksyncs_own_field_is_nobodys(project: World) -> None:
    created = created_fields(project.sandbox)
    assert project.command(*SELECT, "--add", "Region_Code__c=mksyncCrmId", CREATE).code == 2
    assert created_fields(project.sandbox) == created
