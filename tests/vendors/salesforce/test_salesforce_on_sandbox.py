"""The client and the sandbox were written from the same public documents, apart from each other: here they meet."""

import random
from collections.abc import Iterator

import pytest

from mksync.core.records import Gone, Outcome, Record, Ref, Value, Write
from mksync.errors import OutcomeUnknown, Temporary
from mksync.ports import CursorExpired
from tests.vendors.salesforce.sandbox_org import Mirror, World, world


@pytest.fixture
def here() -> Iterator[World]:
    with world() as found:
        yield found


@pytest.fixture
def mirror(here: World) -> Mirror:
    """Everything is read and an hour has passed."""
    mirror = Mirror()
    mirror.pulls(here.port)
    here.passes(3_600)
    mirror.pulls(here.port)
    here.passes(3_600)
    return mirror


def write(here: World, ref: int, id: str, version: str | None, **values: Value) -> Outcome:
    (outcome,) = here.port.write("lead", [Write(ref, "lead", id, values, version)], list(values))
    return outcome


def test_it_knows_where_it_is_and_every_check_passes(here: World) -> None:
    assert here.port.identify().organisation.startswith("00D")
    assert [check for check in here.port.checks() if not check.passed] == []


def test_the_organisation_is_known_without_a_call(here: World) -> None:
    organisation = here.port.organisation()
    assert here.port.calls == 0
    assert organisation == here.port.identify().organisation


def test_a_hidden_field_fails_its_check_and_leaves_the_schema(here: World) -> None:
    here.others.controls("access", object="Lead", field="Email", access="none")
    failed = [check for check in here.port.checks() if not check.passed]
    assert [check.name for check in failed] == ["Salesforce Lead fields"]
    assert "Email" in failed[0].remedy
    assert "Email" not in here.port.describe("lead").fields


def test_a_field_that_may_only_be_read_is_not_writable(here: World) -> None:
    here.others.controls("access", object="Lead", field="Title", access="read")
    assert not here.port.describe("lead").fields["Title"].writable
    mirror = Mirror()
    mirror.pulls(here.port)
    outcome = write(here, 1, mirror.ids("lead")[0], None, Title="CTO")
    assert outcome.refusal
    assert (outcome.refusal.code, outcome.refusal.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ("Title",))


def test_a_first_read_shows_what_is_there(here: World) -> None:
    mirror = Mirror()
    assert all(page.full for page in mirror.pulls(here.port))
    assert len(mirror.ids("lead")) == 30
    assert len(mirror.ids("contact")) == 15
    for record in mirror.records.values():
        held = here.holds(record.object.title(), record.id)
        assert record.values["LastName"] == held["LastName"]


def test_an_idle_cycle_is_one_call_and_one_empty_page(here: World, mirror: Mirror) -> None:
    before = here.port.calls
    pages = mirror.pulls(here.port)
    assert [(list(page.records), list(page.gone)) for page in pages] == [([], [])]
    assert here.port.calls - before == 1


def test_an_edit_is_seen_once_its_time_has_come(here: World, mirror: Mirror) -> None:
    id = mirror.ids("lead")[3]
    here.others.edits("Lead", id, Title="  Chief  of Staff ")
    here.passes(60)
    (first, *_) = mirror.pulls(here.port)
    assert [record.id for record in first.records] == [id]
    assert first.records[0].values["Title"] == "Chief  of Staff"


def test_a_row_that_becomes_visible_late_is_not_missed(here: World, mirror: Mirror) -> None:
    """Its stamp is older than that of an edit which the feed has already seen."""
    slow, quick = mirror.ids("lead")[:2]
    here.others.controls("edits", kind="update", object="Lead", id=slow, values={"Title": "Late"}, open_seconds=1_500)
    here.passes(300)
    here.others.edits("Lead", quick, Title="Soon")
    here.passes(60)
    mirror.pulls(here.port)
    assert (mirror.records[slow].values["Title"], mirror.records[quick].values["Title"]) != ("Late", "Soon")
    for _ in range(6):
        here.passes(300)
        mirror.pulls(here.port)
    assert mirror.records[slow].values["Title"] == "Late"


