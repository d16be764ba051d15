"""Companies, sales persons, opportunities, roles and custom objects: writing and deleting them."""

from collections.abc import Mapping
from typing import Any

import pytest

from mksync.core.records import Outcome, Record, Value, Write
from mksync.errors import OutcomeUnknown
from mksync.ports import Misuse, Port, Unavailable
from mksync.vendors.marketo.errors import RequestRefused
from tests.vendors.marketo.conftest import Instance, failed, ok
from tests.vendors.marketo.object_replies import DESCRIBED, delete_path, describe_path, path
from tests.wire.scripted import Heard, Say

COMPANIES = path("company")


@pytest.fixture(autouse=True)
def described(instance: Instance) -> Instance:
    for object, (_, raw) in DESCRIBED.items():
        instance.standing[describe_path(object)] = ok([raw])
    return instance


def _new(ref: int, **values: Value) -> Write:
    return Write(ref, "company", None, values)


def _update(ref: int, id: str, **values: Value) -> Write:
    return Write(ref, "company", id, values)


def _delete(ref: int, id: str, object: str = "company") -> Write:
    return Write(ref, object, id, {}, delete=True)


def _skipped(seq: int, code: str, message: str) -> dict[str, Any]:
    return {"seq": seq, "status": "skipped", "reasons": [{"code": code, "message": message}]}


def _synced(instance: Instance, place: str = COMPANIES) -> list[Mapping[str, Any]]:
    return [call.json() for call in instance.calls(place) if call.method == "POST" and not call.query]


def _by_ref(port: Port, *writes: Write, fields: tuple[str, ...] = ("company",)) -> dict[int, Outcome]:
    outcomes = list(port.write(writes[0].object, writes, fields))
    assert len(outcomes) == len(writes)
    return {outcome.ref: outcome for outcome in outcomes}


# Creating and updating


def test_a_new_record_goes_by_its_key_and_is_read_back_by_its_id(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, ok([{"seq": 0, "status": "created", "id": 1232}]))
    instance.says(COMPANIES, ok([{"seq": 0, "id": 1232, "company": "Acme", "annualRevenue": 1500.50}]))
    write = _new(1, externalCompanyId="001A", company="Acme ", annualRevenue="1500.5")
    assert list(port.write("company", [write], ["company", "annualRevenue"])) == [
        Outcome(1, "written", Record("company", "1232", {"company": "Acme", "annualRevenue": "1500.5"}), created=True)
    ]
    assert _synced(instance) == [
        {
            "action": "createOrUpdate",
            "dedupeBy": "dedupeFields",
            "input": [{"externalCompanyId": "001A", "company": "Acme ", "annualRevenue": 1500.5}],
        }
    ]
    read = instance.calls(COMPANIES)[1]
    assert (read.query["filterType"], read.query["filterValues"]) == (["id"], ["1232"])


def test_an_update_goes_by_the_id_and_needs_no_key(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, ok([{"seq": 0, "status": "updated", "id": 7}]), ok([{"seq": 0, "id": 7}]))
    outcome = _by_ref(port, _update(1, "7", company=None))[1]
    assert (outcome.kind, outcome.created) == ("written", False)
    assert outcome.record == Record("company", "7", {"company": None})
    assert _synced(instance) == [{"action": "updateOnly", "dedupeBy": "idField", "input": [{"company": None, "id": 7}]}]


def test_a_guid_stays_a_text(instance: Instance, port: Port) -> None:
    place = path("opportunity")
    instance.says(place, ok([{"seq": 0, "status": "updated", "marketoGUID": "g1"}]), ok([{"marketoGUID": "g1"}]))
    [outcome] = port.write("opportunity", [Write(1, "opportunity", "g1", {"isWon": None, "amount": "10"})], ["isWon"])
    assert outcome.record == Record("opportunity", "g1", {"isWon": False})
    assert _synced(instance, place)[0]["input"] == [{"isWon": False, "amount": 10, "marketoGUID": "g1"}]


