"""What is known of the objects that only go from Salesforce to Marketo: default pairs, and fields that are of no use.

Sources: Marketo product documentation, "Default Salesforce Field Mapping", "SFDC Sync: User Sync", "SFDC Sync:
Opportunity Sync"; Marketo developer guide, "Companies", "Sales Persons", "Opportunities", "Opportunity Roles"
(Marketo's names); knowledge base article ka-29492 (the fields that Marketo's own sync ignores).
"""

from collections.abc import Iterable, Mapping

from mksync.core.records import Catalogue, DefaultPair

CREATED, UPDATED = "CreatedDate", "LastModifiedDate"  # every object has both; a person sees them


def _pairs(*pairs: tuple[str, str]) -> tuple[DefaultPair, ...]:
    return tuple(DefaultPair(crm, marketo, "to-marketo") for crm, marketo in pairs)


_BILLING = ("Street", "City", "State", "PostalCode", "Country")

_COMPANY = _pairs(
    ("Id", "externalCompanyId"),
    ("OwnerId", "externalSalesPersonId"),
    ("Name", "company"),
    ("Site", "site"),
    *((f"Billing{part}", f"billing{part}") for part in _BILLING),
    ("Website", "website"),
    ("Phone", "mainPhone"),
    ("AnnualRevenue", "annualRevenue"),
    ("NumberOfEmployees", "numberOfEmployees"),
    ("Industry", "industry"),
    ("Sic", "sicCode"),
    ("Description", "mktoCompanyNotes"),
)

_SALES_PERSON = _pairs(
    ("Id", "externalSalesPersonId"),
    ("FirstName", "firstName"),
    ("LastName", "lastName"),
    ("Email", "email"),
    ("Phone", "phone"),
    ("Title", "title"),
)

_OPPORTUNITY = _pairs(
    ("Id", "externalOpportunityId"),
    ("AccountId", "externalCompanyId"),
    ("OwnerId", "externalSalesPersonId"),
    ("Name", "name"),
    ("Description", "description"),
    ("Type", "type"),
    ("StageName", "stage"),
    ("Amount", "amount"),
    ("CloseDate", "closeDate"),
    ("Probability", "probability"),
    ("ExpectedRevenue", "expectedRevenue"),
    ("TotalOpportunityQuantity", "quantity"),
    ("IsClosed", "isClosed"),
    ("IsWon", "isWon"),
    ("ForecastCategory", "forecastCategory"),
    ("ForecastCategoryName", "forecastCategoryName"),
    ("Fiscal", "fiscal"),
    ("FiscalQuarter", "fiscalQuarter"),
    ("FiscalYear", "fiscalYear"),
    ("LeadSource", "leadSource"),
    ("NextStep", "nextStep"),
    ("LastActivityDate", "lastActivityDate"),
    ("CreatedDate", "externalCreatedDate"),
)

# The three that come first are what Marketo recognises a role by. Marketo names the person by its own id.
_ROLE = _pairs(
    ("OpportunityId", "externalOpportunityId"),
    ("ContactId", "leadId"),
    ("Role", "role"),
    ("IsPrimary", "isPrimary"),
    ("CreatedDate", "externalCreatedDate"),
)

_STAMP = "a stamp of the system, not data about the record"
_VIEWS = "says when the sync user looked at the record"
_ID = "the record's name; mksync keeps it itself"
_FEED = "mksync reads it itself, for deletions and merges"
_PARTS = "put together from other fields; its parts are offered"
_PLACE = "computed from the address"
_CLEAN = "belongs to Data.com, which Salesforce has retired"
_ELSEWHERE = "Marketo's own sync does not read it"
_INSIDE = "names a record of Salesforce that Marketo knows nothing of"
_SETTING = "a setting of the user inside Salesforce"
_WORK = "tells of tasks, events or products, not of the opportunity"
_PICTURE = "a picture inside Salesforce that nobody else can open"

_SYSTEM = {
    "Id": _ID,
    "IsDeleted": _FEED,
    "MasterRecordId": _FEED,
    "SystemModstamp": _STAMP,
    "LastModifiedDate": _STAMP,
    "LastModifiedById": _STAMP,
    "CreatedById": _STAMP,
    "LastActivityDate": "moves with tasks and events, not with the record",
    "LastViewedDate": _VIEWS,
    "LastReferencedDate": _VIEWS,
    "PhotoUrl": _PICTURE,
}

