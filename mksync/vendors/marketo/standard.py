"""The fields that every Marketo instance has, by REST name: whatever is not among an object's is custom.

Source: Marketo developer guide, List of Standard Fields. Asking the instance (`schema/fields`) would need a
permission that the sync user otherwise does not.
"""

FIELDS = frozenset(
    """
    company site billingStreet billingCity billingState billingCountry billingPostalCode website mainPhone annualRevenue
    numberOfEmployees industry sicCode mktoCompanyNotes externalCompanyId
    id mktoName personType mktoIsPartner isLead mktoIsCustomer isAnonymous
    salutation firstName middleName lastName title email phone mobilePhone fax contactCompany dateOfBirth address city
    state country postalCode department personTimeZone
    originalSourceType originalSourceInfo registrationSourceType registrationSourceInfo originalSearchEngine
    originalSearchPhrase originalReferrer anonymousIP
    emailInvalid emailInvalidCause unsubscribed unsubscribedReason doNotCall mktoDoNotCallCause doNotCallReason
    marketingSuspended marketingSuspendedCause blackListed blackListedCause emailSuspended emailSuspendedCause
    emailSuspendedAt mktoPersonNotes
    inferredCompany inferredCountry inferredCity inferredStateRegion inferredPostalCode inferredMetropolitanArea
    inferredPhoneAreaCode
    createdAt updatedAt cookies ecids externalSalesPersonId leadPerson personPrimaryLeadInterest leadPartitionId
    leadRevenueCycleModelId leadRevenueStageId acquisitionProgramId mktoAcquisitionDate
    leadRole leadSource leadStatus leadScore rating urgency priority relativeScore relativeUrgency
    facebookId linkedInId twitterId
    sfdcLeadId sfdcContactId sfdcAccountId sfdcLeadOwnerId sfdcOpptyId sfdcType
    """.split()  # noqa: SIM905 - a list would take 110 lines
)

# A person of a company shows the company's values (Marketo developer guide, Companies); its name may be set on a person
# that belongs to none.
COMPANY_FIELDS = frozenset(
    """
    company site billingStreet billingCity billingState billingCountry billingPostalCode website mainPhone annualRevenue
    numberOfEmployees industry sicCode mktoCompanyNotes
    """.split()  # noqa: SIM905
)

# The CRM's id of another object's record, by which a record of Marketo names it (Marketo developer guide, Companies,
# Sales Persons, Opportunities); in that object itself it is the record's own.
EXTERNAL_IDS = {
    "externalCompanyId": "company",
    "externalSalesPersonId": "salesperson",
    "externalOpportunityId": "opportunity",
}

_EVERY = frozenset({"createdAt", "updatedAt"})
OTHERS = {
    "company": _EVERY | COMPANY_FIELDS | {"id", "externalCompanyId", "externalSalesPersonId"},
    "salesperson": FIELDS,  # a kind of person
    "opportunity": _EVERY
    | frozenset(
        """
        marketoGUID externalOpportunityId externalCompanyId externalSalesPersonId name description type stage amount
        closeDate isClosed isWon probability expectedRevenue fiscal fiscalQuarter fiscalYear forecastCategory
        forecastCategoryName lastActivityDate leadSource source nextStep quantity externalCreatedDate
        """.split()  # noqa: SIM905
    ),
    "role": _EVERY | {"marketoGUID", "externalOpportunityId", "leadId", "role", "isPrimary", "externalCreatedDate"},
}

NOT_OFFERED = {
    "id": "Marketo's own id",
    "cookies": "browser cookies",
    "ecids": "browser cookies",
    "anonymousIP": "a visitor's address",
    "leadPerson": "Marketo's own reference",
    "contactCompany": "Marketo's own reference",
    "personPrimaryLeadInterest": "Marketo's own reference",
    "leadPartitionId": "Marketo's own reference",
    "leadRevenueCycleModelId": "Marketo's own reference",
    "leadRevenueStageId": "Marketo's own reference",
    "acquisitionProgramId": "Marketo's own reference",
}
