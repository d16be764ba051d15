"""Roles, what they hold, and column security profiles of a fresh organisation."""

from mksync.sandbox.dynamics.access import ADMINISTRATOR_PROFILE, EVERYTHING, RIGHTS
from mksync.sandbox.dynamics.planting import Planter

# What the role of the sync user holds: what a sync needs, and nothing that an ordinary user lacks.
_WRITES = ("lead", "contact")
_READS = (
    "account",
    "opportunity",
    "campaign",
    "connection",
    "connectionrole",
    "new_event",
    "systemuser",
    "team",
    "transactioncurrency",
)
_SETUP = (
    "teammembership",
    "businessunit",
    "organization",
    "solution",
    "publisher",
    "role",
    "systemuserroles",
    "teamroles",
    "sdkmessage",
    "sdkmessagefilter",
    "sdkmessageprocessingstep",
    "plugintype",
    "pluginassembly",
)


def found_roles(planter: Planter) -> None:
    """Three roles and who holds them."""
    settings, access = planter.org.settings, planter.org.access
    unit = settings.get("business_unit")
    admin, sync, sales = (
        planter.add("role", name=name, businessunitid=unit)
        for name in ("System Administrator", "Marketo Sync User", "Salesperson")
    )
    settings.put("sync_role", sync)
    settings.put("sales_role", sales)
    access.grant(admin, EVERYTHING, EVERYTHING)
    for table in _WRITES:
        access.grant(sync, table, RIGHTS)
    for table in _READS:
        access.grant(sync, table, ("Read", "AppendTo"))
    for table in _SETUP:
        access.grant(sync, table, ("Read",))
    for table in (*_WRITES, "account", "opportunity", "new_event"):
        access.grant(sales, table, RIGHTS, "Local")
    pair = planter.to_users("role")
    holders = {"admin_user": admin, "sync_user": sync, "sales_user": sales, "manager_user": sales}
    for user, role in holders.items():
        planter.org.associate(pair, role, str(settings.get(user)))


def found_column_security(planter: Planter) -> None:
    """The sync user has a profile, which grants nothing until an administrator says so."""
    settings = planter.org.settings
    pair = planter.to_users("fieldsecurityprofile")
    planter.add("fieldsecurityprofile", fieldsecurityprofileid=ADMINISTRATOR_PROFILE, name="System Administrator")
    profile = planter.add("fieldsecurityprofile", name="Marketo Sync")
    settings.put("sync_profile", profile)
    planter.org.associate(pair, ADMINISTRATOR_PROFILE, str(settings.get("admin_user")))
    planter.org.associate(pair, profile, str(settings.get("sync_user")))
    for table in planter.org.catalogue:
        for column in table.columns.values():
            if column.secured:
                planter.add(
                    "fieldpermission",
                    entityname=table.name,
                    attributelogicalname=column.name,
                    canread=0,
                    cancreate=0,
                    canupdate=0,
                    canreadunmasked=0,
                    fieldsecurityprofileid=profile,
                )
