"""Sales: opportunities, campaigns, and the connections that make somebody a stakeholder of an opportunity.

Source: Microsoft Learn, "Opportunity", "Campaign", "Connection" and "ConnectionRole table/entity reference".
"""

from mksync.sandbox.dynamics.standard.kinds import (
    READ_ONLY,
    active_states,
    choice,
    day,
    flag,
    identity,
    lookup,
    memo,
    money,
    numbered,
    polymorphic,
    states,
    system,
    table,
    text,
    whole,
)
from mksync.sandbox.dynamics.standard.people import currency
from mksync.sandbox.dynamics.tables import Kind

OPPORTUNITY = table(
    "opportunity",
    "opportunities",
    "Opportunity",
    3,
    [
        identity("opportunityid"),
        text("name", 300, required="ApplicationRequired", label="Topic"),
        memo("description"),
        *currency(),
        *money("estimatedvalue", label="Est. Revenue"),
        *money("actualvalue", label="Actual Revenue"),
        *money("budgetamount"),
        day("estimatedclosedate"),
        day("actualclosedate"),
        whole("closeprobability", 0, 100, label="Probability"),
        choice("opportunityratingcode", numbered("Hot|Warm|Cold"), default=2, label="Rating"),
        text("stepname", 200, label="Pipeline Phase"),
        choice("salesstage", numbered("Qualify|Develop|Propose|Close", 0), default=0),
        *states(
            Open=((1, "In Progress"), (2, "On Hold")),
            Won=((3, "Won"),),
            Lost=((4, "Canceled"), (5, "Out-Sold")),
        ),
        *polymorphic(
            "customerid",
            {"account": "opportunity_customer_accounts", "contact": "opportunity_customer_contacts"},
            Kind.CUSTOMER,
            on_delete="Cascade",
        ),
        *lookup("parentaccountid", "account", "opportunity_parent_account"),
        *lookup("parentcontactid", "contact", "opportunity_parent_contact"),
        *lookup("originatingleadid", "lead", "opportunity_originating_lead"),
        *lookup("campaignid", "campaign", "campaign_opportunities"),
        *system(owned=True),
    ],
    change_tracking=True,
)

CAMPAIGN = table(
    "campaign",
    "campaigns",
    "Campaign",
    4400,
    [
        identity("campaignid"),
        text("name", 128, required="ApplicationRequired"),
        text("codename", 32),
        memo("description"),
        *states(Active=((0, "Proposed"), (1, "Ready To Launch"), (2, "Launched")), Inactive=((3, "Completed"),)),
        *system(owned=True),
    ],
)

_PARTIES = ("account", "contact", "lead", "opportunity", "systemuser")

CONNECTION = table(
    "connection",
    "connections",
    "Connection",
    3234,
    [
        identity("connectionid"),
        text("name", 500, create=False, update=False),
        memo("description"),
        flag("ismaster", 1, create=False, update=False),
        day("effectivestart", "UserLocal"),
        day("effectiveend", "UserLocal"),
        *polymorphic("record1id", {name: f"{name}_connections1" for name in _PARTIES}, on_delete="Cascade"),
        *polymorphic("record2id", {name: f"{name}_connections2" for name in _PARTIES}, on_delete="Cascade"),
        *lookup("relatedconnectionid", "connection", "connection_related_connection", on_delete="Cascade", **READ_ONLY),
        *lookup("record1roleid", "connectionrole", "connection_role_connections1"),
        *lookup("record2roleid", "connectionrole", "connection_role_connections2"),
        *active_states(),
        *system(owned=True),
    ],
    change_tracking=True,
)

CONNECTION_ROLE = table(
    "connectionrole",
    "connectionroles",
    "ConnectionRole",
    3231,
    [
        identity("connectionroleid"),
        text("name", 100, required="SystemRequired"),
        choice("category", numbered("Business|Family|Social|Sales|Other|Stakeholder|Sales Team|Service")),
        memo("description"),
        *active_states(),
        *system(owned=False),
    ],
    label="Connection Role",
    ownership="OrganizationOwned",
)