@pytest.mark.parametrize("quirks", [(), ("delete_keeps_stamp",)])
def test_deletions_and_merges_are_seen(quirks: tuple[str, ...]) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        here.passes(3_600)
        deleted, middle, loser, survivor = mirror.ids("lead")[:4]
        here.others.deletes("Lead", deleted)
        here.others.merges("Lead", middle, loser)
        here.others.merges("Lead", survivor, middle)
        here.passes(60)
        mirror.pulls(here.port)
        assert mirror.gone == {
            deleted: Gone("lead", deleted, "deleted"),
            loser: Gone("lead", loser, "merged", Ref("lead", survivor)),
            middle: Gone("lead", middle, "merged", Ref("lead", survivor)),
        }
        assert survivor in mirror.records


def test_an_emptied_bin_takes_one_full_read_and_no_more(here: World, mirror: Mirror) -> None:
    id = mirror.ids("contact")[0]
    here.others.deletes("Contact", id)
    here.others.controls("purge", object="Contact")
    here.passes(120)
    with pytest.raises(CursorExpired):
        mirror.pulls(here.port)
    afresh = Mirror()
    afresh.pulls(here.port)
    assert afresh.ids("contact") == mirror.ids("contact")[1:]
    here.passes(300)
    assert not any(page.full for page in afresh.pulls(here.port))
    assert list(here.port.fetch("contact", [id], ["Email"])) == [Gone("contact", id, "deleted")]


def test_an_undeleted_record_comes_back(here: World, mirror: Mirror) -> None:
    id = mirror.ids("lead")[0]
    here.others.deletes("Lead", id)
    here.passes(60)
    mirror.pulls(here.port)
    assert id in mirror.gone
    here.others.undeletes("Lead", id)
    here.passes(60)
    mirror.pulls(here.port)
    assert id in mirror.records
    assert id not in mirror.gone


@pytest.mark.parametrize("quirks", [(), ("convert_keeps_modified",)])
def test_a_conversion_moves_from_lead_to_contact(quirks: tuple[str, ...]) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        here.passes(3_600)
        lead = mirror.ids("lead")[0]
        contact = here.others.converts(lead)
        here.passes(60)
        mirror.pulls(here.port)
        assert mirror.gone == {lead: Gone("lead", lead, "converted", Ref("contact", contact))}
        assert contact in mirror.records


def test_a_converted_lead_refuses_edits_and_says_where_it_went(here: World, mirror: Mirror) -> None:
    lead = mirror.ids("lead")[0]
    contact = here.others.converts(lead)
    assert write(here, 1, lead, None, Title="CTO").kind == "moved"
    assert list(here.port.fetch("lead", [lead], ["Title"])) == [
        Gone("lead", lead, "converted", Ref("contact", contact))
    ]


def test_a_converted_lead_is_not_found_by_its_email(here: World, mirror: Mirror) -> None:
    lead = next(id for id in mirror.ids("lead") if mirror.records[id].values["Email"])
    email = str(mirror.records[lead].values["Email"])
    assert lead in [record.id for record in here.port.find("lead", "Email", [email.upper()], ["Email"])]
    here.others.converts(lead)
    assert lead not in [record.id for record in here.port.find("lead", "Email", [email], ["Email"])]


@pytest.mark.parametrize(
    "name", ["O'Hara", 'back\\slash"quote', "' OR LastName != '", "100%_sure + more & all?", "Ünïcode 😀"]
)
def test_hostile_texts_are_found_as_they_stand(here: World, name: str) -> None:
    id = here.others.creates("Lead", LastName=name, Company="Acme", Mkto_Id__c=name)
    found = list(here.port.find("lead", "Mkto_Id__c", [name, f"{name}x"], ["LastName", "Mkto_Id__c"]))
    assert [(record.id, record.values["LastName"]) for record in found] == [(id, name)]


@pytest.mark.parametrize("quirks", [(), ("short_pages",)])
@pytest.mark.parametrize("kill_after", [1, 2, 3])
def test_a_read_that_is_killed_over_and_over_loses_no_row_of_one_second(
    quirks: tuple[str, ...], kill_after: int
) -> None:
    with world(people=0, quirks=quirks, max_page=200) as here:
        ids = {here.others.creates("Lead", LastName=f"Roe {number}", Company="Acme") for number in range(900)}
        here.passes(3_600)
        mirror = Mirror()
        for _ in range(20):
            mirror.pulls(here.port, at_most=kill_after)
        assert set(mirror.ids("lead")) == ids


def test_a_cursor_that_is_too_old_expires(here: World, mirror: Mirror) -> None:
    here.passes(16 * 86_400)
    with pytest.raises(CursorExpired):
        mirror.pulls(here.port)


