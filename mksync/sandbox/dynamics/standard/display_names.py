"""What standard columns are called in front of people, in English; one that is not here is called by its logical name.

Source: Microsoft Learn, "Lead table/entity reference", "Contact table/entity reference" (DisplayName).
"""

from collections.abc import Mapping

_ADDRESS = {
    "line1": "Street 1", "line2": "Street 2", "line3": "Street 3", "city": "City", "stateorprovince": "State/Province",
    "postalcode": "ZIP/Postal Code", "country": "Country/Region", "county": "County", "fax": "Fax", "name": "Name",
    "postofficebox": "Post Office Box", "telephone1": "Phone",
}  # fmt: skip
_IN_SHORT = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")  # of a lead's first address

NAMES: Mapping[str, str] = {
    **{f"address{n}_{part}": f"Address {n}: {name}" for n in (1, 2, 3) for part, name in _ADDRESS.items()},
    **{f"lead.address1_{part}": _ADDRESS[part] for part in _IN_SHORT},
    **{f"address{n}_composite": f"Address {n}" for n in (1, 2, 3)},
    "birthdate": "Birthday",
    "createdby": "Created By",
    "createdon": "Created On",
    "donotbulkemail": "Do not allow Bulk Emails",
    "donotemail": "Do not allow Emails",
    "donotfax": "Do not allow Faxes",
    "donotphone": "Do not allow Phone Calls",
    "donotpostalmail": "Do not allow Mails",
    "donotsendmm": "Marketing Material",
    "emailaddress1": "Email",
    "emailaddress2": "Email Address 2",
    "emailaddress3": "Email Address 3",
    "estimatedamount": "Est. Value",
    "estimatedclosedate": "Est. Close Date",
    "firstname": "First Name",
    "followemail": "Follow Email Activity",
    "fullname": "Full Name",
    "jobtitle": "Job Title",
    "lastname": "Last Name",
    "masterid": "Master ID",
    "middlename": "Middle Name",
    "mobilephone": "Mobile Phone",
    "modifiedby": "Modified By",
    "modifiedon": "Modified On",
    "overriddencreatedon": "Record Created On",
    "ownerid": "Owner",
    "owningbusinessunit": "Owning Business Unit",
    "owningteam": "Owning Team",
    "owninguser": "Owning User",
    "prioritycode": "Priority",
    "sic": "SIC Code",
    "statecode": "Status",
    "statuscode": "Status Reason",
    "telephone1": "Business Phone",
    "telephone2": "Home Phone",
    "telephone3": "Other Phone",
    "transactioncurrencyid": "Currency",
    "websiteurl": "Website",
}
