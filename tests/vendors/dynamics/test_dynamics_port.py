"""What the sync user sees of tables, records and itself, held against a scripted environment."""

from typing import Any

import pytest

from mksync.core.records import Field, FieldType, Gone, Record, Ref
from mksync.errors import AccessError, ConfigError, MksyncError, Temporary
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import (
    CONTACT,
    LEAD,
    LEAD_B,
    LEAD_C,
    ORG,
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

PROFILE = "6d6d0000-0000-4000-8000-000000000001"


def secured_for(org: Org, **rights: int) -> None:
    """The sync user's team has a profile with these rights on `new_secret`; another profile allows everything."""
    org.on("GET", rf"/systemusers\({USER}\)/systemuserprofiles_association", rows())
    org.on("GET", rf"/systemusers\({USER}\)/teammembership_association", rows({"teamid": TEAM}))
    org.on("GET", rf"/teams\({TEAM}\)/teamprofiles_association", rows({"fieldsecurityprofileid": PROFILE.upper()}))
    none = {"entityname": "lead", "attributelogicalname": "new_secret", "canread": 0, "cancreate": 0, "canupdate": 0}
    all = {"entityname": "lead", "attributelogicalname": "new_secret", "canread": 4, "cancreate": 4, "canupdate": 4}
    mine = {**none, **rights, "_fieldsecurityprofileid_value": PROFILE}
    strangers = {**all, "_fieldsecurityprofileid_value": "6d6d0000-0000-4000-8000-000000000002"}
    org.on("GET", "/fieldpermissions", rows(strangers, mine))


def field(port: DynamicsPort, name: str) -> Field:
    return port.describe("lead").fields[name]


def test_the_organisation_is_asked_once(org: Org, port: DynamicsPort) -> None:
    assert [port.organisation(), port.organisation()] == [ORG, ORG]
    assert org.calls == ["GET /api/data/v9.2/WhoAmI"]


def test_identify_names_organisation_and_user(org: Org, port: DynamicsPort) -> None:
    org.on("GET", rf"/organizations\({ORG}\)", {"name": "Contoso"})
    org.on("GET", rf"/systemusers\({USER}\)", {"fullname": "# mksync"})
    identity = port.identify()
    assert (identity.system, identity.organisation, identity.name, identity.user) == (
        "Dynamics", ORG, "Contoso", "# mksync",
    )  # fmt: skip


def test_without_the_right_to_read_them_address_and_id_stand_for_the_names(org: Org, port: DynamicsPort) -> None:
    org.on("GET", r"/organizations.*", error("0x80040220", "is missing prvReadOrganization privilege"), 403)
    identity = port.identify()
    assert identity.name.startswith("127.0.0.1:")
    assert identity.user == USER


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("leadid", FieldType.REFERENCE),
        ("jobtitle", FieldType.TEXT),
        ("emailaddress1", FieldType.EMAIL),
        ("telephone1", FieldType.PHONE),
        ("description", FieldType.TEXTAREA),
        ("donotbulkemail", FieldType.BOOLEAN),
        ("leadsourcecode", FieldType.PICKLIST),
        ("statuscode", FieldType.PICKLIST),
        ("new_interests", FieldType.MULTIPICKLIST),
        ("revenue", FieldType.DECIMAL),
        ("numberofemployees", FieldType.INTEGER),
        ("ownerid", FieldType.REFERENCE),
        ("modifiedon", FieldType.DATETIME),
        ("new_opening", FieldType.DATETIME),
        ("estimatedclosedate", FieldType.DATE),
        ("new_anniversary", FieldType.DATE),
        ("new_holiday", FieldType.DATE),
    ],
)
def test_types_are_told_by_what_the_column_holds(port: DynamicsPort, name: str, type: FieldType) -> None:
    assert field(port, name).type is type


@pytest.mark.parametrize("name", ["owneridname", "owneridtype", "new_photo", "new_writeonly"])
def test_shadows_pictures_and_unreadable_columns_are_not_described(port: DynamicsPort, name: str) -> None:
    assert name not in port.describe("lead").fields


@pytest.mark.parametrize("name", ["fullname", "statecode", "statuscode", "new_score", "leadid", "new_anniversary"])
def test_what_is_computed_or_kept_by_the_system_cannot_be_written(port: DynamicsPort, name: str) -> None:
    assert not field(port, name).writable
    assert not field(port, name).creatable


def test_calculated_and_roll_up_columns_are_told_as_such(port: DynamicsPort) -> None:
    assert [name for name, one in port.describe("lead").fields.items() if one.calculated] == ["new_score"]


