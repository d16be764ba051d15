"""Which objects hang off which: the relationships that SOQL may follow downwards, and what goes with its parent.

Source: Object Reference, "Relationships Among Objects"; SOQL and SOSL Reference, "Relationship Queries".
"""

from collections.abc import Mapping

# By parent: the relationship's name, the child object, the field that refers to the parent.
CHILDREN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Lead": {"Event_Registrations__r": ("Event_Registration__c", "Lead__c")},
    "Account": {
        "Contacts": ("Contact", "AccountId"),
        "Opportunities": ("Opportunity", "AccountId"),
        "ChildAccounts": ("Account", "ParentId"),
        "Event_Registrations__r": ("Event_Registration__c", "Account__c"),
    },
    "Contact": {
        "OpportunityContactRoles": ("OpportunityContactRole", "ContactId"),
        "Event_Registrations__r": ("Event_Registration__c", "Contact__c"),
    },
    "Opportunity": {"OpportunityContactRoles": ("OpportunityContactRole", "OpportunityId")},
    "Event_Registration__c": {"Session_Bookings__r": ("Session_Booking__c", "Registration__c")},
}

# By parent: the children that are deleted and brought back together with it.
CASCADES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")),
    "Contact": (("OpportunityContactRole", "ContactId"),),
    "Opportunity": (("OpportunityContactRole", "OpportunityId"),),
    "Event_Registration__c": (("Session_Booking__c", "Registration__c"),),
}
