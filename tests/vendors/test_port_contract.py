"""What every port promises the engine (`ports.Port`) about connecting and reading, held against every vendor's folder.

The tests know no vendor: what differs stands in `port_facts`.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import mksync.vendors
from mksync.core.records import Field, FieldType, Gone, Page, Record, Write
from mksync.core.values import canonical
from mksync.errors import AccessError, ConfigError, Temporary
from mksync.ports import CursorExpired, Unavailable
from tests.vendors.port_facts import FACTS
from tests.vendors.port_system import HOUR, System, gone_of, records_of


def test_every_vendor_folder_is_held_to_the_contract() -> None:
    folder = Path(mksync.vendors.__file__).parent
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == {facts.vendor for facts in FACTS}


def test_the_organisation_is_known_by_the_same_id_however_it_is_asked(system: System) -> None:
    identity = system.port.identify()
    assert system.connected().organisation() == identity.organisation
    assert identity.organisation
    assert identity.user


def test_every_check_passes_on_a_system_that_is_set_up(system: System) -> None:
    assert [check for check in system.port.checks() if not check.passed] == []


def test_a_wrong_secret_is_a_matter_of_access(system: System) -> None:
    with pytest.raises(AccessError):
        system.connected(client_secret="wrong").identify()


def test_describe_tells_names_and_types(system: System) -> None:
    schema = system.port.describe(system.facts.object)
    assert schema.object == system.facts.object
    assert schema.label
    assert {name: schema.fields[name].type for name in system.fields} == system.facts.types
    assert all(field.name == name and field.label for name, field in schema.fields.items())


def test_an_object_that_it_does_not_have_is_told_apart(system: System) -> None:
    with pytest.raises((ConfigError, Unavailable)):
        system.port.describe("spaceship")


def test_an_earlier_description_saves_asking_again(system: System) -> None:
    id = system.person(1)
    schema = system.port.describe(system.facts.object)
    port = system.connected()
    port.recall(schema)
    assert [one.id for one in port.fetch(system.facts.object, [id], system.fields)] == [id]
    assert port.calls == 1


def test_a_field_that_vanished_since_it_was_described_is_a_matter_of_access(system: System) -> None:
    id = system.person(1)
    schema = system.port.describe(system.facts.object)
    vanished = Field("vanished__c", "Vanished", FieldType.TEXT)
    system.port.recall(replace(schema, fields={**schema.fields, vanished.name: vanished}))
    with pytest.raises(AccessError):
        list(system.port.fetch(system.facts.object, [id], [*system.fields, vanished.name]))


def test_a_full_read_shows_every_record_once(start: Callable[[int], System]) -> None:
    system = start(700)
    expected = system.outsider.rows(system.facts.text)
    pages = list(system.changes(None))
    shown = [record.id for page in pages for record in page.records if page.full]
    assert sorted(shown) == sorted(expected)
    assert gone_of(pages) == {}
    texts = {id: record.values[system.facts.text] for id, record in records_of(pages).items()}
    assert texts == {id: row[system.facts.text] for id, row in expected.items()}


def test_what_is_read_is_canonical(start: Callable[[int], System]) -> None:
    system = start(100)
    schema = system.port.describe(system.facts.object)
    read = records_of(list(system.changes(None))).values()
    assert read
    for record in read:
        assert record.values.keys() == set(system.fields)
        for name, value in record.values.items():
            field = schema.fields[name]
            assert canonical(field.type, value, field.scale) == value, (name, value)
            assert field.type is not FieldType.BOOLEAN or isinstance(value, bool)


@pytest.mark.parametrize("pages_read", [1, 2])
def test_a_full_read_that_was_cut_off_goes_on_from_its_cursor(start: Callable[[int], System], pages_read: int) -> None:
    system = start(700)
    expected = system.outsider.rows()
    seen: dict[str, Record] = {}
    cursor: str | None = None
    for _ in range(100):  # killed over and over
        pages = [page for page, _ in zip(system.changes(cursor, system.connected()), range(pages_read), strict=False)]
        seen |= records_of(pages)
        cursor = pages[-1].cursor
        if len(pages) < pages_read or not pages[-1].full:
            break
    assert seen.keys() == expected.keys()


def test_an_edit_in_the_middle_of_a_full_read_is_not_missed(start: Callable[[int], System]) -> None:
    system = start(700)
    pages: list[Page] = []
    edited = ""
    for page in system.changes(None):
        pages.append(page)
        if not edited:
            edited = page.records[0].id
            system.sandbox.clock.advance(5)
            system.outsider.edit(edited, **{system.facts.text: "Edited"})
    pages += system.changes(pages[-1].cursor)
    assert records_of(pages)[edited].values[system.facts.text] == "Edited"


def test_a_delta_shows_an_edit_a_new_record_and_a_delete(system: System) -> None:
    edited, deleted, untouched = (system.person(number) for number in range(3))
    cursor = system.quiet_cursor()
    system.outsider.edit(edited, **{system.facts.text: "Edited"})
    system.outsider.delete(deleted)
    new = system.person(4)
    pages = list(system.changes(cursor))
    assert not any(page.full for page in pages)
    assert records_of(pages).keys() == {edited, new}
    assert records_of(pages)[edited].values[system.facts.text] == "Edited"
    assert gone_of(pages) == {deleted: Gone(system.facts.object, deleted, "deleted")}
    assert untouched not in records_of(pages)


def test_a_delta_that_is_read_twice_says_the_same(system: System) -> None:
    edited, deleted = system.person(1), system.person(2)
    cursor = system.quiet_cursor()
    system.outsider.edit(edited, **{system.facts.text: "Edited"})
    system.outsider.delete(deleted)
    first, again = list(system.changes(cursor)), list(system.changes(cursor, system.connected()))
    assert (records_of(again), gone_of(again)) == (records_of(first), gone_of(first))


def test_records_that_changed_in_the_overlap_come_again_as_they_are_now(system: System) -> None:
    id = system.person(1)
    cursor = system.quiet_cursor()
    for text in ("one", "two", None):
        system.outsider.edit(id, **{system.facts.text: text})
        pages = list(system.changes(cursor))
        assert records_of(pages)[id].values[system.facts.text] == text
        cursor = pages[-1].cursor


@pytest.mark.parametrize("people", [0, 20])
def test_a_feed_with_nothing_to_tell_yields_one_empty_page(start: Callable[[int], System], people: int) -> None:
    system = start(people)
    (page,) = system.changes(system.quiet_cursor())
    assert (list(page.records), list(page.gone), page.full) == ([], [], False)
    assert page.cursor


def test_a_full_read_of_an_empty_system_ends_with_a_cursor(system: System) -> None:
    pages = list(system.changes(None))
    assert pages
    assert records_of(pages) == {}
    assert pages[-1].cursor


@pytest.mark.parametrize("text", ["garbage", "", "{}", "[]", "null", "7", json.dumps({"form": 999, "marks": {}})])
def test_a_cursor_of_somebody_else_has_expired(system: System, text: str) -> None:
    with pytest.raises(CursorExpired):
        list(system.changes(text))


def test_a_cursor_of_months_ago_has_expired(system: System) -> None:
    cursor = system.quiet_cursor()
    system.sandbox.clock.advance(120 * 24 * HOUR)
    with pytest.raises(CursorExpired):
        list(system.changes(cursor))


def test_fetch_answers_for_every_id_once(system: System) -> None:
    ids = [system.person(number) for number in range(3)]
    system.outsider.delete(ids[1])
    found = {one.id: one for one in system.fetch(*ids, system.facts.nobody)}
    assert len(system.fetch(*ids, system.facts.nobody)) == len(found)
    assert {id: type(one) for id, one in found.items()} == {
        ids[0]: Record, ids[1]: Gone, ids[2]: Record, system.facts.nobody: Gone,
    }  # fmt: skip


def test_fetch_of_nothing_asks_nothing(system: System) -> None:
    system.port.describe(system.facts.object)
    before = system.port.calls
    assert system.fetch() == []
    assert system.port.calls == before


def test_find_minds_no_case_of_an_email_address(system: System) -> None:
    found = system.outsider.create(**system.facts.named, **{system.facts.email: "Ana.Ruiz@Example.com"})
    system.person(1)
    for spelling in ("ana.ruiz@example.com", "ANA.RUIZ@EXAMPLE.COM", "Ana.Ruiz@Example.com"):
        records = list(system.port.find(system.facts.object, system.facts.email, [spelling], system.fields))
        assert [record.id for record in records] == [found], spelling


def test_find_finds_each_record_once_and_nobody_else(system: System) -> None:
    ids = [system.person(number) for number in range(4)]
    wanted = ["p1@example.com", "P1@example.com", "p3@example.com", "nobody@example.com", "o'hara\\%_@example.com"]
    found = [record.id for record in system.port.find(system.facts.object, system.facts.email, wanted, system.fields)]
    assert sorted(found) == sorted([ids[1], ids[3]])


@pytest.mark.parametrize(
    "fault", ["reset_before", "gateway_html", "server_error", "unavailable", "rate_limit", "quota"]
)
def test_an_outage_is_temporary_and_over_when_it_is_over(system: System, fault: str) -> None:
    system.person(1)
    system.port.identify()
    system.fails(fault)
    with pytest.raises(Temporary):
        list(system.changes(None))
    system.sandbox.faults.clear()
    assert len(records_of(list(system.changes(None)))) == 1


@pytest.mark.parametrize("fault", ["token_expired", "token_invalid", "reset_before", "server_error", "concurrency"])
def test_a_moment_of_trouble_goes_unnoticed(system: System, fault: str) -> None:
    id = system.person(1)
    system.port.identify()
    system.fails(fault, times=1)
    assert records_of(list(system.changes(None))).keys() == {id}


def test_calls_are_counted_as_the_vendor_counts_them(system: System) -> None:
    id = system.person(1)
    port = system.connected()
    before = system.counted()
    assert port.calls == 0
    port.identify()
    list(system.changes(None, port))
    list(port.fetch(system.facts.object, [id], system.fields))
    list(port.find(system.facts.object, system.facts.email, ["p1@example.com"], system.fields))
    list(port.write(system.facts.object, [Write(1, system.facts.object, id, {system.facts.text: "T"})], system.fields))
    assert port.calls == system.counted() - before > 0
