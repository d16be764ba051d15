"""What demo people have to do with the company: opportunities, roles in them, and events they registered for."""

from datetime import timedelta

from mksync.sandbox.people import DemoPerson
from mksync.sandbox.salesforce import times
from mksync.sandbox.salesforce.derived import derive
from mksync.sandbox.salesforce.tables import Row

_STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost")
_TYPES = ("New Customer", "Existing Customer - Upgrade")
_PARTS = ("Decision Maker", "Economic Buyer", "Evaluator", "Influencer")
_EVENTS = ("Spring Summit", "Product Days", "Partner Evening")
_STATUSES = ("Attended", "No Show", "Registered", "Cancelled")


def has_opportunity(person: DemoPerson) -> bool:
    """Every fourth contact, more or less."""
    return person.place.is_contact and person.number % 4 == 0


def has_part(person: DemoPerson) -> bool:
    """Whether the contact has a part in an opportunity that its company has because of somebody else."""
    return person.place.is_contact and person.number % 4 == 1


def has_registered(person: DemoPerson) -> bool:
    """Every fifth lead or contact."""
    return person.number % 5 == 0


def has_booked(person: DemoPerson) -> bool:
    """Whether somebody who registered booked a session, too."""
    return person.number % 10 == 0


def opportunity(person: DemoPerson, account: str) -> Row:
    row: Row = {
        "AccountId": account,
        "Name": f"{person.company} {person.created.year}"[:120],
        "StageName": _STAGES[person.number // 4 % len(_STAGES)],
        "Amount": float(1_500 + person.number % 37 * 250),
        "CloseDate": (person.created + timedelta(days=90)).date().isoformat(),
        "Type": _TYPES[person.number % 8 // 4],
        "LeadSource": person.lead_source.strip() or None,
    }
    return {**row, **derive("Opportunity", row, row)}


def role(person: DemoPerson, opportunity: str, contact: str) -> Row:
    return {
        "OpportunityId": opportunity,
        "ContactId": contact,
        "Role": _PARTS[person.number // 4 % len(_PARTS)],
        "IsPrimary": int(has_opportunity(person)),
    }


def registration(person: DemoPerson, record: str) -> Row:
    """`record`: the person's lead or contact."""
    event = _EVENTS[person.number // 5 % len(_EVENTS)]
    held = person.created + timedelta(days=30)
    return {
        "Name": f"{event} {held.year}",
        "Lead__c": None if person.place.is_contact else record,
        "Contact__c": record if person.place.is_contact else None,
        "Event_Name__c": event,
        "Event_Date__c": held.date().isoformat(),
        "Registered_At__c": times.stamp(person.created.timestamp()),
        "Status__c": _STATUSES[person.number // 5 % len(_STATUSES)],
        "Fee__c": float(person.number % 3 * 120),
        "Guests__c": float(person.number % 2),
        "Consent__c": int(person.newsletter),
    }


def booking(person: DemoPerson, registration: str) -> Row:
    held = person.created + timedelta(days=30)
    return {
        "Name": f"Workshop {person.number // 10 % 4 + 1}",
        "Registration__c": registration,
        "Session_Name__c": "Getting started",
        "Starts_At__c": times.stamp(held.replace(minute=0, second=0).timestamp()),
        "Attended__c": int(person.number % 20 == 0),
    }
