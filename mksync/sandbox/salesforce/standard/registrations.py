"""The custom objects of the demo organisation: who registered for an event, and the sessions booked with that.

A registration looks up a lead, a contact or an account. A booking is the detail of a registration: it has no owner of
its own and goes with it. Source: Object Reference, "Custom Objects", "Relationships Among Objects".
"""

_STAMPS = """
Id id ---d-+i
IsDeleted boolean ---d-
Name string(80) ncud-+i
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
LastViewedDate datetime n----
LastReferencedDate datetime n----
"""

EVENT_REGISTRATION = (
    _STAMPS
    + """OwnerId ref(Group|User) -cud-
Lead__c ref(Lead) ncu-p
Contact__c ref(Contact) ncu-p
Account__c ref(Account) ncu-p
Event_Name__c string(120) ncu-p
Event_Date__c date ncu-p
Registered_At__c datetime ncu-p
Status__c picklist(255) ncu-p+r
Fee__c currency(10,2) ncu-p
Guests__c double(3,0) ncu-p
Consent__c boolean -cudp
Source_Code__c string(20) ncu-p
Organiser_Note__c textarea(255) ncu-p
"""
)

SESSION_BOOKING = (
    _STAMPS
    + """Registration__c ref(Event_Registration__c) -c---
Session_Name__c string(120) ncu-p
Starts_At__c datetime ncu-p
Attended__c boolean -cudp
"""
)
