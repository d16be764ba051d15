"""`$batch`: order, change sets, references, what fails and what goes on."""

import re

import pytest

from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.batches import change_set, parts, request, send, text
from tests.sandbox.dynamics.conftest import Start

NOWHERE = "1a1a0000-0000-4000-8000-000000000001"
GO_ON = {"Prefer": "odata.continue-on-error"}


def lead(name: str, **more: object) -> str:
    return request("POST", "leads", {"lastname": name, **more})


def names(api: Api) -> list[str]:
    return [row["lastname"] for row in api.rows("leads?$select=lastname")]


def test_operations_run_and_are_answered_in_order(api: Api) -> None:
    answer = send(
        api, text(lead("A"), request("GET", "leads?$select=lastname"), lead("B"), request("GET", "leads/$count"))
    )
    made, listed, other, counted = parts(answer)
    assert answer.status_code == 200
    assert [made.status, listed.status, other.status, counted.status] == [204, 200, 204, 200]
    assert [row["lastname"] for row in listed.body["value"]] == ["A"]
    assert counted.body == "2"
    assert made.headers["OData-EntityId"] == made.headers["Location"]
    assert made.headers["OData-EntityId"].startswith(f"{api.root}/leads(")


def test_the_answer_begins_with_its_delimiter_and_ends_with_it(api: Api) -> None:
    answer = send(api, text(lead("A")))
    boundary = re.fullmatch(r"multipart/mixed; boundary=(batchresponse_[0-9a-f-]{36})", answer.headers["Content-Type"])
    assert boundary is not None
    assert answer.text.startswith(f"--{boundary[1]}\r\n")
    assert answer.text.endswith(f"--{boundary[1]}--\r\n")
    assert "{" not in answer.text  # a part without a body holds no brace


@pytest.mark.parametrize("form", ["{root}/leads", "/api/data/v9.2/leads", "leads"])
def test_addresses_may_be_absolute_or_relative_to_the_host_or_to_the_service(api: Api, form: str) -> None:
    operation = lead("A").replace("/api/data/v9.2/leads", form.format(root=api.root))
    assert [part.status for part in parts(send(api, text(operation)))] == [204]


def test_a_body_may_begin_with_an_empty_line_and_an_unquoted_boundary(api: Api) -> None:
    answer = send(api, "\r\n" + text(lead("A")), **{"Content-Type": "multipart/mixed;boundary=batch_x"})
    assert [part.status for part in parts(answer)] == [204]


def test_inner_preferences_belong_to_inner_requests(api: Api) -> None:
    read = request("GET", "leads?$select=statecode", Prefer='odata.include-annotations="*"')
    plain = request("GET", "leads?$select=statecode")
    _, annotated, bare = parts(send(api, text(lead("A"), read, plain)))
    assert "statecode@OData.Community.Display.V1.FormattedValue" in annotated.body["value"][0]
    assert "statecode@OData.Community.Display.V1.FormattedValue" not in bare.body["value"][0]


@pytest.mark.parametrize(
    "question",
    [
        "WhoAmI",
        "EntityDefinitions(LogicalName='lead')/Attributes?$select=LogicalName,IsSecured&$filter=IsSecured%20eq%20true",
        "teapots",
    ],
)
def test_a_question_is_answered_in_a_batch_as_alone(api: Api, question: str) -> None:
    alone = api.get(question)
    _, part, _ = parts(send(api, text(lead("A"), request("GET", question), lead("B")), **GO_ON))
    assert (part.status, part.body) == (alone.status_code, alone.json())


def test_the_first_failure_ends_a_batch_with_its_status_and_what_came_before_stays(api: Api) -> None:
    answer = send(api, text(lead("A"), request("DELETE", f"leads({NOWHERE})"), lead("B")))
    assert answer.status_code == 404
    made, failed = parts(answer)
    assert (made.status, failed.status, failed.body["error"]["code"]) == (204, 404, "0x80040217")
    assert "REQ_ID" in failed.headers
    assert names(api) == ["A"]


def test_with_continue_on_error_everything_runs_and_the_batch_is_200(api: Api) -> None:
    answer = send(api, text(lead("A"), request("DELETE", f"leads({NOWHERE})"), lead("B")), **GO_ON)
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "odata.continue-on-error")
    assert [part.status for part in parts(answer)] == [204, 404, 204]
    assert names(api) == ["A", "B"]


def test_a_change_set_echoes_its_content_ids_in_a_wrapper_of_its_own(api: Api) -> None:
    answer = send(api, text(change_set(lead("A"), lead("B"), ids=["100001", "x"]), request("GET", "leads/$count")))
    first, second, counted = parts(answer)
    assert [(part.status, part.content_id, part.set) for part in (first, second)] == [(204, "100001", 0), (204, "x", 0)]
    assert (counted.body, counted.set) == ("2", None)
    assert "boundary=changesetresponse_" in answer.text


def test_a_change_set_is_undone_as_a_whole(api: Api) -> None:
    failing = change_set(lead("A"), request("DELETE", f"leads({NOWHERE})"), lead("B"))
    answer = send(api, text(lead("before"), failing, lead("after")))
    assert answer.status_code == 404
    _, refusal = parts(answer)
    assert (refusal.status, refusal.content_id, refusal.set) == (404, "2", 1)
    assert names(api) == ["before"]


def test_after_a_change_set_that_failed_others_run_if_asked_to(api: Api) -> None:
    failing = change_set(lead("A"), request("DELETE", f"leads({NOWHERE})"))
    answer = send(api, text(failing, change_set(lead("B"), lead("C"))), **GO_ON)
    assert answer.status_code == 200
    assert [part.status for part in parts(answer)] == [404, 204, 204]
    assert names(api) == ["B", "C"]


