"""Writing, held against a scripted environment: what is sent, and what each answer means for its record."""

from typing import Any

import pytest

from mksync.core.records import Outcome, Record, Value, Write
from mksync.errors import AccessError, ConfigError, MksyncError, OutcomeUnknown
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import (
    ACCOUNT,
    LEAD,
    LEAD_B,
    TEAM,
    USER,
    Asked,
    Org,
    contact,
    error,
    lead,
    rows,
)
from tests.wire.scripted import Say

ONE = rf"/leads\({LEAD}\)"


def sent(
    port: DynamicsPort, *writes: Write, object: str = "lead", fields: tuple[str, ...] = ("jobtitle",)
) -> list[Outcome]:
    return sorted(port.write(object, writes, fields), key=lambda outcome: outcome.ref)


def update(
    port: DynamicsPort, version: str | None = 'W/"7"', fields: tuple[str, ...] = ("jobtitle",), **values: Value
) -> Outcome:
    (outcome,) = sent(port, Write(1, "lead", LEAD, values or {"jobtitle": "CTO"}, version), fields=fields)
    return outcome


def create(port: DynamicsPort, token: str | None = "person-1", **values: Value) -> Outcome:
    (outcome,) = sent(port, Write(1, "lead", None, values or {"lastname": "Roe"}, token=token))
    return outcome


def takes_all(org: Org, **held: Any) -> None:
    """Every write is taken; the read-back says `held`."""
    org.on("PATCH", r"/leads\(.*\)", lambda asked: (200, lead(asked.path[-37:-1], 8, **{**(asked.body or {}), **held})))
    org.on("POST", "/leads", lambda asked: (201, lead(asked.body["leadid"], 1, **{**asked.body, **held})))


def body_of(org: Org) -> Any:
    return org.asked[-1].body


def test_an_update_names_its_version_and_is_read_back(org: Org, port: DynamicsPort) -> None:
    takes_all(org, jobtitle="Chief")
    outcome = update(port)
    assert outcome == Outcome(1, "written", Record("lead", LEAD, {"jobtitle": "Chief"}, 'W/"8"'))
    (asked,) = org.parts("PATCH", ONE)
    assert (asked.body, asked.headers["if-match"], asked.prefer) == (
        {"jobtitle": "CTO"}, 'W/"7"', ["return=representation"],
    )  # fmt: skip
    assert "jobtitle" in asked.columns


