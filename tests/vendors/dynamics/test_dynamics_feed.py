"""The change feed, held against a scripted environment: tracked changes, and what stands in for them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mksync.core.records import Gone, Page, Record, Ref
from mksync.errors import AccessError, Temporary
from mksync.ports import CursorExpired
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import (
    ACCOUNT,
    CONTACT,
    LEAD,
    LEAD_B,
    LEAD_C,
    USER,
    Asked,
    Org,
    contact,
    error,
    lead,
    rows,
    tombstone,
)
from tests.wire.scripted import Say

DAY = 86_400.0
SELECTION = {"lead": ["jobtitle"], "contact": ["jobtitle"]}
LEADS = {"lead": ["jobtitle"]}
KEPT = "deltatoken=8123500%21"  # opaque, and already encoded


class Table:
    """Answers for one set: by its link, else the first answer. Writes down what was asked."""

    def __init__(self, org: Org, set: str, **answers: Any) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, Any] = answers
        org.on("GET", f"/{set}", self._answer)

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        self.asked.append(asked)
        place = asked.query.get("$skiptoken") or asked.query.get("$deltatoken") or "first"
        answer = self.answers[place.rstrip("!")]
        return answer if isinstance(answer, tuple) else (200, answer)


def pulled(port: DynamicsPort, selection: Mapping[str, list[str]] = LEADS, cursor: str | None = None) -> list[Page]:
    return list(port.changes(selection, cursor))


def ids(pages: list[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]


def gone(pages: list[Page]) -> list[Gone]:
    return [one for page in pages for one in page.gone]


def first_cursor(org: Org, port: DynamicsPort, **more: Any) -> str:
    table = Table(org, "leads", first=rows(delta=f"leads?$select=leadid&${KEPT}"), **more)
    cursor = pulled(port)[-1].cursor
    table.asked.clear()
    return cursor


def test_a_first_read_asks_for_tracking_and_follows_the_pages(org: Org, port: DynamicsPort) -> None:
    table = Table(
        org,
        "leads",
        first=rows(lead(LEAD, 3, jobtitle="CTO"), next="leads?$select=leadid&$skiptoken=p2"),
        p2=rows(lead(LEAD_B), delta=f"leads?$select=leadid&${KEPT}"),
    )
    pages = pulled(port)
    assert ids(pages) == [LEAD, LEAD_B]
    assert pages[0].records[0] == Record("lead", LEAD, {"jobtitle": "CTO"}, 'W/"3"')
    assert all(page.full for page in pages)
    first, second = table.asked
    assert "odata.track-changes" in first.prefer
    assert set(first.query) == {"$select"}, "tracking allows no other option"
    assert set(first.columns) >= {"leadid", "jobtitle", "statecode", "merged", "_masterid_value"}
    (size,) = [one for one in first.prefer if one.startswith("odata.maxpagesize=")]
    assert second.prefer == [size], "the size of pages has to be repeated"


def test_a_delta_link_is_followed_as_it_was_given_but_at_our_address(org: Org, port: DynamicsPort) -> None:
    cursor = first_cursor(org, port, **{"8123500": rows(delta="leads?$select=leadid&$deltatoken=9")})
    org.server.heard.clear()
    pulled(port, cursor=cursor)
    heard = org.server.heard[-1]
    assert heard.query == {"$select": ["leadid"], "$deltatoken": ["8123500!"]}


def test_a_delta_tells_edits_and_deletions(org: Org, port: DynamicsPort) -> None:
    delta = rows(lead(LEAD, 9, jobtitle="CEO"), tombstone(LEAD_B.upper()), delta="leads?$deltatoken=9")
    cursor = first_cursor(org, port, **{"8123500": delta})
    page, last = pulled(port, cursor=cursor)
    assert list(page.records) == [Record("lead", LEAD, {"jobtitle": "CEO"}, 'W/"9"')]
    assert list(page.gone) == [Gone("lead", LEAD_B, "deleted")]
    assert (page.full, last.full, list(last.records)) == (False, False, [])


def test_an_idle_cycle_costs_a_call_a_table(org: Org, port: DynamicsPort) -> None:
    for set in ("leads", "contacts"):
        Table(org, set, first=rows(delta=f"{set}?$deltatoken=1"), **{"1": rows(delta=f"{set}?$deltatoken=1")})
    cursor = pulled(port, SELECTION)[-1].cursor
    before = len(org.calls)
    (page,) = pulled(port, SELECTION, cursor)
    assert (list(page.records), list(page.gone)) == ([], [])
    assert len(org.calls) - before == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, code) for status in (400, 404, 410, 412, 422) for code in ("0x80044352", "", "0x0")),
        (500, "0x80044352"),
    ],
)
def test_a_delta_link_that_is_refused_has_expired(org: Org, port: DynamicsPort, status: int, code: str) -> None:
    refusal = (status, error(code, "The version stamp is too old. Please perform a full sync."))
    cursor = first_cursor(org, port, **{"8123500": refusal})
    with pytest.raises(CursorExpired):
        pulled(port, cursor=cursor)


def test_a_permission_that_was_taken_away_is_no_expired_link(org: Org, port: DynamicsPort) -> None:
    cursor = first_cursor(org, port, **{"8123500": (403, error("0x80040220", "is missing prvReadLead"))})
    with pytest.raises(AccessError, match="prvReadLead"):
        pulled(port, cursor=cursor)


def test_an_outage_is_no_expired_link(org: Org, port: DynamicsPort) -> None:
    cursor = first_cursor(org, port)
    org.then(*[Say(503, b"")] * 6)
    with pytest.raises(Temporary):
        pulled(port, cursor=cursor)


@pytest.mark.parametrize(("days", "expired"), [(6.9, False), (7.1, True)])
def test_a_delta_link_older_than_changes_are_kept_is_not_believed(
    org: Org, port: DynamicsPort, days: float, expired: bool
) -> None:
    """It was once answered with every row there is, and with no deletion."""
    everything = rows(lead(LEAD), lead(LEAD_B), delta="leads?$deltatoken=9")
    cursor = first_cursor(org, port, **{"8123500": everything})
    org.clock.time += days * DAY
    if expired:
        with pytest.raises(CursorExpired):
            pulled(port, cursor=cursor)
    else:
        assert ids(pulled(port, cursor=cursor)) == [LEAD, LEAD_B], "a delta may tell every row"


def test_how_long_changes_are_kept_is_the_environments_to_say(org: Org, port: DynamicsPort) -> None:
    org.on("GET", "/organizations", rows({"expirechangetrackingindays": 30}))
    cursor = first_cursor(org, port, **{"8123500": rows(delta="leads?$deltatoken=9")})
    org.clock.time += 20 * DAY
    assert ids(pulled(port, cursor=cursor)) == []
    org.clock.time += 31 * DAY
    with pytest.raises(CursorExpired):
        pulled(port, cursor=cursor)


def test_a_first_read_that_was_cut_off_goes_on_from_its_page(org: Org, port: DynamicsPort) -> None:
    Table(
        org,
        "leads",
        first=rows(lead(LEAD), next="leads?$skiptoken=p2"),
        p2=rows(lead(LEAD_B), next="leads?$skiptoken=p3"),
        p3=rows(lead(LEAD_C), delta="leads?$deltatoken=1"),
    )
    cut = next(iter(port.changes(LEADS, None)))
    assert ids([cut]) == [LEAD]
    pages = pulled(port, cursor=cut.cursor)
    assert ids(pages) == [LEAD_B, LEAD_C]
    assert all(page.full for page in pages)


def test_a_first_read_whose_page_is_no_longer_kept_begins_again(org: Org, port: DynamicsPort) -> None:
    table = Table(
        org,
        "leads",
        first=rows(lead(LEAD), next="leads?$skiptoken=p2"),
        p2=(400, error("0x80040203", "The cookie is invalid")),
    )
    cut = next(iter(port.changes(LEADS, None)))
    table.answers["first"] = rows(lead(LEAD), lead(LEAD_B), delta="leads?$deltatoken=1")
    assert ids(pulled(port, cursor=cut.cursor)) == [LEAD, LEAD_B]


def test_a_delta_whose_page_is_no_longer_kept_begins_again_from_its_link(org: Org, port: DynamicsPort) -> None:
    table = Table(
        org,
        "leads",
        first=rows(delta="leads?$deltatoken=1"),
        p2=(400, error("", "no")),
        **{"1": rows(lead(LEAD), next="leads?$skiptoken=p2")},
    )
    begun = pulled(port)[-1].cursor
    cut = next(iter(port.changes(LEADS, begun)))
    assert ids([cut]) == [LEAD]
    table.answers["1"] = rows(lead(LEAD), lead(LEAD_B), delta="leads?$deltatoken=2")
    pages = pulled(port, cursor=cut.cursor)
    assert ids(pages) == [LEAD, LEAD_B]
    assert not any(page.full for page in pages)


def test_a_link_that_is_refused_again_and_again_ends(org: Org, port: DynamicsPort) -> None:
    Table(
        org,
        "leads",
        first=rows(delta="leads?$deltatoken=1"),
        p2=(400, error("", "no")),
        **{"1": rows(lead(LEAD), next="leads?$skiptoken=p2")},
    )
    begun = pulled(port)[-1].cursor
    with pytest.raises(Temporary):
        pulled(port, cursor=begun)


def test_other_columns_need_a_read_of_their_own(org: Org, port: DynamicsPort) -> None:
    cursor = first_cursor(org, port, **{"8123500": rows(delta="leads?$deltatoken=9")})
    with pytest.raises(CursorExpired):
        pulled(port, {"lead": ["jobtitle", "lastname"]}, cursor)
    assert pulled(port, {"lead": []}, cursor)


def test_the_loser_of_a_merge_went_into_its_last_survivor(org: Org, port: DynamicsPort) -> None:
    found = rows(
        lead(LEAD, merged=True, _masterid_value=LEAD_B.upper(), statecode=2),
        lead(LEAD_B, merged=True, _masterid_value=LEAD_C, statecode=2),
        lead(LEAD_C),
        delta="leads?$deltatoken=9",
    )
    Table(org, "leads", first=found)
    pages = pulled(port)
    assert ids(pages) == [LEAD_C]
    assert gone(pages) == [
        Gone("lead", LEAD, "merged", Ref("lead", LEAD_C)),
        Gone("lead", LEAD_B, "merged", Ref("lead", LEAD_C)),
    ]


def test_a_merge_in_a_circle_ends(org: Org, port: DynamicsPort) -> None:
    a, b = lead(LEAD, merged=True, _masterid_value=LEAD_B), lead(LEAD_B, merged=True, _masterid_value=LEAD)
    Table(org, "leads", first=rows(a, b, delta="leads?$deltatoken=9"))
    assert {one.id for one in gone(pulled(port))} == {LEAD, LEAD_B}


def test_a_qualified_lead_is_told_with_its_last_values_and_with_its_contact(org: Org, port: DynamicsPort) -> None:
    Table(
        org,
        "leads",
        first=rows(lead(LEAD, statecode=1, jobtitle="CTO"), lead(LEAD_B, statecode=1), delta="leads?$deltatoken=9"),
    )
    made = contact(_originatingleadid_value=LEAD, jobtitle="CTO")
    org.on(
        "GET",
        "/contacts",
        lambda asked: (200, rows(*([made] if "$filter" in asked.query else []), delta="contacts?$deltatoken=1")),
    )
    pages = pulled(port, SELECTION)
    assert {record.id: record.object for page in pages for record in page.records} == {
        CONTACT: "contact", LEAD: "lead", LEAD_B: "lead",
    }  # fmt: skip
    assert gone(pages) == [Gone("lead", LEAD, "converted", Ref("contact", CONTACT))]


def test_a_lead_that_was_merged_away_goes_with_its_survivor_whatever_its_state(org: Org, port: DynamicsPort) -> None:
    lost = lead(LEAD, statecode=1, merged=True, _masterid_value=LEAD_B)
    Table(org, "leads", first=rows(lost, lead(LEAD_B), delta="leads?$deltatoken=9"))
    org.on("GET", "/contacts", rows(contact(_originatingleadid_value=LEAD)))
    assert gone(pulled(port)) == [Gone("lead", LEAD, "merged", Ref("lead", LEAD_B))]


def test_contacts_are_read_before_leads(org: Org, port: DynamicsPort) -> None:
    """A lead that is qualified in between is then seen together with its contact, never as a contact of nobody."""
    for set in ("leads", "contacts"):
        Table(org, set, first=rows(delta=f"{set}?$deltatoken=1"))
    pulled(port, SELECTION)
    sets = [call.rpartition("/")[2] for call in org.calls if call.endswith(("/leads", "/contacts"))]
    assert sets == ["contacts", "leads"]


def test_of_several_contacts_of_one_lead_one_that_was_not_merged_away_counts(org: Org, port: DynamicsPort) -> None:
    Table(org, "leads", first=rows(lead(LEAD, statecode=1), delta="leads?$deltatoken=9"))
    lost = contact(ACCOUNT, _originatingleadid_value=LEAD, merged=True, _masterid_value=CONTACT)
    org.on("GET", "/contacts", rows(contact(_originatingleadid_value=LEAD), lost))
    assert gone(pulled(port)) == [Gone("lead", LEAD, "converted", Ref("contact", CONTACT))]


def untracked(org: Org, set: str = "leads", table: str = "lead", code: str = "0x80072491") -> list[Asked]:
    """A table that does not track changes; every row there is was modified long ago."""
    asked: list[Asked] = []

    def answer(one: Asked) -> tuple[int, Any]:
        asked.append(one)
        if "odata.track-changes" in one.prefer:
            return 400, error(code, "Entity lead isn't enabled for change tracking.")
        return 200, rows(lead(LEAD))

    org.on("GET", f"/{set}", answer)
    org.on("GET", rf"/EntityDefinitions\(LogicalName='{table}'\)", _untracked(org, table))
    return asked


def _untracked(org: Org, table: str) -> Any:
    before = next(
        respond
        for method, path, respond in org._routes
        if path.fullmatch(f"/api/data/v9.2/EntityDefinitions(LogicalName='{table}')")
    )
    return lambda asked: (200, {**before(asked)[1], "ChangeTrackingEnabled": False})


@pytest.mark.parametrize("code", ["0x80072491", "0x0", ""])
def test_without_tracking_changes_are_found_by_when_they_were_made(org: Org, port: DynamicsPort, code: str) -> None:
    asked = untracked(org, code=code)
    pages = pulled(port)
    assert (ids(pages), pages[0].full) == ([LEAD], True)
    assert asked[-1].query["$orderby"] == "modifiedon,leadid"
    assert "$filter" not in asked[-1].query
    org.clock.time += 600
    pages = pulled(port, cursor=pages[-1].cursor)
    assert not any(page.full for page in pages)
    assert asked[-1].query["$filter"] == "modifiedon ge 2026-03-04T10:20:00Z", "ten minutes are read twice"


def test_without_tracking_deletions_are_looked_for_once_a_week(org: Org, port: DynamicsPort) -> None:
    untracked(org)
    cursor = pulled(port)[-1].cursor
    for _ in range(6):
        org.clock.time += DAY
        cursor = pulled(port, cursor=cursor)[-1].cursor
    org.clock.time += DAY
    with pytest.raises(CursorExpired):
        pulled(port, cursor=cursor)


def test_an_answer_without_a_delta_link_is_no_tracking_either(org: Org, port: DynamicsPort) -> None:
    table = Table(org, "leads", first=rows(lead(LEAD)))
    cursor = pulled(port)[-1].cursor
    pulled(port, cursor=cursor)
    assert table.asked[-1].query["$filter"] == "modifiedon ge 2026-03-04T10:20:00Z"


def test_a_first_read_that_is_refused_for_another_reason_is_no_untracked_table(org: Org, port: DynamicsPort) -> None:
    org.on(
        "GET", "/leads", error("", "Could not find a property named 'x' on type 'Microsoft.Dynamics.CRM.lead'."), 400
    )
    with pytest.raises(AccessError):
        pulled(port)


def test_a_column_that_was_secured_since_is_never_read_as_cleared(org: Org, port: DynamicsPort) -> None:
    Table(org, "leads", first=rows(lead(LEAD, jobtitle=None), delta="leads?$deltatoken=9"))
    port.describe("lead")
    org.on(
        "GET",
        r"/EntityDefinitions\(LogicalName='lead'\)/Attributes",
        rows({"LogicalName": "jobtitle", "IsSecured": True}),
    )
    for path in ("systemuserprofiles_association", "teammembership_association"):
        org.on("GET", rf"/systemusers\({USER}\)/{path}", rows())
    org.on("GET", "/fieldpermissions", rows())
    with pytest.raises(AccessError, match="jobtitle"):
        pulled(port)


def test_columns_are_looked_at_for_security_once_a_reading(org: Org, port: DynamicsPort) -> None:
    Table(
        org,
        "leads",
        first=rows(lead(LEAD, jobtitle=None), next="leads?$skiptoken=p2"),
        p2=rows(lead(LEAD_B, jobtitle=None), delta="leads?$deltatoken=9"),
    )
    port.describe("lead")
    org.calls.clear()
    pulled(port)
    assert org.calls.count("GET /api/data/v9.2/EntityDefinitions(LogicalName='lead')/Attributes") == 1


def test_a_link_to_somewhere_else_in_a_cursor_is_not_followed(org: Org, port: DynamicsPort) -> None:
    kept = json.loads(first_cursor(org, port))
    kept["marks"]["lead"]["delta"] = "//evil.example/api"
    with pytest.raises(CursorExpired):
        pulled(port, cursor=json.dumps(kept))
