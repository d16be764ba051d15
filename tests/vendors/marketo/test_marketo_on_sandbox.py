"""The port against the sandbox's Marketo, which was written apart from it, from the same documents of Marketo's."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from mksync.core.records import Field, FieldType, Gone, Page, Record, Ref, Value, Write
from mksync.errors import AccessError, OutcomeUnknown, Temporary
from mksync.ports import CursorExpired, Port
from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from mksync.vendors.marketo import VENDOR

KEY = "mksyncCrmId"
FIELDS = ["firstName", "lastName", "email", "title", "unsubscribed", "leadScore", "annualRevenue", KEY]
SELECTION = {"person": FIELDS}
DAY = 86400.0


class SteeredClock:
    """Meets `ports.Clock` on the sandbox's time: sleeping lets it pass at once."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self._clock.advance(seconds)


class Outsider:
    """Somebody else who works in the same instance, by plain HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url = sandbox.marketo_url
        ask = "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
        self._token = self._send(ask, None)["access_token"]

    def post(self, path: str, body: object = None) -> Any:
        answer = self._send(path, {} if body is None else body)
        assert answer["success"], answer
        return answer

    def edit(self, id: str, **values: object) -> None:
        [result] = self.post("/rest/v1/leads.json", _sync(id, values))["result"]
        assert result["status"] == "updated", result

    def _send(self, path: str, body: object) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {getattr(self, '_token', '')}"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self._url + path, data, headers)) as answer:
            return json.load(answer)


def _sync(id: str, values: dict[str, object]) -> dict[str, object]:
    return {"action": "updateOnly", "lookupField": "id", "input": [{"id": int(id), **values}]}


def _open(sandbox: Sandbox, clock: SteeredClock, **more: object) -> Port:
    table = {"url": sandbox.marketo_url, "client_id": "sandbox", "client_secret": "sandbox", **more}
    return VENDOR.open(VENDOR.settings(table, "[marketo]"), clock)


@pytest.fixture
def quirks() -> frozenset[str]:
    return frozenset()


@pytest.fixture
def sandbox(quirks: frozenset[str]) -> Iterator[Sandbox]:
    frozen = SandboxClock(frozen_at=1_772_445_600.0)  # 2026-03-02T10:00:00Z
    with Sandbox.start(vendors=("marketo",), people=50, clock=frozen, quirks={"marketo": quirks}) as sandbox:
        sandbox.clock.advance(3600)  # the demo people are there for a while
        yield sandbox


@pytest.fixture
def clock(sandbox: Sandbox) -> SteeredClock:
    return SteeredClock(sandbox.clock)


@pytest.fixture
def port(sandbox: Sandbox, clock: SteeredClock) -> Port:
    port = _open(sandbox, clock)
    port.create_field("person", Field(KEY, "CRM record id", FieldType.TEXT))
    return port


@pytest.fixture
def outsider(sandbox: Sandbox) -> Outsider:
    return Outsider(sandbox)


@pytest.fixture
def everybody(port: Port) -> list[str]:
    """The ids of all people; the demo gives some of its fifty to the CRM only."""
    ids = [str(id) for id in range(1, 101)]
    return [one.id for one in port.fetch("person", ids, []) if isinstance(one, Record)]


@pytest.fixture
def start(port: Port, sandbox: Sandbox) -> str:
    """A cursor with everything read, long enough ago for the overlap to hold nothing but what a test does."""
    *_, last = port.changes(SELECTION, None)
    sandbox.clock.advance(900)
    *_, last = port.changes(SELECTION, last.cursor)
    sandbox.clock.advance(900)
    return last.cursor


def _records(pages: list[Page]) -> dict[str, Record]:
    return {record.id: record for page in pages for record in page.records}


def _gone(pages: list[Page]) -> set[Gone]:
    return {one for page in pages for one in page.gone}


def _create(ref: int, token: str, **values: Value) -> Write:
    return Write(ref, "person", None, values, token=token)


def _update(ref: int, id: str, **values: Value) -> Write:
    return Write(ref, "person", id, values)


# Looking around


def test_every_check_passes_on_a_fresh_instance_with_its_key_field(port: Port) -> None:
    assert [check for check in port.checks() if not check.passed] == []


def test_without_the_key_field_only_its_check_fails(sandbox: Sandbox, clock: SteeredClock) -> None:
    failing = [check.name for check in _open(sandbox, clock, key_field="otherKey").checks() if not check.passed]
    assert failing == ["Marketo field otherKey"]


@pytest.mark.parametrize("quirks", [frozenset({"native_sync"})])
def test_a_built_in_sync_is_found(port: Port) -> None:
    failing = [check.name for check in port.checks() if not check.passed]
    assert failing == ["Marketo's built-in CRM sync"]


def test_a_wrong_secret_is_an_access_error(sandbox: Sandbox, clock: SteeredClock) -> None:
    port = _open(sandbox, clock, client_secret="wrong")
    with pytest.raises(AccessError):
        port.identify()


def test_the_schema_tells_what_can_be_written_and_looked_up(port: Port) -> None:
    fields = port.describe("person").fields
    assert fields["email"].type is FieldType.EMAIL
    assert fields["email"].searchable
    assert fields["mktoPersonNotes"].type is FieldType.TEXTAREA
    assert fields["annualRevenue"].type is FieldType.DECIMAL
    assert fields["leadScore"].type is FieldType.INTEGER
    assert not fields["createdAt"].writable
    assert not fields["id"].writable
    assert (fields[KEY].custom, fields[KEY].searchable, fields[KEY].writable) == (True, True, True)
    assert not fields["firstName"].custom


def test_creating_a_field_twice_changes_nothing(port: Port) -> None:
    port.create_field("person", Field(KEY, "CRM record id", FieldType.TEXT))


# The feed


def test_the_first_read_shows_everybody_once_and_then_there_is_nothing_new(
    port: Port, sandbox: Sandbox, everybody: list[str]
) -> None:
    assert len(everybody) > 30
    pages = list(port.changes(SELECTION, None))
    shown = [record.id for page in pages if page.full for record in page.records]
    assert sorted(shown, key=int) == everybody
    sandbox.clock.advance(300)
    later = list(port.changes(SELECTION, pages[-1].cursor))
    assert (_records(later), _gone(later)) == ({}, set())


@pytest.mark.parametrize("quirks", [frozenset({"empty_pages"}), frozenset({"no_activity_ids", "omits_nulls"})])
def test_the_first_read_takes_an_instances_oddities(port: Port, everybody: list[str]) -> None:
    assert sorted(_records(list(port.changes(SELECTION, None))), key=int) == everybody


def test_an_idle_cycle_costs_two_calls(port: Port, start: str) -> None:
    before = port.calls
    list(port.changes(SELECTION, start))
    assert port.calls - before == 2


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        ("title", "Chief", "Chief"),
        ("title", None, None),
        ("unsubscribed", True, True),
        ("email", "New.Address@example.com", "New.Address@example.com"),
        ("leadScore", 77, 77),  # activity 22, not 13
        ("annualRevenue", 1500.5, "1500.5"),
    ],
)
def test_an_edit_is_read_by_the_next_cycle(
    port: Port, outsider: Outsider, start: str, sandbox: Sandbox, field: str, sent: object, value: Value
) -> None:
    outsider.edit("7", **{field: sent})
    sandbox.clock.advance(60)
    records = _records(list(port.changes(SELECTION, start)))
    assert {id: record.values[field] for id, record in records.items()} == {"7": value}


def test_an_edit_of_a_field_that_is_not_selected_is_passed_over(
    port: Port, outsider: Outsider, start: str, sandbox: Sandbox
) -> None:
    outsider.edit("7", phone="+49 30 1")
    sandbox.clock.advance(60)
    assert _records(list(port.changes(SELECTION, start))) == {}


def test_somebody_new_is_read(port: Port, outsider: Outsider, start: str, sandbox: Sandbox) -> None:
    [made] = outsider.post("/rest/v1/leads.json", {"input": [{"email": "new@example.com"}]})["result"]
    sandbox.clock.advance(60)
    [record] = _records(list(port.changes(SELECTION, start))).values()
    assert (record.id, record.values["email"]) == (str(made["id"]), "new@example.com")


@pytest.mark.parametrize("quirks", [frozenset(), frozenset({"tokens_by_date"})])
def test_an_edit_that_is_written_down_late_is_read_by_the_cycle_after(
    port: Port, outsider: Outsider, start: str, sandbox: Sandbox
) -> None:
    sandbox.marketo.activity_delay = 240.0
    for id in range(1, 11):
        outsider.edit(str(id), title=f"late {id}")
    first = list(port.changes(SELECTION, start))
    sandbox.clock.advance(300)
    second = list(port.changes(SELECTION, first[-1].cursor))
    titles = {id: record.values["title"] for id, record in (_records(first) | _records(second)).items()}
    assert titles == {str(id): f"late {id}" for id in range(1, 11)}


def test_a_deletion_is_told_by_the_next_cycle(port: Port, outsider: Outsider, start: str, sandbox: Sandbox) -> None:
    outsider.edit("8", title="soon gone")
    outsider.post("/rest/v1/leads/delete.json", {"input": [{"id": 8}]})
    sandbox.clock.advance(60)
    pages = list(port.changes(SELECTION, start))
    assert _gone(pages) == {Gone("person", "8", "deleted")}
    assert _records(pages) == {}


def test_a_merge_names_the_winner(port: Port, outsider: Outsider, start: str, sandbox: Sandbox) -> None:
    outsider.edit("4", title="loser")
    outsider.post("/rest/v1/leads/3/merge.json?leadIds=4,5")
    sandbox.clock.advance(60)
    pages = list(port.changes(SELECTION, start))
    into = Ref("person", "3")
    assert _gone(pages) == {Gone("person", "4", "merged", into), Gone("person", "5", "merged", into)}
    assert set(_records(pages)) == {"3"}


def test_our_own_writes_come_back_as_what_was_read_back(port: Port, start: str, sandbox: Sandbox) -> None:
    [outcome] = port.write("person", [_update(1, "9", title="Ours", leadScore=5)], FIELDS)
    sandbox.clock.advance(60)
    records = _records(list(port.changes(SELECTION, start)))
    assert records == {"9": outcome.record}


def test_a_feed_that_is_cut_off_goes_on(port: Port, outsider: Outsider, start: str, sandbox: Sandbox) -> None:
    leads = [{"email": f"many{number}@example.com"} for number in range(700)]
    for part in range(0, 700, 300):
        outsider.post("/rest/v1/leads.json", {"input": leads[part : part + 300]})
    outsider.post("/rest/v1/leads/delete.json", {"input": [{"id": 8}]})
    sandbox.clock.advance(60)
    feed = port.changes(SELECTION, start)
    first = next(feed)
    rest = list(port.changes(SELECTION, first.cursor))
    assert len(first.records) + len(_records(rest)) == 700
    assert len(_records([first, *rest])) == 700
    assert _gone(rest) == {Gone("person", "8", "deleted")}


def test_two_weeks_away_means_reading_everything(port: Port, start: str, sandbox: Sandbox) -> None:
    sandbox.clock.advance(14 * DAY)
    with pytest.raises(CursorExpired):
        list(port.changes(SELECTION, start))


# Reading


def test_every_id_is_answered_for(port: Port) -> None:
    found = list(port.fetch("person", ["3", "4711", "1"], FIELDS))
    assert [one.id for one in found] == ["3", "4711", "1"]
    assert found[1] == Gone("person", "4711", "deleted")


def test_an_email_address_is_found_in_any_case(port: Port) -> None:
    [record] = port.fetch("person", ["1"], FIELDS)
    assert isinstance(record, Record)
    email = str(record.values["email"])
    assert "1" in {one.id for one in port.find("person", "email", [email.upper(), "nobody@example.com"], FIELDS)}


def test_many_long_values_are_looked_up_at_once(port: Port) -> None:
    values = [f"a.very.long.address.number.{number}@example.com" for number in range(299)]
    [record] = port.fetch("person", ["2"], FIELDS)
    assert isinstance(record, Record)
    found = port.find("person", "email", [*values, str(record.values["email"])], FIELDS)
    assert [one.id for one in found] == ["2"]


def test_more_matches_than_marketo_lists_at_once_are_all_found(port: Port, outsider: Outsider) -> None:
    leads = [{"email": f"m{number}@example.com", "title": "t", KEY: f"K{number % 6}"} for number in range(1200)]
    for part in range(0, 1200, 300):
        outsider.post("/rest/v1/leads.json", {"action": "createDuplicate", "input": leads[part : part + 300]})
    keys = [f"K{number}" for number in range(6)]
    assert len({one.id for one in port.find("person", KEY, keys, FIELDS)}) == 1200


# Writing


def test_a_create_is_read_back_and_sending_it_again_finds_it(port: Port) -> None:
    write = _create(1, "00Q1", email="Ana.Ruiz@example.com", title=" CTO ", unsubscribed=None, annualRevenue="0.1")
    [first] = port.write("person", [write], FIELDS)
    [second] = port.write("person", [write], FIELDS)
    assert first.created
    assert not second.created
    assert first.record == second.record
    assert first.record is not None
    assert first.record.values == {
        "firstName": None,
        "lastName": None,
        "email": "Ana.Ruiz@example.com",
        "title": "CTO",
        "unsubscribed": False,
        "leadScore": None,
        "annualRevenue": "0.1",
        KEY: "00Q1",
    }


def test_one_records_refusal_changes_nothing_for_another(port: Port) -> None:
    writes = [_update(1, "1", email="bademail"), _update(2, "2", title="fine"), _update(3, "4711", title="x")]
    refused, written, gone = port.write("person", writes, FIELDS)
    assert (refused.kind, written.kind, gone.kind) == ("refused", "written", "gone")
    assert refused.refusal is not None
    assert refused.refusal.fields == ("email",)
    assert refused.refusal.cause
    assert written.record is not None
    assert written.record.values["title"] == "fine"


def test_a_whole_batch_is_one_write_and_one_read(port: Port, sandbox: Sandbox) -> None:
    port.describe("person")
    before = port.calls
    writes = [_create(number, f"C{number}", email=f"c{number}@example.com") for number in range(port.batch)]
    outcomes = list(port.write("person", writes, FIELDS))
    assert port.calls - before == 2
    assert [one.ref for one in outcomes] == list(range(port.batch))
    assert all(one.created and one.record and one.record.values[KEY] == f"C{one.ref}" for one in outcomes)


def test_large_records_are_sent_in_batches_that_marketo_takes(port: Port, everybody: list[str]) -> None:
    writes = [_update(int(id), id, mktoPersonNotes="é" * 14_000) for id in everybody]
    outcomes = list(port.write("person", writes, FIELDS))
    assert [one.kind for one in outcomes] == ["written"] * len(everybody)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Zoë, «CTO»"),
        ("mktoPersonNotes", "one\ntwo"),
        ("unsubscribed", True),
        ("leadScore", -3),
        ("annualRevenue", "12345678.25"),
        ("urgency", "0.5"),
        ("dateOfBirth", "1990-02-28"),
        ("emailSuspendedAt", "2026-03-02T10:00:31Z"),
        ("website", "https://example.com/?a=1&b=2"),
        ("phone", "+49 (30) 123"),
    ],
)
def test_every_type_of_value_comes_back_as_it_was_sent(port: Port, field: str, value: Value) -> None:
    for now in (value, False if value is True else None):
        [outcome] = port.write("person", [_update(1, "5", **{field: now})], [field])
        assert outcome.record == Record("person", "5", {field: now})


@pytest.mark.parametrize(
    ("quirks", "held"), [(frozenset(), "before 🎉 after"), (frozenset({"astral_truncates"}), "before")]
)
def test_where_marketo_cuts_at_an_emoji_the_read_back_shows_it(port: Port, held: str) -> None:
    [outcome] = port.write("person", [_update(1, "5", title="before 🎉 after")], ["title"])
    assert outcome.record == Record("person", "5", {"title": held})


# Faults


PASSING = ["token_expired", "token_invalid", "rate_limit", "concurrency", "server_error", "unavailable",
           "timeout_before", "row_lock", "reset_before", "reset_after", "truncated", "gateway_html"]  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
def test_a_cycle_gets_over_a_passing_fault(
    port: Port, outsider: Outsider, start: str, sandbox: Sandbox, name: str
) -> None:
    outsider.edit("7", title="seen")
    sandbox.clock.advance(60)
    for path in ("pagingtoken", r"activities\.json", r"v1/leads\.json", "deletedleads"):
        sandbox.faults.script(Fault(name, "marketo", path))
    placeless = json.dumps({"polled": json.loads(start)["polled"]})
    assert _records(list(port.changes(SELECTION, placeless)))["7"].values["title"] == "seen"


@pytest.mark.parametrize("name", [*PASSING, "timeout_after"])
def test_an_update_gets_over_a_passing_fault(port: Port, sandbox: Sandbox, name: str) -> None:
    port.describe("person")
    sandbox.faults.script(Fault(name, "marketo", r"v1/leads\.json", "POST"))
    [outcome] = port.write("person", [_update(1, "7", title="done")], ["title"])
    assert outcome.record == Record("person", "7", {"title": "done"})


@pytest.mark.parametrize("name", ["reset_after", "truncated", "timeout_after"])
def test_a_create_that_happened_without_an_answer_is_found_by_its_token(
    port: Port, sandbox: Sandbox, name: str
) -> None:
    port.describe("person")
    sandbox.faults.script(Fault(name, "marketo", r"v1/leads\.json", "POST"))
    write = _create(1, "00Q7", email="once@example.com")
    with pytest.raises(OutcomeUnknown):
        list(port.write("person", [write], FIELDS))
    assert [one.values["email"] for one in port.find("person", KEY, ["00Q7"], FIELDS)] == ["once@example.com"]
    [again] = port.write("person", [write], FIELDS)
    assert not again.created


@pytest.mark.parametrize("name", ["rate_limit", "concurrency"])
def test_a_throttled_create_waits_and_is_made_once(
    port: Port, sandbox: Sandbox, clock: SteeredClock, name: str
) -> None:
    port.describe("person")
    sandbox.faults.script(Fault(name, "marketo", r"v1/leads\.json", "POST"))
    [outcome] = port.write("person", [_create(1, "00Q7", email="once@example.com")], FIELDS)
    assert outcome.created
    assert clock.sleeps


def test_the_end_of_the_quota_is_temporary_and_says_when_it_ends(port: Port, start: str, sandbox: Sandbox) -> None:
    sandbox.faults.script(Fault("quota", "marketo", r"activities\.json"))
    with pytest.raises(Temporary) as caught:
        list(port.changes(SELECTION, start))
    assert "US Central" in caught.value.hint


def test_the_vendors_rate_limit_is_never_reached(port: Port, sandbox: Sandbox) -> None:
    sandbox.clock.advance(60)
    for _ in range(150):
        list(port.fetch("person", ["1"], ["email"]))  # a 606 would show as a second attempt
    assert port.calls == 150 + 5  # three for create_field, and two for the schema


def test_what_we_count_is_what_marketo_counts(sandbox: Sandbox, clock: SteeredClock) -> None:
    port = _open(sandbox, clock, daily_calls=1000)
    sandbox.faults.script(Fault("timeout_before", "marketo", "pagingtoken"))
    sandbox.faults.script(Fault("token_expired", "marketo", "describe2"))
    list(port.changes(SELECTION, None))
    used = Outsider(sandbox)._send("/rest/v1/stats/usage.json", None)["result"][0]["total"]
    assert used == port.calls


def test_a_daily_budget_stops_before_it_is_crossed(sandbox: Sandbox, clock: SteeredClock) -> None:
    port = _open(sandbox, clock, daily_calls=5)
    with pytest.raises(Temporary, match="quota reserve"):
        list(port.changes(SELECTION, None))
    assert port.calls <= 5
