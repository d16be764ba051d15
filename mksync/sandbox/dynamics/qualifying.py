"""A lead is qualified: it closes, and an account, a contact and an opportunity come of it.

Source: Microsoft Learn, "QualifyLeadRequest Class", "Qualify a lead".
"""

from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics import addresses, ids
from mksync.sandbox.dynamics.addresses import Address
from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.errors import ODataError, bad_payload, invalid
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.states import status_of
from mksync.sandbox.dynamics.tables import Table
from mksync.sandbox.dynamics.writes import Save, Writer

_NAME = "Microsoft.Dynamics.CRM."
_QUALIFIED = 1
_FLAGS = ("CreateAccount", "CreateContact", "CreateOpportunity")
# What a contact and an account take over under the same name.
_SHARED = (
    *("emailaddress1", "emailaddress2", "emailaddress3", "telephone1", "telephone2", "telephone3", "fax", "websiteurl"),
    *("donotemail", "donotbulkemail", "donotphone", "donotfax", "donotpostalmail", "description"),
    *(f"address1_{part}" for part in ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")),
)
_PERSONAL = ("salutation", "firstname", "middlename", "lastname", "jobtitle", "mobilephone", "pager")
_CUSTOM = ("new_tier", "new_interests", "new_lastdemo", "new_fitscore", "new_newsletter")


class Qualifying:
    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer

    def qualify(self, call: Call, place: Address, body: Mapping[str, Any], save: Save) -> Answer:
        table = place.table
        lead = addresses.row(self._org, place)
        id = str(lead["leadid"])
        self._org.access.check_row(save.user, table, "Write", lead)
        if any(not isinstance(body.get(name), bool) for name in _FLAGS) or not isinstance(body.get("Status"), int):
            raise bad_payload(table.set_name, f"The parameters {', '.join(_FLAGS)} and Status are required.")
        if lead["statecode"] != 0:
            raise invalid("The lead is already closed.", "0x80040519")
        status = status_of(table, _QUALIFIED, body["Status"], id)
        made = self._made(lead, body, save)
        links: Row = {
            "parentaccountid": made.get("account", lead["parentaccountid"]),
            "parentcontactid": made.get("contact", lead["parentcontactid"]),
            "qualifyingopportunityid": made.get("opportunity"),
        }
        closed: Row = {"statecode": _QUALIFIED, "statuscode": status}
        bare = "qualify_leaves_lead_bare" in self._org.quirks
        self._writer.change(table, lead, closed if bare else {**closed, **links}, save)
        context = f"{call.root}/$metadata#Collection({_NAME}crmbaseentity)"
        return Answer(200, {"@odata.context": context, "value": [self._told(*pair) for pair in made.items()]})

    def _made(self, lead: Row, body: Mapping[str, Any], save: Save) -> dict[str, str]:
        """Ids of the new rows by table."""
        made: dict[str, str] = {}
        if body["CreateAccount"]:
            made["account"] = self._create("account", {"name": _company(lead)}, lead, _SHARED, save)
        if body["CreateContact"]:
            account = made.get("account") or lead["parentaccountid"]
            bound = {"parentcustomerid_account@odata.bind": f"/accounts({account})"} if account else {}
            made["contact"] = self._create("contact", bound, lead, (*_SHARED, *_PERSONAL, *_CUSTOM), save)
        if body["CreateOpportunity"]:
            made["opportunity"] = self._create("opportunity", self._deal(lead, body, made), lead, (), save)
        return made

    def _deal(self, lead: Row, body: Mapping[str, Any], made: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {"name": lead["subject"] or lead["fullname"]}
        if made.get("contact"):
            found["parentcontactid@odata.bind"] = f"/contacts({made['contact']})"
        customer = _named(body.get("OpportunityCustomerId"), ("account", "contact"))
        if customer is None and (made.get("account") or made.get("contact")):
            kind = "account" if made.get("account") else "contact"
            customer = (kind, made[kind])
        if customer:
            kind, id = customer
            found[f"customerid_{kind}@odata.bind"] = f"/{kind}s({id})"
        if currency := _named(body.get("OpportunityCurrencyId"), ("transactioncurrency",)):
            found["transactioncurrencyid@odata.bind"] = f"/transactioncurrencies({currency[1]})"
        if campaign := _named(body.get("SourceCampaignId"), ("campaign",)):
            found["campaignid@odata.bind"] = f"/campaigns({campaign[1]})"
        return found

    def _create(self, name: str, body: Mapping[str, Any], lead: Row, columns: tuple[str, ...], save: Save) -> str:
        table = self._org.catalogue.named(name)
        if self._org.access.depth(save.user, name, "Create") == "None":
            message = f"The lead cannot be qualified: the user may not create a row of '{name}'."
            raise ODataError(403, "0x80081018", message)
        preset = {column: lead[column] for column in columns if column in table.columns and column in lead}
        owner: Row = {"ownerid": lead["ownerid"], "owneridtype": lead["owneridtype"]}
        return self._writer.create(table, body, save, preset={**preset, **owner, "originatingleadid": lead["leadid"]})

    def _told(self, name: str, id: str) -> dict[str, Any]:
        table: Table = self._org.catalogue.named(name)
        found: dict[str, Any] = {"@odata.type": f"#{_NAME}{name}", table.primary_id: id}
        if "qualify_answers_rows" in self._org.quirks:
            row = self._org.rows.get(table, id) or {}
            found |= {name: row[name] for name in (table.primary_name, "emailaddress1", "versionnumber") if name in row}
        return found


def _company(lead: Row) -> Any:  # noqa: ANN401 - text
    return lead["companyname"] or lead["fullname"] or lead["lastname"]


def _named(reference: Any, tables: tuple[str, ...]) -> tuple[str, str] | None:  # noqa: ANN401 - JSON
    """Table and id of an entity reference in a body; None if there is none."""
    if not isinstance(reference, Mapping):
        return None
    kind = str(reference.get("@odata.type", "")).removeprefix("#").removeprefix(_NAME)
    id = ids.read(reference.get(f"{kind}id"))
    return (kind, id) if kind in tables and id else None
