"""What is known of the objects that only go from Dynamics to Marketo: default pairs, and columns that are of no use.

Sources: Marketo product documentation, "Default Microsoft Dynamics Field Mapping", "Microsoft Dynamics Sync: Account
Sync", "… User Sync", "… Opportunity Sync", "Create a Custom Dynamics Sync Filter"; Marketo developer guide,
"Companies", "Sales Persons", "Opportunities", "Opportunity Roles" (Marketo's names).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mksync.core.records import Catalogue, DefaultPair

# Any column of this name that is Two Options filters ("Create a Custom Dynamics Sync Filter").
FILTER = "new_synctomkto"
CREATED, UPDATED = "createdon", "modifiedon"  # every table has both


def _pairs(*pairs: tuple[str, str]) -> tuple[DefaultPair, ...]:
    return tuple(DefaultPair(crm, marketo, "to-marketo") for crm, marketo in pairs)


_COMPANY = _pairs(
    ("accountid", "externalCompanyId"),
    ("ownerid", "externalSalesPersonId"),
    ("name", "company"),
    ("address1_line1", "billingStreet"),
    ("address1_city", "billingCity"),
    ("address1_stateorprovince", "billingState"),
    ("address1_postalcode", "billingPostalCode"),
    ("address1_country", "billingCountry"),
    ("websiteurl", "website"),
    ("telephone1", "mainPhone"),
    ("revenue", "annualRevenue"),
    ("numberofemployees", "numberOfEmployees"),
    ("industrycode", "industry"),
    ("sic", "sicCode"),
    ("description", "mktoCompanyNotes"),
)

_SALES_PERSON = _pairs(
    ("systemuserid", "externalSalesPersonId"),
    ("firstname", "firstName"),
    ("lastname", "lastName"),
    ("internalemailaddress", "email"),
    ("address1_telephone1", "phone"),
    ("mobilephone", "mobilePhone"),
    ("title", "title"),
)

_OPPORTUNITY = _pairs(
    ("opportunityid", "externalOpportunityId"),
    ("customerid", "externalCompanyId"),
    ("ownerid", "externalSalesPersonId"),
    ("name", "name"),
    ("description", "description"),
    ("statecode", "stage"),
    ("estimatedvalue", "amount"),
    ("actualclosedate", "closeDate"),
    ("closeprobability", "probability"),
    ("createdon", "externalCreatedDate"),
)

# The three that come first are what Marketo recognises a role by. Marketo names the person by its own id.
_ROLE = _pairs(
    ("opportunityid", "externalOpportunityId"),
    ("personid", "leadId"),
    ("role", "role"),
    ("isprimary", "isPrimary"),
    ("createdon", "externalCreatedDate"),
)

_TEAM = _pairs(("name", "name"), ("description", "description"), ("emailaddress", "email"))

_STAMP = "a stamp of the system, not data about the record"
_ID = "the record's name; mksync keeps it itself"
_FEED = "mksync reads it itself, for merges"
_PARTS = "put together from other columns; its parts are offered"
_PLACE = "computed from the address"
_OWNERSHIP = "follows from the owner"
_INSIDE = "has a meaning inside Dynamics only"
_IN_BASE = "the amount in the organisation's own currency; the amount itself is offered"
_IMPORT = "belongs to data imports"
_PROCESS = "belongs to a business process, not to the record"
_SERVICE = "counts service levels, not data about the record"
_SETTING = "a setting of the user inside Dynamics"
_SIGN_IN = "tells how somebody signs in, not who it is"
_CUSTOMER = "the customer tells whom it belongs to"
_SUMS = "summed up by a job of the system, which moves no record"

_SYSTEM = {
    **dict.fromkeys(("createdby", "createdonbehalfby", "modifiedby", "modifiedon", "modifiedonbehalfby"), _STAMP),
    **dict.fromkeys(("versionnumber", "timezoneruleversionnumber", "utcconversiontimezonecode"), _STAMP),
    **dict.fromkeys(("overriddencreatedon", "importsequencenumber"), _IMPORT),
    **dict.fromkeys(("owningbusinessunit", "owningteam", "owninguser"), _OWNERSHIP),
    **dict.fromkeys(("processid", "stageid", "traversedpath"), _PROCESS),
    **dict.fromkeys(("onholdtime", "lastonholdtime", "slaid", "slainvokedid"), _SERVICE),
    **dict.fromkeys(("exchangerate", "participatesinworkflow"), _INSIDE),
    "entityimageid": "a picture inside Dynamics that nobody else can open",
}

_ADDRESSES = {
    f"address{number}_{part}": why
    for number in (1, 2)
    for part, why in {
        "addressid": _INSIDE,
        "composite": _PARTS,
        "latitude": _PLACE,
        "longitude": _PLACE,
        "utcoffset": _PLACE,
    }.items()
}

_OF_ACCOUNT = {
    **_ADDRESSES,
    **dict.fromkeys(("merged", "masterid"), _FEED),
    **dict.fromkeys(("revenue_base", "creditlimit_base", "marketcap_base"), _IN_BASE),
    **dict.fromkeys(("aging30", "aging60", "aging90"), _INSIDE),
    **dict.fromkeys(("aging30_base", "aging60_base", "aging90_base"), _IN_BASE),
    **dict.fromkeys(("opendeals", "opendeals_date", "opendeals_state"), _SUMS),
    **dict.fromkeys(("openrevenue", "openrevenue_base", "openrevenue_date", "openrevenue_state"), _SUMS),
    "originatingleadid": "mksync follows qualified leads itself",
    "lastusedincampaign": "moves with campaigns, not with the account",
}

_OF_USER = {
    **_ADDRESSES,
    "fullname": _PARTS,
    "yomifullname": _PARTS,
    **dict.fromkeys(("domainname", "windowsliveid", "yammeruserid", "passportlo", "passporthi"), _SIGN_IN),
    **dict.fromkeys(("applicationid", "applicationiduri", "azureactivedirectoryobjectid", "azurestate"), _SIGN_IN),
    **dict.fromkeys(
        ("accessmode", "caltype", "setupuser", "userlicensetype", "islicensed", "invitestatuscode"), _SETTING
    ),
    **dict.fromkeys(
        ("displayinserviceviews", "preferredaddresscode", "preferredemailcode", "preferredphonecode"), _SETTING
    ),
    **dict.fromkeys(
        ("incomingemaildeliverymethod", "outgoingemaildeliverymethod", "emailrouteraccessapproval"), _SETTING
    ),
    **dict.fromkeys(("defaultmailbox", "queueid", "calendarid", "mobileofflineprofileid", "positionid"), _INSIDE),
    **dict.fromkeys(("businessunitid", "organizationid", "territoryid", "siteid", "userpuid"), _INSIDE),
    **dict.fromkeys(("isintegrationuser", "isemailaddressapprovedbyo365admin", "issyncwithdirectory"), _SETTING),
}

_OF_OPPORTUNITY = {
    **dict.fromkeys(("parentaccountid", "parentcontactid"), _CUSTOMER),
    **{
        f"{amount}_base": _IN_BASE
        for amount in (
            "estimatedvalue", "actualvalue", "budgetamount", "totalamount", "totallineitemamount", "totaltax",
            "totalamountlessfreight", "totaldiscountamount", "totallineitemdiscountamount", "discountamount",
            "freightamount",
        )
    },
    "originatingleadid": "mksync follows qualified leads itself",
    "campaignid": _INSIDE,
    "pricelevelid": _INSIDE,
}  # fmt: skip

_OF_TEAM = {
    **dict.fromkeys(("businessunitid", "organizationid", "queueid", "teamtemplateid", "regardingobjectid"), _INSIDE),
    **dict.fromkeys(("azureactivedirectoryobjectid", "membershiptype", "systemmanaged", "isdefault"), _INSIDE),
}


def _catalogue(
    object: str, label: str, key: str, counterpart: str, pairs: Iterable[DefaultPair], more: Mapping[str, str]
) -> Catalogue:
    pairs = tuple(pairs)
    paired = {pair.crm for pair in pairs}
    reasons = {name: why for name, why in {key: _ID, **_SYSTEM, **more}.items() if name not in paired}
    filter = FILTER if object not in ("user", "role", "team") else None
    stamped = Catalogue(object, label, key, pairs, reasons, filter, created=CREATED, updated=UPDATED)
    return replace(stamped, counterpart=counterpart, one_way=True)


def custom(object: str, label: str, counterpart: str) -> Catalogue:
    """The catalogue of a custom table, or of teams: their own columns are all offered.

    `counterpart` is Marketo's custom object. A table's key is called after the table ("Table definitions").
    """
    pairs, more = (_TEAM, _OF_TEAM) if object == "team" else ((), {})
    return _catalogue(object, label, f"{object}id", counterpart, pairs, more)


ONE_WAY: Mapping[str, Catalogue] = {
    "user": _catalogue("user", "User", "systemuserid", "salesperson", _SALES_PERSON, _OF_USER),
    "account": _catalogue("account", "Account", "accountid", "company", _COMPANY, _OF_ACCOUNT),
    "opportunity": _catalogue(
        "opportunity", "Opportunity", "opportunityid", "opportunity", _OPPORTUNITY, _OF_OPPORTUNITY
    ),
    "role": _catalogue("role", "Opportunity Role", "roleid", "role", _ROLE, {}),
}
"""In the order in which Marketo needs them: each names records of those before it."""

PERSON_LINKS: Mapping[str, tuple[DefaultPair, ...]] = {
    "lead": _pairs(("ownerid", "externalSalesPersonId")),
    "contact": _pairs(("parentcustomerid", "externalCompanyId"), ("ownerid", "externalSalesPersonId")),
}
"""Pairs of leads and contacts that tie a person to its company and sales person, of use once those are synced too."""
