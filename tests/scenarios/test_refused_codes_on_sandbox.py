"""Every code by which a CRM refuses one record: the others are saved, and the admin reads a cause and a remedy."""

from tests.cli.desk import agrees_with_golden
from tests.scenarios.refusing import MESSAGE, refusing
from tests.scenarios.sandbox_world import World

# As the vendors' documents list them: Salesforce, "Status Codes and Error Responses"; Dataverse, "Web service error
# codes". The last one of each is none that mksync knows.
CODES = {
    "salesforce": (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", "REQUIRED_FIELD_MISSING", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "STRING_TOO_LONG", "DUPLICATES_DETECTED", "DUPLICATE_VALUE", "UNABLE_TO_LOCK_ROW", "ENTITY_IS_LOCKED",
        "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "INACTIVE_OWNER_OR_USER",
        "INVALID_EMAIL_ADDRESS", "FIELD_INTEGRITY_EXCEPTION", "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "NUMBER_OUTSIDE_VALID_RANGE", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER",
        "TXN_SECURITY_METERING_ERROR", "STORAGE_LIMIT_EXCEEDED", "UNKNOWN_EXCEPTION", "SOMETHING_QUITE_NEW",
    ),
    "dynamics": (
        "0x80040265", "0x80040200", "0x8004431A", "0x80044331", "0x80073001", "0x80040333", "0x80040237", "0x80060892",
        "0x80044150", "0x80044151", "0x80071154", "0x80040216", "0x80044171", "0x80040220", "0x80048306", "0x8004F507",
        "0x80040352", "0x80040353", "0x8004022B", "0x8004432F", "0x80044330", "0x80061004", "0x80040239", "0x80048408",
        "0x80048D19", "0x80040203", "0x80040224", "0x80040230", "0x80040233", "0x80040227", "0x8004418A", "0x80099999",
    ),
}  # fmt: skip


def told(here: World) -> str:
    return here.command("log", "--rejected", "--limit", "100").out


def test_every_code_is_told_with_a_cause_and_a_remedy_and_stops_no_other_record(here: World) -> None:
    codes = CODES[here.facts.system]
    for number, code in enumerate(codes):
        here.crm.named("lead", lastName=code, email=f"{number}@example.com", title="old")
    for number in range(3):
        here.crm.named("lead", lastName=f"Good {number}", email=f"good{number}@example.com", title="old")
    here.clock.sleep(300)
    assert here.command("run-once").code == 0
    for id, row in here.marketo.people("lastName").items():
        here.marketo.edit(id, title=row["lastName"])
    here.clock.sleep(300)
    with refusing(here, lambda title: title if title in codes else None):
        assert here.command("run-once", "--confirm", str(len(codes) + 3)).code == 3
    titles = {row["lastName"]: row["title"] for row in here.crm.records("lead", "lastName", "title").values()}
    assert titles == dict.fromkeys(codes, "old") | {f"Good {number}": f"Good {number}" for number in range(3)}
    assert agrees_with_golden("log_rejected_codes", told(here), here.facts)
    assert told(here).count(f": {MESSAGE}\n") == told(here).count("    cause:  ") == len(codes)
    assert told(here).count("    remedy: ") == len(codes)


def test_what_was_refused_goes_through_once_nothing_refuses_it_any_more(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", title="old")
    here.clock.sleep(300)
    here.command("run-once")
    here.marketo.edit(here.person_of(lead), title="new")
    here.clock.sleep(300)
    with refusing(here, lambda title: "SOMETHING_QUITE_NEW" if title == "new" else None):
        assert here.command("run-once").code == 3
        here.clock.sleep(300)
        assert here.command("run-once").code == 3
    here.clock.sleep(300)
    assert here.command("run-once").code == 3
    assert here.command("log", "retry", "roe@example.com").code == 0
    here.clock.sleep(300)
    assert here.command("run-once").code == 0
    assert here.crm.records("lead", "title")[lead] == {"title": "new"}
