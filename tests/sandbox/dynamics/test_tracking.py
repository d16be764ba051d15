"""Change tracking: the initial set, deltas with deletions behind the rows, and tokens that expire."""

from typing import Any
from urllib.parse import unquote

import pytest

from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

TRACK = "odata.track-changes"
DAY = 86_400


def lead(api: Api, name: str) -> str:
    return api.create("leads", lastname=name)


def follow(api: Api, url: str, size: int | None = None) -> tuple[list[dict[str, Any]], str]:
    """Everything from a URL on, page by page, and the delta link at the end."""
    found: list[dict[str, Any]] = []
    while True:
        answer = api.get(url, f"odata.maxpagesize={size}" if size else None)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["value"]
        assert ("@odata.nextLink" in page) != ("@odata.deltaLink" in page)
        if "@odata.deltaLink" in page:
            return found, page["@odata.deltaLink"]
        assert len(page["value"]) == size
        url = page["@odata.nextLink"]


def begin(api: Api, query: str = "leads?$select=lastname", size: int | None = None) -> tuple[list[Any], str]:
    prefer = f"{TRACK},odata.maxpagesize={size}" if size else TRACK
    answer = api.get(query, prefer)
    assert answer.status_code == 200, answer.text
    assert TRACK in answer.headers["Preference-Applied"]
    page = answer.json()
    if "@odata.deltaLink" in page:
        return page["value"], page["@odata.deltaLink"]
    rest, link = follow(api, page["@odata.nextLink"], size)
    return page["value"] + rest, link


def test_the_initial_set_is_every_row_and_ends_in_a_delta_link(api: Api) -> None:
    made = [lead(api, name) for name in "ABC"]
    gone = lead(api, "D")
    api.delete(f"leads({gone})")
    rows, link = begin(api)
    assert [row["leadid"] for row in rows] == made
    assert link.startswith(f"{api.root}/leads?$select=lastname&$deltatoken=")
    version, _, time = unquote(link.rpartition("=")[2]).partition("!")
    assert version.isdigit()
    assert time == "03/02/2026 10:00:00"


def test_following_pages_need_no_preference_but_the_size(api: Api) -> None:
    made = [lead(api, name) for name in "ABCDE"]
    rows, _ = begin(api, size=2)
    assert [row["leadid"] for row in rows] == made


def test_nothing_changed_is_an_empty_list_and_a_fresh_link(api: Api) -> None:
    lead(api, "A")
    _, link = begin(api)
    api.sandbox.clock.advance(60)
    page = api.get(link).json()
    assert page["@odata.context"] == f"{api.root}/$metadata#leads(lastname)/$delta"
    assert page["value"] == []
    assert page["@odata.deltaLink"] != link


def test_changed_rows_come_by_version_and_deletions_behind_them(api: Api) -> None:
    first, second, third = (lead(api, name) for name in "ABC")
    _, link = begin(api)
    api.delete(f"leads({first})")
    fourth = lead(api, "D")
    api.patch(f"leads({second})", {"lastname": "B2"})
    changes, _ = follow(api, link)
    assert [row.get("lastname") for row in changes] == ["D", "B2", None]
    assert [row.get("leadid") for row in changes[:2]] == [fourth, second]
    assert changes[2] == {
        "@odata.context": f"{api.root}/$metadata#leads/$deletedEntity",
        "id": first,
        "reason": "deleted",
    }
    assert third not in str(changes)


def test_several_updates_are_one_row_and_other_columns_count_too(api: Api) -> None:
    id = lead(api, "A")
    _, link = begin(api)
    for number in range(3):
        api.patch(f"leads({id})", {"jobtitle": f"number {number}"})
    changes, _ = follow(api, link)
    assert [(row["leadid"], row["lastname"]) for row in changes] == [(id, "A")]


def test_by_switch_only_a_change_of_a_selected_column_counts(start: Start) -> None:
    api = start("delta_selected_only")
    first, second, gone = (lead(api, name) for name in "ABC")
    _, link = begin(api)
    _, everything = begin(api, "leads")
    api.patch(f"leads({first})", {"jobtitle": "CTO"})
    api.patch(f"leads({second})", {"jobtitle": "CTO", "lastname": "B2"})
    api.patch(f"leads({second})", {"jobtitle": "CEO"})
    made = lead(api, "D")
    api.delete(f"leads({gone})")
    assert api.get(link.replace("/leads?", "/leads/$count?")).text == "3"
    changes, link = follow(api, link)
    assert [row.get("leadid") or row["id"] for row in changes] == [second, made, gone]
    assert [row.get("leadid") or row["id"] for row in follow(api, everything)[0]] == [first, second, made, gone]
    api.patch(f"leads({second})", {"jobtitle": "CFO", "lastname": "B2"})
    assert follow(api, link)[0] == []


def test_created_and_deleted_between_two_polls_is_only_a_deletion(api: Api) -> None:
    _, link = begin(api)
    id = lead(api, "A")
    api.delete(f"leads({id})")
    changes, _ = follow(api, link)
    assert [(row["id"], row["reason"]) for row in changes] == [(id, "deleted")]


