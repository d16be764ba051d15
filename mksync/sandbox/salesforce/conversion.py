"""Lead conversion: a lead becomes a contact of an account, with an opportunity unless told otherwise.

Source: SOAP API Developer Guide, "convertLead()"; Salesforce Help, "Considerations for Converting Leads".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from mksync.sandbox.salesforce import ids
from mksync.sandbox.salesforce.errors import ApiError, refuse
from mksync.sandbox.salesforce.fields import Field, SObject
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.tables import Row, Stored
from mksync.sandbox.salesforce.values import Intake
from mksync.sandbox.salesforce.writes import Save, Writer

MOST_CONVERTED = 100
_OBJECTS = ("Lead", "Account", "Contact", "Opportunity")
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")
_TO_CONTACT = {
    **{name: f"Mailing{name}" for name in _ADDRESS},
    **{name: name for name in ("Salutation", "FirstName", "LastName", "Title", "Phone", "MobilePhone", "Fax", "Email")},
    **{name: name for name in ("LeadSource", "Description", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall")},
}
_TO_ACCOUNT = {
    **{name: f"Billing{name}" for name in _ADDRESS},
    **{name: name for name in ("Phone", "Fax", "Website", "Industry", "AnnualRevenue", "NumberOfEmployees", "Rating")},
    "Company": "Name",
    "LeadSource": "AccountSource",
}


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of one conversion. Ids are as they came."""

    lead: str
    status: str | None
    account: str | None = None
    contact: str | None = None
    opportunity: str | None = None
    opportunity_name: str | None = None
    no_opportunity: bool = False
    overwrite_source: bool = False
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    lead: str
    account: str
    contact: str
    opportunity: str | None


