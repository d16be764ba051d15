"""The change feed of more objects than one composite call takes queries for."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from mksync.core.records import Gone, Page, Record, Ref
from mksync.errors import AccessError
from mksync.ports import CursorExpired
from mksync.vendors.salesforce.cursor import Mark, text
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.scripted_org import CONTACT, OTHER_FIELDS, Asked, Org, described, error, page, row
from tests.vendors.salesforce.test_salesforce_feed import covered, deleted
from tests.vendors.salesforce.test_salesforce_one_way import ACCOUNT, ACCOUNT_B, OPPORTUNITY, SOBJECTS, VISIT

SINCE = "2026-01-31T09:20:00Z"
NAMES = {"lead": "Lead", "contact": "Contact", **SOBJECTS, "Stop__c": "Stop__c"}
EIGHT = {object: ["Name"] for object in NAMES}
STAMP = "2026-01-31T09:15:00Z"


def cursor_of(objects: Iterable[str], since: str = SINCE) -> str:
    return text({object: Mark(since=since) for object in objects})


@pytest.fixture
def org(org: Org) -> Org:
    """Nothing happened in any object."""
    for sobject in NAMES.values():
        _quiet(org, sobject)
    org.on("GET", "/(query|queryAll)", page())
    return org


def _quiet(org: Org, sobject: str) -> None:
    org.on("GET", f"/sobjects/{sobject}/updated/", covered("2026-01-31T09:39:00.000+0000"))
    org.on("GET", f"/sobjects/{sobject}/deleted/", deleted())


def happened(org: Org, sobject: str, *ids: str) -> None:
    org.on(
        "GET",
        f"/sobjects/{sobject}/updated/",
        {"ids": list(ids), "latestDateCovered": "2026-01-31T09:39:00.000+0000"},
    )


def rows_of(sobject: str, *rows: dict[str, Any]) -> Callable[[Asked], tuple[int, Any]]:
    return lambda asked: (200, page(*rows) if f"FROM {sobject} " in asked.soql else page())


def queried(org: Org) -> list[str]:
    """The objects whose rows were asked for, in order."""
    return [one.soql.split("FROM ")[1].split()[0] for one in org.asked if one.path.endswith(("/query", "/queryAll"))]


def composites(org: Org) -> int:
    return org.calls.count("POST /services/data/v67.0/composite")


def marks(pages: list[Page]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(pages[-1].cursor)["marks"]
    return found


def test_an_idle_cycle_of_eight_objects_is_one_call_and_all_of_them_move_on(org: Org, port: SalesforcePort) -> None:
    pages = list(port.changes(EIGHT, cursor_of(EIGHT)))
    assert composites(org) == 1
    assert [(list(one.records), list(one.gone), one.full) for one in pages] == [([], [], False)]
    assert {mark["since"] for mark in marks(pages).values()} == {"2026-01-31T09:29:00Z"}
    assert marks(pages).keys() == EIGHT.keys()


def test_a_call_has_as_many_parts_as_salesforce_allows(org: Org, port: SalesforcePort) -> None:
    custom = [f"Custom_{number:02}__c" for number in range(20)]
    for name in custom:
        org.on("GET", f"/sobjects/{name}/describe", described(name, OTHER_FIELDS["Visit__c"]))
        _quiet(org, name)
    selection = {**EIGHT, **{name: ["Name"] for name in custom}}
    parts: list[tuple[int, int]] = []
    within = org.server.script

    def script(heard: Any) -> Any:
        if heard.path.endswith("/composite"):
            asked = [one["url"] for one in heard.json()["compositeRequest"]]
            parts.append((len(asked), sum("/query" in url for url in asked)))
        return within(heard)

    org.server.script = script
    pages = list(port.changes(selection, cursor_of(selection)))
    assert max(parts) <= (25, 5)
    assert all(queries <= 5 for _, queries in parts)
    assert len(parts) == 3  # ten objects a call, and what is left
    assert {mark["since"] for mark in marks(pages).values()} == {"2026-01-31T09:29:00Z"}


@pytest.mark.parametrize("count", range(1, 6))
def test_up_to_five_objects_are_asked_for_their_rows_at_once(org: Org, port: SalesforcePort, count: int) -> None:
    selection = dict(list(EIGHT.items())[:count])
    list(port.changes(selection, cursor_of(selection)))
    assert queried(org) == [NAMES[object] for object in selection]
    assert composites(org) == 1


def test_of_more_than_five_people_are_always_asked_for_their_rows(org: Org, port: SalesforcePort) -> None:
    backwards = dict(reversed(EIGHT.items()))
    list(port.changes(backwards, cursor_of(backwards)))
    assert queried(org)[:2] == ["Contact", "Lead"]
    assert len(queried(org)) == 5


def test_only_an_object_in_which_something_happened_costs_another_call(org: Org, port: SalesforcePort) -> None:
    happened(org, "Visit__c", VISIT)
    org.on("GET", "/queryAll", rows_of("Visit__c", row(VISIT, IsDeleted=False, Name="First")))
    pages = list(port.changes(EIGHT, cursor_of(EIGHT)))
    assert composites(org) == 2
    assert queried(org)[5:] == ["Visit__c"]
    assert [record for one in pages for record in one.records] == [Record("Visit__c", VISIT, {"Name": "First"}, STAMP)]
    assert {mark["since"] for mark in marks(pages).values()} == {"2026-01-31T09:29:00Z"}


def test_a_deletion_alone_is_something_that_happened(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/sobjects/Stop__c/deleted/", deleted(VISIT))
    pages = list(port.changes(EIGHT, cursor_of(EIGHT)))
    assert [gone for one in pages for gone in one.gone] == [Gone("Stop__c", VISIT, "deleted")]


@pytest.mark.parametrize("code", ["EXCEEDED_ID_LIMIT", "INVALID_REPLICATION_DATE", "SOMETHING_NEW"])
def test_what_cannot_be_told_is_not_taken_for_silence(org: Org, port: SalesforcePort, code: str) -> None:
    once = iter([(400, error(code, "…"))])
    fine = covered("2026-01-31T09:39:00.000+0000")
    org.on("GET", "/sobjects/Stop__c/updated/", lambda asked: next(once, (200, fine)))
    list(port.changes(EIGHT, cursor_of(EIGHT)))
    assert queried(org)[5:] == ["Stop__c"]


@pytest.mark.parametrize("code", ["INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"])
def test_a_delete_log_that_does_not_reach_back_expires_the_cursor(org: Org, port: SalesforcePort, code: str) -> None:
    org.on("GET", "/sobjects/Stop__c/deleted/", error(code, "…"), 400)
    with pytest.raises(CursorExpired):
        list(port.changes(EIGHT, cursor_of(EIGHT)))


def test_after_hours_an_empty_log_is_not_taken_for_silence(org: Org, port: SalesforcePort) -> None:
    """The log may have lost its entries by then; a query still shows the rows."""
    long_ago = cursor_of(EIGHT, "2026-01-31T07:30:00Z")
    org.on("GET", "/queryAll", rows_of("Stop__c", row(VISIT, IsDeleted=True, Name=None)))
    pages = list(port.changes(EIGHT, long_ago))
    assert set(queried(org)) == set(NAMES.values())
    assert [gone for one in pages for gone in one.gone] == [Gone("Stop__c", VISIT, "deleted")]


def test_an_object_that_is_selected_later_is_read_whole_while_the_others_go_on(org: Org, port: SalesforcePort) -> None:
    before = {object: names for object, names in EIGHT.items() if object != "Stop__c"}
    org.on("GET", "/query", rows_of("Stop__c", row(VISIT, IsDeleted=False, Name="First")))
    pages = list(port.changes(EIGHT, cursor_of(before)))
    assert composites(org) == 1
    assert "Stop__c" in queried(org)
    assert [(one.full, [record.id for record in one.records]) for one in pages if one.records] == [(True, [VISIT])]
    assert org.parts("GET", "/sobjects/Stop__c/deleted/") == []


def test_users_are_never_looked_for_among_the_deleted(org: Org, port: SalesforcePort) -> None:
    for selection in ({"user": ["Name"]}, EIGHT):
        list(port.changes(selection, cursor_of(selection)))
    assert org.parts("GET", "/sobjects/User/deleted/") == []
    (asked, *_) = [one.soql for one in org.parts("GET", "/queryAll") if "FROM User" in one.soql]
    assert asked == (
        f"SELECT Id, SystemModstamp, Name FROM User WHERE SystemModstamp >= {SINCE} ORDER BY SystemModstamp, Id"
    )


def test_a_merged_account_names_its_survivor(org: Org, port: SalesforcePort) -> None:
    org.on("GET", "/queryAll", rows_of("Account", row(ACCOUNT, IsDeleted=True, MasterRecordId=ACCOUNT_B, Name=None)))
    pages = list(port.changes({"account": ["Name"]}, cursor_of(["account"])))
    assert [gone for one in pages for gone in one.gone] == [
        Gone("account", ACCOUNT, "merged", Ref("account", ACCOUNT_B))
    ]


def test_a_role_is_read_with_what_it_refers_to(org: Org, port: SalesforcePort) -> None:
    role = row("00K5g00000AbCdEAAV", IsDeleted=False, OpportunityId=OPPORTUNITY[:15], ContactId=CONTACT)
    org.on("GET", "/queryAll", rows_of("OpportunityContactRole", role))
    (first, _) = port.changes({"role": ["OpportunityId", "ContactId"]}, cursor_of(["role"]))
    assert [record.values for record in first.records] == [{"OpportunityId": OPPORTUNITY, "ContactId": CONTACT}]


def test_an_object_that_went_hidden_is_a_matter_of_access(org: Org, port: SalesforcePort) -> None:
    list(port.changes(EIGHT, cursor_of(EIGHT)))
    hidden = error("NOT_FOUND", "The requested resource does not exist")
    for log in ("updated", "deleted"):
        org.on("GET", f"/sobjects/Stop__c/{log}/", hidden, 404)
    with pytest.raises(AccessError):
        list(port.changes(EIGHT, cursor_of(EIGHT)))