def test_results_go_by_their_seq_whatever_their_order(instance: Instance, port: Port) -> None:
    results = [
        {"seq": 2, "status": "updated", "id": 3},
        _skipped(0, "1003", "Invalid value for field 'company' and value 'x'"),
        {"seq": 1, "status": "created", "id": 2},
    ]
    instance.says(COMPANIES, ok(results), ok([{"id": 3, "company": "C"}, {"id": 2, "company": "B"}]))
    outcomes = _by_ref(port, *(_new(n, externalCompanyId=f"00{n}", company="x") for n in (10, 11, 12)))
    assert [outcomes[n].kind for n in (10, 11, 12)] == ["refused", "written", "written"]
    assert outcomes[10].refusal is not None
    assert outcomes[10].refusal.fields == ("company",)
    records = [outcomes[n].record for n in (11, 12)]
    assert [record and (record.id, record.values) for record in records] == [
        ("2", {"company": "B"}),
        ("3", {"company": "C"}),
    ]
    assert [outcomes[n].created for n in (11, 12)] == [True, False]


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"status": "created", "id": 1}],
        [{"seq": 1, "status": "created", "id": 1}],
        [{"seq": 0, "status": "created"}],
        [{"seq": 0, "status": "created", "id": 1}, {"seq": 0, "status": "created", "id": 2}],
    ],
)
def test_results_that_cannot_be_told_apart_leave_the_outcome_unknown(
    instance: Instance, port: Port, results: list[dict[str, object]]
) -> None:
    instance.says(COMPANIES, ok(results))
    with pytest.raises(OutcomeUnknown):
        list(port.write("company", [_new(1, externalCompanyId="001A")], ["company"]))


@pytest.mark.parametrize(
    "write",
    [
        _new(1, company="Acme"),
        _new(1, externalCompanyId=None, company="Acme"),
        Write(1, "role", None, {"externalOpportunityId": "006A", "leadId": 7}),
    ],
)
def test_a_record_without_its_whole_key_is_a_mistake_of_the_caller(
    instance: Instance, port: Port, write: Write
) -> None:
    with pytest.raises(Misuse, match="is created by its"):
        list(port.write(write.object, [write], ["company"]))
    assert _synced(instance) == []


def test_a_role_is_recognised_by_all_of_its_key(instance: Instance, port: Port) -> None:
    place = path("role")
    instance.says(place, ok([{"seq": n, "status": "created", "marketoGUID": f"g{n}"} for n in range(2)]))
    instance.says(place, ok([{"marketoGUID": "g0"}, {"marketoGUID": "g1"}]))
    keys = [{"externalOpportunityId": "006A", "leadId": 7, "role": role} for role in ("Buyer", "User")]
    outcomes = list(port.write("role", [Write(n, "role", None, key) for n, key in enumerate(keys)], []))
    assert [one.record and one.record.id for one in outcomes] == ["g0", "g1"]
    assert [sent["input"] for sent in _synced(instance, place)] == [keys]


def _echo(instance: Instance) -> None:
    original = instance.server.script

    def answer(heard: Heard) -> Say:
        if heard.path != COMPANIES:
            return original(heard)
        if heard.method == "POST" and not heard.query:
            records = heard.json()["input"]
            return ok([{"seq": n, "status": "updated", "id": one.get("id", n)} for n, one in enumerate(records)])
        values = dict(heard.query) if heard.method == "GET" else dict(heard.form)
        return ok([{"id": int(id), "company": None} for id in values["filterValues"][0].split(",")])

    instance.server.script = answer


def test_no_batch_holds_one_key_twice_in_any_case(instance: Instance, port: Port) -> None:
    _echo(instance)
    keys = ["001A", "001B", "001a", "001C"]
    outcomes = _by_ref(port, *(_new(n, externalCompanyId=key) for n, key in enumerate(keys)))
    assert [[one["externalCompanyId"] for one in sent["input"]] for sent in _synced(instance)] == [
        ["001A", "001B"],
        ["001a", "001C"],
    ]
    assert [outcomes[n].kind for n in range(4)] == ["written"] * 4


def test_more_than_300_go_in_several_calls(instance: Instance, port: Port) -> None:
    _echo(instance)
    outcomes = _by_ref(port, *(_update(n, str(n), company="x") for n in range(1, 602)))
    assert [len(sent["input"]) for sent in _synced(instance)] == [300, 300, 1]
    records = [outcomes[n].record for n in (1, 301, 601)]
    assert [record and record.id for record in records] == ["1", "301", "601"]