def test_a_fields_particulars_are_told(port: DynamicsPort) -> None:
    assert field(port, "firstname").length == 50
    assert field(port, "description").length == 2000
    assert (field(port, "revenue").scale, field(port, "estimatedvalue").scale) == (4, 2)
    assert field(port, "new_interests").custom
    assert not field(port, "jobtitle").custom
    assert field(port, "emailaddress1").searchable
    assert not field(port, "description").searchable
    assert field(port, "leadsourcecode").choices == ("Advertisement", "Web")
    assert field(port, "leadsourcecode").restricted
    assert not field(port, "jobtitle").restricted
    assert field(port, "leadsourcecode").label == "Leadsourcecode"


def test_only_what_the_system_requires_is_required(port: DynamicsPort) -> None:
    """The owner is the sync user, if nobody is named."""
    required = [one.name for one in port.describe("lead").fields.values() if one.required]
    assert required == []
    assert [one.name for one in port.describe("contact").fields.values() if one.required] == []


def test_a_description_by_casts_takes_a_call_for_each_type_of_column(org: Org, port: DynamicsPort) -> None:
    port.describe("contact")
    kinds = ("", "DateTime", "Memo", "State", "Status", "String")
    path = "GET /api/data/v9.2/EntityDefinitions(LogicalName='contact')"
    casts = [f"{path}/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata" if kind else path for kind in kinds]
    refused = "GET /api/data/v9.2/RetrieveMetadataChanges(Query=@p1)"
    assert sorted(org.calls) == sorted([refused, *casts])


def test_an_environment_without_sales_has_no_leads(org: Org, port: DynamicsPort) -> None:
    org.on("GET", r"/EntityDefinitions\(LogicalName='lead'\)", error("0x80040217", "Could not find an entity"), 404)
    with pytest.raises(AccessError) as caught:
        port.describe("lead")
    assert "Sales" in caught.value.hint


def test_a_secured_column_is_seen_with_the_rights_of_the_users_teams(org: Org, port: DynamicsPort) -> None:
    secured_for(org, canread=4, canupdate=4)
    assert (field(port, "new_secret").writable, field(port, "new_secret").creatable) == (True, False)


def test_what_one_profile_allows_another_does_not_take_away(org: Org, port: DynamicsPort) -> None:
    secured_for(org)
    other = "6d6d0000-0000-4000-8000-000000000003"
    mine = rows({"fieldsecurityprofileid": other})
    org.on("GET", rf"/systemusers\({USER}\)/systemuserprofiles_association", mine)
    none = {"entityname": "lead", "attributelogicalname": "new_secret", "canread": 0, "cancreate": 0, "canupdate": 0}
    all = {"entityname": "lead", "attributelogicalname": "new_secret", "canread": 4, "cancreate": 4, "canupdate": 4}
    of = "_fieldsecurityprofileid_value"
    for order in ([{**all, of: other}, {**none, of: PROFILE}], [{**none, of: PROFILE}, {**all, of: other}]):
        org.on("GET", "/fieldpermissions", rows(*order))
        found = field(port, "new_secret")
        assert (found.writable, found.creatable) == (True, True)


def test_a_secured_column_that_may_not_be_read_is_not_described(org: Org, port: DynamicsPort) -> None:
    secured_for(org, canupdate=4)
    assert "new_secret" not in port.describe("lead").fields


def test_a_secured_column_without_proof_is_not_described(org: Org, port: DynamicsPort) -> None:
    secured_for(org)
    org.on("GET", "/fieldpermissions", error("0x80040220", "is missing prvReadFieldPermission"), 403)
    assert "new_secret" not in port.describe("lead").fields


def test_an_administrator_reads_every_secured_column(org: Org, port: DynamicsPort) -> None:
    everything = {"fieldsecurityprofileid": "572329c1-a042-4e22-be47-367c6374ea45"}
    org.on("GET", rf"/systemusers\({USER}\)/systemuserprofiles_association", rows(everything))
    org.on("GET", rf"/systemusers\({USER}\)/teammembership_association", rows())
    assert field(port, "new_secret").writable


def test_fetch_tells_of_every_id_what_became_of_it(org: Org, port: DynamicsPort) -> None:
    org.on(
        "GET",
        "/leads",
        rows(
            lead(LEAD, 7, jobtitle=" CTO "),
            lead(LEAD_B, merged=True, _masterid_value=LEAD_C, statecode=2),
            lead(LEAD_C, merged=True, _masterid_value=LEAD, statecode=2),
        ),
    )
    found = list(port.fetch("lead", [LEAD.upper(), LEAD_B, LEAD_C, CONTACT, "nonsense"], ["jobtitle"]))
    assert found == [
        Record("lead", LEAD, {"jobtitle": "CTO"}, 'W/"7"'),
        Gone("lead", LEAD_B, "merged", Ref("lead", LEAD)),
        Gone("lead", LEAD_C, "merged", Ref("lead", LEAD)),
        Gone("lead", CONTACT, "deleted"),
        Gone("lead", "nonsense", "deleted"),
    ]
    (asked,) = org.parts("GET", "/leads")
    assert "nonsense" not in asked.query["$filter"]


