"""The standard lead fields of an instance without a CRM, with field ids as such an instance was recorded."""

from dataclasses import dataclass

COMPANY_FIELDS = frozenset(
    {
        "company",
        "site",
        "billingStreet",
        "billingCity",
        "billingState",
        "billingCountry",
        "billingPostalCode",
        "website",
        "mainPhone",
        "annualRevenue",
        "numberOfEmployees",
        "industry",
        "sicCode",
        "mktoCompanyNotes",
    }
)
# Standard fields that a lead can be looked up by (developer guide, Leads, "Query").
SEARCHABLE_STANDARD = frozenset(
    {
        "id",
        "email",
        "cookies",
        "leadPartitionId",
        "externalCompanyId",
        "externalSalesPersonId",
        "sfdcLeadId",
        "sfdcContactId",
        "sfdcAccountId",
        "sfdcLeadOwnerId",
    }
)
TEXT_TYPES = frozenset({"string", "email", "phone", "url"})


@dataclass(frozen=True, slots=True)
class LeadField:
    """One field. `type` is what the schema calls it; the describe calls say integer for score."""

    id: int
    name: str
    display: str
    type: str
    length: int | None = None
    read_only: bool = False
    custom: bool = False
    api_created: bool = False
    crm_managed: bool = False
    description: str | None = None
    hidden: bool = False
    html_encoding: bool = True
    sensitive: bool = False

    @property
    def described_type(self) -> str:
        return "integer" if self.type == "score" else self.type

    @property
    def searchable(self) -> bool:
        if self.custom:
            return self.type in ("string", "email", "integer")
        return self.name in SEARCHABLE_STANDARD


# id, name, type with length, "!" if read-only, display name
_STANDARD = """
4 company string255 Company Name
5 site string255 Site
6 billingStreet text Billing Address
7 billingCity string255 Billing City
8 billingState string255 Billing State
9 billingCountry string255 Billing Country
10 billingPostalCode string255 Billing Postal Code
11 website url255 Website
12 mainPhone string255 Main Phone
13 annualRevenue currency Annual Revenue
14 numberOfEmployees integer Num Employees
15 industry string255 Industry
16 sicCode string40 SIC Code
17 mktoCompanyNotes text Company Notes
41 externalCompanyId string50 External Company Id
44 id integer Id
45 mktoName string255! Full Name
46 personType string50 Person Type
47 mktoIsPartner boolean Is Partner
48 isLead boolean Is Lead
49 mktoIsCustomer boolean Is Customer
50 isAnonymous boolean Is Anonymous
52 salutation string255 Salutation
53 firstName string255 First Name
54 middleName string255 Middle Name
55 lastName string255 Last Name
56 email email255 Email Address
57 phone phone255 Phone Number
58 mobilePhone phone255 Mobile Phone Number
59 fax phone255 Fax Number
60 title string255 Job Title
61 contactCompany reference! Contact Company
62 dateOfBirth date Date of Birth
63 address text Address
64 city string255 City
65 state string255 State
66 country string255 Country
67 postalCode string255 Postal Code
68 department string255 Department
69 personTimeZone string255! Person Time Zone
70 originalSourceType string255! Original Source Type
71 originalSourceInfo string2000! Original Source Info
72 registrationSourceType string255 Registration Source Type
73 registrationSourceInfo string2000 Registration Source Info
74 originalSearchEngine string255! Original Search Engine
75 originalSearchPhrase string255! Original Search Phrase
76 originalReferrer url255! Original Referrer
77 emailInvalid boolean Email Invalid
78 emailInvalidCause string255 Email Invalid Cause
79 unsubscribed boolean Unsubscribed
80 unsubscribedReason string2000 Unsubscribed Reason
81 doNotCall boolean Do Not Call
82 mktoDoNotCallCause string255 Do Not Call Cause
83 doNotCallReason string2000 Do Not Call Reason
84 marketingSuspended boolean Marketing Suspended
85 marketingSuspendedCause string255 Marketing Suspended Cause
86 blackListed boolean Black Listed
87 blackListedCause string255 Black Listed Cause
88 emailSuspended boolean Email Suspended
89 emailSuspendedCause string255 Email Suspended Cause
90 emailSuspendedAt datetime Email Suspended At
91 mktoPersonNotes text Person Notes
92 anonymousIP string255 Anonymous IP
93 inferredCompany string255! Inferred Company
94 inferredCountry string255! Inferred Country
95 inferredCity string255! Inferred City
96 inferredStateRegion string255! Inferred State Region
97 inferredPostalCode string255! Inferred Postal Code
98 inferredMetropolitanArea string255! Inferred Metropolitan Area
99 inferredPhoneAreaCode string255! Inferred Phone Area Code
130 createdAt datetime! Created At
131 updatedAt datetime! Updated At
132 cookies string255 Cookies
133 ecids string255! ECIDs
134 externalSalesPersonId string50 External Sales Person Id
135 leadPerson reference! Lead Person
136 personPrimaryLeadInterest reference! Person Primary Lead Interest
137 leadPartitionId reference Lead Partition Id
138 leadRevenueCycleModelId reference Lead Revenue Cycle Model Id
139 leadRevenueStageId reference Lead Revenue Stage Id
140 acquisitionProgramId reference Acquisition Program Id
141 mktoAcquisitionDate datetime Acquisition Date
143 leadRole string50 Role
144 leadSource string255 Person Source
145 leadStatus string255 Person Status
146 leadScore score Person Score
147 rating string255 Person Rating
148 urgency float Urgency
149 priority integer Priority
150 relativeScore integer Relative Score
151 relativeUrgency integer Relative Urgency
"""
# What Marketo's built-in sync adds; only the CRM writes these.
_NATIVE = """
201 sfdcLeadId string18! SFDC Lead Id
202 sfdcContactId string18! SFDC Contact Id
203 sfdcAccountId string18! SFDC Account Id
204 sfdcLeadOwnerId string18! SFDC Lead Owner Id
205 sfdcType string50! SFDC Type
"""
# The demo's own fields; the CRM's emulator has their twins.
DEMO = (
    LeadField(795, "customerTier", "Customer Tier", "string", 255, custom=True),
    LeadField(796, "interests", "Interests", "string", 255, custom=True),
    LeadField(797, "lastDemoAt", "Last Demo At", "datetime", custom=True),
    LeadField(798, "fitScore", "Fit Score", "float", custom=True),
    LeadField(799, "newsletter", "Newsletter", "boolean", custom=True),
)
# A field without a REST name: the SOAP API's own, which REST clients must step over.
SOAP_ONLY = {
    "id": 142,
    "displayName": "Lead Attribute Of The SOAP API",
    "dataType": "string",
    "length": 255,
    "soap": {"name": "SoapAttribute", "readOnly": False},
}


def standard_fields(*, native_sync: bool) -> list[LeadField]:
    """The fields of a new instance, in the order of its description."""
    native = [_parse(line, crm_managed=True) for line in _NATIVE.split("\n") if line] if native_sync else []
    return [_parse(line) for line in _STANDARD.split("\n") if line] + native + list(DEMO)


def _parse(line: str, *, crm_managed: bool = False) -> LeadField:
    number, name, kind, display = line.split(" ", 3)
    bare = kind.rstrip("!")
    type = bare.rstrip("0123456789")
    length = bare[len(type) :]
    return LeadField(
        int(number), name, display, type, int(length) if length else None, kind.endswith("!"), crm_managed=crm_managed
    )
