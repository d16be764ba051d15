"""What is known of leads and contacts beyond their metadata: default pairs, and standard fields that are of no use.

Sources: Marketo product documentation, "Default Salesforce Field Mapping" (the pairs) and knowledge base article
ka-29492 (the fields that Marketo's own sync ignores). A pair whose field is hidden from the sync user is for the
reader of this table to leave out: opt-out and do-not-call fields often are.
"""

from collections.abc import Mapping

from mksync.core.records import Catalogue, DefaultPair
from mksync.vendors.salesforce.one_way import CREATED, ONE_WAY, PERSON_LINKS, UPDATED

__all__ = ["CATALOGUE"]

_PERSON = (
    DefaultPair("Salutation", "salutation"),
    DefaultPair("FirstName", "firstName"),
    DefaultPair("LastName", "lastName"),
    DefaultPair("Title", "title"),
    DefaultPair("Email", "email"),
    DefaultPair("HasOptedOutOfEmail", "unsubscribed"),
    DefaultPair("Phone", "phone"),
    DefaultPair("MobilePhone", "mobilePhone"),
    DefaultPair("Fax", "fax"),
    DefaultPair("DoNotCall", "doNotCall"),
    DefaultPair("LeadSource", "leadSource"),
    DefaultPair("Description", "mktoPersonNotes"),
    # The score is Marketo's own; the field is there where Marketo's package was set up ("Add Marketo Fields").
    DefaultPair("mkto71_Lead_Score__c", "leadScore", "to-crm"),
)

_LEAD = (
    DefaultPair("Company", "company"),
    DefaultPair("Website", "website"),
    DefaultPair("Industry", "industry"),
    DefaultPair("AnnualRevenue", "annualRevenue"),
    DefaultPair("NumberOfEmployees", "numberOfEmployees"),
    DefaultPair("Street", "address"),
    DefaultPair("City", "city"),
    DefaultPair("State", "state"),
    DefaultPair("PostalCode", "postalCode"),
    DefaultPair("Country", "country"),
    DefaultPair("Status", "leadStatus"),
    DefaultPair("Rating", "rating"),
)

# No company pairs: of a contact's person these belong to the account, and Marketo refuses them in a lead write
# (Marketo developer guide, Companies, and error 1021).
_CONTACT = (
    DefaultPair("MailingStreet", "address"),
    DefaultPair("MailingCity", "city"),
    DefaultPair("MailingState", "state"),
    DefaultPair("MailingPostalCode", "postalCode"),
    DefaultPair("MailingCountry", "country"),
    DefaultPair("Department", "department"),
    DefaultPair("Birthdate", "dateOfBirth"),
)

_OPT_OUTS = frozenset({"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall"})

_STAMP = "a stamp of the system, not data about the person"
_VIEWS = "says when the sync user looked at the record"
_PARTS = "put together from other fields; its parts are offered"
_PLACE = "computed from the address"
_FEED = "mksync reads it itself, for deletions and merges"
_CLEAN = "belongs to Data.com, which Salesforce has retired"
_ELSEWHERE = "Marketo's own sync does not read it"
_CONVERSION = "mksync follows conversions itself"

_EITHER = {
    "Id": "the record's name; mksync keeps it with the link",
    "IsDeleted": _FEED,
    "MasterRecordId": _FEED,
    "SystemModstamp": _STAMP,
    "LastModifiedDate": _STAMP,
    "LastModifiedById": _STAMP,
    "CreatedById": _STAMP,
    "LastActivityDate": "moves with tasks and events, not with the person",
    "LastViewedDate": _VIEWS,
    "LastReferencedDate": _VIEWS,
    "Name": _PARTS,
    "PhotoUrl": "a picture inside Salesforce that nobody else can open",
    "Jigsaw": _CLEAN,
    "JigsawContactId": _CLEAN,
    "CleanStatus": _CLEAN,
    "IndividualId": "links the record to its privacy settings inside Salesforce",
}

_LEAD_ONLY = {
    "Address": _PARTS,
    "Latitude": _PLACE,
    "Longitude": _PLACE,
    "GeocodeAccuracy": _PLACE,
    "CompanyDunsNumber": _CLEAN,
    "DandbCompanyId": _CLEAN,
    "IsUnreadByOwner": "says whether the owner has opened the lead",
    "IsConverted": _CONVERSION,
    "ConvertedContactId": _CONVERSION,
}

_CONTACT_ONLY = {
    "MailingAddress": _PARTS,
    "OtherAddress": _PARTS,
    **{f"Mailing{what}": _PLACE for what in ("Latitude", "Longitude", "GeocodeAccuracy")},
    **{f"Other{what}": _PLACE for what in ("Latitude", "Longitude", "GeocodeAccuracy")},
    **{f"Other{what}": _ELSEWHERE for what in ("Street", "City", "State", "PostalCode", "Country", "Phone")},
    "AssistantName": _ELSEWHERE,
    "AssistantPhone": _ELSEWHERE,
    "HomePhone": _ELSEWHERE,
    "ReportsToId": _ELSEWHERE,
    "LastCURequestDate": _ELSEWHERE,
    "LastCUUpdateDate": _ELSEWHERE,
    "IsEmailBounced": "follows from the date and reason of the bounce, which are offered",
}


def _people(object: str, label: str, pairs: tuple[DefaultPair, ...], reasons: Mapping[str, str]) -> Catalogue:
    ties = PERSON_LINKS[object]
    return Catalogue(
        object, label, "Id", pairs, reasons, owner="OwnerId",
        ties=ties, created=CREATED, updated=UPDATED, opt_outs=_OPT_OUTS,
    )  # fmt: skip


_PEOPLE: Mapping[str, Catalogue] = {
    "lead": _people("lead", "Lead", (*_PERSON, *_LEAD), {**_EITHER, **_LEAD_ONLY}),
    "contact": _people("contact", "Contact", (*_PERSON, *_CONTACT), {**_EITHER, **_CONTACT_ONLY}),
}

# In the order in which Marketo needs them: each names records of those before it.
CATALOGUE: Mapping[str, Catalogue] = {
    **{object: ONE_WAY[object] for object in ("user", "account")},
    **_PEOPLE,
    **{object: ONE_WAY[object] for object in ("opportunity", "role")},
}
