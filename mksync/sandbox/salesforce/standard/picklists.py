"""Picklist values of the demo organisation, by `Object.Field`; a star marks the default."""

from mksync.sandbox.salesforce.fields import Choice

_SOURCES = "Web;Phone Inquiry;Partner Referral;Purchased List;Trade Show;Other"
_INDUSTRIES = (
    "Agriculture;Banking;Consulting;Education;Energy;Finance;Healthcare;Manufacturing;Media;Retail;Technology;Other"
)
_RATINGS = "Hot;Warm;Cold"
_SALUTATIONS = "Mr.;Ms.;Mrs.;Dr.;Prof.;Mx."
_ACCURACY = "Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown"
_CLEAN = "Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped"
_TIERS = "Bronze;Silver;Gold"
_INTERESTS = "Product;Pricing;Events;Support;Careers;Analytics;Automation;Mobile"

_VALUES = {
    "Lead.Status": "*Open - Not Contacted;Working - Contacted;Closed - Converted;Closed - Not Converted",
    "Lead.LeadSource": _SOURCES,
    "Lead.Industry": _INDUSTRIES,
    "Lead.Rating": _RATINGS,
    "Lead.Salutation": _SALUTATIONS,
    "Lead.GeocodeAccuracy": _ACCURACY,
    "Lead.CleanStatus": _CLEAN,
    "Lead.Customer_Tier__c": _TIERS,
    "Lead.Interests__c": _INTERESTS,
    "Contact.LeadSource": _SOURCES,
    "Contact.Salutation": _SALUTATIONS,
    "Contact.OtherGeocodeAccuracy": _ACCURACY,
    "Contact.MailingGeocodeAccuracy": _ACCURACY,
    "Contact.CleanStatus": _CLEAN,
    "Contact.Customer_Tier__c": _TIERS,
    "Contact.Interests__c": _INTERESTS,
    "Account.Type": "Prospect;Customer - Direct;Customer - Channel;Partner;Other",
    "Account.Industry": _INDUSTRIES,
    "Account.Rating": _RATINGS,
    "Account.Ownership": "Public;Private;Subsidiary;Other",
    "Account.AccountSource": _SOURCES,
    "Account.BillingGeocodeAccuracy": _ACCURACY,
    "Account.ShippingGeocodeAccuracy": _ACCURACY,
    "Account.CleanStatus": _CLEAN,
    "Opportunity.StageName": "Prospecting;Qualification;Proposal/Price Quote;Negotiation/Review;Closed Won;Closed Lost",
    "Opportunity.Type": "Existing Customer - Upgrade;New Customer",
    "Opportunity.LeadSource": _SOURCES,
    "Opportunity.ForecastCategory": "Omitted;Pipeline;BestCase;Forecast;Closed",
    "Opportunity.ForecastCategoryName": "Omitted;Pipeline;Best Case;Commit;Closed",
    "OpportunityContactRole.Role": "Business User;Decision Maker;Economic Buyer;Evaluator;Influencer;Other",
    "Event_Registration__c.Status__c": "*Registered;Attended;No Show;Cancelled",
    "User.UserType": "*Standard;PowerPartner;Guest",
    "User.TimeZoneSidKey": "GMT;Europe/London;Europe/Berlin;America/New_York;America/Los_Angeles;Asia/Tokyo",
    "User.LocaleSidKey": "en_US;en_GB;de_DE;fr_FR;ja_JP",
    "User.LanguageLocaleKey": "en_US;de;fr;ja",
    "Group.Type": "Regular;Queue;Role",
    "RecordType.SobjectType": "Account;Contact;Lead;Opportunity",
    "Organization.OrganizationType": "Enterprise Edition;Developer Edition;Unlimited Edition",
}


def choices_of(text: str) -> tuple[Choice, ...]:
    """Read `*First;Second` into choices, the starred one being the default."""
    return tuple(Choice(value.removeprefix("*"), default=value.startswith("*")) for value in text.split(";"))


CHOICES = {name: choices_of(values) for name, values in _VALUES.items()}