def test_the_error_of_a_change_set_stands_bare_by_switch(start: Start) -> None:
    api = start("changeset_error_bare")
    answer = send(api, text(change_set(lead("A"), request("DELETE", f"leads({NOWHERE})"))))
    (refusal,) = parts(answer)
    assert (refusal.status, refusal.set) == (404, None)
    assert "changesetresponse_" not in answer.text


def test_content_ids_refer_to_rows_made_before_in_urls_binds_and_ids(api: Api) -> None:
    account = request("POST", "accounts", {"name": "Acme"})
    contact = request("POST", "contacts", {"lastname": "Roe", "parentcustomerid_account@odata.bind": "$1"})
    primary = request("PATCH", "$1", {"primarycontactid@odata.bind": "$2"}).replace("/api/data/v9.2/$1", "$1")
    api.control("privileges", table="account", depth="Global")
    answer = send(api, text(change_set(account, contact, primary)))
    assert [part.status for part in parts(answer)] == [204, 204, 204], answer.text
    (found,) = api.rows("accounts?$select=name&$expand=primarycontactid($select=lastname),contact_customer_accounts")
    assert found["primarycontactid"]["lastname"] == "Roe"
    assert len(found["contact_customer_accounts"]) == 1


def test_a_reference_to_something_later_is_refused(api: Api) -> None:
    contact = request("POST", "contacts", {"lastname": "Roe", "parentcustomerid_account@odata.bind": "$1"})
    answer = send(api, text(change_set(contact, lead("A"), ids=["2", "1"])))
    (refusal,) = parts(answer)
    assert refusal.status == 400
    assert refusal.body["error"]["message"] == "Content-ID Reference: '$1' does not exist in the batch context."


def test_a_reference_works_where_the_answer_is_the_row(api: Api) -> None:
    made = request("POST", "leads?$select=lastname", {"lastname": "A"}, Prefer="return=representation")
    change = request("PATCH", "$1", {"firstname": "Ann"}).replace("/api/data/v9.2/$1", "$1")
    first, _ = parts(send(api, text(change_set(made, change))))
    assert (first.status, first.body["lastname"]) == (201, "A")
    assert api.rows("leads?$select=firstname")[0]["firstname"] == "Ann"


def test_there_is_no_reading_in_a_change_set(api: Api) -> None:
    (refusal,) = parts(send(api, text(change_set(request("GET", "leads")))))
    assert refusal.status == 400


def test_a_batch_holds_no_batch(api: Api) -> None:
    (refusal,) = parts(send(api, text(request("POST", "$batch", {}))))
    assert refusal.status == 400


def test_more_than_a_thousand_operations_are_refused_as_a_whole(api: Api) -> None:
    counted = request("GET", "leads/$count")
    assert send(api, text(*[counted] * 1_000)).status_code == 200
    refusal = send(api, text(lead("A"), *[counted] * 1_000))
    assert refusal.status_code == 400
    assert refusal.headers["Content-Type"].startswith("application/json")
    assert names(api) == []


def test_line_feeds_alone_are_not_readable_unless_lenient(start: Start) -> None:
    strict, lenient = start(), start("lenient_line_feeds")
    bare = text(lead("A")).replace("\r\n", "\n")
    refusal = send(strict, bare)
    assert error(refusal) == (400, "0x80048d19")
    assert "Stream was not readable." in refusal.json()["error"]["message"]
    assert [part.status for part in parts(send(strict, bare + "\n\n"))] == [204]
    assert [part.status for part in parts(send(lenient, bare))] == [204]


def test_line_feeds_inside_a_json_body_do_not_matter(api: Api) -> None:
    pretty = lead("A").replace('{"lastname": "A"}', '{\n  "lastname": "A"\n}')
    assert [part.status for part in parts(send(api, text(pretty)))] == [204]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no delimiter",
        "--batch_x\r\n",
        text(lead("A")).removesuffix("--batch_x--\r\n"),
        text(lead("A")).replace("HTTP/1.1", ""),
        text(lead("A")).replace("application/http", "text/plain"),
        "--batch_x\r\n\r\n--batch_x--\r\n",
    ],
)
def test_what_is_no_batch_is_refused_as_json(api: Api, body: str) -> None:
    assert error(send(api, body)) == (400, "0x80048d19")
    assert names(api) == []


def test_a_batch_without_a_boundary_is_refused(api: Api) -> None:
    assert error(send(api, text(lead("A")), **{"Content-Type": "application/json"})) == (400, "0x80048d19")


def test_throttling_refuses_the_whole_batch_as_json(api: Api) -> None:
    api.fault("rate_limit")
    answer = send(api, text(lead("A")))
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("application/json")
    assert names(api) == []


def test_a_long_query_goes_where_an_address_cannot(api: Api) -> None:
    condition = " or ".join(f"lastname eq '{'x' * 90}{number}'" for number in range(400))
    assert len(condition) > 32_768
    assert api.get(f"leads?$filter={condition}").status_code >= 400
    _, found = parts(send(api, text(lead("A"), request("GET", f"leads?$filter={condition.replace(' ', '%20')}"))))
    assert (found.status, found.body["value"]) == (200, [])


def test_blanks_in_an_inner_address_need_no_encoding(api: Api) -> None:
    _, found = parts(send(api, text(lead("A B"), request("GET", "leads?$select=lastname&$filter=lastname eq 'A B'"))))
    assert [row["lastname"] for row in found.body["value"]] == ["A B"]
