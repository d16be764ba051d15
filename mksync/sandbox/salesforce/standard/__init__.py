"""Every object the emulator knows, with its standard fields and the demo's custom ones."""

from mksync.sandbox.salesforce.fields import SObject, parse_fields
from mksync.sandbox.salesforce.standard import account, contact, demo, lead, opportunity, registrations, setup
from mksync.sandbox.salesforce.standard.picklists import CHOICES


def standard_objects() -> dict[str, SObject]:
    """The objects by lower-case name."""
    objects = (
        _object("Lead", "Leads", "00Q", lead.FIELDS + demo.FIELDS.lstrip(), mergeable=True),
        _object("Contact", "Contacts", "003", contact.FIELDS + demo.FIELDS.lstrip(), mergeable=True),
        _object("Account", "Accounts", "001", account.FIELDS, mergeable=True),
        _object("Opportunity", "Opportunities", "006", opportunity.FIELDS),
        _object(
            "OpportunityContactRole",
            "Opportunity Contact Roles",
            "00K",
            setup.OPPORTUNITY_CONTACT_ROLE,
            undeletable=False,
        ),
        _object("User", "Users", "005", setup.USER, deletable=False),
        _object("Group", "Groups", "00G", setup.GROUP, deletable=False),
        _object("LeadStatus", "Lead Status Values", "01J", setup.LEAD_STATUS, editable=False, deletable=False),
        _object("Organization", "Organizations", "00D", setup.ORGANIZATION, editable=False, deletable=False),
        _object("Event_Registration__c", "Event Registrations", "a01", registrations.EVENT_REGISTRATION),
        _object("Session_Booking__c", "Session Bookings", "a02", registrations.SESSION_BOOKING),
        _object("RecordType", "Record Types", "012", setup.RECORD_TYPE, editable=False, deletable=False),
    )
    return {object.name.lower(): object for object in objects}


def _object(
    name: str,
    plural: str,
    prefix: str,
    lines: str,
    *,
    mergeable: bool = False,
    editable: bool = True,
    deletable: bool = True,
    undeletable: bool = True,
) -> SObject:
    return SObject(
        name=name,
        label=plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s"),
        plural=plural,
        prefix=prefix,
        fields=parse_fields(name, lines, CHOICES),
        editable=editable,
        deletable=deletable,
        undeletable=deletable and undeletable,
        mergeable=mergeable,
        replicateable=deletable or name in ("User", "Group"),
    )
