"""Who may do what: table privileges, rows out of reach, secured columns."""

from typing import Any

import pytest

from tests.sandbox.dynamics.answers import body, done, message
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start

FULL = {"Prefer": "return=representation"}


def secure(api: Api, column: str = "new_nationalid", **allowed: bool) -> None:
    api.control("security", table="lead", column=column, **allowed)


def without(api: Api, right: str, table: str = "lead") -> None:
    api.control("privileges", table=table, rights=[right], depth="None")


@pytest.mark.parametrize("right", ["Create", "Read", "Write", "Delete"])
def test_each_operation_on_a_table_needs_its_privilege(api: Api, right: str) -> None:
    id = api.create("leads", lastname="Roe")
    without(api, right)
    answers = {
        "Create": api.post("leads", {"lastname": "Doe"}),
        "Read": api.get("leads?$top=1"),
        "Write": api.patch(f"leads({id})", {"jobtitle": "CEO"}),
        "Delete": api.delete(f"leads({id})"),
    }
    refused = {name for name, answer in answers.items() if answer.status_code == 403}
    assert refused == {right}
    assert error(answers[right]) == (403, "0x80040220")
    text = message(answers[right])
    assert text.startswith(f"Principal user (Id={api.org.users['sync_user']}, type=8, roleCount=1, privilegeCount=")
    assert f"is missing prv{right}Lead privilege (Id=" in text
    assert " on OTC=4 for entity 'lead' (LocalizedName='Lead'). context.Caller=" in text


def test_a_privilege_that_is_missing_for_the_target_refuses_the_reference(api: Api) -> None:
    account = api.org.edit("create", "account", name="Acme")
    wish = {"lastname": "Roe", "parentaccountid@odata.bind": f"/accounts({account})"}
    done(api.post("leads", wish))
    without(api, "AppendTo", "account")
    answer = api.post("leads", wish)
    assert error(answer) == (403, "0x80040220")
    assert "prvAppendToAccount" in message(answer)
    without(api, "Append")
    assert "prvAppendLead" in message(api.post("leads", wish))


def test_owners_are_set_by_those_who_may_assign(api: Api) -> None:
    team = {"ownerid@odata.bind": f"/teams({api.org.users['team']})"}
    id = api.create("leads", lastname="Roe")
    done(api.patch(f"leads({id})", team))
    row = body(api.get(f"leads({id})?$select=_ownerid_value,_owningteam_value,_owninguser_value"))
    assert row["_ownerid_value"] == row["_owningteam_value"] == api.org.users["team"]
    assert row["_owninguser_value"] is None
    without(api, "Assign")
    assert "prvAssignLead" in message(api.post("leads", {"lastname": "Doe", **team}))
    me = {"ownerid@odata.bind": f"/systemusers({api.org.users['sync_user']})"}
    assert "prvAssignLead" in message(api.patch(f"leads({id})", me))


def test_a_disabled_user_cannot_become_owner_but_stays_one(api: Api) -> None:
    former = {"ownerid@odata.bind": f"/systemusers({api.org.users['former_user']})"}
    assert error(api.post("leads", {"lastname": "Roe", **former})) == (400, "0x8004022B")
    manager = api.org.users["manager_user"]
    id = api.create("leads", **{"lastname": "Roe", "ownerid@odata.bind": f"/systemusers({manager})"})
    api.org.edit("update", "systemuser", manager, isdisabled=True)
    done(api.patch(f"leads({id})", {"jobtitle": "CEO"}))
    assert api.read("leads", id)["_ownerid_value"] == manager


def test_rows_out_of_reach_are_absent_from_lists_and_refused_alone(api: Api) -> None:
    mine = api.create("leads", lastname="Mine")
    other = api.org.edit("create", "lead", lastname="Other")
    api.control("privileges", table="lead", depth="Basic")
    assert [row["leadid"] for row in api.rows("leads?$select=leadid")] == [mine]
    assert body(api.get("leads?$count=true"))["@odata.count"] == 1
    for answer in (api.get(f"leads({other})"), api.patch(f"leads({other})", {}), api.delete(f"leads({other})")):
        assert error(answer) == (403, "0x80048306")
    assert "does not have WriteAccess right(s) for record with id" in message(api.patch(f"leads({other})", {}))
    assert api.get(f"leads({mine})").status_code == 200


def test_a_row_of_ones_team_is_ones_own(api: Api) -> None:
    team = api.org.edit("create", "team", name="Sync", businessunitid=api.org.users["business_unit"])
    id = api.org.edit("create", "lead", lastname="Roe", ownerid=team)
    api.control("privileges", table="lead", depth="Basic")
    assert error(api.get(f"leads({id})"))[0] == 403
    join = f"teams({team})/teammembership_association/$ref"
    user = f"{api.root}/systemusers({api.org.users['sync_user']})"
    api.control("privileges", table="team", depth="Global")
    done(api.post(join, {"@odata.id": user}))
    assert api.get(f"leads({id})").status_code == 200
    members = api.rows(f"teams({team})/teammembership_association?$select=fullname")
    assert [row["fullname"] for row in members] == ["Marketo Sync"]
    done(api.delete(f"teams({team})/teammembership_association({api.org.users['sync_user']})/$ref"))
    assert error(api.get(f"leads({id})"))[0] == 403