def test_a_qualified_lead_went_into_the_contact_that_names_it(org: Org, port: DynamicsPort) -> None:
    org.on("GET", "/leads", rows(lead(LEAD, statecode=1), lead(LEAD_B, statecode=1)))
    org.on("GET", "/contacts", rows(contact(_originatingleadid_value=LEAD.upper())))
    found = {one.id: one for one in port.fetch("lead", [LEAD, LEAD_B], ["jobtitle"])}
    assert found[LEAD] == Gone("lead", LEAD, "converted", Ref("contact", CONTACT))
    assert isinstance(found[LEAD_B], Record), "qualified without a contact, it stays a lead"
    (asked,) = org.parts("GET", "/contacts")
    assert LEAD in asked.query["$filter"]
    assert LEAD_B in asked.query["$filter"]


def test_many_ids_take_as_many_calls_as_addresses_have_room(org: Org, port: DynamicsPort) -> None:
    org.on("GET", "/leads", lambda asked: (200, rows()))
    ids = [f"1a1a0000-0000-4000-8000-{number:012d}" for number in range(1000)]
    assert len(list(port.fetch("lead", ids, ["jobtitle"]))) == 1000
    asked = org.parts("GET", "/leads")
    assert len(asked) == 3
    assert all(sum(id in one.query["$filter"] for one in asked) == 1 for id in ids)


def test_what_is_too_long_for_an_address_goes_by_batch(org: Org, port: DynamicsPort) -> None:
    schema = port.describe("lead")
    names = [f"new_{number:04d}{'x' * 60}" for number in range(300)]
    port.recall(type(schema)("lead", "Lead", {name: Field(name, name, FieldType.TEXT, "String") for name in names}))
    ids = [f"1a1a0000-0000-4000-8000-{number:012d}" for number in range(400)]
    org.on("GET", "/leads", rows(lead(ids[0], **dict[str, Any](dict.fromkeys(names, "v")))))
    found = list(port.fetch("lead", ids, names))
    assert isinstance(found[0], Record)
    assert org.calls[-1] == "POST /api/data/v9.2/$batch"


@pytest.mark.parametrize(
    ("value", "filter"),
    [
        ("ana@example.com", "emailaddress1 eq 'ana@example.com'"),
        ("o'hara@example.com", "emailaddress1 eq 'o''hara@example.com'"),
        ("a_b@example.com", "emailaddress1 eq 'a[_]b@example.com' or emailaddress1 eq 'a_b@example.com'"),
        ("100%@example.com", "emailaddress1 eq '100[%]@example.com' or emailaddress1 eq '100%@example.com'"),
        ("a[b]@example.com", "emailaddress1 eq 'a[[]b]@example.com' or emailaddress1 eq 'a[b]@example.com'"),
        ("%@example.com", "emailaddress1 eq '[%]@example.com'"),
        ("a+b&c#d@example.com", "emailaddress1 eq 'a+b&c#d@example.com'"),
    ],
)
def test_a_value_is_looked_up_as_it_is(org: Org, port: DynamicsPort, value: str, filter: str) -> None:
    org.on(
        "GET", "/leads", rows(lead(LEAD, emailaddress1=value.upper()), lead(LEAD_B, emailaddress1="axb@example.com"))
    )
    found = list(port.find("lead", "emailaddress1", [value], ["jobtitle"]))
    assert [one.id for one in found] == [LEAD]
    (asked,) = org.parts("GET", "/leads")
    assert asked.query["$filter"] == filter


def test_many_values_take_several_calls(org: Org, port: DynamicsPort) -> None:
    org.on("GET", "/leads", rows(lead(LEAD, emailaddress1="p7@example.com")))
    found = list(port.find("lead", "emailaddress1", [f"p{n}@example.com" for n in range(250)], []))
    assert [one.id for one in found] == [LEAD], "told once, however often it is found"
    assert len(org.parts("GET", "/leads")) == 3


def test_nobody_who_went_is_found(org: Org, port: DynamicsPort) -> None:
    same: dict[str, Any] = {"emailaddress1": "p@example.com"}
    org.on(
        "GET", "/leads", rows(lead(LEAD, merged=True, **same), lead(LEAD_B, statecode=1, **same), lead(LEAD_C, **same))
    )
    org.on("GET", "/contacts", rows(contact(_originatingleadid_value=LEAD_B)))
    assert [one.id for one in port.find("lead", "emailaddress1", ["p@example.com"], [])] == [LEAD_C]


