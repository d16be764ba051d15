"""What a fresh organisation holds before any person: itself, its users and queue, statuses, profile and rules."""

from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.catalogue import Catalogue
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.rules import Rules
from mksync.sandbox.salesforce.standard import demo
from mksync.sandbox.salesforce.tables import Row

CLIENT_ID = CLIENT_SECRET = "sandbox"  # noqa: S105 - everybody may know it: it opens invented data on loopback
SYNC_USERNAME = "mksync@sandbox.example"
_FOUNDED = "2020-01-01T00:00:00.000+0000"
_PEOPLE = (  # first name, last name, username, title, active
    ("Ada", "Brandt", "admin@sandbox.example", "Administrator", True),
    ("Marketo", "Sync", SYNC_USERNAME, "Integration user", True),
    ("Bela", "Okafor", "bela.okafor@sandbox.example", "Sales representative", True),
    ("Chiara", "Nilsson", "chiara.nilsson@sandbox.example", "Sales manager", True),
    ("Dimitri", "Former", "dimitri.former@sandbox.example", "Left the company", False),
)
_STATUSES = (
    ("Open - Not Contacted", True, False),
    ("Working - Contacted", False, False),
    ("Closed - Converted", False, True),
    ("Closed - Not Converted", False, False),
)
RULES = (
    {
        "name": "Lead_Phone_Digits",
        "kind": "validation",
        "object": "Lead",
        "active": True,
        "field": "Phone",
        "check": {"min_digits": 7},
        "message": "Phone must contain at least 7 digits",
    },
    {
        "name": "Contact_Title_Length",
        "kind": "validation",
        "object": "Contact",
        "active": True,
        "field": "Title",
        "check": {"min_length": 2},
        "message": "Title must be at least 2 characters long",
    },
    {
        "name": "Standard_Lead_Duplicate_Rule",
        "kind": "duplicate",
        "object": "Lead",
        "active": False,
        "field": "Email",
        "action": "alert",
        "message": "Use one of these records?",
    },
)


def found(org: Org, rules: Rules) -> None:
    """Set up the organisation. Call it once, on an empty state."""
    org.settings.put("organization", org.tables.next_ids("00D")[0])
    users = org.tables.next_ids("005", len(_PEOPLE))
    org.settings.put("admin_user", users[0])
    org.settings.put("sync_user", users[1])
    org.settings.put("metadata_changed", times.epoch(_FOUNDED))
    for id, person in zip(users, _PEOPLE, strict=True):
        org.tables.insert("User", _user(id, users[0], *person))
    queue = org.tables.next_ids("00G")[0]
    org.settings.put("queue", queue)
    org.tables.insert(
        "Group", {"Id": queue, "Name": "New Leads", "DeveloperName": "New_Leads", "Type": "Queue", **_stamped(users[0])}
    )
    _found_setup(org, users[0])
    _found_profile(org.catalogue)
    for rule in RULES:
        rules.put(rule)
    rules.put(
        {"name": "Lead_Assignment", "kind": "assignment", "object": "Lead", "active": False, "owner": queue},
    )


def _found_setup(org: Org, admin: str) -> None:
    org.tables.insert(
        "Organization",
        {
            "Id": org.id,
            "Name": "Sandbox Trading Company",
            "IsSandbox": 1,
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "CS99",
            "LanguageLocaleKey": "en_US",
            "TimeZoneSidKey": "GMT",
            **_stamped(admin),
        },
    )
    statuses = org.tables.next_ids("01J", len(_STATUSES))
    for place, (id, (label, default, converted)) in enumerate(zip(statuses, _STATUSES, strict=True), 1):
        row: Row = {"Id": id, "MasterLabel": label, "ApiName": label, "SortOrder": place}
        org.tables.insert(
            "LeadStatus", {**row, "IsDefault": int(default), "IsConverted": int(converted), **_stamped(admin)}
        )


def _found_profile(catalogue: Catalogue) -> None:
    for object, levels in demo.ACCESS.items():
        for field, level in levels.items():
            catalogue.set_access(object, field, level)


def _user(id: str, admin: str, first: str, last: str, username: str, title: str, active: bool) -> Row:
    return {
        "Id": id,
        "Username": username,
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Email": username,
        "Alias": last[:8].lower(),
        "Title": title,
        "IsActive": int(active),
        "UserType": "Standard",
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        **_stamped(admin),
    }


def _stamped(user: str) -> Row:
    return {
        "CreatedDate": _FOUNDED,
        "CreatedById": user,
        "LastModifiedDate": _FOUNDED,
        "LastModifiedById": user,
        "SystemModstamp": _FOUNDED,
    }
