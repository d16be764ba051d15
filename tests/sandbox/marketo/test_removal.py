"""Deleting, merging and moving leads."""

from typing import Any

import pytest

from tests.sandbox.marketo.api import Api, attributes, code, reason


def test_a_deleted_lead_is_gone_at_once_and_leaves_a_delete_activity(api: Api) -> None:
    lead_id = api.create(email="a@example.com", firstName="Ana", lastName="Ruiz")
    assert api.post("leads/delete", {"input": [{"id": lead_id}]})["result"] == [{"id": lead_id, "status": "deleted"}]
    assert api.ids("email", "a@example.com") == []
    (gone,), _ = api.feed("activities/deletedleads")
    assert (gone["activityTypeId"], gone["leadId"]) == (37, lead_id)
    assert (gone["primaryAttributeValueId"], gone["primaryAttributeValue"]) == (lead_id, "Ana Ruiz")
    assert gone["attributes"] == []


def test_deleting_what_is_not_there_skips_that_record_only(api: Api) -> None:
    lead_id = api.create()
    items = api.post("leads/delete", {"input": [{"id": 99}, {"id": lead_id}, {"id": lead_id}]})["result"]
    assert [item["status"] for item in items] == ["skipped", "deleted", "skipped"]
    assert reason(items[0]) == reason(items[2]) == "1004"


@pytest.mark.parametrize("body", [{"input": [{"id": "x"}]}, {"input": [{"email": "a@example.com"}]}])
def test_a_delete_needs_ids(api: Api, body: Any) -> None:
    assert code(api.post("leads/delete", body)) == "1003"


def test_no_more_than_three_hundred_are_deleted_at_once(api: Api) -> None:
    assert code(api.post("leads/delete", {"input": [{"id": n} for n in range(301)]})) == "1003"
    assert code(api.post("leads/delete", id=",".join(map(str, range(301))))) == "1003"


def test_a_merge_keeps_the_winners_values_and_fills_its_gaps(api: Api) -> None:
    winner = api.create(email="a@example.com", title="CTO", customerTier="Gold")
    first = api.create(email="b@example.com", title="VP", phone="1", fitScore=2.5)
    second = api.create(email="c@example.com", phone="2", city="Bonn", doNotCall=True)
    api.sandbox.clock.advance(60)
    reply = api.post(f"leads/{winner}/merge", leadIds=f"{first},{second}", mergeInCRM="False")
    assert set(reply) == {"requestId", "success"}
    assert reply["success"]
    assert api.lead(winner, "email", "title", "phone", "city", "fitScore", "doNotCall", "updatedAt") == {
        "id": winner,
        "email": "a@example.com",
        "title": "CTO",
        "phone": "1",
        "city": "Bonn",
        "fitScore": 2.5,
        "doNotCall": True,
        "updatedAt": "2026-03-02T10:01:00Z",
    }
    assert api.ids("id", winner, first, second) == [winner]


def test_a_merge_shows_only_on_the_winner_and_not_among_the_deleted(api: Api) -> None:
    winner, loser = api.create(lastName="Ruiz"), api.create(phone="1")
    api.post(f"leads/{winner}/merge", leadId=loser)
    assert api.feed("activities/deletedleads")[0] == []
    (merged,) = api.activities(32)
    assert merged["leadId"] == winner
    assert attributes(merged)["Merge IDs"] == str(loser)
    assert api.feed("activities/leadchanges", fields="phone")[0][2:] == []


@pytest.mark.parametrize(
    ("winner", "params", "expected"),
    [
        (1, {"leadId": 99}, "1004"),
        (99, {"leadId": 1}, "1004"),
        (1, {"leadIds": "2,x"}, "1004"),
        (1, {}, "1002"),
        (1, {"leadId": 1}, "1003"),
        (1, {"leadIds": ",".join(map(str, range(2, 28)))}, "1080"),
    ],
)
def test_a_merge_that_cannot_be_changes_nothing(api: Api, winner: int, params: Any, expected: str) -> None:
    ids = [api.create(), api.create()]
    assert code(api.post(f"leads/{winner}/merge", **params)) == expected
    assert api.ids("id", *ids) == ids


def test_partitions_are_listed_and_leads_moved_between_them(api: Api) -> None:
    api.marketo.partitions.add("EMEA")
    listed = api.get("leads/partitions")["result"]
    assert [(partition["id"], partition["name"]) for partition in listed] == [(1, "Default"), (2, "EMEA")]
    lead_id = api.create()
    wishes = [(lead_id, "EMEA"), (lead_id, "Nowhere"), (99, "EMEA")]
    items = api.post("leads/partitions", {"input": [{"id": id, "partitionName": name} for id, name in wishes]})[
        "result"
    ]
    assert items[0] == {"id": lead_id, "status": "updated"}
    assert [reason(item) for item in items[1:]] == ["1008", "1004"]
    assert api.lead(lead_id, "leadPartitionId")["leadPartitionId"] == "2"
    (moved,) = api.activities(100)
    assert attributes(moved)["Old Partition ID"] == 1