# What Marketo refuses


@pytest.mark.parametrize(
    ("object", "code", "message", "cause"),
    [
        ("opportunity", "718", "ExternalSalesPersonID not found", "does not know the sales person"),
        ("role", "1004", "Lead not found", "the person that the record belongs to"),
        ("role", "1013", "Object not found", "one that it names, does not exist"),
        ("company", "1017", "Object already exists", "exists already"),
        ("company", "1036", "Duplicate object found in input", "twice in one batch"),
        ("opportunity", "1003", "Value for required field 'name' not specified", "not valid"),
    ],
)
def test_a_refusal_says_what_it_means_of_this_object(
    instance: Instance, port: Port, object: str, code: str, message: str, cause: str
) -> None:
    instance.says(path(object), ok([_skipped(0, code, message)]))
    key: dict[str, Value] = {"externalOpportunityId": "006A", "leadId": 7, "role": "Buyer", "externalCompanyId": "001A"}
    dedupe = DESCRIBED[object][1]["dedupeFields"]
    [outcome] = port.write(object, [Write(1, object, None, {name: key[name] for name in dedupe})], [])
    assert outcome.kind == "refused"
    assert outcome.refusal is not None
    assert (outcome.refusal.code, outcome.refusal.message) == (code, message)
    assert cause in outcome.refusal.cause
    assert not outcome.refusal.passing


@pytest.mark.parametrize("code", ["718", "1003", "1004", "1013"])
def test_a_record_for_which_a_whole_batch_is_refused_is_found_and_the_others_are_written(
    instance: Instance, port: Port, code: str
) -> None:
    original = instance.server.script
    bad = {"003", "005"}

    def answer(heard: Heard) -> Say:
        if heard.path != COMPANIES or heard.method != "POST":
            return original(heard)
        keys = [one["externalCompanyId"] for one in heard.json()["input"]]
        if bad & set(keys):
            return failed(code, "one of them is wrong")
        return ok([{"seq": n, "status": "created", "id": int(key)} for n, key in enumerate(keys)])

    instance.server.script = answer
    written = [ok([{"id": n, "company": None} for n in range(9)])] * 10
    instance.says(COMPANIES, *written)
    outcomes = _by_ref(port, *(_new(n, externalCompanyId=f"00{n}") for n in range(8)))
    assert {n for n, one in outcomes.items() if one.kind == "refused"} == {3, 5}
    assert {n for n, one in outcomes.items() if one.kind == "written"} == {0, 1, 2, 4, 6, 7}
    assert outcomes[3].refusal is not None
    assert (outcomes[3].refusal.code, outcomes[3].refusal.message) == (code, "one of them is wrong")


def test_a_refusal_that_is_about_the_call_is_raised_at_once(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, failed("1011", "Lookup field not supported"))
    with pytest.raises(RequestRefused):
        _by_ref(port, _new(1, externalCompanyId="001A"), _new(2, externalCompanyId="001B"))
    assert len(_synced(instance)) == 1


def test_an_update_of_what_is_not_there_is_gone(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, ok([_skipped(0, "1013", "Record not found")]), ok([]))
    assert _by_ref(port, _update(1, "7", company="x"))[1] == Outcome(1, "gone")


def test_an_update_that_names_a_record_that_is_not_there_is_refused(instance: Instance, port: Port) -> None:
    results = [_skipped(0, "1013", "Object not found"), {"seq": 1, "status": "updated", "id": 8}]
    instance.says(COMPANIES, ok(results), ok([{"id": 7, "company": "G"}, {"id": 8, "company": "H"}]))
    outcomes = _by_ref(port, _update(1, "7", externalSalesPersonId="nobody"), _update(2, "8", company="H"))
    assert (outcomes[1].kind, outcomes[2].kind) == ("refused", "written")


def test_a_record_deleted_between_writing_and_reading_back_is_gone(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, ok([{"seq": 0, "status": "updated", "id": 7}]), ok([]))
    assert _by_ref(port, _update(1, "7", company="x"))[1] == Outcome(1, "gone")