class Conversion:
    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def convert(self, request: Request, save: Save) -> Converted:
        """Convert one lead. Raises ApiError and then changed nothing, if called within a savepoint."""
        lead = self._live("Lead", request.lead, "leadId")
        self._check_rights(request, save)
        self._check(request, lead)
        owner = self._owner(request, lead)
        account = self._account(request, lead, owner, save)
        contact = self._contact(request, lead, account, owner, save)
        opportunity = self._opportunity(request, lead, account, contact, owner, save)
        self._close(lead, str(request.status), Converted(str(lead["Id"]), account, contact, opportunity), save)
        return Converted(str(lead["Id"]), account, contact, opportunity)

    def _check_rights(self, request: Request, save: Save) -> None:
        """Convert Leads, and edit access to the lead and to every object that something is made or filled of."""
        needed = ["Lead", "Account", "Contact"] if request.no_opportunity else [*_OBJECTS]
        may = save.actor.admin or self._org.settings.get("convert_leads")
        if not may or not all(self._org.view(object, save.actor).editable for object in needed):
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")

    def _check(self, request: Request, lead: Row) -> None:
        if lead["IsConverted"]:
            raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        found = self._org.tables.find("LeadStatus", "ApiName", request.status)
        if not any(row["IsConverted"] for row in found):
            raise refuse("INVALID_STATUS", f"invalid convertedStatus: {request.status}", "Status")
        if request.contact and not request.account:
            raise refuse("REQUIRED_FIELD_MISSING", "accountId is required when contactId is given", "AccountId")
        if request.overwrite_source and not request.contact:
            raise refuse("INVALID_FIELD", "overwriteLeadSource needs contactId", "LeadSource")
        named = request.opportunity or request.opportunity_name
        if named and (request.no_opportunity or (request.opportunity and request.opportunity_name)):
            raise refuse(
                "INVALID_FIELD", "opportunityId, opportunityName and doNotCreateOpportunity exclude each other"
            )
        if len(request.opportunity_name or "") > 80:
            raise refuse("STRING_TOO_LONG", "Opportunity Name: data value too large (max length=80)", "Name")

    def _owner(self, request: Request, lead: Row) -> str:
        owner = request.owner or str(lead["OwnerId"])
        if not owner.startswith("005"):
            message = (
                "Converted objects can only be owned by users.  If the lead is not owned by a user, "
                "you must specify a user for the Owner field."
            )
            raise refuse("REQUIRED_FIELD_MISSING", message, "OwnerId")
        return str(self._live("User", owner, "ownerId")["Id"])

    def _account(self, request: Request, lead: Row, owner: str, save: Save) -> str:
        object = self._org.catalogue.named("Account")
        if request.account is None:
            return self._writer.insert(
                object, {**self._mapped(lead, _TO_ACCOUNT, object, save), "OwnerId": owner}, save
            )
        account = self._live("Account", request.account, "accountId")
        return str(account["Id"])

    def _contact(self, request: Request, lead: Row, account: str, owner: str, save: Save) -> str:
        object = self._org.catalogue.named("Contact")
        values = self._mapped(lead, _TO_CONTACT, object, save)
        if request.contact is None:
            return self._writer.insert(object, {**values, "AccountId": account, "OwnerId": owner}, save)
        contact = self._live("Contact", request.contact, "contactId")
        if contact["AccountId"] != account:
            raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "ContactId")
        filled = {name: value for name, value in values.items() if contact[name] is None}
        if request.overwrite_source:
            filled["LeadSource"] = lead["LeadSource"]
        self._writer.change(object, contact, filled, save)
        return str(contact["Id"])

    def _opportunity(
        self, request: Request, lead: Row, account: str, contact: str, owner: str, save: Save
    ) -> str | None:
        if request.no_opportunity:
            return None
        role = self._org.catalogue.named("OpportunityContactRole")
        opportunity = self._existing(request) or self._writer.insert(
            self._org.catalogue.named("Opportunity"),
            {
                "Name": request.opportunity_name or str(lead["Company"])[:80],
                "StageName": "Prospecting",
                "CloseDate": self._quarter_end(),
                "AccountId": account,
                "LeadSource": lead["LeadSource"],
                "OwnerId": owner,
            },
            save,
        )
        self._writer.insert(role, {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": 1}, save)
        return opportunity

    def _existing(self, request: Request) -> str | None:
        if request.opportunity is None:
            return None
        return str(self._live("Opportunity", request.opportunity, "opportunityId")["Id"])

    def _close(self, lead: Row, status: str, made: Converted, save: Save) -> None:
        values: Row = {
            "IsConverted": 1,
            "ConvertedDate": self._org.now[:10],
            "ConvertedAccountId": made.account,
            "ConvertedContactId": made.contact,
            "ConvertedOpportunityId": made.opportunity,
            "Status": status,
            "IsUnreadByOwner": 0,
        }
        object = self._org.catalogue.named("Lead")
        self._writer.check_rules(object, {**lead, **values})
        if "convert_keeps_modified" in self._org.quirks:
            values.update({name: lead[name] for name in ("LastModifiedDate", "LastModifiedById")})
        self._writer.put(object, lead, values, save)

    def _mapped(self, lead: Row, names: Mapping[str, str], target: SObject, save: Save) -> Row:
        """The lead's values as the target's fields take them; custom fields map to those of the same name."""
        own = self._org.catalogue.named("Lead").fields.values()
        custom = {field.name: field.name for field in own if field.custom and target.has(field.name)}
        fields = {source: target.fields[to.lower()] for source, to in {**names, **custom}.items()}
        intake = Intake(self._org.quirks, save.truncate)
        return {field.name: _taken(intake, field, lead[source]) for source, field in fields.items() if lead[source]}

    def _live(self, object: str, raw: str, argument: str) -> Row:
        id = ids.widen(raw)
        found = self._org.catalogue.named(object)
        if id is None or not id.startswith(found.prefix):
            raise refuse("MALFORMED_ID", f"{argument}: id value of incorrect type: {raw}", argument)
        try:
            return self._writer.live(found, id)
        except ApiError as error:
            if error.complaints[0].code != "NOT_FOUND":
                raise
            raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") from None

    def _quarter_end(self) -> str:
        today = datetime.fromtimestamp(self._org.clock.now(), UTC)
        month = (today.month - 1) // 3 * 3 + 3
        return f"{today.year}-{month:02d}-{30 if month in (6, 9) else 31}"


def _taken(intake: Intake, field: Field, value: Stored) -> Stored:
    return intake.stored(field, bool(value) if field.type == "boolean" else value)
