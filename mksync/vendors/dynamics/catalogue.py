"""What is known of leads and contacts beyond their metadata: default pairs, and standard columns that are of no use.

Source: Marketo product documentation, "Default Microsoft Dynamics Field Mapping" (the pairs). A pair whose column is
not there, or hidden from the sync user, is for the reader of this table to leave out: the `mkt_` columns are there only
where Marketo's own solution was installed.
"""

from collections.abc import Mapping

from mksync.core.records import Catalogue, DefaultPair
from mksync.vendors.dynamics.one_way import CREATED, FILTER, ONE_WAY, PERSON_LINKS, UPDATED

__all__ = ["CATALOGUE"]

_PERSON = (
    DefaultPair("salutation", "salutation"),
    DefaultPair("firstname", "firstName"),
    DefaultPair("middlename", "middleName"),
    DefaultPair("lastname", "lastName"),
    DefaultPair("emailaddress1", "email"),
    DefaultPair("jobtitle", "title"),
    DefaultPair("telephone1", "phone"),
    DefaultPair("mobilephone", "mobilePhone"),
    DefaultPair("address1_line1", "address"),
    DefaultPair("address1_city", "city"),
    DefaultPair("address1_stateorprovince", "state"),
    DefaultPair("address1_country", "country"),
    DefaultPair("address1_postalcode", "postalCode"),
    DefaultPair("description", "mktoPersonNotes"),
    DefaultPair("donotphone", "doNotCall"),
    DefaultPair("donotbulkemail", "unsubscribed"),
    DefaultPair("statecode", "leadStatus", "to-marketo"),
    # What Marketo makes of a person is Marketo's own.
    DefaultPair("mkt_priority", "priority", "to-crm"),
    DefaultPair("mkt_urgency", "urgency", "to-crm"),
    DefaultPair("mkt_relativescore", "relativeScore", "to-crm"),
)

_LEAD = (
    DefaultPair("fax", "fax"),
    DefaultPair("leadsourcecode", "leadSource"),
    DefaultPair("leadqualitycode", "rating"),
    DefaultPair("companyname", "company"),
    DefaultPair("revenue", "annualRevenue"),
)

# No source, rating, company, revenue or fax: as in Marketo's own mapping of contacts.
_CONTACT = (DefaultPair("mkt_leadscore", "leadScore", "to-crm"),)

# Marketing material, mass mailings, and each way to reach somebody.
_OPT_OUTS = frozenset(
    {"donotbulkemail", "donotbulkpostalmail", "donotemail", "donotfax", "donotphone", "donotpostalmail", "donotsendmm"}
)

_STAMP = "a stamp of the system, not data about the person"
_PARTS = "put together from other columns; its parts are offered"
_PLACE = "computed from the address"
_FEED = "mksync reads it itself, for merges"
_CONVERSION = "mksync follows qualified leads itself"
_OWNERSHIP = "follows from the owner"
_INSIDE = "has a meaning inside Dynamics only"
_IN_BASE = "the amount in the organisation's own currency; the amount itself is offered"
_IMPORT = "belongs to data imports"
_PROCESS = "belongs to a business process, not to the person"
_SERVICE = "counts service levels, not data about the person"

_EITHER = {
    "createdby": _STAMP,
    "createdonbehalfby": _STAMP,
    "modifiedby": _STAMP,
    "modifiedon": _STAMP,
    "modifiedonbehalfby": _STAMP,
    "versionnumber": _STAMP,
    "timezoneruleversionnumber": _STAMP,
    "utcconversiontimezonecode": _STAMP,
    "overriddencreatedon": _IMPORT,
    "importsequencenumber": _IMPORT,
    "merged": _FEED,
    "masterid": _FEED,
    "fullname": _PARTS,
    "yomifullname": _PARTS,
    "owningbusinessunit": _OWNERSHIP,
    "owningteam": _OWNERSHIP,
    "owninguser": _OWNERSHIP,
    "entityimageid": "a picture inside Dynamics that nobody else can open",
    "exchangerate": _INSIDE,
    "participatesinworkflow": _INSIDE,
    "processid": _PROCESS,
    "stageid": _PROCESS,
    "traversedpath": _PROCESS,
    "onholdtime": _SERVICE,
    "lastonholdtime": _SERVICE,
    "slaid": _SERVICE,
    "slainvokedid": _SERVICE,
    "lastusedincampaign": "moves with campaigns, not with the person",
    "revenue_base": _IN_BASE,
    **{
        f"address{number}_{part}": why
        for number in (1, 2, 3)
        for part, why in {
            "addressid": _INSIDE,
            "composite": _PARTS,
            "latitude": _PLACE,
            "longitude": _PLACE,
            "utcoffset": _PLACE,
        }.items()
    },
}

_LEAD_ONLY = {
    "leadid": "the record's name; mksync keeps it with the link",
    "originatingcaseid": _INSIDE,
    "qualifyingopportunityid": _CONVERSION,
    "parentcontactid": _CONVERSION,
    "parentaccountid": _CONVERSION,
    "isautocreate": _INSIDE,
    "budgetamount_base": _IN_BASE,
    "estimatedamount_base": _IN_BASE,
}

_CONTACT_ONLY = {
    "contactid": "the record's name; mksync keeps it with the link",
    "originatingleadid": _CONVERSION,
    "parentcustomerid": "names the account; of a contact's person, the company is the account's",
    "company": "a phone number of the company, whatever its name says",
    "isautocreate": _INSIDE,
    "isbackofficecustomer": _INSIDE,
    "aging30": _INSIDE,
    "aging30_base": _IN_BASE,
    "aging60": _INSIDE,
    "aging60_base": _IN_BASE,
    "aging90": _INSIDE,
    "aging90_base": _IN_BASE,
    "annualincome_base": _IN_BASE,
    "creditlimit_base": _IN_BASE,
    "adx_identity_passwordhash": "a secret of the customer portal",
    "adx_identity_securitystamp": "a secret of the customer portal",
}


def _people(object: str, label: str, pairs: tuple[DefaultPair, ...], reasons: Mapping[str, str]) -> Catalogue:
    key, ties = f"{object}id", PERSON_LINKS[object]
    # As with Marketo's own sync: "Sync Person to Microsoft" does nothing to a record that is there (Marketo product
    # documentation, "Microsoft Dynamics Sync: Lead Sync" and "Contact Sync").
    return Catalogue(
        object, label, key, pairs, reasons, FILTER, owner="ownerid", pushed=False,
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