def test_without_a_version_a_record_that_was_deleted_is_still_not_made_anew(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    update(port, version=None)
    assert org.asked[-1].headers["if-match"] == "*"


def test_a_read_back_that_was_left_out_is_made_up_for(org: Org, port: DynamicsPort) -> None:
    org.on("PATCH", ONE, None, 204)
    org.on("GET", "/leads", rows(lead(LEAD, 9, jobtitle="CTO")))
    assert update(port).record == Record("lead", LEAD, {"jobtitle": "CTO"}, 'W/"9"')


def test_a_hundred_writes_are_one_call(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    before = len(org.calls)
    ids = [f"1a1a0000-0000-4000-8000-{number:012d}" for number in range(port.batch)]
    outcomes = sent(port, *(Write(ref, "lead", id, {"jobtitle": f"T{ref}"}) for ref, id in enumerate(ids)))
    assert [(one.kind, one.record and one.record.id, one.record and one.record.values) for one in outcomes] == [
        ("written", id, {"jobtitle": f"T{ref}"}) for ref, id in enumerate(ids)
    ]
    assert len(org.calls) - before == 1


def test_every_write_counts_against_the_days_calls(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    before = port.calls
    sent(port, *(Write(ref, "lead", LEAD, {"jobtitle": "T"}) for ref in range(10)))
    assert port.calls - before == 10


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (412, "0x80060882", "The version of the existing record doesn't match", "moved"),
        (412, "0X80060882", "", "moved"),
        (412, "", "", "moved"),
        (404, "0x80040217", f"lead With Id = {LEAD.upper()} Does Not Exist", "gone"),
        (404, "0x80040217", f"Entity 'lead' With Id = {LEAD} Does Not Exist", "gone"),
        (404, "0x80060891", "", "gone"),
        (404, "", "", "gone"),
        (412, "0x80040237", "A record with matching key values already exists.", "refused"),
        (412, "0x80060892", "Entity Key requires unique values", "refused"),
        (412, "0x80040333", "a duplicate of the current record already exists.", "refused"),
        (500, "0x80040333", "a duplicate of the current record already exists.", "refused"),
        (400, "0x80044331", "The length of the 'jobtitle' attribute exceeded", "refused"),
        (400, "0x80040265", "Country is mandatory for EU leads.", "refused"),
        (400, "0x8004F00D", "Nobody knows this code", "refused"),
        (403, "0x80040220", "is missing prvWriteLead privilege", "refused"),
        (403, "0x8004f507", "does not have update permissions to a Email secured field", "refused"),
        (400, "0x8006088D", "optimistic concurrency is not enabled", "refused"),
    ],
)  # fmt: skip
def test_what_an_answer_means_for_its_record(
    org: Org, port: DynamicsPort, status: int, code: str, message: str, kind: str
) -> None:
    takes_all(org)
    org.on("PATCH", ONE, error(code, message), status)
    port.describe("lead")
    outcomes = sent(
        port, Write(1, "lead", LEAD, {"jobtitle": "T"}, 'W/"7"'), Write(2, "lead", LEAD_B, {"jobtitle": "T"})
    )
    assert [one.kind for one in outcomes] == [kind, "written"]
    refusal = outcomes[0].refusal
    assert (refusal is not None) == (kind == "refused")
    if refusal:
        assert (refusal.code, refusal.message) == (code, message)
        assert refusal.cause
        assert refusal.remedy
        assert not refusal.passing


def test_a_record_that_ours_refers_to_may_be_missing_without_ours_being_gone(org: Org, port: DynamicsPort) -> None:
    org.on("GET", r"/EntityDefinitions\(LogicalName='lead'\)/ManyToOneRelationships", WAYS)
    org.on("GET", "/EntityDefinitions", ACCOUNTS)
    org.on("PATCH", ONE, error("0x80040217", f"account With Id = {ACCOUNT} Does Not Exist"), 404)
    outcome = update(port, parentaccountid=ACCOUNT)
    assert outcome.kind == "refused"
    assert outcome.refusal
    assert "refers to" in outcome.refusal.cause
    org.on("PATCH", ONE, error("0x80040217", f"lead With Id = {LEAD} Does Not Exist"), 404)
    assert update(port, parentaccountid=ACCOUNT).kind == "gone"


def test_what_passes_is_sent_again_and_the_rest_is_not(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    answers = [(500, error("0x80044150", "Sql Number: 1205")), (429, error("0x80072326", "52"))]
    org.on("PATCH", ONE, lambda asked: answers.pop(0) if answers else (200, lead(LEAD, jobtitle="T")))
    outcomes = sent(port, Write(1, "lead", LEAD, {"jobtitle": "T"}), Write(2, "lead", LEAD_B, {"jobtitle": "T"}))
    assert [one.kind for one in outcomes] == ["written", "written"]
    assert len(org.parts("PATCH", ONE)) == 3
    assert len(org.parts("PATCH", rf"/leads\({LEAD_B}\)")) == 1


def test_what_does_not_pass_is_refused_for_now(org: Org, port: DynamicsPort) -> None:
    org.on("PATCH", ONE, error("0x80044151", "SQL timeout"), 500)
    refusal = update(port).refusal
    assert refusal
    assert refusal.passing


def test_a_throttled_batch_waits_and_is_sent_again(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    org.then(Say(429, error("0x80072322", "slow down"), {"Retry-After": "20"}))
    assert update(port).kind == "written"
    assert org.clock.sleeps[0] >= 20


def test_a_batch_that_is_refused_as_a_whole_is_an_error(org: Org, port: DynamicsPort) -> None:
    port.describe("lead")
    org.then(Say(403, error("0x80072560", "The user is not a member of the organization.")))
    with pytest.raises(AccessError, match="not a member"):
        update(port)


@pytest.mark.parametrize(
    "lost",
    [
        Say(reset=True),
        Say(502, b"<html>"),
        Say(500, error("0x80040216", "")),
        Say(200, b"--x\r\nContent-Type: application/http\r\n", {"Content-Type": "multipart/mixed; boundary=x"}),
        Say(200, b"--x--\r\n", {"Content-Type": "multipart/mixed; boundary=x"}),
        Say(200, {"not": "multipart"}),
    ],
    ids=["reset", "gateway", "failed", "cut", "empty", "no batch"],
)
def test_an_update_whose_answer_is_lost_is_not_sent_again(org: Org, port: DynamicsPort, lost: Say) -> None:
    takes_all(org)
    port.describe("lead")
    org.then(lost)
    with pytest.raises(OutcomeUnknown):
        update(port)
    assert org.parts("PATCH", ONE) == []


def test_a_batch_that_is_too_large_is_sent_in_parts(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    refused = Say(413, error("0x8004418A", "The request length is too large."))
    org.then(refused, refused)  # both, and the first alone
    outcomes = sent(port, Write(1, "lead", LEAD, {"jobtitle": "T"}), Write(2, "lead", LEAD_B, {"jobtitle": "T"}))
    assert [one.kind for one in outcomes] == ["refused", "written"]
    assert outcomes[0].refusal
    assert "too large" in outcomes[0].refusal.cause


def test_a_batch_that_is_refused_whole_is_sent_in_halves_until_the_one_record_stands_alone(
    org: Org, port: DynamicsPort
) -> None:
    takes_all(org)
    port.describe("lead")
    refused = Say(400, error("0x80048d19", "Error identified in Payload provided by the user"))
    org.then(refused, refused)
    outcomes = sent(port, Write(1, "lead", LEAD, {"jobtitle": "T"}), Write(2, "lead", LEAD_B, {"jobtitle": "T"}))
    assert [one.kind for one in outcomes] == ["refused", "written"]
    assert outcomes[0].refusal
    assert (outcomes[0].refusal.code, outcomes[0].refusal.passing) == ("0x80048d19", False)


def test_a_column_that_is_gone_is_no_single_records_fault(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    org.then(Say(400, error("0x80060888", "Could not find a property named 'jobtitle' on type 'lead'.")))
    with pytest.raises(AccessError):
        sent(port, Write(1, "lead", LEAD, {"jobtitle": "T"}), Write(2, "lead", LEAD_B, {"jobtitle": "T"}))


def test_a_create_brings_an_id_that_follows_from_its_token(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    outcome = create(port, lastname="Roe", jobtitle=None, donotbulkemail=None)
    assert (outcome.kind, outcome.created) == ("written", True)
    (asked,) = org.parts("POST", "/leads")
    assert asked.body == {"lastname": "Roe", "leadid": asked.body["leadid"]}
    assert outcome.record
    assert outcome.record.id == asked.body["leadid"]
    assert asked.headers["mscrm.suppressduplicatedetection"] == "false"
    create(port)
    create(port, token="person-2")
    first, second, third = (one.body["leadid"] for one in org.parts("POST", "/leads"))
    assert first == second != third


def test_leads_and_contacts_of_one_token_have_ids_of_their_own(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    org.on("POST", "/contacts", lambda asked: (201, contact(asked.body["contactid"])))
    create(port)
    sent(port, Write(1, "contact", None, {"lastname": "Roe"}, token="person-1"), object="contact")
    assert org.parts("POST", "/leads")[0].body["leadid"] != org.parts("POST", "/contacts")[0].body["contactid"]


def test_without_a_token_ids_are_drawn(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    create(port, token=None)
    create(port, token=None)
    first, second = (one.body["leadid"] for one in org.parts("POST", "/leads"))
    assert first != second


def test_a_create_whose_answer_was_lost_is_sent_again_and_finds_itself(org: Org, port: DynamicsPort) -> None:
    made: list[str] = []

    def post(asked: Asked) -> tuple[int, Any]:
        if asked.body["leadid"] in made:
            return 412, error("0x80040237", "A record with matching key values already exists.")
        made.append(asked.body["leadid"])
        return 500, error("0x80040216", "after the fact")

    org.on("POST", "/leads", post)
    org.on("GET", "/leads", lambda asked: (200, rows(lead(made[0], 5, jobtitle="CTO"))))
    outcome = create(port)
    assert (outcome.kind, outcome.created, len(made)) == ("written", True, 1)
    assert outcome.record == Record("lead", made[0], {"jobtitle": "CTO"}, 'W/"5"')


def test_a_connection_lost_after_a_create_makes_no_second_one(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    org.then(Say(reset=True))
    assert create(port).kind == "written"


def test_a_key_that_another_record_holds_refuses_a_create(org: Org, port: DynamicsPort) -> None:
    org.on("POST", "/leads", error("0x80040237", "A record with matching key values already exists."), 412)
    org.on("GET", "/leads", rows())
    outcome = create(port)
    assert outcome.kind == "refused"
    assert outcome.refusal
    assert "unique" in outcome.refusal.cause


def test_a_duplicate_rule_refuses_a_create(org: Org, port: DynamicsPort) -> None:
    org.on("POST", "/leads", error("0x80040333", "a duplicate of the current record already exists."), 412)
    outcome = create(port)
    assert outcome.refusal
    assert "uplicate" in outcome.refusal.cause


def test_a_label_is_written_as_its_integer(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    update(port, leadsourcecode="web", new_interests="Product;10;events")
    assert body_of(org) == {"leadsourcecode": 8, "new_interests": "1,9,10"}


def test_an_unknown_label_is_refused_without_a_call(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    port.describe("lead")
    before = len(org.calls)
    outcome = update(port, leadsourcecode="Skywriting", jobtitle="CTO")
    assert outcome.kind == "refused"
    assert outcome.refusal
    assert outcome.refusal.fields == ("leadsourcecode",)
    assert "Advertisement, Web" in outcome.refusal.remedy
    assert len(org.calls) == before


WAYS = rows(
    {
        "ReferencingAttribute": "parentaccountid",
        "ReferencedEntity": "account",
        "ReferencingEntityNavigationPropertyName": "parentaccountid",
    },
    {
        "ReferencingAttribute": "parentcustomerid",
        "ReferencedEntity": "account",
        "ReferencingEntityNavigationPropertyName": "parentcustomerid_account",
    },
    {
        "ReferencingAttribute": "parentcustomerid",
        "ReferencedEntity": "contact",
        "ReferencingEntityNavigationPropertyName": "parentcustomerid_contact",
    },
)
ACCOUNTS = rows({"LogicalName": "account", "EntitySetName": "accounts", "PrimaryIdAttribute": "accountid"})


def sets(asked: Asked) -> tuple[int, Any]:
    name = asked.query["$filter"].split("'")[1]
    return 200, rows({"LogicalName": name, "EntitySetName": f"{name}s", "PrimaryIdAttribute": f"{name}id"})


def test_a_lookup_is_written_as_a_link_by_its_relationship(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    org.on("GET", r"/EntityDefinitions\(LogicalName='lead'\)/ManyToOneRelationships", WAYS)
    org.on("GET", "/EntityDefinitions", sets)
    update(port, parentaccountid=ACCOUNT.upper())
    assert body_of(org) == {"parentaccountid@odata.bind": f"/accounts({ACCOUNT})"}
    update(port, parentaccountid=None)
    assert body_of(org) == {"parentaccountid@odata.bind": None}


def test_an_owner_is_looked_for_among_users_and_teams(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    org.on("GET", "/EntityDefinitions", sets)
    org.on(
        "GET",
        "/systemusers",
        lambda asked: (200, rows(*([{"systemuserid": USER}] if USER in asked.query["$filter"] else []))),
    )
    org.on("GET", "/teams", lambda asked: (200, rows(*([{"teamid": TEAM}] if TEAM in asked.query["$filter"] else []))))
    update(port, ownerid=USER)
    assert body_of(org) == {"ownerid@odata.bind": f"/systemusers({USER})"}
    update(port, ownerid=TEAM)
    assert body_of(org) == {"ownerid@odata.bind": f"/teams({TEAM})"}
    outcome = update(port, ownerid=ACCOUNT)
    assert outcome.kind == "refused"
    assert outcome.refusal
    assert outcome.refusal.fields == ("ownerid",)


def test_a_customer_is_cleared_whatever_it_was(org: Org, port: DynamicsPort) -> None:
    org.on("GET", r"/EntityDefinitions\(LogicalName='contact'\)/ManyToOneRelationships", WAYS)
    org.on("PATCH", r"/contacts\(.*\)", lambda asked: (200, contact(ACCOUNT)))
    sent(port, Write(1, "contact", ACCOUNT, {"parentcustomerid": None}), object="contact")
    assert body_of(org) == {"parentcustomerid_account@odata.bind": None, "parentcustomerid_contact@odata.bind": None}


def test_an_id_that_is_none_is_gone_without_a_call(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    outcomes = sent(port, Write(1, "lead", "nonsense", {"jobtitle": "T"}), Write(2, "lead", LEAD, {"jobtitle": "T"}))
    assert [one.kind for one in outcomes] == ["gone", "written"]


def test_nothing_is_deleted(port: DynamicsPort) -> None:
    with pytest.raises(ConfigError):
        sent(port, Write(1, "lead", LEAD, {}, delete=True))


def test_a_written_record_that_cannot_be_read_back_has_an_unknown_outcome(org: Org, port: DynamicsPort) -> None:
    org.on("PATCH", ONE, None, 204)
    org.on("GET", "/leads", error("0x80040220", "no more"), 403)
    with pytest.raises(OutcomeUnknown):
        update(port)


def test_a_token_that_ended_inside_a_batch_is_no_refusal_of_a_record(org: Org, port: DynamicsPort) -> None:
    org.on("PATCH", ONE, error("", "token"), 401)
    with pytest.raises(MksyncError):
        update(port)
