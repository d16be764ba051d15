"""What leads, contacts and accounts have in common."""

from mksync.sandbox.dynamics.standard.kinds import (
    READ_ONLY,
    Piece,
    choice,
    choices,
    day,
    flag,
    flags,
    lookup,
    memo,
    moment,
    money,
    number,
    numbered,
    text,
    texts,
    whole,
)
from mksync.sandbox.dynamics.tables import Key

# The standard labels and values, and what the demo organisation added to them.
INDUSTRIES = numbered(
    "Accounting|Agriculture and Non-petrol Natural Resource Extraction|Broadcasting Printing and Publishing|Brokers"
    "|Building Supply Retail|Business Services|Consulting|Consumer Services|Design, Direction and Creative Management"
    "|Distributors, Dispatchers and Processors|Doctor's Offices and Clinics|Durable Manufacturing"
    "|Eating and Drinking Places|Entertainment Retail|Equipment Rental and Leasing|Financial"
    "|Food and Tobacco Processing|Inbound Capital Intensive Processing|Inbound Repair and Services|Insurance"
    "|Legal Services|Non-Durable Merchandise Retail|Outbound Consumer Service"
    "|Petrochemical Extraction and Distribution|Service Retail|SIG Affiliations|Social Services"
    "|Special Outbound Trade Contractors|Specialty Realty|Transportation|Utility Creation and Distribution"
    "|Vehicle Retail|Wholesale"
) | numbered("Technology|Manufacturing|Healthcare|Finance|Retail|Energy|Education|Media", 100_000_000)
SOURCES = numbered(
    "Advertisement|Employee Referral|External Referral|Partner Referral|Public Relations|Seminar|Trade Show|Web"
    "|Word of Mouth|Other"
) | numbered("Phone Inquiry|Purchased List", 100_000_000)
TIERS = {100_000_000: "Bronze", 100_000_001: "Silver", 100_000_002: "Gold"}
INTERESTS = {100_000_000: "Analytics", 100_000_001: "Automation", 100_000_002: "Events", 100_000_003: "Mobile"}
MKTO_KEY = Key("new_mktoid_key", ("new_mktoid",))
ALLOW = ("Allow", "Do Not Allow")


def address(prefix: str) -> list[Piece]:
    """One postal address; the composite is computed from its parts."""
    sizes = {"line1": 250, "line2": 250, "line3": 250, "city": 80, "stateorprovince": 50, "country": 80, "county": 50}
    sizes |= {"postalcode": 20, "postofficebox": 20, "name": 100, "fax": 50, "telephone1": 50}
    parts: list[Piece] = [text(f"{prefix}_{part}", length) for part, length in sizes.items()]
    return [*parts, memo(f"{prefix}_composite", 1_000, can_be_secured=False, **READ_ONLY)]


def contactable() -> list[Piece]:
    """Mail addresses, numbers and consents."""
    return [
        *texts("emailaddress1 emailaddress2 emailaddress3", 100, "Email"),
        *texts("telephone1 telephone2 telephone3", 50, "Phone"),
        text("fax", 50),
        text("websiteurl", 200, "Url"),
        *flags("donotemail donotbulkemail donotphone donotfax donotpostalmail", ALLOW),
        *flags("donotsendmm", ("Send", "Do Not Send")),
        flag("followemail", 1, ("Do Not Allow", "Allow")),
        memo("description"),
        *currency(),
    ]


def person(mobile: int) -> list[Piece]:
    """Name and numbers of a human being; the full name is computed from its parts."""
    return [
        text("salutation", 100),
        text("firstname", 50, required="Recommended"),
        text("middlename", 50),
        text("lastname", 50, required="ApplicationRequired"),
        text("fullname", 160, can_be_secured=False, **READ_ONLY),
        text("jobtitle", 100),
        text("mobilephone", mobile, "Phone"),
        text("pager", 20),
    ]


def currency() -> list[Piece]:
    rate = number("exchangerate", 10, minimum=0.0, maximum=100_000_000_000.0, can_be_secured=False, **READ_ONLY)
    return [*lookup("transactioncurrencyid", "transactioncurrency", on_delete="Restrict", on_merge=False), rate]


def merging(table: str) -> list[Piece]:
    fixed = {**READ_ONLY, "can_be_secured": False}
    master = lookup("masterid", table, f"{table}_master_{table}", on_delete="NoCascade", on_merge=False, **fixed)
    return [flag("merged", labels=("Not Merged", "Merged"), **fixed), *master]


def customised() -> list[Piece]:
    """The demo organisation's own columns on leads and contacts (publisher prefix `new`, options from 100000000)."""
    return [
        text("new_mktoid", 100, label="Marketo Id", schema_name="new_MktoId"),
        choice("new_tier", TIERS, label="Customer Tier"),
        choices("new_interests", INTERESTS),
        moment("new_lastdemo", label="Last Demo", schema_name="new_LastDemo"),
        number("new_fitscore", 2, minimum=0.0, maximum=1_000.0, label="Fit Score", schema_name="new_FitScore"),
        flag("new_newsletter", 0),
        day("new_renewal", label="Renewal Date"),
        moment("new_visit", "TimeZoneIndependent", label="Visit (local time)"),
        day("new_joined", "UserLocal", label="Joined"),
        *money("new_budget"),
        text("new_nationalid", 20, secured=True, label="National Id", schema_name="new_NationalId"),
        whole("new_visits", 0, 1_000_000),
    ]
