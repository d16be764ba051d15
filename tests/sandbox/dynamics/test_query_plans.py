"""What makes large organisations bearable: these queries find their rows by an index, whatever the table's size."""

from collections.abc import Iterator

import pytest

from tests.sandbox.dynamics.rows import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.org.store.close()


def plans(world: World, path: str, query: str, prefer: str = "") -> list[str]:
    """How SQLite went about the statements of one request that read leads."""
    statements: list[str] = []
    world.org.connection.set_trace_callback(statements.append)
    world.get(path, query, {"prefer": prefer} if prefer else {})
    world.org.connection.set_trace_callback(None)
    found = [one for one in statements if "dynamics_lead" in one and one.startswith("SELECT")]
    assert found
    return [str(row[3]) for one in found for row in world.org.connection.execute(f"EXPLAIN QUERY PLAN {one}")]


def is_indexed(plan: list[str]) -> bool:
    return not any(step.startswith("SCAN t") or "TEMP B-TREE" in step for step in plan)


def test_a_delta_is_a_range_of_row_versions(world: World) -> None:
    link = world.get("leads", "$select=firstname", {"prefer": "odata.track-changes"}).body["@odata.deltaLink"]
    plan = plans(world, "leads", link.partition("?")[2])
    assert is_indexed(plan)
    assert any("dynamics_lead_versionnumber" in step for step in plan)


def test_pages_of_the_initial_set_begin_where_the_last_one_ended(world: World) -> None:
    first = world.get("leads", "$select=firstname", {"prefer": "odata.track-changes,odata.maxpagesize=1"}).body
    assert is_indexed(plans(world, "leads", first["@odata.nextLink"].partition("?")[2]))


def test_an_address_is_found_without_reading_every_row_though_case_and_blanks_do_not_count(world: World) -> None:
    plan = plans(world, "leads", "$select=leadid&$filter=emailaddress1 eq 'ADA@example.test '")
    assert any("dynamics_lead_emailaddress1" in step for step in plan)


def test_one_row_is_found_by_its_id(world: World) -> None:
    assert is_indexed(plans(world, f"leads({world.first})", "$select=firstname"))


def test_a_column_without_an_index_costs_a_scan(world: World) -> None:
    assert not is_indexed(plans(world, "leads", "$select=leadid&$filter=jobtitle eq 'CTO'"))
