"""Facts about the project: pinned organisations, cursors, the list of pairs, cached field lists."""

import json
from dataclasses import asdict, replace

from mksync.core.records import Field, FieldType, Schema, Side
from mksync.mirror import Mirror
from mksync.mirror.project import Cursor, KnownPair
from tests.mirror.conftest import Rows

TITLE = Field(
    "Title", "Title", FieldType.PICKLIST, "picklist", 40, None, False, True, True, True, ("CEO", "CTO"), None, True, 48
)


def test_a_fact_is_what_was_last_set(mirror: Mirror) -> None:
    assert mirror.project.get("crm_organisation") is None
    for value in ("00D1", "00D2"):
        mirror.project.set("crm_organisation", value)
    assert mirror.project.get("crm_organisation") == "00D2"


def test_a_side_that_was_never_read_is_at_the_beginning(mirror: Mirror) -> None:
    assert mirror.project.cursor(Side.MARKETO) == Cursor(None, 0, full_read=False)


def test_each_side_has_its_own_cursor(mirror: Mirror, rows: Rows) -> None:
    mirror.project.move_cursor(Side.MARKETO, Cursor("m1", 1, full_read=True))
    mirror.project.move_cursor(Side.CRM, Cursor("c1", 2, full_read=False))
    mirror.project.move_cursor(Side.MARKETO, Cursor("m2", 1, full_read=False))
    assert mirror.project.cursor(Side.MARKETO) == Cursor("m2", 1, full_read=False)
    assert rows("cursor") == [
        {"side": "crm", "value": "c1", "generation": 2, "full_read": 0},
        {"side": "marketo", "value": "m2", "generation": 1, "full_read": 0},
    ]


def test_the_list_of_pairs_is_replaced_as_a_whole(mirror: Mirror) -> None:
    live = KnownPair("live")
    mirror.project.keep_pairs({("lead", "title", "Title"): live, ("lead", "email", "Email"): live})
    pairs = {
        ("lead", "title", "Title"): KnownPair("live", {"crm": {"length": 40, "choices": ["CEO"]}, "marketo": {}}),
        ("contact", "title", "Title"): KnownPair("suspended"),
    }
    mirror.project.keep_pairs(pairs)
    assert mirror.project.pairs() == pairs


def test_a_field_list_comes_back_as_it_was_described_with_its_age(mirror: Mirror) -> None:
    schema = Schema("lead", "Lead", {"Title": TITLE, "Name": Field("Name", "Zoë", FieldType.TEXT)})
    mirror.project.cache_schema(Side.CRM, replace(schema, label="old"), 1.0)
    mirror.project.cache_schema(Side.CRM, schema, 1_780_000_000.5)
    assert mirror.project.cached_schema(Side.CRM, "lead") == (schema, 1_780_000_000.5)
    assert mirror.project.cached_schema(Side.MARKETO, "lead") is None


def test_a_field_list_remembers_what_a_record_is_recognised_by(mirror: Mirror) -> None:
    owned = replace(TITLE, owner="company")
    schema = Schema("role", "Role", {"Title": owned}, id="marketoGUID", dedupe=("externalOpportunityId", "role"))
    mirror.project.cache_schema(Side.MARKETO, schema, 1.0)
    assert mirror.project.cached_schema(Side.MARKETO, "role") == (schema, 1.0)


def test_a_field_list_remembers_what_references_refer_to(mirror: Mirror) -> None:
    owner = Field("OwnerId", "Owner", FieldType.REFERENCE, references=("user",))
    schema = Schema("opportunity", "Opportunity", {"OwnerId": owner})
    mirror.project.cache_schema(Side.CRM, schema, 1.0)
    assert mirror.project.cached_schema(Side.CRM, "opportunity") == (schema, 1.0)


def test_a_field_list_that_was_kept_before_fields_said_what_they_refer_to_is_read(mirror: Mirror) -> None:
    entry = {key: value for key, value in asdict(TITLE).items() if key not in ("references", "owner")}
    stored = json.dumps({"label": "Lead", "fields": [entry]})
    mirror.db.execute("INSERT INTO schema_cache VALUES (?, ?, ?, ?)", (Side.CRM, "lead", 1.0, stored))
    assert mirror.project.cached_schema(Side.CRM, "lead") == (Schema("lead", "Lead", {"Title": TITLE}), 1.0)
