"""CreateMultiple, UpdateMultiple, UpsertMultiple: all rows or none."""

from typing import Any

import pytest
import requests

from tests.sandbox.dynamics import batches
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

LEAD = "Microsoft.Dynamics.CRM.lead"


def target(**values: Any) -> dict[str, Any]:
    return {"@odata.type": LEAD, **values}


def send(api: Api, message: str, *targets: dict[str, Any], set_name: str = "leads") -> requests.Response:
    return api.post(f"{set_name}/Microsoft.Dynamics.CRM.{message}", {"Targets": list(targets)})


def names(api: Api) -> list[str]:
    return [row["lastname"] for row in api.rows("leads?$select=lastname")]


def by_key(api: Api) -> str:
    """The first alternate key of leads that is one text column."""
    keys = api.rows("EntityDefinitions(LogicalName='lead')/Keys?$select=KeyAttributes")
    return str(next(key["KeyAttributes"][0] for key in keys if len(key["KeyAttributes"]) == 1))


def test_created_ids_come_in_the_order_of_the_targets(api: Api) -> None:
    answer = send(api, "CreateMultiple", *(target(lastname=name) for name in "ABC"))
    assert answer.status_code == 200
    body = answer.json()
    assert body["@odata.context"] == f"{api.root}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse"
    assert [api.read("leads", id)["lastname"] for id in body["Ids"]] == ["A", "B", "C"]


def test_one_bad_row_undoes_all_and_its_error_is_the_answer(api: Api) -> None:
    answer = send(api, "CreateMultiple", target(lastname="A"), target(lastname="B", firstname="x" * 51), target())
    assert error(answer) == (400, "0x80044331")
    assert names(api) == []


def test_updates_go_by_id_or_by_alternate_key(api: Api) -> None:
    key = by_key(api)
    first, second = api.create("leads", lastname="A"), api.create("leads", lastname="B", **{key: "k2"})
    keyed = {"@odata.id": f"leads({key}='k2')", "lastname": "B2"}
    assert send(api, "UpdateMultiple", target(leadid=first, lastname="A2"), target(**keyed)).status_code == 204
    assert (api.read("leads", first)["lastname"], api.read("leads", second)["lastname"]) == ("A2", "B2")


def test_updates_by_key_are_refused_by_switch(start: Start) -> None:
    api = start("update_multiple_by_id_only")
    key = by_key(api)
    api.create("leads", lastname="B", **{key: "k2"})
    keyed = target(**{"@odata.id": f"leads({key}='k2')", "lastname": "B2"})
    assert send(api, "UpdateMultiple", keyed).status_code == 400
    assert send(api, "UpsertMultiple", keyed).status_code == 204
    assert names(api) == ["B2"]


def test_an_update_of_a_row_that_is_gone_undoes_the_others(api: Api) -> None:
    id = api.create("leads", lastname="A")
    missing = "1a1a0000-0000-4000-8000-000000000001"
    answer = send(api, "UpdateMultiple", target(leadid=id, lastname="A2"), target(leadid=missing, lastname="x"))
    assert error(answer) == (404, "0x80040217")
    assert names(api) == ["A"]


def test_upserts_create_and_update_and_do_not_say_which(api: Api) -> None:
    key = by_key(api)
    id = api.create("leads", lastname="A")
    chosen = "1a1a0000-0000-4000-8000-000000000001"
    answer = send(
        api,
        "UpsertMultiple",
        target(leadid=id, lastname="A2"),
        target(leadid=chosen, lastname="B"),
        target(**{"@odata.id": f"leads({key}='k3')", "lastname": "C"}),
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert names(api) == ["A2", "B", "C"]
    assert api.read("leads", chosen)["lastname"] == "B"
    assert api.rows(f"leads?$select={key}&$filter={key} eq 'k3'")[0][key] == "k3"


@pytest.mark.parametrize("bad", [{"lastname": "A"}, {"@odata.type": "Microsoft.Dynamics.CRM.contact", "lastname": "A"}])
def test_every_target_must_say_that_it_is_of_the_table(api: Api, bad: dict[str, Any]) -> None:
    assert error(send(api, "CreateMultiple", target(lastname="B"), bad)) == (400, "0x80048d19")
    assert names(api) == []


def test_deleting_many_is_for_elastic_tables(api: Api) -> None:
    id = api.create("leads", lastname="A")
    answer = send(api, "DeleteMultiple", target(leadid=id))
    assert answer.status_code >= 400
    assert answer.json()["error"]["message"] == "DeleteMultiple has not yet been implemented."
    assert names(api) == ["A"]


def test_a_table_without_bulk_messages_does_not_know_them(api: Api) -> None:
    api.control("tables", table="lead", bulk=False)
    assert error(send(api, "CreateMultiple", target(lastname="A"))) == (404, "0x8006088a")


def test_availability_can_be_asked_for(api: Api) -> None:
    query = (
        "sdkmessagefilters?$select=sdkmessagefilterid"
        "&$filter=sdkmessageid/name eq @m and primaryobjecttypecode eq @t&@m='{}'&@t='{}'"
    )
    assert len(api.rows(query.format("CreateMultiple", "lead"))) == 1
    assert api.rows(query.format("DeleteMultiple", "lead")) == []


def test_a_bulk_message_can_stand_in_a_change_set(api: Api) -> None:
    made = batches.request("POST", "leads/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [target(lastname="A")]})
    failing = batches.request("DELETE", "leads(1a1a0000-0000-4000-8000-000000000001)")
    for operations, expected in (((made,), [200]), ((made, failing), [404])):
        answer = batches.send(api, batches.text(batches.change_set(*operations)))
        assert [part.status for part in batches.parts(answer)] == expected
    assert names(api) == ["A"]


def test_a_bulk_delete_takes_what_its_query_finds_and_nothing_else(api: Api) -> None:
    gone, kept = api.create("leads", lastname="A"), api.create("leads", lastname="B")
    condition = {"AttributeName": "lastname", "Operator": "Equal", "Values": [{"Value": "a", "Type": "System.String"}]}
    query = {"EntityName": "lead", "Criteria": {"FilterOperator": "And", "Conditions": [condition]}}
    answer = api.post("BulkDelete", {"JobName": "x", "QuerySet": [query]})
    assert answer.status_code == 200
    assert answer.json()["JobId"]
    assert (api.get(f"leads({gone})").status_code, api.get(f"leads({kept})").status_code) == (404, 200)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"EntityName": "nope"},
        {"EntityName": "lead"},
        {"EntityName": "lead", "Criteria": {"FilterOperator": "Or", "Conditions": [{}]}},
        {"EntityName": "lead", "Criteria": {"Conditions": [{"AttributeName": "x", "Operator": "In", "Values": [1]}]}},
        {"EntityName": "lead", "Criteria": {"Conditions": [{"AttributeName": "lastname", "Operator": "Null"}]}},
    ],
)
def test_a_bulk_delete_that_is_not_understood_deletes_nothing(api: Api, query: dict[str, Any]) -> None:
    api.create("leads", lastname="A")
    assert api.post("BulkDelete", {"QuerySet": [query]}).status_code == 400
    assert names(api) == ["A"]
