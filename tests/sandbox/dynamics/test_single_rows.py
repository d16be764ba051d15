"""One row: its etag, its columns one by one, and what it refers to."""

from collections.abc import Iterator

import pytest

from tests.sandbox.dynamics.rows import ROOT, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.org.store.close()


def test_a_single_row_has_its_etag_in_the_header_too(world: World) -> None:
    answer = world.get(f"leads({world.first})", "$select=firstname")
    assert answer.headers["ETag"] == answer.body["@odata.etag"]
    assert answer.body["@odata.context"] == f"{ROOT}/$metadata#leads(firstname)/$entity"


def test_a_conditional_get_answers_304_if_nothing_moved(world: World) -> None:
    path = f"leads({world.first})"
    etag = world.get(path).headers["ETag"]
    assert world.get(path, "", {"if-none-match": etag}).status == 304
    assert world.get(path, "", {"if-none-match": "null"}).status == 200
    assert world.get(path, "", {"if-none-match": 'W/"1"'}).status == 200
    assert world.get(path, "$expand=parentaccountid", {"if-none-match": etag}).status == 200
    annotated = {"if-none-match": etag, "prefer": 'odata.include-annotations="*"'}
    assert world.get(path, "", annotated).status == 200


def test_a_missing_row_is_404(world: World) -> None:
    id = "1a1a0000-0000-4000-8000-000000000001"
    assert world.refusal(f"leads({id})") == (404, "0x80040217", f"lead With Id = {id} Does Not Exist")


def test_a_column_can_be_read_by_itself_and_raw(world: World) -> None:
    path = f"leads({world.first})"
    assert world.get(f"{path}/firstname").body["value"] == "Ada"
    assert world.get(f"{path}/firstname/$value").body == "Ada"
    assert world.get(f"{path}/donotemail/$value").body == "false"
    assert world.get(f"{path}/estimatedamount/$value").body == "1200.5000"
    assert world.get(f"{path}/lastname").status == 204


def test_navigations_can_be_followed_counted_and_referred_to(world: World) -> None:
    assert world.get(f"leads({world.first})/parentaccountid", "$select=name").body["name"] == "Zeta"
    assert world.get(f"leads({world.second})/parentaccountid").status == 204
    reference = world.get(f"leads({world.first})/parentaccountid/$ref").body
    assert reference["@odata.id"] == f"{ROOT}/accounts({world.zeta})"
    contacts = f"accounts({world.acme})/contact_customer_accounts"
    assert [one["fullname"] for one in world.found(contacts, "$select=fullname&$orderby=fullname desc")] == [
        "Bob",
        "Ann",
    ]
    assert world.get(f"{contacts}/$count").body == "2"
    assert [one["@odata.id"] for one in world.found(f"{contacts}/$ref", "")] == [
        f"{ROOT}/contacts({world.ann})",
        f"{ROOT}/contacts({world.bob})",
    ]


@pytest.mark.parametrize("option", ["$filter=firstname eq 'x'", "$top=1", "$orderby=firstname", "$count=true"])
def test_options_of_lists_are_refused_for_one_row(world: World, option: str) -> None:
    assert "only on collections" in world.refusal(f"leads({world.first})", option)[2]
