"""The change feed: what it asks, what it makes of the answers, where it goes on."""

import json
from typing import Any

import pytest

from mksync.core.records import Field, FieldType, Gone, Page, Record, Ref, Schema
from mksync.errors import AccessError, Temporary
from mksync.ports import CursorExpired
from mksync.vendors.salesforce.cursor import Mark, text
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import (
    CONTACT,
    LEAD,
    LEAD_B,
    LEAD_C,
    LEAD_FIELDS,
    Asked,
    Org,
    contact,
    described,
    error,
    lead,
    page,
    wire_field,
)
from tests.wire.scripted import FakeClock

SELECTION = {"lead": ["Email", "Title"], "contact": ["Email"]}
LEADS = {"lead": ["Email", "Title"]}
SINCE = "2026-01-31T09:20:00Z"
CURSOR = text({"lead": Mark(since=SINCE), "contact": Mark(since=SINCE)})


def covered(at: str) -> dict[str, Any]:
    return {"ids": [], "latestDateCovered": at}


def deleted(*ids: str) -> dict[str, Any]:
    records = [{"id": id, "deletedDate": "2026-01-31T09:30:00.000+0000"} for id in ids]
    return {
        "deletedRecords": records,
        "earliestDateAvailable": "2026-01-16T02:11:00.000+0000",
        "latestDateCovered": "2026-01-31T09:35:00.000+0000",
    }


@pytest.fixture
def org(org: Org) -> Org:
    """Nothing happened: empty answers for both objects."""
    for sobject in ("Lead", "Contact"):
        org.on("GET", f"/sobjects/{sobject}/updated/", covered("2026-01-31T09:39:00.000+0000"))
        org.on("GET", f"/sobjects/{sobject}/deleted/", deleted())
    org.on("GET", "/(query|queryAll)", page())
    return org


