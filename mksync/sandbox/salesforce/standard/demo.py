"""The custom fields of the demo organisation on Lead and on Contact, and who may see its custom fields."""

FIELDS = """
Customer_Tier__c picklist(255) ncu-p+r
Interests__c multipicklist(4099) ncu-p
Last_Demo__c datetime ncu-p
Fit_Score__c double(16,2) ncu-p
Newsletter__c boolean -cudp
Internal_Note__c textarea(255) ncu-p
Region_Code__c string(10) ncu-p
Mkto_Id__c string(40) ncu-p+i+x+q
"""

_OF_PEOPLE = {"Internal_Note__c": "none", "Region_Code__c": "read"}

# What the sync user's profile says about custom fields, by object; everything else it may edit.
ACCESS = {
    "Lead": _OF_PEOPLE,
    "Contact": _OF_PEOPLE,
    "Event_Registration__c": {"Organiser_Note__c": "none", "Source_Code__c": "read"},
}
