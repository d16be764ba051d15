"""Several calls in one."""

from typing import Any

import pytest

from tests.sandbox.salesforce.api import VERSION, Api, error

ROE = {"LastName": "Roe", "Company": "Acme"}


def sub(name: str, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    made = {"method": method, "url": f"{VERSION}/{path}", "referenceId": name, **more}
    return made if body is None else {**made, "body": body}


def composite(api: Api, *requests: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
    answer = api.post("composite", {"allOrNone": all_or_none, "compositeRequest": list(requests)})
    assert answer.status_code == 200, answer.text
    parts: list[dict[str, Any]] = answer.json()["compositeResponse"]
    assert [part["referenceId"] for part in parts] == [request["referenceId"] for request in requests]
    return parts


def statuses(parts: list[dict[str, Any]]) -> list[int]:
    return [part["httpStatusCode"] for part in parts]


def test_later_subrequests_use_what_earlier_ones_answered(api: Api) -> None:
    made, changed, read, found = composite(
        api,
        sub("made", "POST", "sobjects/Lead", {**ROE, "Email": "a@b.co"}),
        sub("changed", "PATCH", "sobjects/Lead/@{made.id}", {"Title": "Lead @{made.id}"}),
        sub("read", "GET", "sobjects/Lead/@{made.id}?fields=Title"),
        sub("found", "GET", "query?q=SELECT+Id+FROM+Lead+WHERE+Email='a@b.co'"),
    )
    id = made["body"]["id"]
    assert statuses([made, changed, read, found]) == [201, 204, 200, 200]
    assert changed["body"] is None
    assert read["body"]["Title"] == f"Lead {id}"
    (again,) = composite(api, sub("one", "GET", f"sobjects/Lead/{found['body']['records'][0]['Id']}"))
    assert again["body"]["Id"] == id


def test_references_reach_into_lists_and_keep_their_type(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    parts = composite(
        api,
        sub("q", "GET", "query?q=SELECT+Id,+Name+FROM+Account"),
        sub("c", "POST", "sobjects/Contact", {"LastName": "Roe", "AccountId": "@{q.records[0].Id}"}),
    )
    assert api.read("Contact", parts[1]["body"]["id"])["AccountId"] == account


def test_a_failure_stops_only_what_refers_to_it(api: Api) -> None:
    parts = composite(
        api,
        sub("bad", "POST", "sobjects/Lead", {"LastName": "Roe"}),
        sub("needs", "PATCH", "sobjects/Lead/@{bad.id}", {"Title": "x"}),
        sub("other", "POST", "sobjects/Lead", ROE),
    )
    assert statuses(parts) == [400, 400, 201]
    assert parts[0]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert parts[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_all_or_none_undoes_everything(api: Api) -> None:
    parts = composite(
        api,
        sub("good", "POST", "sobjects/Lead", ROE),
        sub("bad", "POST", "sobjects/Lead", {"LastName": "Roe"}),
        sub("never", "POST", "sobjects/Lead", ROE),
        all_or_none=True,
    )
    assert [part["body"][0]["errorCode"] for part in parts] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert statuses(parts) == [400] * 3
    assert api.records("SELECT Id FROM Lead") == []


def test_the_outer_flag_undoes_an_inner_collection_whose_rows_still_claim_success(api: Api) -> None:
    lead, bad = ({"attributes": {"type": "Lead"}, **values} for values in (ROE, {"LastName": "x"}))
    (inner,) = composite(
        api,
        sub("many", "POST", "composite/sobjects", {"allOrNone": False, "records": [lead, bad]}),
        all_or_none=True,
    )
    assert [row["success"] for row in inner["body"]] == [True, False]
    assert api.records("SELECT Id FROM Lead") == []


def test_each_subrequest_has_conditions_of_its_own(api: Api) -> None:
    id = api.lead()
    at, before = "Mon, 02 Mar 2026 10:00:00 GMT", "Mon, 02 Mar 2026 09:59:59 GMT"
    parts = composite(
        api,
        sub("stale", "PATCH", f"sobjects/Lead/{id}", {"Title": "a"}, httpHeaders={"If-Unmodified-Since": before}),
        sub("fresh", "PATCH", f"sobjects/Lead/{id}", {"Title": "b"}, httpHeaders={"if-unmodified-since": at}),
        sub("same", "GET", f"sobjects/Lead/{id}", httpHeaders={"If-Modified-Since": at}),
    )
    assert statuses(parts) == [412, 204, 304]
    assert parts[2]["body"] is None
    assert api.read("Lead", id)["Title"] == "b"


def test_errors_inside_keep_their_shape(api: Api) -> None:
    parts = composite(
        api,
        sub("path", "GET", "nowhere"),
        sub("type", "GET", "query?q=SELECT+Id+FROM+Nothing"),
        sub("nested", "POST", "composite", {}),
    )
    assert statuses(parts)[:2] == [404, 400]
    assert parts[0]["body"] == [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
    assert parts[1]["body"][0]["errorCode"] == "INVALID_TYPE"
    assert parts[2]["httpStatusCode"] == 400


@pytest.mark.parametrize(("heavy", "light", "status"), [(5, 20, 200), (5, 21, 400), (6, 0, 400)])
def test_twenty_five_subrequests_of_which_five_may_be_collections_or_queries(
    api: Api, heavy: int, light: int, status: int
) -> None:
    requests = [sub(f"h{n}", "GET", "query?q=SELECT+COUNT()+FROM+Lead") for n in range(heavy)]
    requests += [sub(f"l{n}", "GET", "limits") for n in range(light)]
    assert api.post("composite", {"compositeRequest": requests}).status_code == status


def test_replication_of_several_objects_fits_in_one_call(api: Api) -> None:
    span = "start=2026-03-02T09:00:00Z&end=2026-03-02T10:00:00Z"
    parts = composite(api, *[sub(o, "GET", f"sobjects/{o}/updated/?{span}") for o in ("Lead", "Contact", "Account")])
    assert statuses(parts) == [200] * 3


def test_subrequests_need_distinct_names(api: Api) -> None:
    twice = [sub("a", "GET", "limits"), sub("a", "GET", "limits")]
    assert error(api.post("composite", {"compositeRequest": twice}))[0] == 400


def test_a_batch_is_independent_calls(api: Api) -> None:
    id = api.lead()
    requests = [
        {"method": "PATCH", "url": f"v67.0/sobjects/Lead/{id}", "richInput": {"Title": "CTO"}},
        {"method": "GET", "url": f"v67.0/sobjects/Lead/{id}?fields=Title"},
        {"method": "GET", "url": "v67.0/sobjects/Lead/nonsense"},
        {"method": "GET", "url": "v67.0/limits"},
    ]
    answer = api.post("composite/batch", {"batchRequests": requests}).json()
    assert answer["hasErrors"] is True
    assert [result["statusCode"] for result in answer["results"]] == [204, 200, 404, 200]
    assert answer["results"][0]["result"] is None
    assert answer["results"][1]["result"]["Title"] == "CTO"
    halted = api.post("composite/batch", {"haltOnError": True, "batchRequests": requests}).json()["results"]
    assert [result["statusCode"] for result in halted] == [204, 200, 404, 412]
    assert halted[3]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


def test_each_graph_is_one_transaction(api: Api) -> None:
    good = {"graphId": "g", "compositeRequest": [sub("a", "POST", "sobjects/Lead", ROE)]}
    bad = {
        "graphId": "b",
        "compositeRequest": [sub("a", "POST", "sobjects/Lead", ROE), sub("b", "POST", "sobjects/Lead", {})],
    }
    answer = api.post("composite/graph", {"graphs": [good, bad]}).json()["graphs"]
    assert [(graph["graphId"], graph["isSuccessful"]) for graph in answer] == [("g", True), ("b", False)]
    assert len(api.records("SELECT Id FROM Lead")) == 1