def marks(pages: list[Page]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(pages[-1].cursor)["marks"]
    return found


def test_an_idle_cycle_costs_one_call_and_still_moves_on(org: Org, port: SalesforcePort) -> None:
    list(port.changes(SELECTION, CURSOR))
    before = port.calls
    pages = list(port.changes(SELECTION, CURSOR))
    assert port.calls - before == 1
    assert [(list(one.records), list(one.gone), one.full) for one in pages] == [([], [], False)]
    assert marks(pages)["lead"]["since"] == marks(pages)["contact"]["since"] == "2026-01-31T09:29:00Z"


def test_it_asks_for_deleted_rows_too_in_the_order_of_their_stamps(org: Org, port: SalesforcePort) -> None:
    list(port.changes(SELECTION, CURSOR))
    queries = [one.soql for one in org.parts("GET", "/queryAll")]
    assert queries == [
        (
            "SELECT Id, SystemModstamp, IsDeleted, MasterRecordId, IsConverted, ConvertedContactId, Email, Title"
            f" FROM Lead WHERE SystemModstamp >= {SINCE} ORDER BY SystemModstamp, Id"
        ),
        (
            "SELECT Id, SystemModstamp, IsDeleted, MasterRecordId, Email FROM Contact"
            f" WHERE SystemModstamp >= {SINCE} ORDER BY SystemModstamp, Id"
        ),
    ]


@pytest.mark.parametrize(
    ("latest", "since"),
    [
        ("2026-01-31T09:39:00.000+0000", "2026-01-31T09:29:00Z"),
        ("2026-01-31T09:10:00.000+0000", "2026-01-31T09:00:00Z"),  # a transaction is open since 09:10
        ("2026-01-31T11:00:00.000+0000", "2026-01-31T09:30:00Z"),  # never beyond the beginning of the query
    ],
)
def test_the_watermark_is_what_is_committed_less_the_overlap(
    org: Org, port: SalesforcePort, latest: str, since: str
) -> None:
    org.on("GET", "/sobjects/Lead/updated/", covered(latest))
    org.on("GET", "/queryAll", page(lead(stamp="2026-01-31T09:39:59.000+0000", Email=None, Title=None)))
    assert marks(list(port.changes(LEADS, CURSOR)))["lead"]["since"] == since


def test_the_watermark_goes_by_the_servers_clock(org: Org, port: SalesforcePort, clock: FakeClock) -> None:
    org.on("GET", "/sobjects/Lead/updated/", covered("2030-01-01T00:00:00.000+0000"))
    server = clock.time
    clock.time += 3 * 3600  # this computer is three hours ahead
    org.clock = FakeClock(server)
    assert marks(list(port.changes(LEADS, CURSOR)))["lead"]["since"] == "2026-01-31T09:30:00Z"


def test_a_window_in_the_servers_future_is_asked_again(org: Org, port: SalesforcePort, clock: FakeClock) -> None:
    email, title = (Field(name, name, FieldType.TEXT) for name in LEADS["lead"])
    port.recall(Schema("lead", "Lead", {"Email": email, "Title": title}))
    org.clock = FakeClock(clock.time)
    clock.time += 3 * 3600  # and no answer has told so yet
    list(port.changes(LEADS, CURSOR))
    ends = [one.query["end"] for one in org.parts("GET", "/sobjects/Lead/updated/")]
    assert ends == ["2026-01-31T12:40:00+00:00", "2026-01-31T09:40:00+00:00"]


def test_so_many_changes_that_they_cannot_be_listed_hold_the_watermark_back(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/Lead/updated/", error("EXCEEDED_ID_LIMIT", "too many"), 400)
    assert marks(list(port.changes(LEADS, CURSOR)))["lead"]["since"] == "2026-01-31T08:30:00Z"


def test_changed_rows_come_as_records_in_canonical_values(org: Org, port: SalesforcePort) -> None:
    org.on(
        "GET",
        "/queryAll",
        lambda asked: (200, page(lead(Email=" Ada@x.io", Title="") if "Lead" in asked.soql else contact(Email=None))),
    )
    pages = list(port.changes(SELECTION, CURSOR))
    assert [record for one in pages for record in one.records] == [
        Record("lead", LEAD, {"Email": "Ada@x.io", "Title": None}, "2026-01-31T09:15:00Z"),
        Record("contact", CONTACT, {"Email": None}, "2026-01-31T09:15:00Z"),
    ]


def test_gone_rows_say_why(org: Org, port: SalesforcePort) -> None:
    rows = [
        lead(LEAD, IsDeleted=True, Email=None, Title=None),
        lead(LEAD_B, IsDeleted=True, MasterRecordId=LEAD_C, Email=None, Title=None),
        lead(LEAD_C, IsConverted=True, ConvertedContactId=CONTACT, Email=None, Title=None),
    ]
    org.on("GET", "/queryAll", page(*rows))
    first = next(port.changes(LEADS, CURSOR))
    assert list(first.records) == []
    assert list(first.gone) == [
        Gone("lead", LEAD, "deleted"),
        Gone("lead", LEAD_B, "merged", Ref("lead", LEAD_C)),
        Gone("lead", LEAD_C, "converted", Ref("contact", CONTACT)),
    ]


def test_a_chain_of_merges_ends_at_its_last_survivor(org: Org, port: SalesforcePort) -> None:
    rows = [
        lead(LEAD, IsDeleted=True, MasterRecordId=LEAD_B, Email=None, Title=None),
        lead(LEAD_B, IsDeleted=True, MasterRecordId=LEAD_C, Email=None, Title=None),
    ]
    org.on("GET", "/queryAll", page(*rows))
    first = next(port.changes(LEADS, CURSOR))
    assert [one.into for one in first.gone] == [Ref("lead", LEAD_C)] * 2


def test_merges_in_a_circle_come_to_an_end(org: Org, port: SalesforcePort) -> None:
    rows = [
        lead(LEAD, IsDeleted=True, MasterRecordId=LEAD_B, Email=None, Title=None),
        lead(LEAD_B, IsDeleted=True, MasterRecordId=LEAD, Email=None, Title=None),
    ]
    org.on("GET", "/queryAll", page(*rows))
    assert len(next(port.changes(LEADS, CURSOR)).gone) == 2


def test_what_was_deleted_for_good_is_known_from_the_delete_log(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/Lead/deleted/", deleted(LEAD, LEAD_B, LEAD_C))

    def rows(asked: Asked) -> tuple[int, Any]:
        if "Id IN" in asked.soql:  # LEAD is nowhere; LEAD_C was undeleted
            return 200, page(lead(LEAD_C))
        return 200, page(lead(LEAD_B, IsDeleted=True, Email=None, Title=None))

    org.on("GET", "/queryAll", rows)
    pages = list(port.changes(LEADS, CURSOR))
    assert [gone for one in pages for gone in one.gone] == [
        Gone("lead", LEAD_B, "deleted"),
        Gone("lead", LEAD, "deleted"),
    ]


@pytest.mark.parametrize("code", ["INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"])
def test_a_delete_log_that_does_not_reach_back_expires_the_cursor(org: Org, port: SalesforcePort, code: str) -> None:
    org.on("GET", "/sobjects/Lead/deleted/", error(code, "…"), 400)
    with pytest.raises(CursorExpired):
        list(port.changes(LEADS, CURSOR))


def test_a_cursor_older_than_deletions_are_kept_expires(org: Org, port: SalesforcePort) -> None:
    with pytest.raises(CursorExpired):
        list(port.changes(LEADS, text({"lead": Mark(since="2026-01-10T00:00:00Z")})))


def test_a_wrong_clock_of_this_computer_expires_no_cursor(org: Org, port: SalesforcePort, clock: FakeClock) -> None:
    org.clock = FakeClock(clock.time)
    clock.time += 30 * 86_400
    assert marks(list(port.changes(LEADS, CURSOR)))["lead"]["since"] == "2026-01-31T09:29:00Z"


def test_a_first_read_shows_everything_that_is_alive(org: Org, port: SalesforcePort) -> None:
    rows = [
        lead(LEAD, Email="a@x.io", Title=None),
        lead(LEAD_B, IsConverted=True, ConvertedContactId=CONTACT, Email="b@x.io", Title=None),
    ]
    org.on("GET", "/query", page(*rows))
    pages = list(port.changes(LEADS, None))
    assert all(one.full for one in pages)
    assert [record.id for one in pages for record in one.records] == [LEAD]
    assert [gone for one in pages for gone in one.gone] == [Gone("lead", LEAD_B, "converted", Ref("contact", CONTACT))]
    assert org.parts("GET", "/queryAll") == org.parts("GET", "/sobjects/Lead/deleted/") == []
    assert marks(pages)["lead"] == {
        "since": "2026-01-31T09:29:00Z",
        "after": None,
        "upto": None,
        "whole": "2026-01-31T09:40:00Z",
        "place": None,
    }


def test_the_delete_log_is_not_asked_for_what_a_full_read_has_already_noticed(org: Org, port: SalesforcePort) -> None:
    """Else a bin emptied before that read would expire its cursor again, and cause the next full read."""
    cursor = text({"lead": Mark(since="2026-01-31T09:29:00Z", whole="2026-01-31T09:36:00Z")})
    list(port.changes(LEADS, cursor))
    list(port.changes(LEADS, text({"lead": Mark(since="2026-01-31T09:29:00Z", whole="2026-01-31T09:01:00Z")})))
    starts = [one.query["start"] for one in org.parts("GET", "/sobjects/Lead/deleted/")]
    assert starts == ["2026-01-31T09:36:00+00:00", "2026-01-31T09:29:00+00:00"]


def test_a_first_read_that_is_cut_off_goes_on_behind_the_last_row_kept(org: Org, port: SalesforcePort) -> None:
    org.on(
        "GET", "/query", page(lead(LEAD, Email=None, Title=None), lead(LEAD_B, Email=None, Title=None), more="01g-2")
    )
    kept = next(port.changes(LEADS, None)).cursor
    org.on("GET", "/query", page(lead(LEAD_C, Email=None, Title=None)))
    org.on("GET", "/sobjects/Lead/updated/", covered("2026-02-02T00:00:00.000+0000"))
    pages = list(port.changes(LEADS, kept))
    assert (
        f"WHERE (SystemModstamp > 2026-01-31T09:15:00Z OR (SystemModstamp = 2026-01-31T09:15:00Z AND Id > '{LEAD_B}'))"
        in (org.parts("GET", "/query")[-1].soql)
    )
    assert [record.id for one in pages for record in one.records] == [LEAD_C]
    assert all(one.full for one in pages)
    # What was committed when the read began, not when it was taken up again.
    assert marks(pages)["lead"]["since"] == "2026-01-31T09:29:00Z"


def test_a_change_feed_that_is_cut_off_goes_on_without_moving_its_mark(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/queryAll", page(lead(LEAD, Email=None, Title=None), more="01g-1"))
    kept = next(port.changes(LEADS, CURSOR)).cursor
    assert json.loads(kept)["marks"]["lead"] == {
        "since": SINCE,
        "after": ["2026-01-31T09:15:00Z", LEAD],
        "upto": "2026-01-31T09:29:00Z",
        "whole": None,
        "place": None,
    }
    org.on("GET", "/queryAll", page())
    asked_before = len(org.parts("GET", "/sobjects/Lead/updated/"))
    pages = list(port.changes(LEADS, kept))
    assert len(org.parts("GET", "/sobjects/Lead/updated/")) == asked_before
    ended = {"since": "2026-01-31T09:29:00Z", "after": None, "upto": None, "whole": None, "place": None}
    assert marks(pages)["lead"] == ended
    assert not pages[-1].full


def test_every_page_is_followed_to_the_end_however_short(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/queryAll", page(lead(LEAD, Email=None, Title=None), more="01g-1"))
    org.on("GET", "/query/01g-1", page(more="01g-2"))
    org.on("GET", "/query/01g-2", page(lead(LEAD_B, Email=None, Title=None)))
    pages = list(port.changes(LEADS, CURSOR))
    assert [record.id for one in pages for record in one.records] == [LEAD, LEAD_B]


def test_a_lost_place_in_a_long_answer_is_temporary(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/queryAll", page(lead(LEAD, Email=None, Title=None), more="01g-1"))
    org.on("GET", "/query/01g-1", error("INVALID_QUERY_LOCATOR", "invalid query locator"), 400)
    feed = port.changes(LEADS, CURSOR)
    assert next(feed).records
    with pytest.raises(Temporary):
        next(feed)


def test_more_fields_than_an_address_takes_are_read_by_id(org: Org, port: SalesforcePort) -> None:
    names = [f"A_custom_field_with_a_long_name_{number:03}__c" for number in range(400)]
    org.on("GET", "/sobjects/Lead/describe", described("Lead", [*LEAD_FIELDS, *map(wire_field, names)]))
    org.on("GET", "/queryAll", page(lead(LEAD), lead(LEAD_B, IsDeleted=True)))
    org.on("POST", "/composite/sobjects/Lead", [lead(LEAD, **dict.fromkeys(names, "x"))])
    pages = list(port.changes({"lead": names}, CURSOR))
    assert [record.values for one in pages for record in one.records] == [dict.fromkeys(names, "x")]
    assert [gone.id for one in pages for gone in one.gone] == [LEAD_B]
    (read,) = org.parts("POST", "/composite/sobjects/Lead")
    assert read.body["ids"] == [LEAD]
    assert set(names) < set(read.body["fields"])


def test_a_selected_field_that_became_invisible_is_named_and_nothing_is_read(org: Org, port: SalesforcePort) -> None:
    with pytest.raises(AccessError, match="Vanished__c"):
        list(port.changes({"lead": ["Email", "Vanished__c"]}, CURSOR))
    assert org.parts("GET", "/queryAll") == []


def test_a_field_that_goes_invisible_in_between_is_never_read_as_empty(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/queryAll", error("INVALID_FIELD", "No such column 'Title' on entity 'Lead'."), 400)
    with pytest.raises(AccessError, match="Title"):
        list(port.changes(LEADS, CURSOR))