def test_deltas_come_in_pages_and_no_change_is_lost_or_told_twice(api: Api) -> None:
    kept = [lead(api, f"kept {n}") for n in range(3)]
    gone = [lead(api, f"gone {n}") for n in range(5)]
    _, link = begin(api)
    for id in kept:
        api.patch(f"leads({id})", {"lastname": "changed"})
    for id in gone:
        api.delete(f"leads({id})")
    for size in (1, 2, 3, 4, 7, 8):
        changes, _ = follow(api, link, size)
        assert [row.get("leadid") or row["id"] for row in changes] == [*kept, *gone], size


def test_what_changes_while_pages_are_read_belongs_to_the_next_delta(api: Api) -> None:
    first, second, third = (lead(api, name) for name in "ABC")
    page = api.get("leads?$select=lastname", f"{TRACK},odata.maxpagesize=2").json()
    api.patch(f"leads({first})", {"lastname": "A2"})
    late = lead(api, "D")
    rest, link = follow(api, page["@odata.nextLink"], 2)
    assert [row["leadid"] for row in page["value"]] == [first, second]
    assert rest[0]["leadid"] == third
    changes, _ = follow(api, link)
    assert [row["leadid"] for row in changes] == [first, late]


def test_the_number_of_changes_can_be_asked_for(api: Api) -> None:
    first, second = lead(api, "A"), lead(api, "B")
    _, link = begin(api)
    api.patch(f"leads({first})", {"lastname": "A2"})
    api.delete(f"leads({second})")
    assert api.get(link.replace("/leads?", "/leads/$count?")).text == "2"


def test_another_users_edit_and_our_own_both_come_back(api: Api) -> None:
    first, second = lead(api, "A"), lead(api, "B")
    _, link = begin(api)
    api.patch(f"leads({first})", {"lastname": "ours"})
    api.org.edit("update", "lead", second, lastname="theirs")
    changes, _ = follow(api, link)
    assert [row["lastname"] for row in changes] == ["ours", "theirs"]


@pytest.mark.parametrize("option", ["$filter=statecode eq 0", "$orderby=lastname", "$expand=ownerid", "$top=1"])
def test_tracking_knows_no_option_but_select(api: Api, option: str) -> None:
    answer = api.get(f"leads?$select=lastname&{option}", TRACK)
    assert answer.status_code == 400
    name = option.partition("=")[0]
    message = f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.'
    assert answer.json()["error"]["message"] == message


def test_a_table_that_is_not_tracked_says_so(start: Start) -> None:
    api, other = start(), start("tracking_refused_500")
    for one, status in ((api, 400), (other, 500)):
        one.control("tables", table="lead", change_tracking=False)
        assert error(one.get("leads?$select=lastname", TRACK)) == (status, "0x80072491")
        assert one.get("leads?$select=lastname").status_code == 200


@pytest.mark.parametrize("depth", ["Basic", "Local", "Deep"])
def test_tracking_needs_to_read_the_entire_organisation(api: Api, depth: str) -> None:
    _, link = begin(api)
    api.control("privileges", table="lead", rights=["Read"], depth=depth)
    assert error(api.get("leads?$select=lastname", TRACK)) == (403, "0x80040220")
    assert error(api.get(link)) == (403, "0x80040220")
    assert api.get("leads?$select=lastname").status_code == 200


def test_a_token_expires_with_the_retention_of_the_organisation(api: Api) -> None:
    lead(api, "A")
    _, link = begin(api)
    api.sandbox.clock.advance(7 * DAY)
    api.sign_in()
    assert api.get(link).status_code == 200
    api.sandbox.clock.advance(1)
    assert error(api.get(link)) == (400, "0x80044352")
    organization = api.rows("organizations?$select=expirechangetrackingindays")[0]["organizationid"]
    api.org.edit("update", "organization", organization, expirechangetrackingindays=30)
    assert api.get(link).status_code == 200


def test_an_expired_token_brings_everything_by_switch(start: Start) -> None:
    api = start("expired_token_reads_all")
    kept, gone = lead(api, "A"), lead(api, "B")
    _, link = begin(api)
    api.delete(f"leads({gone})")
    api.sandbox.clock.advance(8 * DAY)
    api.sign_in()
    changes, _ = follow(api, link)
    assert [row.get("leadid") for row in changes] == [kept]


@pytest.mark.parametrize("token", ["x", "12", "12!13/45/2026 99:99:99"])
def test_a_made_up_token_is_refused(api: Api, token: str) -> None:
    assert api.get(f"leads?$deltatoken={token}").status_code == 400


def test_a_hidden_column_is_null_in_a_delta_too(api: Api) -> None:
    id = api.create("leads", lastname="A", emailaddress1="a@example.test")
    api.control("security", table="lead", column="emailaddress1", secured=True)
    rows, link = begin(api, "leads?$select=emailaddress1")
    assert rows[0]["emailaddress1"] is None
    api.org.edit("update", "lead", id, emailaddress1="b@example.test")
    assert follow(api, link)[0][0]["emailaddress1"] is None