def test_a_business_unit_bounds_what_is_seen(api: Api) -> None:
    root = api.org.users["business_unit"]
    below = api.org.edit("create", "businessunit", name="North", parentbusinessunitid=root)
    far = api.org.edit("create", "systemuser", firstname="Nora", lastname="North", businessunitid=below)
    id = api.org.edit("create", "lead", lastname="Far", ownerid=far)
    for depth, seen in (("Local", []), ("Deep", [id]), ("Global", [id])):
        api.control("privileges", table="lead", depth=depth)
        assert [row["leadid"] for row in api.rows("leads?$select=leadid")] == seen, depth


def test_a_denied_row_may_be_told_as_a_missing_privilege(start: Start) -> None:
    api = start("row_denied_as_privilege")
    other = api.org.edit("create", "lead", lastname="Other")
    api.control("privileges", table="lead", depth="Basic")
    assert error(api.get(f"leads({other})")) == (403, "0x80040220")


def test_a_secured_column_without_permission_reads_as_null_with_nothing_said(api: Api) -> None:
    id = api.org.edit("create", "lead", lastname="Roe", new_nationalid="ID-1")
    row = body(api.get(f"leads({id})?$select=new_nationalid,lastname"))
    assert "new_nationalid" in row
    assert (row["new_nationalid"], row["lastname"]) == (None, "Roe")
    secure(api, read=True)
    assert api.read("leads", id)["new_nationalid"] == "ID-1"


def test_writing_a_secured_column_without_permission_writes_nothing_at_all(api: Api) -> None:
    create = api.post("leads", {"lastname": "Roe", "new_nationalid": "ID-1"})
    assert error(create) == (403, "0x8004f502")
    assert api.rows("leads") == []
    id = api.create("leads", lastname="Roe")
    update = api.patch(f"leads({id})", {"jobtitle": "CEO", "new_nationalid": "ID-1"})
    assert error(update) == (403, "0x8004f507")
    assert message(update).startswith(f"Caller user with Id {api.org.users['sync_user']} does not have update ")
    assert api.read("leads", id)["jobtitle"] is None


@pytest.mark.parametrize(("create", "update"), [(True, False), (False, True)])
def test_permissions_to_create_and_to_update_are_separate(api: Api, create: bool, update: bool) -> None:
    secure(api, read=True, create=create, update=update)
    id = api.create("leads", lastname="Roe")
    assert api.post("leads", {"new_nationalid": "ID-1"}).status_code == (204 if create else 403)
    assert api.patch(f"leads({id})", {"new_nationalid": "ID-1"}).status_code == (204 if update else 403)


def test_any_column_but_a_few_can_be_secured(api: Api) -> None:
    id = api.create("leads", lastname="Roe", jobtitle="CEO")
    secure(api, "jobtitle")
    assert api.read("leads", id)["jobtitle"] is None
    path = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='jobtitle')?$select=IsSecured"
    assert body(api.get(path))["IsSecured"] is True
    secure(api, "jobtitle", secured=False)
    assert api.read("leads", id)["jobtitle"] == "CEO"


def test_permissions_are_rows_that_ordinary_roles_may_not_read(api: Api) -> None:
    path = "fieldpermissions?$filter=entityname eq 'lead'&$select=attributelogicalname,canread,cancreate,canupdate"
    assert error(api.get(path)) == (403, "0x80040220")
    secure(api, read=True)
    api.control("privileges", table="fieldpermission", rights=["Read"], depth="Global")
    (found,) = api.rows(path)
    assert (found["attributelogicalname"], found["canread"], found["canupdate"]) == ("new_nationalid", 4, 0)


def test_ones_own_privileges_can_be_listed(api: Api) -> None:
    without(api, "Delete", "contact")
    me = api.org.users["sync_user"]
    found = body(api.get(f"systemusers({me})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"))["RolePrivileges"]
    depths: dict[str, Any] = {one["PrivilegeName"]: one["Depth"] for one in found}
    assert depths["prvReadLead"] == "Global"
    assert "prvDeleteContact" not in depths
    assert "prvWriteAccount" not in depths


def test_an_administrators_fixed_profile_opens_every_column(api: Api) -> None:
    id = api.org.edit("create", "lead", lastname="Roe", new_nationalid="ID-1")
    api.control("privileges", privilege="prvActOnBehalfOfAnotherUser", depth="Global")
    as_admin = {"MSCRMCallerID": api.org.users["admin_user"]}
    row = body(api.call("GET", f"leads({id})?$select=new_nationalid", headers=as_admin))
    assert row["new_nationalid"] == "ID-1"


def test_a_client_can_see_its_roles_and_that_marketos_own_solution_is_not_at_work(api: Api, start: Start) -> None:
    assert api.rows("solutions?$filter=uniquename eq 'MarketoSync'") == []
    roles = api.rows(f"systemusers({api.org.users['sync_user']})/systemuserroles_association?$select=name")
    assert [row["name"] for row in roles] == ["Marketo Sync User"]
    native = start("native_sync")
    (solution,) = native.rows("solutions?$select=version&$filter=uniquename eq 'MarketoSync'")
    assert solution["version"]
    steps = native.rows("sdkmessageprocessingsteps?$select=name,statecode")
    assert {row["statecode"] for row in steps} == {0}
    native.org.edit("update", "sdkmessageprocessingstep", steps[0]["sdkmessageprocessingstepid"], statecode=1)
    off = native.rows("sdkmessageprocessingsteps?$filter=statecode eq 1")
    assert [row["name"] for row in off] == [steps[0]["name"]]
