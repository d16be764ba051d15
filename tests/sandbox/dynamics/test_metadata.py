"""Tables and columns as `EntityDefinitions` describes them, and what an administrator changes in them."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from tests.sandbox.dynamics.answers import body
from tests.sandbox.dynamics.api import Api, error

LEAD = "EntityDefinitions(LogicalName='lead')"
CAST = "Attributes/Microsoft.Dynamics.CRM."
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def attributes(api: Api, cast: str, select: str, expand: str = "", table: str = "lead") -> dict[str, dict[str, Any]]:
    path = f"EntityDefinitions(LogicalName='{table}')/{CAST}{cast}AttributeMetadata?$select=LogicalName,{select}"
    return {row["LogicalName"]: row for row in api.rows(path + (f"&$expand={expand}" if expand else ""))}


def definition(api: Api, table: str) -> dict[str, Any]:
    return body(api.get(f"EntityDefinitions(LogicalName='{table}')"))


def test_a_table_is_found_by_filter_by_name_and_by_id(api: Api) -> None:
    (found,) = api.rows("EntityDefinitions?$select=LogicalName,EntitySetName&$filter=LogicalName eq 'lead'")
    assert (found["EntitySetName"], definition(api, "lead")["MetadataId"]) == ("leads", found["MetadataId"])
    assert body(api.get(f"EntityDefinitions({found['MetadataId']})"))["LogicalName"] == "lead"
    assert api.rows("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'nope'") == []
    assert error(api.get("EntityDefinitions(LogicalName='nope')")) == (404, "0x80040217")


@pytest.mark.parametrize(
    ("table", "set_name", "code", "primary", "ownership"),
    [
        ("lead", "leads", 4, "fullname", "UserOwned"),
        ("contact", "contacts", 2, "fullname", "UserOwned"),
        ("account", "accounts", 1, "name", "UserOwned"),
        ("opportunity", "opportunities", 3, "name", "UserOwned"),
        ("systemuser", "systemusers", 8, "fullname", "BusinessOwned"),
        ("team", "teams", 9, "name", "BusinessOwned"),
        ("new_event", "new_events", 10112, "new_name", "UserOwned"),
    ],
)
def test_a_table_says_what_it_is(api: Api, table: str, set_name: str, code: int, primary: str, ownership: str) -> None:
    found = definition(api, table)
    assert (found["EntitySetName"], found["ObjectTypeCode"]) == (set_name, code)
    assert (found["PrimaryIdAttribute"], found["PrimaryNameAttribute"]) == (f"{table}id", primary)
    assert (found["OwnershipType"], found["IsCustomEntity"]) == (ownership, table == "new_event")
    assert found["ChangeTrackingEnabled"] is True
    assert found["CanChangeTrackingBeEnabled"]["Value"] is True
    assert found["TableType"] == "Standard"


def test_the_documented_sizes_of_a_lead_hold(api: Api) -> None:
    found = attributes(api, "String", "MaxLength,FormatName")
    sizes = {name: row["MaxLength"] for name, row in found.items()}
    expected = {"subject": 300, "firstname": 50, "lastname": 50, "jobtitle": 100, "emailaddress1": 100}
    expected |= {"telephone1": 50, "mobilephone": 20, "pager": 20, "websiteurl": 200, "sic": 20}
    expected |= {"address1_line1": 250, "address1_city": 80, "address1_county": 50, "address1_postalcode": 20}
    assert expected.items() <= sizes.items()
    assert found["emailaddress1"]["FormatName"] == {"Value": "Email"}
    assert found["telephone1"]["FormatName"] == {"Value": "Phone"}
    memos = attributes(api, "Memo", "MaxLength")
    assert memos["description"]["MaxLength"] == 2000


def test_typed_members_come_behind_a_cast_only(api: Api) -> None:
    assert error(api.get(f"{LEAD}/Attributes?$select=LogicalName,MaxLength"))[0] == 400
    plain = {row["LogicalName"]: row for row in api.rows(f"{LEAD}/Attributes?$select=LogicalName,AttributeTypeName")}
    assert plain["new_interests"]["AttributeTypeName"] == {"Value": "MultiSelectPicklistType"}
    assert error(api.get(f"{LEAD}/{CAST}EnumAttributeMetadata"))[0] == 404


def test_every_column_is_of_the_type_that_its_cast_lists(api: Api) -> None:
    rows = api.rows(f"{LEAD}/Attributes?$select=LogicalName,AttributeTypeName,AttributeOf")
    kinds = {row["AttributeTypeName"]["Value"] for row in rows if row["AttributeOf"] is None}
    listed: set[str] = set()
    for kind in kinds:
        cast = kind.removesuffix("Type").replace("Uniqueidentifier", "UniqueIdentifier")
        listed |= attributes(api, cast, "AttributeType").keys()
    assert {row["LogicalName"] for row in rows if row["AttributeOf"] is None} <= listed


def test_choices_carry_values_and_labels(api: Api) -> None:
    found = attributes(api, "Picklist", "MetadataId", "OptionSet($select=Options),GlobalOptionSet($select=Options)")
    options = found["new_tier"]["OptionSet"]["Options"]
    labels = {one["Value"]: one["Label"]["UserLocalizedLabel"]["Label"] for one in options}
    assert labels == {100000000: "Bronze", 100000001: "Silver", 100000002: "Gold"}
    assert found["new_tier"]["GlobalOptionSet"] is None
    quality = found["leadqualitycode"]["OptionSet"]["Options"]
    assert [one["Label"]["LocalizedLabels"][0]["Label"] for one in quality] == ["Hot", "Warm", "Cold"]


def test_states_and_statuses_belong_together(api: Api) -> None:
    states = attributes(api, "State", "MetadataId", "OptionSet")["statecode"]["OptionSet"]["Options"]
    statuses = attributes(api, "Status", "MetadataId", "OptionSet")["statuscode"]["OptionSet"]["Options"]
    assert {one["Value"]: one["DefaultStatus"] for one in states} == {0: 1, 1: 3, 2: 4}
    assert {one["Value"]: one["State"] for one in statuses} == {1: 0, 2: 0, 3: 1, 4: 2, 5: 2, 6: 2, 7: 2}


def test_a_boolean_has_two_labels(api: Api) -> None:
    found = attributes(api, "Boolean", "DefaultValue", "OptionSet($select=TrueOption,FalseOption)")
    option = found["donotphone"]["OptionSet"]
    assert (option["FalseOption"]["Value"], option["TrueOption"]["Value"]) == (0, 1)
    assert option["TrueOption"]["Label"]["UserLocalizedLabel"]["Label"] == "Do Not Allow"


def test_dates_say_how_they_behave(api: Api) -> None:
    found = attributes(api, "DateTime", "Format,DateTimeBehavior", table="contact")
    behaviors = {name: (row["Format"], row["DateTimeBehavior"]["Value"]) for name, row in found.items()}
    assert behaviors["birthdate"] == behaviors["anniversary"] == ("DateOnly", "DateOnly")
    assert behaviors["new_lastdemo"] == behaviors["createdon"] == ("DateAndTime", "UserLocal")
    assert behaviors["new_visit"] == ("DateAndTime", "TimeZoneIndependent")
    assert behaviors["new_joined"] == ("DateOnly", "UserLocal")


def test_lookups_say_where_they_lead_and_relationships_how_to_bind_them(api: Api) -> None:
    assert attributes(api, "Customer", "Targets")["customerid"]["Targets"] == ["account", "contact"]
    assert attributes(api, "Owner", "Targets")["ownerid"]["Targets"] == ["systemuser", "team"]
    expand = (
        "ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName)"
    )
    found = body(api.get(f"EntityDefinitions(LogicalName='new_event')?$select=LogicalName&$expand={expand}"))
    ways = {
        (row["ReferencingAttribute"], row["ReferencedEntity"]): row["ReferencingEntityNavigationPropertyName"]
        for row in found["ManyToOneRelationships"]
    }
    assert ways["new_contact", "contact"] == "new_Contact", "custom names keep the casing of the schema"
    assert ways["ownerid", "team"] == ways["ownerid", "systemuser"] == "ownerid"


def test_flags_of_columns_tell_what_may_be_done_with_them(api: Api) -> None:
    names = "LogicalName,IsValidForCreate,IsValidForUpdate,IsSecured,IsPrimaryId,IsPrimaryName,IsCustomAttribute"
    found = {
        row["LogicalName"]: row for row in api.rows(f"{LEAD}/Attributes?$select={names},AttributeOf,RequiredLevel")
    }
    assert (found["leadid"]["IsValidForCreate"], found["leadid"]["IsValidForUpdate"]) == (True, False)
    assert found["statecode"]["IsValidForCreate"] is False
    assert found["fullname"]["IsPrimaryName"] is True
    assert found["new_nationalid"]["IsSecured"] is True
    assert found["new_tier"]["IsCustomAttribute"] is True
    assert found["owneridname"]["AttributeOf"] == "ownerid"
    assert found["subject"]["RequiredLevel"]["Value"] == "ApplicationRequired"
    assert found["ownerid"]["RequiredLevel"]["Value"] == "SystemRequired"


def test_alternate_keys_are_listed_with_the_state_of_their_index(api: Api) -> None:
    (key,) = api.rows(f"{LEAD}/Keys?$select=LogicalName,KeyAttributes,EntityKeyIndexStatus")
    assert (key["KeyAttributes"], key["EntityKeyIndexStatus"]) == (["new_mktoid"], "Active")


def test_privileges_of_a_table_have_names(api: Api) -> None:
    found = definition(api, "lead")["Privileges"]
    assert {"prvCreateLead", "prvReadLead", "prvWriteLead", "prvAssignLead"} <= {one["Name"] for one in found}


def query(api: Api, **expression: Any) -> dict[str, Any]:
    answer = api.call("GET", "RetrieveMetadataChanges(Query=@p1)", params={"@p1": json.dumps(expression)})
    return body(answer)


def test_metadata_changes_give_typed_columns_of_all_kinds_in_one_call(api: Api) -> None:
    only_lead = {"PropertyName": "LogicalName", "ConditionOperator": "Equals", "Value": {"Value": "lead"}}
    answer = query(
        api,
        Criteria={"FilterOperator": "And", "Conditions": [only_lead]},
        Properties={"PropertyNames": ["LogicalName", "EntitySetName", "Attributes"]},
        AttributeQuery={"Properties": {"PropertyNames": ["MaxLength", "OptionSet", "AttributeTypeName"]}},
    )
    (table,) = answer["EntityMetadata"]
    found = {row["LogicalName"]: row for row in table["Attributes"]}
    assert table["EntitySetName"] == "leads"
    assert found["firstname"]["MaxLength"] == 50
    assert len(found["leadqualitycode"]["OptionSet"]["Options"]) == 3
    assert "IsSecured" not in found["firstname"]
    assert answer["ServerVersionStamp"]


def test_an_old_version_stamp_has_expired(api: Api) -> None:
    stamp = query(api)["ServerVersionStamp"]
    call = "RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2)"
    given = {"@p1": "{}", "@p2": f"'{stamp}'"}
    assert api.call("GET", call, params=given).status_code == 200
    api.sandbox.clock.advance(91 * 86_400)
    api.sign_in()
    assert error(api.call("GET", call, params=given)) == (400, "0x80044352")


def test_a_column_that_an_administrator_adds_is_described_written_and_read(api: Api) -> None:
    api.control("columns", table="contact", name="new_size", kind="PicklistType", labels=["S", "M"])
    expand = "OptionSet($select=Options)"
    assert len(attributes(api, "Picklist", "MetadataId", expand, "contact")["new_size"]["OptionSet"]["Options"]) == 2
    id = api.create("contacts", lastname="Roe", new_size=100_000_001)
    assert api.read("contacts", id)["new_size"] == 100_000_001


def test_change_tracking_of_a_table_can_be_switched(api: Api) -> None:
    api.control("tables", table="campaign", change_tracking=True)
    assert definition(api, "campaign")["ChangeTrackingEnabled"] is True
    wish = {"table": "campaign", "nonsense": True}
    assert requests.post(f"{api.url}/__sandbox__/dynamics/tables", json=wish, timeout=5).status_code == 400


def test_which_bulk_messages_a_table_takes_is_listed_and_can_be_switched(api: Api) -> None:
    path = "sdkmessagefilters?$filter=sdkmessageid/name eq @m and primaryobjecttypecode eq @t&@m='{}'&@t='lead'"
    target = {"@odata.type": "Microsoft.Dynamics.CRM.lead", "lastname": "Roe"}
    for bulk in (True, False, True):
        api.control("tables", table="lead", bulk=bulk)
        for message in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple"):
            assert len(api.rows(path.format(message))) == bulk
        made = api.post("leads/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [target]})
        assert (made.status_code == 200) == bulk


def test_the_service_document_lists_every_set(api: Api) -> None:
    sets = {row["name"]: row["url"] for row in body(api.get(""))["value"]}
    assert sets["opportunities"] == "opportunities"
    for name in sets:
        assert api.get(f"{name}?$top=1").status_code in (200, 403)


def test_the_schema_declares_what_the_metadata_describes(api: Api) -> None:
    answer = api.get("$metadata?annotations=true")
    assert answer.headers["Content-Type"].startswith("application/xml")
    schema = ElementTree.fromstring(answer.content)
    lead = next(node for node in schema.iter(f"{EDM}EntityType") if node.get("Name") == "lead")
    declared = {node.get("Name"): node.get("Type") for node in lead.iter(f"{EDM}Property")}
    assert declared["firstname"] == "Edm.String"
    assert declared["_ownerid_value"] == "Edm.Guid"
    assert declared["estimatedclosedate"] == "Edm.Date"
    row = api.read("leads", api.create("leads", lastname="Roe"))
    assert {name for name in row if "@" not in name} == declared.keys()
    tracked = [node.get("Name") for node in schema.iter(f"{EDM}EntitySet") if node.find(f"{EDM}Annotation") is not None]
    assert {"leads", "contacts", "accounts"} <= set(tracked)
