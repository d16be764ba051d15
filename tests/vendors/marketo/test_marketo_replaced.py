"""What the activity log tells of values that were written over: by entry, as values, and no more than it tells."""

from collections.abc import Sequence
from typing import Any

import pytest

from mksync.core.records import Logged, Page, Replaced
from mksync.ports import Port
from tests.vendors.marketo.conftest import NOW, Instance, ok
from tests.vendors.marketo.test_marketo_feed import DELETED, LOG, TOKENS, _activity, _cursor, _log

AT = NOW - 60  # when `_activity` happened


@pytest.fixture
def people(instance: Instance) -> Instance:
    instance.people["3"] = {"id": 3}
    instance.standing |= {TOKENS: ok(nextPageToken="START="), LOG: _log(), DELETED: _log()}
    return instance


def change(old: object = None, new: object = None, *, type: int = 13, **more: Any) -> dict[str, Any]:
    told = {"Old Value": old, "New Value": new, "Source": "Web service API"}
    attributes = [{"name": name, "value": value} for name, value in told.items() if value is not None]
    return _activity(3, type, **{"attributes": attributes, **more})


def replaced(
    people: Instance, port: Port, *items: dict[str, Any], fields: Sequence[str] = ("title",)
) -> list[Replaced]:
    people.says(LOG, _log(items))
    pages: list[Page] = list(port.changes({"person": list(fields)}, _cursor()))
    return [one for page in pages for one in page.replaced]


def test_a_change_of_a_value_tells_both_values_by_the_fields_name(people: Instance, port: Port) -> None:
    assert replaced(people, port, change("VP", "CTO", marketoGUID="102988")) == [
        Replaced("person", "3", "title", "102988", AT, Logged("VP"), Logged("CTO"))
    ]


def test_an_empty_value_is_left_out_by_the_log(people: Instance, port: Port) -> None:
    [cleared, filled] = replaced(people, port, change("VP"), change(None, "CTO"))
    assert (cleared.new, filled.old) == (Logged(None), Logged(None))


@pytest.mark.parametrize(("field", "number", "text", "value"), [
    ("unsubscribed", 79, "True", True),
    ("unsubscribed", 79, "0", False),
    ("leadScore", 146, "7", 7),
    ("budget", 796, "12.50", "12.5"),
    ("email", 56, " Ana@Example.com ", "Ana@Example.com"),
])  # fmt: skip
def test_values_come_as_the_fields_type(
    people: Instance, port: Port, field: str, number: int, text: str, value: object
) -> None:
    [one] = replaced(people, port, change(text, text, primaryAttributeValueId=number), fields=[field])
    assert (one.field, one.old, one.new) == (field, Logged(value), Logged(value))  # type: ignore[arg-type]


def test_a_score_has_activities_of_its_own(people: Instance, port: Port) -> None:
    [one] = replaced(people, port, change("5", "15", type=22, primaryAttributeValueId=146), fields=["leadScore"])
    assert (one.field, one.old, one.new) == ("leadScore", Logged(5), Logged(15))


def test_what_cannot_be_read_as_the_fields_type_tells_nothing(people: Instance, port: Port) -> None:
    items = [change("$12.50", "13", primaryAttributeValueId=796), change("maybe", "True", primaryAttributeValueId=79)]
    assert replaced(people, port, *items, fields=["budget", "unsubscribed"]) == []


@pytest.mark.parametrize(("text", "logged"), [
    ("2026-03-02 04:00:00", Logged("2026-03-02T10:00:00Z", doubt=21_600)),  # US Central, or UTC
    ("2026-07-02 05:00:00", Logged("2026-07-02T10:00:00Z", doubt=18_000)),  # the same in summer
    ("2026-03-02T10:00:00Z", Logged("2026-03-02T10:00:00Z")),
])  # fmt: skip
def test_a_time_without_a_zone_is_us_central_or_may_be(people: Instance, port: Port, text: str, logged: Logged) -> None:
    [one] = replaced(people, port, change(text, text, primaryAttributeValueId=130), fields=["createdAt"])
    assert (one.old, one.new) == (logged, logged)


def test_a_long_text_may_be_cut(people: Instance, port: Port) -> None:
    [notes] = replaced(
        people, port, change("x" * 255, "x" * 254, primaryAttributeValueId=150), fields=["mktoPersonNotes"]
    )
    assert (notes.old.cut, notes.new.cut) == (True, False)


def test_a_text_that_fills_a_field_of_255_characters_is_whole(people: Instance, port: Port) -> None:
    assert [one.old.cut for one in replaced(people, port, change("x" * 255))] == [False]


@pytest.mark.parametrize(("source", "by_api"), [
    ("Web service API", True), ("Marketo Flow Action", False), ("Web form fillout", False),
])  # fmt: skip
def test_the_source_tells_what_cannot_be_a_write_by_api(
    people: Instance, port: Port, source: str, by_api: bool
) -> None:
    item = change(attributes=[{"name": "New Value", "value": "CTO"}, {"name": "Source", "value": source}])
    assert [one.by_api for one in replaced(people, port, item)] == [by_api]


def test_a_merge_may_have_changed_any_field_of_the_one_who_stays(people: Instance, port: Port) -> None:
    [one] = replaced(people, port, _activity(3, 32, attributes=[{"name": "Merge IDs", "value": "4"}]))
    assert (one.id, one.field) == ("3", None)


def test_a_field_without_a_number_is_known_by_its_label(people: Instance, port: Port) -> None:
    items = [change("1", "2", field=None, primaryAttributeValueId=9999, primaryAttributeValue="Newer")]
    assert [one.field for one in replaced(people, port, *items, fields=["newer"])] == ["newer"]


def test_a_field_that_is_not_selected_tells_nothing(people: Instance, port: Port) -> None:
    assert replaced(people, port, change("a", "b", primaryAttributeValueId=56), _activity(3, 12)) == []