@pytest.mark.parametrize("answer", [ok([_skipped(0, "1018", "CRM Enabled")]), failed("1018", "CRM Enabled")])
def test_an_instance_with_a_built_in_sync_takes_no_write(instance: Instance, port: Port, answer: Say) -> None:
    instance.says(COMPANIES, answer)
    with pytest.raises(Unavailable) as caught:
        _by_ref(port, _new(1, externalCompanyId="001A"))
    assert "built-in CRM sync" in caught.value.reason
    assert "switch" in caught.value.remedy


def test_a_role_that_may_only_read_names_what_it_lacks(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, failed("603", "Access denied"))
    with pytest.raises(Unavailable) as caught:
        _by_ref(port, _new(1, externalCompanyId="001A"))
    assert '"Read-Write Company"' in caught.value.remedy


# Deleting


def test_deletes_go_by_the_id_and_hold_nothing_afterwards(instance: Instance, port: Port) -> None:
    results = [_skipped(1, "1013", "Record not found"), {"seq": 0, "status": "deleted", "id": 7}]
    instance.says(delete_path("company"), ok(results))
    assert _by_ref(port, _delete(1, "7"), _delete(2, "8")) == {1: Outcome(1, "written"), 2: Outcome(2, "gone")}
    [call] = instance.calls(delete_path("company"))
    assert call.json() == {"deleteBy": "idField", "input": [{"id": 7}, {"id": 8}]}
    assert instance.calls(COMPANIES) == [], "there is nothing to read back"


def test_a_record_in_use_is_refused_and_tried_again_later(instance: Instance, port: Port) -> None:
    instance.says(delete_path("salesperson"), ok([_skipped(0, "1022", "Object in use")]))
    [outcome] = port.write("salesperson", [_delete(1, "7", "salesperson")], [])
    assert outcome.refusal is not None
    assert outcome.refusal.passing
    assert "in use" in outcome.refusal.cause
    assert "owner" in outcome.refusal.remedy


def test_creates_updates_and_deletes_may_come_together(instance: Instance, port: Port) -> None:
    _echo(instance)
    instance.says(delete_path("company"), ok([{"seq": 0, "status": "deleted", "id": 9}]))
    outcomes = _by_ref(port, _delete(1, "9"), _update(2, "7", company="x"), _new(3, externalCompanyId="001A"))
    assert {ref: one.kind for ref, one in outcomes.items()} == {1: "written", 2: "written", 3: "written"}
    assert outcomes[1].record is None


def test_people_are_not_deleted(instance: Instance, port: Port) -> None:
    with pytest.raises(Misuse, match="not deleted"):
        list(port.write("person", [_delete(1, "7", "person")], []))
    assert instance.calls("/rest/v1/leads/delete.json") == []
    assert instance.calls("/rest/v1/leads.json") == []


# Lost answers

LOST = [Say(reset=True), failed("604", "Request timed out"), failed("502", "Bad Gateway"), Say(cut=10, body={"a": 1})]


@pytest.mark.parametrize("lost", LOST)
def test_a_write_whose_answer_is_lost_is_sent_again(instance: Instance, port: Port, lost: Say) -> None:
    instance.says(COMPANIES, lost, ok([{"seq": 0, "status": "updated", "id": 1}]), ok([{"id": 1, "company": "A"}]))
    assert _by_ref(port, _new(1, externalCompanyId="001A", company="A"))[1].kind == "written"
    first, second = _synced(instance)
    assert first == second


@pytest.mark.parametrize("lost", LOST)
def test_a_delete_whose_answer_is_lost_is_sent_again_and_finds_nothing(
    instance: Instance, port: Port, lost: Say
) -> None:
    instance.says(delete_path("company"), lost, ok([_skipped(0, "1013", "Record not found")]))
    assert _by_ref(port, _delete(1, "7"))[1].kind == "gone"


def test_a_write_that_never_gets_an_answer_has_an_unknown_outcome(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, *[Say(reset=True)] * 10)
    with pytest.raises(OutcomeUnknown):
        _by_ref(port, _new(1, externalCompanyId="001A"))


def test_a_write_that_cannot_be_read_back_has_an_unknown_outcome(instance: Instance, port: Port) -> None:
    instance.says(COMPANIES, ok([{"seq": 0, "status": "updated", "id": 7}]), failed("607", "Daily quota reached"))
    with pytest.raises(OutcomeUnknown):
        _by_ref(port, _update(1, "7", company="x"))
