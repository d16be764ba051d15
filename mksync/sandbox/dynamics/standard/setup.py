"""The organisation itself, and what shows that a solution is installed and its plug-in steps are on.

Source: Microsoft Learn, "Organization", "Solution", "PluginAssembly" and "SdkMessageProcessingStep table/entity
reference".
"""

from mksync.sandbox.dynamics.standard.kinds import (
    choice,
    flag,
    identity,
    lookup,
    moment,
    numbered,
    states,
    system,
    table,
    text,
    whole,
)

_OWN = {"ownership": "OrganizationOwned", "bulk": False}

ORGANIZATION = table(
    "organization",
    "organizations",
    "Organization",
    1019,
    [
        identity("organizationid"),
        text("name", 160, create=False),
        whole("languagecode", create=False),
        whole("localeid"),
        whole("expirechangetrackingindays", 0, 365, create=False),
        whole("expiresubscriptionsindays", 0, 365, create=False),
        *lookup("basecurrencyid", "transactioncurrency", "basecurrency_organization"),
        *system(owned=False),
    ],
    **_OWN,
)

PUBLISHER = table(
    "publisher",
    "publishers",
    "Publisher",
    7101,
    [
        identity("publisherid"),
        text("uniquename", 256),
        text("friendlyname", 256),
        text("customizationprefix", 8),
        whole("customizationoptionvalueprefix", 10_000, 99_999),
        *system(owned=False),
    ],
    primary_name="friendlyname",
    **_OWN,
)

SOLUTION = table(
    "solution",
    "solutions",
    "Solution",
    7100,
    [
        identity("solutionid"),
        text("uniquename", 65),
        text("friendlyname", 256),
        text("version", 256),
        flag("ismanaged", create=False, update=False),
        flag("isvisible", 1, create=False, update=False),
        moment("installedon", create=False, update=False),
        *lookup("publisherid", "publisher", "publisher_solution"),
        *system(owned=False),
    ],
    primary_name="friendlyname",
    **_OWN,
)

ASSEMBLY = table(
    "pluginassembly",
    "pluginassemblies",
    "PluginAssembly",
    4605,
    [
        identity("pluginassemblyid"),
        text("name", 256),
        text("version", 48),
        flag("ismanaged", create=False, update=False),
        *system(owned=False),
    ],
    label="Plug-in Assembly",
    **_OWN,
)

PLUGIN_TYPE = table(
    "plugintype",
    "plugintypes",
    "PluginType",
    4602,
    [
        identity("plugintypeid"),
        text("name", 256),
        text("typename", 256),
        text("friendlyname", 256),
        *lookup("pluginassemblyid", "pluginassembly", "pluginassembly_plugintype", on_delete="Cascade"),
        *system(owned=False),
    ],
    label="Plug-in Type",
    **_OWN,
)

MESSAGE = table(
    "sdkmessage",
    "sdkmessages",
    "SdkMessage",
    4606,
    [identity("sdkmessageid"), text("name", 256), *system(owned=False)],
    label="Sdk Message",
    **_OWN,
)

FILTER = table(
    "sdkmessagefilter",
    "sdkmessagefilters",
    "SdkMessageFilter",
    4607,
    [
        identity("sdkmessagefilterid"),
        text("primaryobjecttypecode", 64),
        *lookup("sdkmessageid", "sdkmessage", "sdkmessageid_sdkmessagefilter"),
        *system(owned=False),
    ],
    label="Sdk Message Filter",
    primary_name="",
    **_OWN,
)

STEP = table(
    "sdkmessageprocessingstep",
    "sdkmessageprocessingsteps",
    "SdkMessageProcessingStep",
    4608,
    [
        identity("sdkmessageprocessingstepid"),
        text("name", 256),
        choice("stage", {10: "Pre-validation", 20: "Pre-operation", 40: "Post-operation"}, default=40),
        choice("mode", numbered("Synchronous|Asynchronous", 0), default=0),
        whole("rank"),
        *states(Enabled=((1, "Enabled"),), Disabled=((2, "Disabled"),)),
        *lookup("plugintypeid", "plugintype", "plugintype_sdkmessageprocessingstep", on_delete="Cascade"),
        *lookup("sdkmessageid", "sdkmessage", "sdkmessageid_sdkmessageprocessingstep"),
        *lookup("sdkmessagefilterid", "sdkmessagefilter", "sdkmessagefilterid_sdkmessageprocessingstep"),
        *system(owned=False),
    ],
    label="Sdk Message Processing Step",
    **_OWN,
)

TABLES = (ORGANIZATION, PUBLISHER, SOLUTION, ASSEMBLY, PLUGIN_TYPE, MESSAGE, FILTER, STEP)