@pytest.mark.parametrize(
    ("quirks", "email"), [((), "new.person@example.com"), (("keep_email_case",), "New.Person@Example.COM")]
)
def test_a_write_is_read_back_as_the_server_stored_it(quirks: tuple[str, ...], email: str) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        record = mirror.records[mirror.ids("lead")[0]]
        outcome = write(here, 1, record.id, record.version, Email="New.Person@Example.COM", Title=" CTO ")
        assert outcome.record
        assert outcome.record.values == {"Email": email, "Title": "CTO"}
        assert outcome.record.version != record.version
        again = write(here, 2, record.id, outcome.record.version, Title="CIO")
        assert again.kind == "written"


@pytest.mark.parametrize("quirks", [(), ("empty_412",)])
def test_a_record_that_somebody_edited_is_not_overwritten(quirks: tuple[str, ...]) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        record = mirror.records[mirror.ids("lead")[0]]
        here.others.edits("Lead", record.id, Title="Theirs")
        assert write(here, 1, record.id, record.version, Title="Ours").kind == "moved"
        assert here.holds("Lead", record.id)["Title"] == "Theirs"


@pytest.mark.parametrize("quirks", [(), ("deleted_is_400",)])
def test_a_deleted_record_is_gone(quirks: tuple[str, ...]) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        id = mirror.ids("lead")[0]
        here.others.deletes("Lead", id)
        assert write(here, 1, id, None, Title="CTO").kind == "gone"


def test_a_validation_rule_refuses_its_record_only(here: World, mirror: Mirror) -> None:
    bad, good = mirror.ids("lead")[:2]
    writes = [Write(1, "lead", bad, {"Phone": "12"}), Write(2, "lead", good, {"Phone": "+1 555 0100 200"})]
    outcomes = {outcome.ref: outcome for outcome in here.port.write("lead", writes, ["Phone"])}
    assert outcomes[2].kind == "written"
    refusal = outcomes[1].refusal
    assert refusal
    assert refusal.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert refusal.message == "Phone must contain at least 7 digits"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Email": "bob@"}, "INVALID_EMAIL_ADDRESS"),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": "x" * 81}, "STRING_TOO_LONG"),
        ({"OwnerId": "0055g0000000099AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
    ],
)
def test_what_the_server_refuses_is_refused_with_cause_and_remedy(
    here: World, mirror: Mirror, values: dict[str, Value], code: str
) -> None:
    refusal = write(here, 1, mirror.ids("lead")[0], None, **values).refusal
    assert refusal
    assert refusal.code == code
    assert refusal.cause
    assert refusal.remedy


def test_every_kind_of_value_survives_a_round_trip(here: World, mirror: Mirror) -> None:
    values: dict[str, Value] = {
        "Description": "two\nlines",
        "AnnualRevenue": "1234567890123",
        "NumberOfEmployees": 42,
        "Website": "https://example.com/?a=b&c=d",
        "Newsletter__c": True,
        "Last_Demo__c": "2026-02-28T23:59:59Z",
        "Fit_Score__c": "12.5",
    }
    outcome = write(here, 1, mirror.ids("lead")[0], None, **values)
    assert outcome.record
    assert outcome.record.values == values
    cleared = write(here, 2, outcome.record.id, outcome.record.version, **dict.fromkeys(values))
    assert cleared.record
    assert cleared.record.values == {**dict.fromkeys(values), "Newsletter__c": False}


