"""Lists of rows: what is selected, in which order, page by page, and what is expanded."""

from collections.abc import Iterator

import pytest

from tests.sandbox.dynamics.rows import ROOT, World, text_of


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.org.store.close()


def test_the_id_the_etag_and_an_amounts_currency_come_along(world: World) -> None:
    record = world.found("leads", "$select=firstname,estimatedamount")[0]
    version = world.org.rows.get(world.org.catalogue.named("lead"), world.first) or {}
    assert list(record) == ["@odata.etag", "firstname", "estimatedamount", "_transactioncurrencyid_value", "leadid"]
    assert record["@odata.etag"] == f'W/"{version["versionnumber"]}"'


def test_empty_columns_are_there_as_null_and_amounts_have_four_decimals(world: World) -> None:
    text = text_of(world.get("leads", "$select=lastname,estimatedamount,donotemail&$filter=firstname eq 'Ada'"))
    assert '"lastname":null' in text
    assert '"estimatedamount":1200.5000,' in text
    assert '"donotemail":false' in text


def test_without_select_every_column_is_there(world: World) -> None:
    lead = world.org.catalogue.named("lead")
    expected = {column.property for column in lead.columns.values() if column.odata}
    assert set(world.found("leads", "$top=1")[0]) - {"@odata.etag"} == expected


def test_names_are_case_sensitive_and_lookups_have_their_property_name(world: World) -> None:
    for name in ("FirstName", "ownerid", "parentaccountid", "_firstname_value"):
        message = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.lead'."
        assert world.refusal("leads", f"$select={name}") == (400, "0x80060888", message)


def test_an_unknown_set_is_404(world: World) -> None:
    assert world.refusal("Leads") == (404, "0x8006088a", "Resource not found for the segment 'Leads'.")


def test_order_top_and_count(world: World) -> None:
    body = world.get("leads", "$select=firstname&$orderby=firstname desc&$top=1&$count=true").body
    assert body["@odata.count"] == 3
    assert [record["firstname"] for record in body["value"]] == ["Bea"]
    assert "@odata.nextLink" not in body


def test_order_by_a_parents_column(world: World) -> None:
    found = world.found("contacts", "$select=fullname&$orderby=parentcustomerid_account/name desc,firstname desc")
    assert [record["fullname"] for record in found] == ["Bob", "Ann", "Cid"]


def test_counts_stop_at_five_thousand() -> None:
    world = World()
    world.org.rows.insert_many(
        "account", ["accountid"], [(f"{n:08x}-0000-4000-8000-00000000ffff",) for n in range(5_100)]
    )
    body = world.get("accounts", "$select=name&$count=true&$top=1", {"prefer": 'odata.include-annotations="*"'}).body
    assert body["@odata.count"] == 5_000
    assert body["@Microsoft.Dynamics.CRM.totalrecordcount"] == 5_000
    assert body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is True
    assert world.get("accounts/$count").body == "5000"
    assert world.get("accounts/$count", "$filter=name eq 'Acme'").body == "1"


def test_top_means_nothing_beside_a_page_size(world: World) -> None:
    answer = world.get("leads", "$select=leadid&$top=1", {"prefer": "odata.maxpagesize=2"})
    assert len(answer.body["value"]) == 2
    assert answer.headers["Preference-Applied"] == "odata.maxpagesize=2"


def test_the_next_link_keeps_the_query_and_ends(world: World) -> None:
    headers = {"prefer": "odata.maxpagesize=2"}
    first = world.get("leads", "%24select=firstname&$orderby=firstname+desc", headers).body
    link = first["@odata.nextLink"]
    assert link.startswith(
        f"{ROOT}/leads?%24select=firstname&$orderby=firstname+desc&$skiptoken=%3Ccookie%20pagenumber"
    )
    last = world.follow(link, headers).body
    assert [record["firstname"] for record in last["value"]] == [None]
    assert "@odata.nextLink" not in last


def test_without_the_preference_repeated_a_page_is_of_the_usual_size(world: World) -> None:
    link = world.get("leads", "$select=leadid", {"prefer": "odata.maxpagesize=1"}).body["@odata.nextLink"]
    assert len(world.follow(link).body["value"]) == 2


def test_rows_that_come_and_go_between_pages_neither_repeat_nor_hide_others() -> None:
    world = World()
    headers = {"prefer": "odata.maxpagesize=1"}
    body = world.get("leads", "$select=firstname&$orderby=firstname", headers).body
    assert body["value"][0]["firstname"] is None
    world.org.rows.delete(world.org.catalogue.named("lead"), world.third, 0.0)
    body = world.follow(body["@odata.nextLink"], headers).body
    assert body["value"][0]["firstname"] == "Ada"


@pytest.mark.parametrize("token", ["x", "%3Ccookie%20pagenumber=%222%22%20/%3E"])
def test_a_made_up_skiptoken_is_refused(world: World, token: str) -> None:
    assert world.refusal("leads", f"$skiptoken={token}")[:2] == (400, "0x80040203")


def test_a_lookup_expands_to_one_row_or_null(world: World) -> None:
    found = world.found(
        "leads", "$select=firstname&$expand=parentaccountid($select=name;$expand=parentaccountid($select=name))"
    )
    first = found[0]["parentaccountid"]
    assert (first["name"], first["accountid"], first["parentaccountid"]["name"]) == ("Zeta", world.zeta, "Acme")
    assert found[1]["parentaccountid"] is None


def test_a_collection_expands_to_its_rows_with_options_of_their_own(world: World) -> None:
    expand = "contact_customer_accounts($select=fullname;$filter=firstname ne 'x';$orderby=fullname desc;$top=1)"
    found = world.found("accounts", f"$select=name&$expand={expand}")
    assert [[c["fullname"] for c in record["contact_customer_accounts"]] for record in found] == [["Bob"], []]


def test_an_owner_expands_to_a_principal(world: World) -> None:
    first, second, third = world.found("leads", "$select=leadid&$expand=ownerid")
    assert first["ownerid"] == {"@odata.type": "#Microsoft.Dynamics.CRM.team", "ownerid": world.team}
    assert second["ownerid"]["@odata.type"] == "#Microsoft.Dynamics.CRM.systemuser"
    assert third["ownerid"] is None


def test_an_unknown_navigation_is_refused(world: World) -> None:
    assert world.refusal("leads", "$expand=nope")[0] == 400


def test_sums_and_counts_by_group(world: World) -> None:
    found = world.found(
        "leads", "$apply=groupby((statecode),aggregate($count as n,numberofemployees with sum as total))&$orderby="
    )
    assert sorted(found, key=lambda group: group["statecode"]) == [
        {"statecode": 0, "n": 2, "total": 12_000},
        {"statecode": 1, "n": 1, "total": None},
    ]
    assert world.found("leads", "$apply=filter(statecode eq 0)/aggregate($count as n)") == [{"n": 2}]
    assert world.refusal("leads", "$apply=aggregate(firstname with sum as x)")[0] == 400


@pytest.mark.parametrize("option", ["fetchXml=%3Cfetch/%3E", "sql=SELECT+name"])
def test_other_query_languages_are_not_answered(world: World, option: str) -> None:
    assert world.refusal("leads", option)[0] == 501
