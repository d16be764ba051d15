"""Users, teams, business units and currencies.

Source: Microsoft Learn, "SystemUser", "Team", "BusinessUnit" and "TransactionCurrency table/entity reference".
"""

from mksync.sandbox.dynamics.standard.kinds import (
    READ_ONLY,
    active_states,
    choice,
    flag,
    identity,
    lookup,
    memo,
    number,
    numbered,
    system,
    table,
    text,
    whole,
)
from mksync.sandbox.dynamics.tables import Column, Kind, ManyToMany

_FIXED = {"ownership": "BusinessOwned", "change_tracking": True, "duplicate_detection": False}
_MEMBERS = "teammembership_association"

USER = table(
    "systemuser",
    "systemusers",
    "SystemUser",
    8,
    [
        identity("systemuserid"),
        text("fullname", 200, can_be_secured=False, **READ_ONLY),
        text("firstname", 256, required="SystemRequired"),
        text("lastname", 256, required="SystemRequired"),
        text("domainname", 1_024, "Email", label="User Name"),
        text("internalemailaddress", 100, "Email", label="Primary Email"),
        text("title", 128),
        text("jobtitle", 100),
        text("address1_telephone1", 64, "Phone", label="Main Phone"),
        text("mobilephone", 64, "Phone"),
        flag("isdisabled", labels=("Enabled", "Disabled"), create=False),
        choice(
            "accessmode",
            numbered("Read-Write|Administrative|Read|Support User|Non-interactive|Delegated Admin", 0),
            default=0,
        ),
        Column("applicationid", Kind.UNIQUEIDENTIFIER),
        Column("azureactivedirectoryobjectid", Kind.UNIQUEIDENTIFIER, update=False),
        *lookup(
            "businessunitid",
            "businessunit",
            "business_unit_system_users",
            on_delete="Restrict",
            required="SystemRequired",
        ),
        *lookup("parentsystemuserid", "systemuser", "user_parent_user"),
        ManyToMany(_MEMBERS, "teammembership", "systemuserid", "teamid", "team"),
        ManyToMany("systemuserroles_association", "systemuserroles", "systemuserid", "roleid", "role"),
        ManyToMany(
            "systemuserprofiles_association",
            "systemuserprofiles",
            "systemuserid",
            "fieldsecurityprofileid",
            "fieldsecurityprofile",
        ),
        *system(owned=False),
    ],
    label="User",
    primary_name="fullname",
    **_FIXED,
)

TEAM = table(
    "team",
    "teams",
    "Team",
    9,
    [
        identity("teamid"),
        text("name", 160, required="SystemRequired", label="Team Name"),
        text("emailaddress", 100, "Email"),
        memo("description"),
        flag("isdefault", can_be_secured=False, **READ_ONLY),
        choice("teamtype", numbered("Owner|Access|Security Group|Office Group", 0), default=0, update=False),
        *lookup(
            "businessunitid", "businessunit", "business_unit_teams", on_delete="Restrict", required="SystemRequired"
        ),
        *lookup("administratorid", "systemuser", "lk_teambase_administratorid"),
        ManyToMany(_MEMBERS, "teammembership", "teamid", "systemuserid", "systemuser"),
        ManyToMany("teamroles_association", "teamroles", "teamid", "roleid", "role"),
        ManyToMany(
            "teamprofiles_association", "teamprofiles", "teamid", "fieldsecurityprofileid", "fieldsecurityprofile"
        ),
        *system(owned=False),
    ],
    **_FIXED,
)

MEMBERSHIP = table(
    "teammembership",
    "teammemberships",
    "TeamMembership",
    23,
    [
        identity("teammembershipid"),
        Column("teamid", Kind.UNIQUEIDENTIFIER, **READ_ONLY),
        Column("systemuserid", Kind.UNIQUEIDENTIFIER, **READ_ONLY),
        Column("versionnumber", Kind.BIG_INT, **READ_ONLY),
    ],
    label="Team Membership",
    primary_name="",
    ownership="None",
    intersect=True,
    bulk=False,
    change_tracking=True,
)

BUSINESS_UNIT = table(
    "businessunit",
    "businessunits",
    "BusinessUnit",
    10,
    [
        identity("businessunitid"),
        text("name", 160, required="SystemRequired"),
        flag("isdisabled", labels=("Enabled", "Disabled"), **READ_ONLY),
        *lookup("parentbusinessunitid", "businessunit", "business_unit_parent_business_unit", on_delete="Restrict"),
        *system(owned=False),
    ],
    label="Business Unit",
    ownership="BusinessOwned",
)

CURRENCY = table(
    "transactioncurrency",
    "transactioncurrencies",
    "TransactionCurrency",
    9105,
    [
        identity("transactioncurrencyid"),
        text("currencyname", 100, required="SystemRequired"),
        text("isocurrencycode", 5, required="SystemRequired", update=False),
        text("currencysymbol", 13, required="SystemRequired"),
        whole("currencyprecision", 0, 4, default=2),
        number("exchangerate", 10, minimum=0.0000000001, required="SystemRequired"),
        *active_states(),
        *system(owned=False),
    ],
    label="Currency",
    primary_name="currencyname",
    ownership="OrganizationOwned",
    change_tracking=True,
)