_OF_ACCOUNT = {
    **{f"{start}{what}": _PLACE for start in ("Billing", "Shipping") for what in ("Latitude", "Longitude")},
    **{f"{start}GeocodeAccuracy": _PLACE for start in ("Billing", "Shipping")},
    **{f"Shipping{part}": _ELSEWHERE for part in _BILLING},
    **dict.fromkeys(("Fax", "Ownership", "Rating", "TickerSymbol"), _ELSEWHERE),
    **dict.fromkeys(("Jigsaw", "JigsawCompanyId", "CleanStatus", "DandbCompanyId"), _CLEAN),
    "OperatingHoursId": _INSIDE,
}

_OF_USER = {
    "Name": _PARTS,
    **dict.fromkeys(("Latitude", "Longitude", "GeocodeAccuracy"), _PLACE),
    **dict.fromkeys(("FullPhotoUrl", "SmallPhotoUrl", "MediumPhotoUrl", "BannerPhotoUrl"), _PICTURE),
    **dict.fromkeys(("TimeZoneSidKey", "LocaleSidKey", "LanguageLocaleKey", "EmailEncodingKey"), _SETTING),
    **dict.fromkeys(("DigestFrequency", "DefaultGroupNotificationFrequency", "FederationIdentifier"), _SETTING),
    **dict.fromkeys(("CommunityNickname", "Signature", "SenderEmail", "SenderName", "StayInTouchNote"), _SETTING),
    **dict.fromkeys(("ReceivesInfoEmails", "ReceivesAdminInfoEmails", "ForecastEnabled"), _SETTING),
    **dict.fromkeys(("ProfileId", "UserRoleId", "DelegatedApproverId", "CallCenterId", "IndividualId"), _INSIDE),
    **dict.fromkeys(("LastLoginDate", "LastPasswordChangeDate", "NumberOfFailedLogins"), _STAMP),
}

_OF_OPPORTUNITY = {
    "ContactId": "is only given when an opportunity is made; its roles tell who takes part",
    **dict.fromkeys(("HasOpportunityLineItem", "HasOpenActivity", "HasOverdueTask"), _WORK),
    **dict.fromkeys(("CampaignId", "Pricebook2Id"), _INSIDE),
    **dict.fromkeys(("LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId"), _INSIDE),
}


def _catalogue(
    object: str, label: str, counterpart: str, pairs: Iterable[DefaultPair], more: Mapping[str, str]
) -> Catalogue:
    pairs = tuple(pairs)
    paired = {pair.crm for pair in pairs}
    reasons = {name: reason for name, reason in {**_SYSTEM, **more}.items() if name not in paired}
    return Catalogue(
        object, label, "Id", pairs, reasons, counterpart=counterpart, one_way=True, created=CREATED, updated=UPDATED
    )


def custom(object: str, label: str, counterpart: str) -> Catalogue:
    """The catalogue of a custom object: its own fields are all offered. `counterpart` is Marketo's custom object."""
    return _catalogue(object, label, counterpart, _pairs(("Name", "name")), {})


ONE_WAY: Mapping[str, Catalogue] = {
    "user": _catalogue("user", "User", "salesperson", _SALES_PERSON, _OF_USER),
    "account": _catalogue("account", "Account", "company", _COMPANY, _OF_ACCOUNT),
    "opportunity": _catalogue("opportunity", "Opportunity", "opportunity", _OPPORTUNITY, _OF_OPPORTUNITY),
    "role": _catalogue("role", "Opportunity Contact Role", "role", _ROLE, {}),
}
"""In the order in which Marketo needs them: each names records of those before it."""

PERSON_LINKS: Mapping[str, tuple[DefaultPair, ...]] = {
    "lead": _pairs(("OwnerId", "externalSalesPersonId")),
    "contact": _pairs(("AccountId", "externalCompanyId"), ("OwnerId", "externalSalesPersonId")),
}
"""Pairs of leads and contacts that tie a person to its company and sales person, of use once those are synced too."""
