"""Tables shaped by the selection: a column a field, and an index for what records are matched by."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import pytest
import sqlite_utils

from mksync.core.records import FieldType, Side
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from tests.mirror.samples import PAIRS, pair, see_person


def _columns(mirror: Mirror, table: str) -> Mapping[str, Any]:
    return sqlite_utils.Database(mirror.db).table(table).columns_dict


def test_every_selected_field_has_its_column_named_as_the_vendor_names_it(mirror: Mirror) -> None:
    assert list(_columns(mirror, "crm_contact"))[7:] == ["Id", "Email", "Title", "Score__c", "HasOptedOut"]
    assert list(_columns(mirror, "marketo_contact_base")) == [
        "_link", "mksyncCrmId", "email", "title", "score", "optedOut",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "kept"),
    [
        (FieldType.INTEGER, int), (FieldType.BOOLEAN, int), (FieldType.TEXT, str), (FieldType.DECIMAL, str),
        (FieldType.DATE, str), (FieldType.PHONE, str), (FieldType.MULTIPICKLIST, str),
    ],
)  # fmt: skip
def test_only_whole_numbers_and_booleans_are_kept_as_numbers(mirror: Mirror, type: FieldType, kept: Any) -> None:
    mirror.shape({"lead": [*PAIRS["lead"], pair("lead", "added", "Added__c", type)]})
    for table in ("marketo_person", "crm_lead", "marketo_lead_base", "crm_lead_base"):
        name = "added" if table.startswith("marketo") else "Added__c"
        assert _columns(mirror, table)[name] is kept


def test_a_field_selected_later_is_added_and_what_was_known_is_kept(mirror: Mirror) -> None:
    see_person(mirror, "P1", title="CTO")
    wider = {"lead": [*PAIRS["lead"], pair("lead", "Fax Number", 'odd "name"', FieldType.TEXT)]}
    for _ in range(2):
        mirror.shape(wider)
    assert "Fax Number" in _columns(mirror, "marketo_person")
    assert 'odd "name"' in _columns(mirror, "crm_lead_base")
    (row,) = sqlite_utils.Database(mirror.db).table("marketo_person").rows
    assert (row["title"], row["Fax Number"]) == ("CTO", None)


def test_a_field_whose_name_changed_its_case_keeps_its_column(mirror: Mirror) -> None:
    mirror.shape({"lead": [pair("lead", "TITLE", "title", FieldType.TEXT)]})
    assert [name for name in _columns(mirror, "marketo_person") if name.casefold() == "title"] == ["title"]


def test_a_field_no_longer_selected_keeps_its_column(mirror: Mirror) -> None:
    mirror.shape({"lead": PAIRS["lead"][:1]})
    assert "title" in _columns(mirror, "marketo_person")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT _id FROM marketo_person WHERE email = ? COLLATE NOCASE AND _gone IS NULL ORDER BY _pid",
        "SELECT _id FROM marketo_person WHERE _id = ?",
        "SELECT _id FROM crm_lead WHERE _dirty AND _gone IS NULL AND _pid > ? ORDER BY _pid",
        "SELECT id FROM write WHERE status = 'planned' AND side = 'crm' AND object = 'lead' AND kind = ? ORDER BY id",
        "SELECT id FROM write WHERE person_id = ?",
        "SELECT id FROM leftover WHERE object = 'lead' AND record_id = ?",
    ],
)
def test_what_is_looked_up_one_by_one_has_an_index(mirror: Mirror, statement: str) -> None:
    plan = [row[3] for row in mirror.db.execute(f"EXPLAIN QUERY PLAN {statement}", ("x",))]
    assert all(line.startswith("SEARCH") for line in plan), plan


def test_an_index_can_be_made_for_any_column(mirror: Mirror) -> None:
    mirror.shape(PAIRS, [(Side.MARKETO, PERSON, "title")])
    mirror.index()
    assert "marketo_person_title" in _indexes(mirror)


def test_a_table_is_filled_before_it_gets_its_indexes(mirror: Mirror) -> None:
    mirror.shape(PAIRS, [(Side.MARKETO, PERSON, "title")])
    see_person(mirror, "P1", title="CEO")
    assert "marketo_person_title" not in _indexes(mirror)
    mirror.index()
    assert "marketo_person_title" in _indexes(mirror)


def test_a_table_that_was_half_filled_when_a_run_was_killed_has_its_indexes_from_the_next_run_on(
    mirror: Mirror,
) -> None:
    mirror.shape(PAIRS, [(Side.MARKETO, PERSON, "title")])
    see_person(mirror, "P1", title="CEO")
    with closing(Mirror.open(mirror.path)) as again:
        again.shape(PAIRS, [(Side.MARKETO, PERSON, "title")])
        assert "marketo_person_title" in _indexes(again)


def _indexes(mirror: Mirror) -> set[str]:
    return {index.name for index in sqlite_utils.Database(mirror.db).table("marketo_person").indexes}
