"""Converting a lead: what there is to choose, the call, and what became of a call whose answer was lost.

The call is not idempotent, but what it did stands in the lead: `IsConverted`, with the ids of all that was made.
Source: SOAP API Developer Guide, "convertLead()"; Object Reference, Lead and LeadStatus.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import mksync.vendors.salesforce.codec as codec
import mksync.vendors.salesforce.objects as objects
import mksync.vendors.salesforce.soql as soql
from mksync.core.convert import Account, Answer, Conversion, Converted, Convertible, Status, Terms
from mksync.core.records import Gone, Record
from mksync.errors import AccessError, OutcomeUnknown
from mksync.ports import Clock
from mksync.vendors.guard import guarded
from mksync.vendors.salesforce import soap
from mksync.vendors.salesforce.client import Client, Part, Row
from mksync.vendors.salesforce.codes import Act
from mksync.vendors.salesforce.errors import Problem, problem, raised
from mksync.vendors.salesforce.rows import read
from mksync.vendors.salesforce.writes import LOCK_WAITS
from mksync.wire.reply import UnexpectedReply
from mksync.wire.session import Repeat

TERMS = Terms(
    account=True, opportunity=True, bare=False, owner=True, notify=True, contact=True, opportunity_name=True,
)  # fmt: skip
RIGHTS = (
    "Give the sync user the permission Convert Leads, edit access to leads, and create and edit access to accounts,"
    " contacts and opportunities."
)
_QUEUE = "00G"  # Object Reference, Group: what the ids of queues begin with
_MADE = {
    "accountId": "ConvertedAccountId", "contactId": "ConvertedContactId", "opportunityId": "ConvertedOpportunityId",
}  # fmt: skip


@guarded("Salesforce")
class Converter:
    """Meets `ports.Converter`."""

    terms = TERMS

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def convertible(self, lead: str) -> Convertible | Gone:
        """Two calls; one if the lead names no company."""
        id = codec.widen(lead)
        answers = self._client.composite(
            [
                self._asking("lead", "Lead", (*objects.keys("lead"), "Company", "OwnerId"), _is(id)),
                self._asking("statuses", "LeadStatus", ("ApiName", "MasterLabel", "IsDefault"), "IsConverted = true"),
            ],
            repeat=Repeat.READ,
        )
        row = next(iter(answers["lead"].checked()["records"]), None)
        if row is None or objects.gone("lead", row):
            return self._departed(id)
        statuses = tuple(map(_status, answers["statuses"].checked()["records"]))
        company = row["Company"] or None
        queue = str(row["OwnerId"]).startswith(_QUEUE)
        return Convertible(id, company, self._accounts(company), statuses, queue)

    def account(self, id: str) -> Account | None:
        """None also for a text that is no id at all."""
        if not codec.is_id(id):
            return None
        found = self._client.query(soql.Query("Account", ("Id", "Name"), (_is(codec.widen(id)),)))["records"]
        return _account(found[0]) if found else None

    def convert(self, order: Conversion) -> Answer:
        """A lock that somebody else holds on a record passes; everything else is the answer."""
        for wait in (*LOCK_WAITS, None):
            result = self._sent(order)
            if str(result.get("success")).lower() == "true":
                return _converted(result)
            found = _problem(result)
            if wait is None or found.act is not Act.LOCKED:
                return self._refused(order, found)
            self._clock.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        raise AssertionError("the last try returns")

    def settle(self, order: Conversion) -> Converted | None:
        """The lead itself says what was made of it."""
        query = soql.Query("Lead", objects.columns("lead", _MADE.values()), (_is(codec.widen(order.lead)),))
        row = next(iter(self._client.query(query, deleted_too=True)["records"]), None)
        if row is None or not row["IsConverted"]:
            return None
        return _converted({name: row[field] for name, field in _MADE.items()})

    def _sent(self, order: Conversion) -> Mapping[str, Any]:
        body = self._client.convert_lead(_arguments(order), save_duplicates=order.duplicates)
        try:
            return soap.results(body)[0]
        except UnexpectedReply as error:
            text = f"Salesforce may or may not have converted the lead: {error.message}"
            raise OutcomeUnknown(text, hint="Run again: what became of it is read and settled first.") from error

    def _refused(self, order: Conversion, found: Problem) -> Answer:
        match found.act:
            case Act.ACCESS:
                raise AccessError(f"Salesforce: {found.message} ({found.code})", hint=RIGHTS)
            case Act.QUOTA | Act.RENEW:
                raise raised(found)
            case Act.MOVED | Act.GONE:
                return self._departed(codec.widen(order.lead))
        return found.refusal

    def _departed(self, lead: str) -> Gone:
        """What became of a lead that is not there to be converted."""
        (found,) = read(self._client, "lead", [lead], {})
        return Gone("lead", lead, "deleted") if isinstance(found, Record) else found

    def _accounts(self, name: str | None) -> tuple[Account, ...]:
        """SOQL compares names in any case; the oldest come first."""
        if not name or not soql.expressible(name):
            return ()
        query = soql.Query("Account", ("Id", "Name"), (soql.one_of("Name", [soql.literal(name)]),), ("CreatedDate",))
        return tuple(map(_account, self._client.query(query)["records"]))

    def _asking(self, name: str, sobject: str, fields: Sequence[str], where: str) -> Part:
        return Part(name, "GET", self._client.query_path(soql.Query(sobject, fields, (where,)), deleted_too=False))


def _is(id: str) -> str:
    return f"Id = {soql.literal(id)}"


def _account(row: Row) -> Account:
    return Account(codec.widen(row["Id"]), row["Name"] or "")


def _status(row: Row) -> Status:
    return Status(row["ApiName"], row["MasterLabel"] or row["ApiName"], bool(row["IsDefault"]))


def _arguments(order: Conversion) -> dict[str, soap.Argument]:
    return {
        "accountId": order.account,
        "contactId": order.contact,
        "convertedStatus": order.status,
        "doNotCreateOpportunity": not order.opportunity,
        "leadId": codec.widen(order.lead),
        "opportunityName": order.opportunity_name if order.opportunity else None,
        "overwriteLeadSource": False,
        "ownerId": order.owner,
        "sendNotificationEmail": order.notify,
    }


def _converted(result: Mapping[str, Any]) -> Converted:
    account, contact, opportunity = (_id(result, name) for name in _MADE)
    if contact is None:
        raise OutcomeUnknown(
            "Salesforce says that it converted the lead, and names no contact",
            hint="Run again: what became of it is read and settled first.",
        )
    return Converted(contact, account, opportunity)


def _id(result: Mapping[str, Any], name: str) -> str | None:
    return codec.widen(str(result[name])) if result.get(name) else None


def _problem(result: Mapping[str, Any]) -> Problem:
    errors = [{**one, "fields": soap.listed(one.get("fields"))} for one in soap.listed(result.get("errors"))]
    return problem(400, errors)
