"""Signing in, describing, reading and writing, against an instance that answers as Marketo's guide says."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mksync.core.records import Field, FieldType, Gone, Record, Write
from mksync.errors import AccessError, ConfigError, MksyncError, OutcomeUnknown, Temporary
from mksync.ports import Misuse, Port
from mksync.vendors.marketo import VENDOR
from mksync.vendors.marketo.errors import RequestRefused
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.conftest import DESCRIBE2, SECRET, TOKEN, Instance, asked, failed, ok, settings
from tests.wire.scripted import FakeClock, Heard, Say

LEADS = "/rest/v1/leads.json"
FIELDS = ["email", "title", "mksyncCrmId"]


def _person(id: int, **values: object) -> dict[str, object]:
    return {"id": id, "email": f"p{id}@example.com", "title": None, "mksyncCrmId": None, **values}


def _synced(heard: Instance) -> list[Mapping[str, Any]]:
    return [call.json() for call in heard.calls(LEADS) if call.method == "POST" and not call.query]


# Signing in


def test_the_secret_is_sent_in_the_body_and_the_token_in_the_header(instance: Instance, port: Port) -> None:
    instance.people["1"] = _person(1)
    list(port.fetch("person", ["1"], FIELDS))
    sign_in = instance.server.heard[0]
    assert (sign_in.method, sign_in.path, sign_in.query) == ("POST", "/identity/oauth/token", {})
    assert sign_in.form["client_secret"] == [SECRET]
    assert sign_in.form["grant_type"] == ["client_credentials"]
    for heard in instance.server.heard[1:]:
        assert heard.headers["authorization"] == f"Bearer {TOKEN['access_token']}"
    assert not any("access_token" in heard.query for heard in instance.server.heard)


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized"])
@pytest.mark.parametrize("status", [200, 401])
def test_wrong_credentials_are_an_access_error(instance: Instance, port: Port, error: str, status: int) -> None:
    refused = Say(status, {"error": error, "error_description": f"Bad client credentials {SECRET}"})
    instance.says("/identity/oauth/token", refused)
    with pytest.raises(AccessError, match=r"Bad client credentials \*\*\*") as caught:
        port.identify()
    assert "LaunchPoint" in caught.value.hint


def test_an_instance_is_known_by_its_munchkin_id() -> None:
    class SignedIn:
        calls = 0
        leads = None
        user = "mksync@api.example.com"

    made = VENDOR.settings({"url": "123-abc-456.mktorest.com", "client_id": "i", "client_secret": "s"}, "here")
    found = MarketoPort(made, SignedIn()).identify()  # type: ignore[arg-type]
    assert (found.system, found.organisation, found.user) == ("Marketo", "123-ABC-456", "mksync@api.example.com")


def test_another_host_is_known_by_its_address(instance: Instance, port: Port) -> None:
    found = port.identify()
    assert found.organisation == instance.server.url.removeprefix("http://")
    assert found.user == "mksync@api.example.com"


def test_an_expired_token_is_renewed_and_the_refused_call_not_counted(instance: Instance, port: Port) -> None:
    instance.says("/rest/v1/leads/describe.json", failed("602", "Access token expired"))
    port.describe("person")
    assert len(instance.calls("/identity/oauth/token")) == 2
    assert port.calls == 2


# Reading


def test_every_id_is_answered_for_in_batches_of_300(instance: Instance, port: Port) -> None:
    instance.people.update({str(id): _person(id) for id in range(1, 701) if id != 350})
    found = list(port.fetch("person", [str(id) for id in range(1, 701)], FIELDS))
    assert [one.id for one in found] == [str(id) for id in range(1, 701)]
    assert [one for one in found if isinstance(one, Gone)] == [Gone("person", "350", "deleted")]
    assert [len(asked(call)["filterValues"].split(",")) for call in instance.calls(LEADS)] == [300, 300, 100]


def test_a_record_holds_the_fields_that_were_asked_for_empty_ones_included(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([{"id": 7, "email": " Ana@example.com", "unsubscribed": False}]))
    [found] = port.fetch("person", ["7"], ["email", "title", "unsubscribed"])
    assert found == Record("person", "7", {"email": "Ana@example.com", "title": None, "unsubscribed": False})


def test_a_field_that_is_not_described_is_not_asked_for_and_not_read_as_empty(instance: Instance, port: Port) -> None:
    instance.people["7"] = _person(7)
    [found] = port.fetch("person", ["7"], ["email", "vanished"])
    assert isinstance(found, Record)
    assert set(found.values) == {"email"}
    assert asked(instance.calls(LEADS)[0])["fields"] == "id,email"


def test_pages_are_followed_to_the_last(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([_person(1)], nextPageToken="AB==", moreResult=True), ok([_person(2)]))
    found = list(port.find("person", "email", ["p1@example.com", "p2@example.com"], FIELDS))
    assert [one.id for one in found] == ["1", "2"]
    assert asked(instance.calls(LEADS)[1])["nextPageToken"] == "AB=="


def test_a_read_that_is_too_long_for_an_address_is_sent_as_a_form(instance: Instance, port: Port) -> None:
    values = [f"somebody.with.a.long.name.{number}@example.com" for number in range(300)]
    instance.says(LEADS, ok([]))
    assert list(port.find("person", "email", values, FIELDS)) == []
    [call] = instance.calls(LEADS)
    assert (call.method, call.query) == ("POST", {"_method": ["GET"]})
    assert call.form["filterValues"] == [",".join(values)]


def test_a_value_with_a_comma_is_not_put_into_the_list(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([]))
    list(port.find("person", "email", ['"a,b"@example.com', "c@example.com", ""], FIELDS))
    [call] = instance.calls(LEADS)
    assert asked(call)["filterValues"] == "c@example.com"


def test_an_email_address_is_asked_for_in_lower_case_as_well_and_each_person_told_once(
    instance: Instance, port: Port
) -> None:
    instance.says(LEADS, ok([_person(1), _person(1)]))
    assert len(list(port.find("person", "email", ["P1@Example.com"], FIELDS))) == 1
    assert asked(instance.calls(LEADS)[0])["filterValues"] == "P1@Example.com,p1@example.com"


def test_only_values_with_a_comma_means_nothing_is_asked(instance: Instance, port: Port) -> None:
    assert list(port.find("person", "email", ["a,b@example.com"], FIELDS)) == []
    assert instance.calls(LEADS) == []


TOO_MANY = failed("1003", "Too many results match the filter")


def test_a_filter_with_too_many_matches_is_split(instance: Instance, port: Port) -> None:
    def answer(heard: Heard) -> Say:
        values = asked(heard)["filterValues"].split(",")
        return TOO_MANY if len(values) > 2 else ok([_person(int(value[1])) for value in values])

    values = [f"p{id}@example.com" for id in range(1, 6)]
    original = instance.server.script
    instance.server.script = lambda heard: answer(heard) if heard.path == LEADS else original(heard)
    assert {one.id for one in port.find("person", "email", values, FIELDS)} == {"1", "2", "3", "4", "5"}


def test_one_value_with_too_many_matches_is_named(instance: Instance, port: Port) -> None:
    instance.says(LEADS, TOO_MANY)
    with pytest.raises(MksyncError, match=r"more than 1,000 people have the email 'none@example\.com'"):
        list(port.find("person", "email", ["none@example.com"], FIELDS))


def test_another_1003_is_not_split(instance: Instance, port: Port) -> None:
    instance.says(LEADS, failed("1003", "Invalid filterType"))
    with pytest.raises(RequestRefused):
        list(port.find("person", "email", ["a@example.com", "b@example.com"], FIELDS))


def test_what_cannot_be_an_objects_name_is_a_configuration_error(instance: Instance, port: Port) -> None:
    with pytest.raises(ConfigError, match="no object"):
        port.describe("oppo/../leads")
    assert instance.server.heard == []


# Writing


def _update(ref: int, id: int, **values: Any) -> Write:
    return Write(ref, "person", str(id), values)


def _create(ref: int, token: str | None, **values: Any) -> Write:
    return Write(ref, "person", None, values, token=token)


def test_an_update_goes_by_id_and_tells_what_marketo_then_holds(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([{"id": 7, "status": "updated"}]))
    instance.people["7"] = _person(7, title="Chief", email="ANA@example.com")
    [outcome] = port.write("person", [_update(1, 7, title="Chief  ", budget="0.10")], FIELDS)
    [sent] = _synced(instance)
    assert sent == {
        "action": "updateOnly",
        "lookupField": "id",
        "input": [{"title": "Chief  ", "budget": 0.10, "id": 7}],
    }
    assert outcome.kind == "written"
    assert not outcome.created
    assert outcome.record == Record("person", "7", {"email": "ANA@example.com", "title": "Chief", "mksyncCrmId": None})


def test_a_create_goes_by_the_cross_id_so_that_a_repetition_finds_it(instance: Instance, clock: FakeClock) -> None:
    port = VENDOR.open(settings(instance.server.url, partition="EMEA"), clock)
    instance.says(LEADS, ok([{"id": 9, "status": "created"}, {"id": 8, "status": "updated"}]))
    instance.people.update({"8": _person(8, mksyncCrmId="C-2"), "9": _person(9, mksyncCrmId="C-1")})
    writes = [_create(1, "C-1", email="p9@example.com"), _create(2, "C-2", title=None)]
    outcomes = list(port.write("person", writes, FIELDS))
    [sent] = _synced(instance)
    assert (sent["action"], sent["lookupField"], sent["partitionName"]) == ("createOrUpdate", "mksyncCrmId", "EMEA")
    assert sent["input"] == [
        {"email": "p9@example.com", "mksyncCrmId": "C-1"},
        {"title": None, "mksyncCrmId": "C-2"},
    ]
    assert [(one.ref, one.created) for one in outcomes] == [(1, True), (2, False)]
    assert [one.record and one.record.id for one in outcomes] == ["9", "8"]


def test_a_create_without_a_token_is_a_mistake_of_the_caller(port: Port) -> None:
    with pytest.raises(Misuse, match="token"):
        list(port.write("person", [_create(1, None)], FIELDS))


def test_one_records_refusal_changes_nothing_for_another(instance: Instance, port: Port) -> None:
    message = "Invalid value for field 'email' and value 'bademail'"
    skipped = {"status": "skipped", "reasons": [{"code": "1003", "message": message}]}
    instance.says(LEADS, ok([skipped, {"id": 7, "status": "updated"}]))
    instance.people["7"] = _person(7)
    first, second = port.write("person", [_update(1, 6, email="bademail"), _update(2, 7, title="x")], FIELDS)
    assert (first.ref, first.kind) == (1, "refused")
    assert first.refusal is not None
    assert (first.refusal.code, first.refusal.message, first.refusal.fields) == ("1003", message, ("email",))
    assert (second.ref, second.kind) == (2, "written")


NOT_FOUND = {"status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}


def test_an_update_of_somebody_who_is_not_there_is_gone_not_refused(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([NOT_FOUND]))
    [outcome] = port.write("person", [_update(1, 7, title="x")], FIELDS)
    assert outcome.kind == "gone"


def test_somebody_deleted_between_writing_and_reading_back_is_gone(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([{"id": 7, "status": "updated"}]))
    [outcome] = port.write("person", [_update(1, 7, title="x")], FIELDS)
    assert outcome.kind == "gone"


def test_a_person_who_names_an_unknown_sales_person_leaves_the_others_alone(instance: Instance, port: Port) -> None:
    refused = failed("718", "ExternalSalesPersonID not found")
    instance.says(LEADS, refused, refused, ok([{"id": 8, "status": "updated"}]))
    instance.people["8"] = _person(8)
    outcomes = port.write("person", [_update(1, 7, title="x"), _update(2, 8, title="y")], FIELDS)
    assert [(one.ref, one.kind) for one in outcomes] == [(1, "refused"), (2, "written")]


def _echo(instance: Instance) -> Callable[[Heard], Say]:
    original = instance.server.script

    def answer(heard: Heard) -> Say:
        if heard.path != LEADS or heard.method != "POST" or heard.query:
            return original(heard)
        records = heard.json()["input"]
        instance.people.update({str(one["id"]): _person(one["id"]) for one in records})
        return ok([{"id": one["id"], "status": "updated"} for one in records])

    return answer


def test_no_batch_holds_one_key_twice(instance: Instance, port: Port) -> None:
    instance.server.script = _echo(instance)
    outcomes = list(port.write("person", [_update(1, 7, title="a"), _update(2, 7, title="b")], FIELDS))
    assert [[one["title"] for one in sent["input"]] for sent in _synced(instance)] == [["a"], ["b"]]
    assert [one.ref for one in outcomes] == [1, 2]


def test_a_batch_stays_below_a_megabyte(instance: Instance, port: Port) -> None:
    instance.server.script = _echo(instance)
    writes = [_update(ref, ref, mktoPersonNotes="é" * 15_000) for ref in range(1, 101)]
    outcomes = list(port.write("person", writes, FIELDS))
    assert [one.ref for one in outcomes] == list(range(1, 101))
    bodies = [call.body for call in instance.calls(LEADS) if call.method == "POST" and not call.query]
    assert len(bodies) == 4
    assert max(map(len, bodies)) < 1_000_000


@pytest.mark.parametrize("lost", [Say(reset=True), failed("604", "Request timed out"), failed("502", "Bad Gateway")])
def test_an_update_whose_answer_is_lost_is_sent_again(instance: Instance, port: Port, lost: Say) -> None:
    instance.says(LEADS, lost, ok([{"id": 7, "status": "updated"}]))
    instance.people["7"] = _person(7)
    [outcome] = port.write("person", [_update(1, 7, title="x")], FIELDS)
    assert outcome.kind == "written"
    assert len(_synced(instance)) == 2


@pytest.mark.parametrize("lost", [Say(reset=True), failed("604", "Request timed out"), failed("502", "Bad Gateway")])
def test_a_create_whose_answer_is_lost_is_left_to_be_read_before_it_is_sent_again(
    instance: Instance, port: Port, lost: Say
) -> None:
    instance.says(LEADS, lost)
    with pytest.raises(OutcomeUnknown):
        list(port.write("person", [_create(1, "C-1")], FIELDS))
    assert len(_synced(instance)) == 1


def test_a_throttled_create_is_sent_again(instance: Instance, port: Port, clock: FakeClock) -> None:
    instance.says(LEADS, failed("606", "Max rate limit '100' exceeded with in '20' secs"))
    instance.says(LEADS, ok([{"id": 9, "status": "created"}]))
    instance.people["9"] = _person(9)
    [outcome] = port.write("person", [_create(1, "C-1")], FIELDS)
    assert outcome.created
    assert clock.sleeps[0] >= 20


def test_results_that_do_not_match_the_input_leave_the_outcome_unknown(instance: Instance, port: Port) -> None:
    instance.says(LEADS, ok([]))
    with pytest.raises(OutcomeUnknown):
        list(port.write("person", [_update(1, 7)], FIELDS))


def test_a_write_that_cannot_be_read_back_has_an_unknown_outcome(instance: Instance, port: Port) -> None:
    port.describe("person")
    instance.says(LEADS, ok([{"id": 7, "status": "updated"}]), failed("607", "Daily quota reached"))
    with pytest.raises(OutcomeUnknown):
        list(port.write("person", [_update(1, 7)], FIELDS))


def test_a_missing_permission_is_an_access_error(instance: Instance, port: Port) -> None:
    instance.says(LEADS, failed("603", "Access denied"))
    with pytest.raises(AccessError, match="603"):
        list(port.write("person", [_update(1, 7)], FIELDS))


# Fields


def test_a_custom_field_is_created_once(instance: Instance, port: Port) -> None:
    path = "/rest/v1/leads/schema/fields.json"
    instance.says(path, ok([{"name": "crmKey", "status": "created"}]))
    port.create_field("person", Field("crmKey", "CRM key", FieldType.TEXT))
    [call] = instance.calls(path)
    assert call.json() == {"input": [{"displayName": "CRM key", "name": "crmKey", "dataType": "string"}]}
    port.create_field("person", Field("mksyncCrmId", "CRM id", FieldType.TEXT))  # exists
    assert len(instance.calls(path)) == 1


def test_a_field_that_marketo_does_not_create_is_an_error(instance: Instance, port: Port) -> None:
    skipped = {"status": "skipped", "reasons": [{"code": "1003", "message": "Display name in use"}]}
    instance.says("/rest/v1/leads/schema/fields.json", ok([skipped]))
    with pytest.raises(RequestRefused, match="Display name in use"):
        port.create_field("person", Field("crmKey", "CRM key", FieldType.TEXT))


# Budget


def test_the_daily_budget_goes_by_marketos_own_count_of_this_user(instance: Instance, clock: FakeClock) -> None:
    port = VENDOR.open(settings(instance.server.url, daily_calls=100), clock)
    users = [{"userId": "other@api.example.com", "count": 900}, {"userId": TOKEN["scope"], "count": 97}]
    instance.says("/rest/v1/stats/usage.json", ok([{"date": "2026-03-02", "total": 998, "users": users}]))
    with pytest.raises(Temporary, match="quota reserve"):
        list(port.changes({"person": FIELDS}, None))
    assert len(instance.server.heard) == 1 + 1 + 2  # sign-in, usage, and the two calls that were left


# Checks


@pytest.fixture
def healthy(instance: Instance) -> Instance:
    instance.says(LEADS, ok([NOT_FOUND]))
    instance.says("/rest/v1/activities/pagingtoken.json", ok(nextPageToken="A="))
    instance.says("/rest/v1/activities.json", ok(nextPageToken="B=", moreResult=False))
    instance.says("/rest/v1/activities/deletedleads.json", ok(nextPageToken="C=", moreResult=False))
    return instance


def test_a_healthy_instance_passes_every_check(healthy: Instance, port: Port) -> None:
    found = list(port.checks())
    assert [check.name for check in found if not check.passed] == []
    assert len(found) == 6


def test_asking_for_the_permission_to_write_names_nobody(healthy: Instance, port: Port) -> None:
    list(port.checks())
    assert _synced(healthy) == [{"action": "updateOnly", "lookupField": "id", "input": [{"id": 0}]}]


def _failing(port: Port) -> dict[str, str]:
    return {check.name: f"{check.finding} | {check.remedy}" for check in port.checks() if not check.passed}


def test_a_refused_sign_in_ends_the_checks(instance: Instance, port: Port) -> None:
    instance.says("/identity/oauth/token", Say(401, {"error": "invalid_client"}))
    [check] = port.checks()
    assert (check.passed, check.exit_code) == (False, 8)
    assert check.remedy


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/rest/v1/leads/describe.json", "Marketo people, read"),
        (LEADS, "Marketo people, write"),
        ("/rest/v1/activities/pagingtoken.json", "Marketo activities"),
        ("/rest/v1/activities/deletedleads.json", "Marketo activities"),
    ],
)
def test_a_missing_permission_fails_its_check_only(healthy: Instance, port: Port, path: str, name: str) -> None:
    healthy.queued[path] = [failed("603", "Access denied"), *healthy.queued.get(path, [])]
    failing = _failing(port)
    assert list(failing) == [name]
    assert "Users & Roles" in failing[name]


@pytest.mark.parametrize(
    "field", [{"name": "sfdcLeadId", "dataType": "string"}, {"name": "title", "dataType": "string", "crmManaged": True}]
)
def test_a_built_in_sync_is_found(healthy: Instance, port: Port, field: dict[str, object]) -> None:
    healthy.says("/rest/v1/leads/describe2.json", ok([{**DESCRIBE2, "fields": [field]}]))
    assert list(_failing(port)) == ["Marketo's built-in CRM sync"]


def test_a_missing_key_field_names_the_command_that_creates_it(healthy: Instance, clock: FakeClock) -> None:
    port = VENDOR.open(settings(healthy.server.url, key_field="otherKey"), clock)
    healthy.says("/rest/v1/leads/schema/fields.json", failed("603", "Access denied"))
    failing = _failing(port)
    assert list(failing) == ["Marketo field otherKey"]
    assert "Read-Write Schema Custom Field" in failing["Marketo field otherKey"]
    assert "mksync init --create-key-field" in failing["Marketo field otherKey"]


@pytest.mark.parametrize(("key", "why"), [("leadScore", "of type integer"), ("title", "not searchable")])
def test_a_key_field_that_cannot_serve_fails(healthy: Instance, clock: FakeClock, key: str, why: str) -> None:
    port = VENDOR.open(settings(healthy.server.url, key_field=key), clock)
    assert why in _failing(port)[f"Marketo field {key}"]
