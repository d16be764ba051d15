"""The smaller objects: users, queues, and what an organisation is set up with."""

USER = """
Id id ---d-+i
Username string(80) -cu--+i
LastName string(80) -cu--
FirstName string(40) ncu--
Name string(121) -----
CompanyName string(80) ncu--
Department string(80) ncu--
Title string(80) ncu--
Street textarea(255) ncu--
City string(40) ncu--
State string(80) ncu--
PostalCode string(20) ncu--
Country string(80) ncu--
Email email(128) -cu--+i
Phone phone(40) ncu--
MobilePhone phone(40) ncu--
Alias string(8) -cu--
IsActive boolean -cud-
UserType picklist(40) n----+r
ManagerId ref(User) ncu--
EmployeeNumber string(20) ncu--
TimeZoneSidKey picklist(40) -cu--+r
LocaleSidKey picklist(40) -cu--+r
LanguageLocaleKey picklist(40) -cu--+r
FederationIdentifier string(512) ncu--
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
"""

GROUP = """
Id id ---d-+i
Name string(40) -cu--
DeveloperName string(80) ncu--
RelatedId ref(User) n----
Type picklist(40) -c---+r
Email email(255) ncu--
OwnerId ref(Organization|User) -----
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
"""

OPPORTUNITY_CONTACT_ROLE = """
Id id ---d-+i
OpportunityId ref(Opportunity) -c---
ContactId ref(Contact) -cu--
Role picklist(255) ncu--
IsPrimary boolean -cud-
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
IsDeleted boolean ---d-
"""

LEAD_STATUS = """
Id id ---d-+i
MasterLabel string(255) n----
ApiName string(255) n----
SortOrder int n----
IsDefault boolean ---d-
IsConverted boolean ---d-
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
"""

ORGANIZATION = """
Id id ---d-+i
Name string(80) -----
IsSandbox boolean ---d-
OrganizationType picklist(40) n----+r
InstanceName string(5) n----
NamespacePrefix string(15) n----
TrialExpirationDate datetime n----
LanguageLocaleKey picklist(40) n----+r
TimeZoneSidKey picklist(40) n----+r
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
"""

RECORD_TYPE = """
Id id ---d-+i
Name string(80) -----
DeveloperName string(80) -----
Description string(255) n----
SobjectType picklist(40) -----+r
IsActive boolean ---d-
CreatedDate datetime ---d-
CreatedById ref(User) ---d-
LastModifiedDate datetime ---d-
LastModifiedById ref(User) ---d-
SystemModstamp datetime ---d-
"""
