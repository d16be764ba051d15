"""Pages of a query: the cursor knows which rows, in which order, and for how long."""

from typing import Any

import pytest

from tests.sandbox.salesforce.api import Api, error
from tests.sandbox.salesforce.conftest import Start

SOQL = "SELECT Id FROM Lead ORDER BY SystemModstamp, Id"
SMALL = {"Sforce-Query-Options": "batchSize=200"}


def pages(api: Api, soql: str = SOQL, **more: Any) -> list[list[str]]:
    answer = api.query(soql, **more).json()
    found = [[record["Id"] for record in answer["records"]]]
    while not answer["done"]:
        answer = api.get(answer["nextRecordsUrl"]).json()
        found.append([record["Id"] for record in answer["records"]])
    assert "nextRecordsUrl" not in answer
    return found


@pytest.fixture
def api(start: Start) -> Api:
    return start(people=1_000)


def test_pages_hold_every_row_once_and_in_order(api: Api) -> None:
    total = api.query("SELECT COUNT() FROM Lead").json()["totalSize"]
    (whole,) = pages(api)
    cut = pages(api, headers=SMALL)
    assert [len(page) for page in cut[:-1]] == [200] * (len(cut) - 1)
    assert [id for page in cut for id in page] == whole
    assert len(set(whole)) == total > 500


@pytest.mark.parametrize(("asked", "given"), [("batchSize=1", 200), ("batchSize=333", 333), ("batchSize=9999", 2_000)])
def test_the_page_size_is_kept_between_its_bounds(api: Api, asked: str, given: int) -> None:
    first = pages(api, headers={"Sforce-Query-Options": asked})[0]
    assert len(first) == min(given, len(pages(api)[0]))


def test_a_page_may_be_shorter_than_asked_for(start: Start) -> None:
    api = start("short_pages", people=500)
    cut = pages(api, headers=SMALL)
    assert len(cut[0]) < 200
    assert len({id for page in cut for id in page}) == api.query("SELECT COUNT() FROM Lead").json()["totalSize"]


def test_a_cursor_is_a_snapshot_of_rows_and_shows_what_they_hold_when_read(api: Api) -> None:
    soql = "SELECT Id, Title FROM Lead ORDER BY Id"
    answer = api.query(soql, headers=SMALL).json()
    late = api.records("SELECT Id FROM Lead ORDER BY Id DESC LIMIT 1")[0]["Id"]
    api.patch(f"sobjects/Lead/{late}", {"Title": "Changed meanwhile"})
    api.lead()
    rest = []
    while not answer["done"]:
        answer = api.get(answer["nextRecordsUrl"]).json()
        rest += answer["records"]
    assert (rest[-1]["Id"], rest[-1]["Title"]) == (late, "Changed meanwhile")
    assert 200 + len(rest) == answer["totalSize"]


def test_the_total_is_told_on_every_page_and_respects_a_limit(api: Api) -> None:
    answer = api.query(f"{SOQL} LIMIT 250", headers=SMALL).json()
    assert (answer["totalSize"], answer["done"], len(answer["records"])) == (250, False, 200)
    rest = api.get(answer["nextRecordsUrl"]).json()
    assert (rest["totalSize"], rest["done"], len(rest["records"])) == (250, True, 50)


def test_a_query_all_cursor_can_be_read_under_either_path(api: Api) -> None:
    answer = api.query(SOQL, "queryAll", headers=SMALL).json()
    locator = answer["nextRecordsUrl"].rsplit("/", 1)[1]
    assert api.get(f"query/{locator}").json()["records"] == api.get(f"queryAll/{locator}").json()["records"]


def test_a_cursor_lives_for_two_days(api: Api) -> None:
    locator = api.query(SOQL, headers=SMALL).json()["nextRecordsUrl"]
    api.sandbox.clock.advance(2 * 86_400 - 60)
    api.sign_in()
    assert api.get(locator).status_code == 200
    api.sandbox.clock.advance(120)
    assert error(api.get(locator)) == (400, "INVALID_QUERY_LOCATOR")


def test_an_unknown_locator_is_refused(api: Api) -> None:
    assert error(api.get("query/01g5g0000012345AAA-2000")) == (400, "INVALID_QUERY_LOCATOR")


def test_a_keyset_walk_over_stamp_and_id_sees_every_row_though_stamps_repeat(api: Api) -> None:
    rows = api.records("SELECT SystemModstamp FROM Lead")
    assert len({row["SystemModstamp"] for row in rows}) < len(rows)
    seen: list[str] = []
    after = "SystemModstamp >= 2000-01-01T00:00:00Z"
    while page := api.records(
        f"SELECT Id, SystemModstamp FROM Lead WHERE {after} ORDER BY SystemModstamp, Id LIMIT 90"
    ):
        seen += [row["Id"] for row in page]
        stamp, id = page[-1]["SystemModstamp"].replace("+0000", "Z"), page[-1]["Id"]
        after = f"SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{id}')"
    assert len(seen) == len(set(seen)) == len(rows)
