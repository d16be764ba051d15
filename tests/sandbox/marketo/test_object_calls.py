"""What companies, opportunities, opportunity roles and sales persons have in common."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, code, reason
from tests.sandbox.marketo.conftest import Start
from tests.sandbox.marketo.objects import COMPANIES, KINDS, OPPORTUNITIES, ROLES, SALES_PERSONS, Kind

every = pytest.mark.parametrize("kind", KINDS, ids=[kind.address for kind in KINDS])


@every
def test_an_object_describes_its_keys_and_fields(api: Api, kind: Kind) -> None:
    (told,) = api.get(f"{kind.address}/describe")["result"]
    assert (told["name"], told["idField"], tuple(told["dedupeFields"])) == (kind.name, kind.id, kind.keys)
    assert list(kind.keys) in told["searchableFields"]
    assert [kind.id] in told["searchableFields"]
    fields = {field["name"]: field for field in told["fields"]}
    fixed = {kind.id, "createdAt", "updatedAt", *kind.keys}
    assert {name for name in fixed if fields[name]["updateable"]} == set()
    assert not any(field["crmManaged"] for field in fields.values())
    assert "relationships" not in told


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (COMPANIES, [["externalCompanyId"], ["id"], ["company"]]),
        (OPPORTUNITIES, [["externalOpportunityId"], ["marketoGUID"]]),
        (
            ROLES,
            [["externalOpportunityId", "leadId", "role"], ["marketoGUID"], ["leadId"], ["externalOpportunityId"]],
        ),
        (SALES_PERSONS, [["email"], ["id"], ["externalSalesPersonId"]]),
    ],
)
def test_each_object_has_its_own_keys_to_search_by(api: Api, kind: Kind, keys: list[list[str]]) -> None:
    assert api.get(f"{kind.address}/describe")["result"][0]["searchableFields"] == keys


@pytest.mark.parametrize(
    ("kind", "name", "length"),
    [
        (COMPANIES, "externalCompanyId", 100),
        (COMPANIES, "company", 255),
        (OPPORTUNITIES, "externalOpportunityId", 50),
        (OPPORTUNITIES, "description", 2000),
        (OPPORTUNITIES, "marketoGUID", 36),
        (ROLES, "role", 50),
        (SALES_PERSONS, "externalSalesPersonId", 255),
    ],
)
def test_texts_have_the_documented_lengths(api: Api, kind: Kind, name: str, length: int) -> None:
    fields = {field["name"]: field for field in api.get(f"{kind.address}/describe")["result"][0]["fields"]}
    assert fields[name]["length"] == length


@every
def test_a_record_is_created_then_updated_under_the_same_id(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    created = api.write(kind.address, kind.record(1), kind.record(2))
    assert [(item["seq"], item["status"]) for item in created] == [(0, "created"), (1, "created")]
    updated = api.write(kind.address, kind.record(2), kind.record(3))
    assert [(item["seq"], item["status"]) for item in updated] == [(0, "updated"), (1, "created")]
    assert updated[0] == {"seq": 0, "status": "updated", kind.id: created[1][kind.id]}
    ids = {created[0][kind.id], created[1][kind.id], updated[1][kind.id]}
    assert len(ids) == 3
    assert {isinstance(id, int) for id in ids} == {kind.id == "id"}


@every
def test_creating_what_exists_is_1017_and_updating_what_does_not_is_1013(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    api.write(kind.address, kind.record(1))
    again, new = api.write(kind.address, kind.record(1), kind.record(2), action="createOnly")
    assert (again["seq"], reason(again)) == (0, "1017")
    assert (new["seq"], new["status"]) == (1, "created")
    held, missing = api.write(kind.address, kind.record(1), kind.record(9), action="updateOnly")
    assert held["status"] == "updated"
    assert missing == {
        "seq": 1,
        "status": "skipped",
        "reasons": [{"code": "1013", "message": "Record not found"}],
    }


@every
def test_the_same_key_twice_in_a_batch_is_1036(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    one, other, twin = api.write(kind.address, kind.record(1), kind.record(2), kind.record(1))
    assert [one["status"], other["status"]] == ["created", "created"]
    assert (twin["seq"], reason(twin)) == (2, "1036")


@every
def test_a_record_without_its_key_is_skipped(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    for name in kind.keys:
        for nothing in ({}, {name: None}, {name: ""}):
            record = {**{key: value for key, value in kind.record(1).items() if key != name}, **nothing}
            assert reason(api.write(kind.address, record)[0]) == "1003"


@every
def test_an_update_by_id_needs_update_only_and_the_id(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    id = api.write(kind.address, kind.record(1))[0][kind.id]
    for action in ("createOnly", "createOrUpdate", None):
        body = {"input": [{kind.id: id}], "dedupeBy": "idField", "action": action}
        assert code(api.post(kind.address, body)) == "1003"
    by_id = {"action": "updateOnly", "dedupeBy": "idField"}
    unknown = 999 if kind.id == "id" else "00000000-0000-0000-0000-000000000000"
    found, missing, keyless = api.write(kind.address, {kind.id: id}, {kind.id: unknown}, {}, **by_id)
    assert found == {"seq": 0, "status": "updated", kind.id: id}
    assert (reason(missing), reason(keyless)) == ("1013", "1003")


@every
def test_by_switch_an_upsert_by_id_updates_and_creates_nothing(start: Start, kind: Kind) -> None:
    api = start("id_field_upsert")
    kind.prepare(api)
    id = api.write(kind.address, kind.record(1))[0][kind.id]
    found, missing = api.write(kind.address, {kind.id: id}, {kind.id: 77}, dedupeBy="idField")
    assert found["status"] == "updated"
    assert reason(missing) == "1013"
    assert code(api.post(kind.address, {"input": [{}], "dedupeBy": "idField", "action": "createOnly"})) == "1003"


@every
def test_marketos_own_id_cannot_be_given_to_a_record(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    assert reason(api.write(kind.address, kind.record(1, **{kind.id: 5}))[0]) == "1003"


@every
@pytest.mark.parametrize("options", [{"action": "replace"}, {"dedupeBy": "email"}, {"action": "createDuplicate"}])
def test_a_call_that_makes_no_sense_fails_as_a_whole(api: Api, kind: Kind, options: dict[str, str]) -> None:
    assert code(api.post(kind.address, {"input": [kind.record(1)], **options})) == "1003"


@every
def test_a_batch_holds_one_to_three_hundred_records(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    assert code(api.post(kind.address, {"input": []})) == "1002"
    records = [kind.record(number) for number in range(301)]
    assert code(api.post(kind.address, {"input": records})) == "1003"
    items = api.write(kind.address, *records[:300])
    assert [item["seq"] for item in items] == list(range(300))
    assert {item["status"] for item in items} == {"created"}
    assert code(api.post(f"{kind.address}/delete", {"input": [kind.key(n) for n in range(301)]})) == "1003"


@every
def test_one_bad_record_leaves_the_others_alone(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    items = api.write(
        kind.address,
        kind.record(1, nothing="x"),
        kind.record(2, createdAt="2026-01-01T00:00:00Z"),
        kind.record(3),
    )
    assert [reason(item) for item in items[:2]] == ["1006", "1006"]
    assert items[2]["status"] == "created"
    assert len(kind.find(api, kind.key(1), kind.key(2), kind.key(3))["result"]) == 1


@every
def test_a_query_gives_keys_and_stamps_unless_fields_are_asked_for(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    id = api.write(kind.address, kind.record(1))[0][kind.id]
    (plain,) = api.get(kind.address, filterType="idField", filterValues=id)["result"]
    stamps = {"createdAt": "2026-03-02T10:00:00Z", "updatedAt": "2026-03-02T10:00:00Z"}
    known = {**kind.key(1), **stamps} if kind is not SALES_PERSONS else {**kind.record(1), **stamps}
    assert plain == {"seq": 0, kind.id: id, **known}
    assert api.read(kind.address, kind.id, id, fields="updatedAt") == [{kind.id: id, "updatedAt": stamps["updatedAt"]}]
    asked = f"{kind.text},{kind.id}"
    assert api.read(kind.address, kind.id, id, fields=asked) == [{kind.id: id, kind.text: kind.needs.get(kind.text)}]


@every
def test_a_query_by_key_finds_each_record_and_nothing_else(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    api.write(kind.address, *(kind.record(number) for number in range(5)))
    reply = kind.find(api, kind.key(3), kind.key(1), kind.key(77))
    assert [item["seq"] for item in reply["result"]] == [0, 1]
    assert [{name: item[name] for name in kind.keys} for item in reply["result"]] == [kind.key(1), kind.key(3)]
    assert kind.find(api, kind.key(77))["result"] == []
    assert "nextPageToken" not in reply


@every
def test_a_long_result_comes_in_pages(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    keys = [kind.key(number) for number in range(7)]
    api.write(kind.address, *(kind.record(number) for number in range(7)))
    sizes: list[int] = []
    found: list[Any] = []
    more: dict[str, Any] = {}
    for _ in range(4):
        reply = kind.find(api, *keys, batchSize=3, **more)
        sizes.append(len(reply["result"]))
        found += [{name: item[name] for name in kind.keys} for item in reply["result"]]
        if "nextPageToken" not in reply:
            break
        assert reply["moreResult"] is True
        more = {"nextPageToken": reply["nextPageToken"]}
    assert sizes == [3, 3, 1]
    assert found == keys
    assert "nextPageToken" not in kind.find(api, *keys, batchSize=7)


@every
@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"filterType": "nothing", "filterValues": "x"}, "1006"),
        ({"filterType": "createdAt", "filterValues": "x"}, "1011"),
        ({"filterType": "idField"}, "1002"),
        ({"filterValues": "x"}, "1002"),
        ({"filterType": "idField", "filterValues": "1", "fields": "nothing"}, "1006"),
        ({"filterType": "idField", "filterValues": "1", "batchSize": "301"}, "1003"),
        ({"filterType": "idField", "filterValues": "1", "nextPageToken": "!"}, "1003"),
        ({"filterType": "idField", "filterValues": ",".join(map(str, range(301)))}, "1003"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, kind: Kind, params: dict[str, str], expected: str) -> None:
    assert code(api.get(kind.address, **params)) == expected


@every
def test_a_query_may_come_as_a_form(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    id = api.write(kind.address, kind.record(1))[0][kind.id]
    form = {"filterType": kind.id, "filterValues": id}
    reply = api.session.post(api.url(kind.address), params={"_method": "GET"}, data=form).json()
    assert [item[kind.id] for item in reply["result"]] == [id]


@every
def test_records_are_deleted_by_either_key(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    ids = [item[kind.id] for item in api.write(kind.address, kind.record(1), kind.record(2))]
    gone, missing = api.write(f"{kind.address}/delete", kind.key(1), kind.key(9))
    assert gone == {"seq": 0, kind.id: ids[0], "status": "deleted"}
    assert (missing["seq"], reason(missing)) == (1, "1013")
    again, other = api.write(f"{kind.address}/delete", {kind.id: ids[0]}, {kind.id: ids[1]}, deleteBy="idField")
    assert reason(again) == "1013"
    assert other == {"seq": 1, kind.id: ids[1], "status": "deleted"}
    assert kind.find(api, kind.key(1), kind.key(2))["result"] == []


@every
def test_a_delete_that_makes_no_sense_is_refused(api: Api, kind: Kind) -> None:
    assert code(api.post(f"{kind.address}/delete", {"input": [kind.key(1)], "deleteBy": "email"})) == "1003"
    assert reason(api.write(f"{kind.address}/delete", {})[0]) == "1003"


@every
def test_stamps_move_with_a_change_and_not_without_one(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    value = "2026-01-05T00:00:00Z" if kind is ROLES else "Tables"
    api.write(kind.address, kind.record(1))
    api.sandbox.clock.advance(60)
    api.write(kind.address, kind.record(1))
    assert kind.find(api, kind.key(1), fields=["updatedAt"])["result"][0]["updatedAt"] == "2026-03-02T10:00:00Z"
    api.write(kind.address, kind.record(1, **{kind.text: value}))
    (item,) = kind.find(api, kind.key(1), fields=["createdAt", "updatedAt", kind.text])["result"]
    assert (item["createdAt"], item["updatedAt"]) == ("2026-03-02T10:00:00Z", "2026-03-02T10:01:00Z")
    assert item[kind.text] == value


@pytest.mark.parametrize("kind", [COMPANIES, SALES_PERSONS])
@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_text_clear_a_field(api: Api, kind: Kind, nothing: Any) -> None:
    api.write(kind.address, kind.record(1, **{kind.text: "x"}))
    api.write(kind.address, kind.record(1, **{kind.text: nothing}))
    assert kind.find(api, kind.key(1), fields=[kind.text])["result"][0][kind.text] is None


@every
def test_keys_are_compared_regardless_of_case(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    api.write(kind.address, kind.record(1))
    lower = {name: value.lower() if isinstance(value, str) else value for name, value in kind.key(1).items()}
    assert api.write(kind.address, {**kind.needs, **lower})[0]["status"] == "updated"
    (item,) = kind.find(api, lower)["result"]
    assert {name: item[name] for name in kind.keys} == kind.key(1)
    assert reason(api.write(kind.address, kind.record(2), {**kind.record(2), **_lower(kind.key(2))})[1]) == "1036"


def _lower(key: dict[str, Any]) -> dict[str, Any]:
    return {name: value.lower() if isinstance(value, str) else value for name, value in key.items()}


@pytest.mark.parametrize("kind", [COMPANIES, OPPORTUNITIES, SALES_PERSONS])
def test_by_switch_a_wrong_value_or_a_fixed_field_has_another_code(start: Start, kind: Kind) -> None:
    api = start("type_mismatch_1001", "read_only_1011")
    assert reason(api.write(kind.address, kind.record(1, **{kind.text: "x" * 256}))[0]) == "1001"
    assert reason(api.write(kind.address, kind.record(1, createdAt="2026-01-01T00:00:00Z"))[0]) == "1011"


@every
def test_no_activity_tells_of_these_objects(api: Api, kind: Kind) -> None:
    kind.prepare(api)
    token = api.since("2026-03-02T09:00:00Z")
    before = api.activities(12, 13, 34, 35, 36, token=token)
    api.write(kind.address, kind.record(1))
    api.write(f"{kind.address}/delete", kind.key(1))
    assert api.activities(12, 13, 34, 35, 36, token=token) == before