@pytest.mark.parametrize("quirks", [(), ("keep_choice_order",)])
def test_a_multiselect_is_a_set(quirks: tuple[str, ...]) -> None:
    with world(quirks=quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        choices = sorted(here.port.describe("lead").fields["Interests__c"].choices)[:3]
        outcome = write(here, 1, mirror.ids("lead")[0], None, Interests__c=";".join(choices))
        assert outcome.record
        assert outcome.record.values == {"Interests__c": ";".join(choices)}


def test_a_full_batch_is_one_call(here: World, mirror: Mirror) -> None:
    writes = [Write(ref, "lead", id, {"Title": f"T{ref}"}) for ref, id in enumerate(mirror.ids("lead")[:24], 1)]
    before = here.port.calls
    outcomes = list(here.port.write("lead", writes, ["Title"]))
    assert [(one.kind, one.record and one.record.values["Title"]) for one in outcomes] == [
        ("written", f"T{ref}") for ref in range(1, 25)
    ]
    assert here.port.calls - before == 1


@pytest.mark.parametrize("fault", ["reset_after", "truncated", "timeout_after"])
def test_a_write_whose_answer_was_lost_is_unknown_and_done_once(here: World, mirror: Mirror, fault: str) -> None:
    record = mirror.records[mirror.ids("lead")[0]]
    here.fails(fault, "/composite$")
    with pytest.raises(OutcomeUnknown):
        write(here, 1, record.id, record.version, Title="Once")
    (now,) = here.port.fetch("lead", [record.id], ["Title"])
    assert isinstance(now, Record)
    assert now.values == {"Title": "Once"}


def test_a_locked_row_is_waited_for(here: World, mirror: Mirror) -> None:
    here.fails("row_lock", "/composite$")
    assert write(here, 1, mirror.ids("lead")[0], None, Title="CTO").kind == "written"


@pytest.mark.parametrize("fault", ["token_expired", "token_invalid", "concurrency"])
def test_a_write_that_was_not_processed_is_sent_again(here: World, mirror: Mirror, fault: str) -> None:
    here.fails(fault, "/composite$")
    assert write(here, 1, mirror.ids("lead")[0], None, Title="CTO").kind == "written"


@pytest.mark.parametrize("fault", ["reset_before", "gateway_html", "server_error", "unavailable", "timeout_before"])
def test_a_read_is_repeated_until_it_works(here: World, mirror: Mirror, fault: str) -> None:
    here.fails(fault, "/composite$", times=2)
    assert mirror.pulls(here.port)


def test_used_up_calls_stop_the_run_for_now(here: World, mirror: Mirror) -> None:
    here.fails("quota", "/composite$")
    with pytest.raises(Temporary):
        mirror.pulls(here.port)


def test_an_assignment_rule_does_not_take_the_record_away(here: World, mirror: Mirror) -> None:
    id = mirror.ids("lead")[0]
    owner = here.holds("Lead", id)["OwnerId"]
    other = here.sandbox.salesforce.users["queue"]
    here.others.controls("rules", name="Take", kind="assignment", object="Lead", active=True, owner=other)
    assert write(here, 1, id, None, Title="CTO").kind == "written"
    assert here.holds("Lead", id)["OwnerId"] == owner


def test_a_created_lead_is_read_back(here: World) -> None:
    create = Write(1, "lead", None, {"LastName": "Roe", "Company": "Acme", "Title": None})
    (made,) = here.port.write("lead", [create], ["LastName", "Title"])
    assert made.created
    assert made.record
    assert made.record.values == {"LastName": "Roe", "Title": None}
    assert here.holds("Lead", made.record.id)["Company"] == "Acme"


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("quirks", [(), ("short_pages", "delete_keeps_stamp", "convert_keeps_modified")])
def test_whatever_happens_the_feed_ends_up_with_what_is_there(seed: int, quirks: tuple[str, ...]) -> None:
    """Edits, deletions, merges, conversions, open transactions and killed reads, in any order."""
    chance = random.Random(seed)
    with world(people=60, quirks=quirks, max_page=200) as here:
        mirror = Mirror()
        for _ in range(12):
            for _ in range(chance.randrange(6)):
                _something_happens(here, mirror, chance)
            here.passes(chance.choice((1, 60, 300)))
            mirror.pulls(here.port, at_most=chance.choice((None, None, 1)))
        here.passes(3_600)
        mirror.pulls(here.port)
        mirror.pulls(here.port)
        fresh = Mirror()
        fresh.pulls(here.port)
        assert mirror.records == fresh.records
        assert {id for id, gone in mirror.gone.items() if gone.reason == "converted"} >= set(fresh.gone)


def _something_happens(here: World, mirror: Mirror, chance: random.Random) -> None:
    leads = mirror.ids("lead")
    if len(leads) < 4:
        return
    one, other = chance.sample(leads, 2)
    alive = [id for id in (one, other) if not here.holds("Lead", id)["IsDeleted"]]
    alive = [id for id in alive if not here.holds("Lead", id)["IsConverted"]]
    if len(alive) < 2:
        return
    match chance.randrange(6):
        case 0:
            here.others.deletes("Lead", one)
        case 1:
            here.others.merges("Lead", one, other)
        case 2:
            here.others.converts(one)
        case 3:
            edit = {"kind": "update", "object": "Lead", "id": one, "values": {"Title": f"T{chance.random()}"}}
            here.others.controls("edits", **edit, open_seconds=chance.choice((30, 400, 550)))
        case 4:
            here.others.creates("Lead", LastName=f"L{chance.random()}", Company="Acme")
        case _:
            here.others.edits("Lead", one, Title=f"T{chance.random()}")
