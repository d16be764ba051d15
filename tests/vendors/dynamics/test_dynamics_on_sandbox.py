"""The client on the sandbox's Dynamics, which was written from the same documentation by somebody else."""

from collections.abc import Iterator

import pytest

import mksync.vendors.dynamics.feed as feed
from mksync.core.records import Check, Gone, Outcome, Record, Ref, Value, Write
from mksync.errors import AccessError
from mksync.ports import CursorExpired
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.sandbox_org import DAY, Mirror, World, world

PEOPLE = 60


@pytest.fixture
def here() -> Iterator[World]:
    with world(PEOPLE) as found:
        yield found


@pytest.fixture
def empty() -> Iterator[World]:
    with world(0) as found:
        yield found


def held(mirror: Mirror) -> dict[str, str]:
    return {id: str(record.values["lastname"]) for id, record in mirror.records.items()}


def there(here: World) -> dict[str, str]:
    """Every record of both tables that was not merged away or turned into a contact."""
    found: dict[str, str] = {}
    for set in ("leads", "contacts"):
        key = f"{set.removesuffix('s')}id"
        rows = here.others.rows(f"{set}?$select={key},lastname&$filter=merged ne true and statecode ne 1")
        found |= {row[key]: row["lastname"] for row in rows}
    return found


def one(port: DynamicsPort, object: str, id: str, *fields: str) -> Record:
    (found,) = port.fetch(object, [id], fields)
    assert isinstance(found, Record)
    return found


def update(port: DynamicsPort, id: str, version: str | None = None, object: str = "lead", **values: Value) -> Outcome:
    (outcome,) = port.write(object, [Write(1, object, id, values, version)], list(values))
    return outcome


def test_the_tenant_is_found_where_none_is_set(here: World) -> None:
    assert here.connected(tenant=None).organisation() == here.connected(tenant="sandbox").organisation()