def test_numbers_are_no_key_to_look_up_by(port: DynamicsPort) -> None:
    with pytest.raises(ConfigError, match="numberofemployees"):
        list(port.find("lead", "numberofemployees", ["7"], []))


@pytest.mark.parametrize(
    "message",
    [
        "Could not find a property named 'gone' on type 'Microsoft.Dynamics.CRM.lead'.",
        "Resource not found for the segment 'leads'.",
    ],
)
@pytest.mark.parametrize("code", ["0x0", "", "0x80060888"])
def test_a_column_that_vanished_is_a_matter_of_access(org: Org, port: DynamicsPort, code: str, message: str) -> None:
    org.on("GET", "/leads", error(code, message), 400)
    with pytest.raises(AccessError):
        list(port.fetch("lead", [LEAD], ["jobtitle"]))


def test_options_are_asked_for_by_the_first_value_that_needs_them(org: Org, port: DynamicsPort) -> None:
    schema = port.describe("lead")
    org.calls.clear()
    port._choices.clear()
    port.recall(schema)
    org.on("GET", "/leads", rows(lead(leadsourcecode=None)))
    list(port.fetch("lead", [LEAD], ["leadsourcecode"]))
    assert len(org.calls) == 1
    org.on("GET", "/leads", rows(lead(leadsourcecode=8), lead(LEAD_B, leadsourcecode=1)))
    found = [
        one.values["leadsourcecode"]
        for one in port.fetch("lead", [LEAD, LEAD_B], ["leadsourcecode"])
        if isinstance(one, Record)
    ]
    assert found == ["Web", "Advertisement"]
    assert len(org.calls) == 3


def test_an_option_that_came_to_be_since_is_asked_for_once(org: Org, port: DynamicsPort) -> None:
    port.describe("lead")
    org.on("GET", "/leads", rows(lead(leadsourcecode=77), lead(LEAD_B, leadsourcecode=77)))
    org.calls.clear()
    found = [
        one.values["leadsourcecode"]
        for one in port.fetch("lead", [LEAD, LEAD_B], ["leadsourcecode"])
        if isinstance(one, Record)
    ]
    assert found == ["77", "77"], "nobody knows its label"
    assert len(org.calls) == 2


@pytest.mark.parametrize(
    ("status", "code"), [(403, "0x80040220"), (403, "0x80072560"), (403, "0x80040225"), (403, "0x80048306"), (403, "")]
)
def test_a_privilege_that_is_missing_is_a_matter_of_access(
    org: Org, port: DynamicsPort, status: int, code: str
) -> None:
    org.on("GET", "/WhoAmI", error(code, "no"), status)
    with pytest.raises(AccessError):
        port.organisation()


def test_throttling_waits_as_long_as_it_is_told(org: Org, port: DynamicsPort) -> None:
    port.organisation()
    org.then(Say(429, error("0x80072322", "Number of requests exceeded the limit of 6000"), {"Retry-After": "37"}))
    port.describe("contact")
    assert len(org.clock.sleeps) == 1
    assert 37 <= org.clock.sleeps[0] < 40


def test_a_server_that_stays_down_is_temporary(org: Org, port: DynamicsPort) -> None:
    port.organisation()
    org.then(*[Say(503, b"<html>busy</html>")] * 6)
    with pytest.raises(Temporary):
        port.describe("contact")


def test_what_nobody_can_explain_is_an_error_with_the_vendors_words(org: Org, port: DynamicsPort) -> None:
    org.on("GET", "/WhoAmI", error("0x80040203", "Argument x is wrong"), 400)
    with pytest.raises(MksyncError, match="Argument x is wrong"):
        port.organisation()


def test_an_owner_that_is_a_team_is_no_user(org: Org, port: DynamicsPort) -> None:
    asked: list[Asked] = []
    told: dict[str, Any] = {"_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "team"}
    row = lead(_ownerid_value=TEAM, **told)

    def answer(one: Asked) -> tuple[int, object]:
        asked.append(one)
        return 200, rows(row)

    org.on("GET", "/leads", answer)
    (found,) = port.fetch("lead", [LEAD], ["ownerid"])
    assert isinstance(found, Record)
    assert found.values == {"ownerid": None}
    assert 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"' in asked[0].prefer


def test_nothing_is_created_in_dynamics_but_records(port: DynamicsPort) -> None:
    with pytest.raises(ConfigError, match="creates no fields"):
        port.create_field("lead", Field("x", "X", FieldType.TEXT))