def test_every_record_is_read_however_often_the_reading_is_cut_off(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_VALUES_A_PAGE", 1)
    monkeypatch.setattr(feed, "_LEAST_PAGE", 7)
    mirror = Mirror()
    for _ in range(40):
        pages = mirror.pulls(here.connected(), at_most=1)
        if not pages[0].full:
            break
    assert held(mirror) == there(here)
    assert len(mirror.records) > 21, "several pages of both tables"


def test_edits_in_the_middle_of_a_first_read_are_not_missed(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_VALUES_A_PAGE", 1)
    monkeypatch.setattr(feed, "_LEAST_PAGE", 7)
    mirror = Mirror()
    for number, page in enumerate(here.port.changes({"lead": ["lastname"]}, None)):
        mirror.fold(page)
        if page.records:
            here.others.edits("leads", page.records[0].id, lastname=f"Edited {number}")
            here.others.creates("leads", lastname=f"New {number}")
    for page in here.port.changes({"lead": ["lastname"]}, mirror.cursor):
        mirror.fold(page)
    leads = {row["leadid"]: row["lastname"] for row in here.others.rows("leads?$select=lastname")}
    assert held(mirror) == leads


def test_a_merge_points_to_the_winner(here: World) -> None:
    mirror = Mirror()
    mirror.pulls(here.port)
    for object in ("lead", "contact"):
        first, second, third = mirror.ids(object)[:3]
        here.others.merges(object, second, first)
        here.others.merges(object, third, second)
        mirror.pulls(here.port)
        assert mirror.gone[first] == Gone(object, first, "merged", Ref(object, third))
        assert mirror.gone[second] == Gone(object, second, "merged", Ref(object, third))
        assert third in mirror.records
        assert {type(found) for found in here.port.fetch(object, [first, second], [])} == {Gone}


@pytest.mark.parametrize("quirk", [None, "qualify_leaves_lead_bare", "qualify_answers_rows"])
def test_a_qualified_lead_went_into_its_contact(quirk: str | None) -> None:
    with world(PEOPLE, [quirk] if quirk else []) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        lead, other = mirror.ids("lead")[:2]
        contact = here.others.qualifies(lead)
        here.others.qualifies(other, contact=False)
        mirror.pulls(here.port)
        assert mirror.gone[lead] == Gone("lead", lead, "converted", Ref("contact", contact))
        assert contact in mirror.records
        assert other in mirror.records, "nobody was made of it, so it stays a lead"
        assert list(here.port.fetch("lead", [lead], [])) == [mirror.gone[lead]]


@pytest.mark.parametrize("merged", [False, True])
def test_a_lead_qualified_into_a_contact_that_was_there_went_into_it(here: World, merged: bool) -> None:
    mirror = Mirror()
    mirror.pulls(here.port)
    lead, contact, other = mirror.ids("lead")[0], *mirror.ids("contact")[:2]
    here.others.edits("leads", lead, **{"parentcontactid@odata.bind": f"/contacts({contact})"})
    mirror.pulls(here.port)
    assert lead not in mirror.gone, "it is a lead as long as it is not qualified"
    here.others.qualifies(lead, contact=False)
    if merged:
        here.others.merges("contact", other, contact)
    mirror.pulls(here.port)
    survivor = other if merged else contact
    assert mirror.gone[lead] == Gone("lead", lead, "converted", Ref("contact", survivor))
    assert mirror.gone.get(contact) == (Gone("contact", contact, "merged", Ref("contact", other)) if merged else None)


def test_a_lead_that_is_qualified_while_its_cycle_reads_is_never_a_contact_of_nobody(here: World) -> None:
    mirror = Mirror()
    mirror.pulls(here.port)
    lead = mirror.ids("lead")[0]
    here.others.creates("contacts", lastname="News")
    pages = iter(here.port.changes({"lead": ["lastname"], "contact": ["lastname"]}, None))
    mirror.fold(next(pages))  # the contacts
    contact = here.others.qualifies(lead)
    for page in pages:
        mirror.fold(page)
    assert mirror.gone[lead].into == Ref("contact", contact)
    assert contact in mirror.records


def test_labels_are_read_and_written(empty: World) -> None:
    id = empty.others.creates("leads", lastname="Roe", leadsourcecode=8)
    assert one(empty.port, "lead", id, "leadsourcecode", "statecode").values == {
        "leadsourcecode": "Web", "statecode": "Open",
    }  # fmt: skip
    outcome = update(empty.port, id, leadsourcecode="ADVERTISEMENT", new_interests="Events;Analytics")
    assert outcome.record
    assert outcome.record.values == {"leadsourcecode": "Advertisement", "new_interests": "Analytics;Events"}
    assert empty.others.holds("leads", id)["leadsourcecode"] == 1
    refused = update(empty.port, id, leadsourcecode="Skywriting")
    assert refused.refusal
    assert "Advertisement" in refused.refusal.remedy


def test_owners_and_customers_are_written_as_links(empty: World) -> None:
    user = empty.sandbox.dynamics.users["admin_user"]
    id = empty.others.creates("contacts", lastname="Roe")
    friend = empty.others.creates("contacts", lastname="Doe")
    outcome = update(empty.port, id, object="contact", ownerid=user, parentcustomerid=friend)
    assert outcome.record
    assert outcome.record.values == {"ownerid": user, "parentcustomerid": None}, "a contact is no company"
    assert empty.others.holds("contacts", id)["_parentcustomerid_value"] == friend
    assert one(empty.port, "contact", id, "ownerid", "parentcustomerid").values == outcome.record.values
    cleared = update(empty.port, id, object="contact", parentcustomerid=None)
    assert cleared.record
    assert cleared.record.values == {"parentcustomerid": None}
    nobody = update(empty.port, id, object="contact", parentcustomerid="1a1a0000-0000-4000-8000-0000000000ee")
    assert nobody.kind == "refused"


@pytest.mark.parametrize(
    ("name", "value", "back"),
    [
        ("estimatedamount", "1200.5", "1200.5"),
        ("estimatedvalue", "47.25", "47.25"),
        ("estimatedclosedate", "2026-03-04", "2026-03-04"),
        ("new_renewal", "2026-03-04", "2026-03-04"),
        ("new_visit", "2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z"),
        ("new_lastdemo", "2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z"),
        ("description", "one\ntwo", "one\ntwo"),
        ("numberofemployees", 42, 42),
        ("new_newsletter", False, False),
    ],
)
def test_every_kind_of_value_comes_back_as_it_was_sent(empty: World, name: str, value: Value, back: Value) -> None:
    id = empty.others.creates("leads", lastname="Roe")
    (outcome,) = empty.port.write("lead", [Write(1, "lead", id, {name: value})], [name])
    assert outcome.record
    assert outcome.record.values == {name: back}
    assert one(empty.port, "lead", id, name).values == {name: back}


def test_a_boolean_that_was_never_set_is_not_false(empty: World) -> None:
    id = empty.others.creates("leads", lastname="Roe")
    empty.others.controls("columns", table="lead", name="new_synctomkto", kind="BooleanType")
    assert one(empty.port, "lead", id, "new_synctomkto").values == {"new_synctomkto": None}


def test_the_customers_own_rule_refuses_in_its_own_words(empty: World) -> None:
    id = empty.others.creates("leads", lastname="Roe")
    outcome = update(empty.port, id, telephone1="123")
    assert outcome.refusal
    assert outcome.refusal.code == "0x80040265"
    assert "digits" in outcome.refusal.message


def test_a_create_of_one_token_makes_one_record(empty: World) -> None:
    wish = Write(1, "lead", None, {"lastname": "Roe", "companyname": "Acme"}, token="person-7")
    (first,) = empty.port.write("lead", [wish], ["lastname"])
    (again,) = empty.connected().write("lead", [wish], ["lastname"])
    assert first.kind == again.kind == "written"
    assert first.created
    assert first.record
    assert again.record
    assert first.record.id == again.record.id
    assert len(empty.others.rows("leads?$select=leadid")) == 1


@pytest.mark.parametrize("fault", ["reset_after", "truncated", "timeout_after"])
def test_a_create_whose_answer_is_lost_makes_one_record(empty: World, fault: str) -> None:
    empty.port.describe("lead")
    empty.fails(fault, r"/\$batch$", times=1)
    wish = Write(1, "lead", None, {"lastname": "Roe", "companyname": "Acme"}, token="person-7")
    (outcome,) = empty.port.write("lead", [wish], ["lastname"])
    assert (outcome.kind, outcome.created) == ("written", True)
    assert len(empty.others.rows("leads?$select=leadid")) == 1


def test_a_column_that_is_secured_later_is_a_matter_of_access_and_not_cleared(here: World) -> None:
    mirror = Mirror()
    mirror.pulls(here.port)
    here.others.controls("security", table="lead", column="jobtitle")
    here.others.edits("leads", mirror.ids("lead")[0], lastname="Edited")
    with pytest.raises(AccessError, match="jobtitle"):
        mirror.pulls(here.port)
    assert "jobtitle" not in here.port.describe("lead").fields


def test_a_secured_column_is_offered_with_the_rights_there_are(here: World) -> None:
    for table in ("fieldpermission", "fieldsecurityprofile"):
        here.others.controls("privileges", table=table, rights=["Read"], depth="Global")
    here.others.controls("security", table="lead", column="jobtitle", read=True)
    field = here.port.describe("lead").fields["jobtitle"]
    assert (field.writable, field.creatable) == (False, False)
    here.others.controls("security", table="lead", column="jobtitle", read=True, create=True, update=True)
    field = here.port.describe("lead").fields["jobtitle"]
    assert (field.writable, field.creatable) == (True, True)


def test_a_table_that_does_not_track_changes_is_read_by_when_they_were_made(here: World) -> None:
    here.others.controls("tables", table="lead", change_tracking=False)
    mirror = Mirror()
    mirror.pulls(here.port)
    assert held(mirror) == there(here)
    here.passes(3600)
    edited = mirror.ids("lead")[0]
    here.others.edits("leads", edited, lastname="Edited")
    pages = mirror.pulls(here.port)
    assert mirror.records[edited].values["lastname"] == "Edited"
    assert sum(len(page.records) for page in pages) == 1


@pytest.mark.parametrize(
    "quirks",
    [(), ("tracking_refused_500",), ("expired_token_reads_all",)],
    ids=lambda quirks: "".join(quirks) or "none",
)
def test_a_link_that_is_too_old_has_expired_however_that_is_said(quirks: tuple[str, ...]) -> None:
    with world(PEOPLE, quirks) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        here.passes(8 * DAY)
        with pytest.raises(CursorExpired):
            mirror.pulls(here.connected())


@pytest.mark.parametrize("quirk", ["tracking_refused_500", None])
def test_a_table_without_tracking_is_told_from_a_failure(quirk: str | None) -> None:
    with world(PEOPLE, [quirk] if quirk else []) as here:
        here.others.controls("tables", table="lead", change_tracking=False)
        mirror = Mirror()
        mirror.pulls(here.port)
        assert held(mirror) == there(here)


@pytest.mark.parametrize("quirks", [(), ("eq_wildcards",), ("ne_skips_null", "trailing_blanks_count")])
def test_an_address_is_found_as_it_is_whatever_comparisons_take_for_wildcards(quirks: tuple[str, ...]) -> None:
    with world(0, quirks) as here:
        odd = ["a_b@example.com", "a[b]@example.com", "100%@example.com", "o'hara+x&y#z@example.com", "ana@example.com"]
        made = {mail: here.others.creates("leads", lastname="Roe", emailaddress1=mail) for mail in odd}
        here.others.creates("leads", lastname="Roe", emailaddress1="axb@example.com")
        for mail, id in made.items():
            found = here.port.find("lead", "emailaddress1", [mail.upper()], [])
            assert [record.id for record in found] == [id], mail


@pytest.mark.parametrize("quirk", ["delta_selected_only", None])
def test_an_edit_of_a_field_that_is_not_selected_is_told_with_its_version(quirk: str | None) -> None:
    """A write has to name the version that the edit left."""
    with world(PEOPLE, [quirk] if quirk else []) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        id = mirror.ids("lead")[0]
        here.passes(60)
        here.others.edits("leads", id, telephone1="+1 555 0100")
        mirror.pulls(here.port)
        assert update(here.port, id, mirror.records[id].version, jobtitle="CTO").kind == "written"


@pytest.mark.parametrize("quirk", ["etag_on_missing_412", None])
def test_a_record_that_was_deleted_is_not_made_anew(quirk: str | None) -> None:
    with world(0, [quirk] if quirk else []) as here:
        id = here.others.creates("leads", lastname="Roe")
        version = one(here.port, "lead", id).version
        here.others.deletes("leads", id)
        assert update(here.port, id, version, jobtitle="CTO").kind in ("gone", "moved")
        assert update(here.port, id, None, jobtitle="CTO").kind == "gone"
        assert here.others.rows("leads?$select=leadid") == []


@pytest.mark.parametrize("quirk", ["secret_400", None])
def test_a_wrong_secret_is_a_matter_of_access(quirk: str | None) -> None:
    with world(0, [quirk] if quirk else []) as here, pytest.raises(AccessError, match="AADSTS7000215"):
        here.connected(client_secret="wrong").organisation()


def failed(port: DynamicsPort) -> list[Check]:
    return [check for check in port.checks() if not check.passed]


@pytest.mark.parametrize("right", ["Read", "Create", "Write", "Append"])
def test_a_privilege_that_is_missing_fails_the_check_of_its_table(empty: World, right: str) -> None:
    empty.others.controls("privileges", table="contact", rights=[right], depth="None")
    (check,) = failed(empty.port)
    assert check.name == "Dynamics contact"
    assert f"prv{right}Contact" in check.finding
    assert f"prv{right}Contact" in check.remedy


def test_changes_are_told_only_to_whom_may_read_everything(empty: World) -> None:
    empty.others.controls("privileges", table="lead", rights=["Read"], depth="Basic")
    (check,) = failed(empty.port)
    assert "prvReadLead at organisation depth" in check.finding
    with pytest.raises(AccessError):
        list(empty.port.changes({"lead": ["lastname"]}, None))


def test_a_table_without_tracking_passes_and_it_is_said_how_to_switch_it_on(empty: World) -> None:
    empty.others.controls("tables", table="lead", change_tracking=False)
    (check,) = [one for one in empty.port.checks() if one.name == "Dynamics lead change tracking"]
    assert check.passed
    assert "Track changes" in check.finding


def test_a_table_without_optimistic_concurrency_fails(empty: World) -> None:
    empty.others.controls("tables", table="lead", optimistic_concurrency=False)
    (check,) = failed(empty.port)
    assert check.name == "Dynamics lead versions"


def test_marketos_own_sync_at_work_fails_and_disabled_it_does_not() -> None:
    with world(0, ["native_sync"]) as here:
        (check,) = failed(here.port)
        assert check.name == "Marketo's built-in sync in Dynamics"
        assert check.exit_code == 2
        for step in here.others.rows("sdkmessageprocessingsteps?$select=name"):
            here.sandbox.dynamics.edit(
                "update", "sdkmessageprocessingstep", step["sdkmessageprocessingstepid"], statecode=1, statuscode=2
            )
        assert failed(here.port) == []


@pytest.mark.parametrize(("column", "passes"), [("emailaddress1", False), ("lastname", False), ("jobtitle", True)])
def test_whom_a_record_is_has_to_be_visible(empty: World, column: str, passes: bool) -> None:
    empty.others.controls("security", table="contact", column=column)
    found = [check for check in empty.port.checks() if check.name == "Dynamics contact secured columns"]
    assert [check.passed for check in found] == [passes]
    assert column in found[0].finding


def test_without_a_user_in_the_environment_the_first_check_says_what_to_do(empty: World) -> None:
    empty.others.controls(
        "consumers", client_id="stranger", secret="s", application="1a1a0000-0000-4000-8000-0000000000ee"
    )
    (check,) = empty.connected(client_id="stranger", client_secret="s").checks()
    assert not check.passed
    assert "application user" in check.remedy


def test_a_throttled_moment_goes_unnoticed(here: World) -> None:
    here.port.organisation()
    for fault in ("rate_limit", "concurrency"):
        here.fails(fault, times=1)
        assert Mirror().pulls(here.port)
