"""Qualifying a lead: what there is to choose, the action, and what became of one whose answer was lost.

QualifyLead makes what it is told to make and asks for no existing account: so a contact is put into one by a second
write, which may be repeated. A lead that names a contact goes into that one. What was made names its lead, which
settles an action whose answer was lost.

Source: Dynamics 365 developer documentation, "QualifyLead Action", "Qualify a lead"; Power Apps developer
documentation, "Detect duplicate data using the Web API".
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mksync.core.convert import Account, Answer, Conversion, Converted, Convertible, Status, Terms
from mksync.core.records import Gone, Ref
from mksync.errors import AccessError, OutcomeUnknown
from mksync.vendors.dynamics.choices import label_of
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.errors import Problem, said
from mksync.vendors.dynamics.ids import guid, id_of
from mksync.vendors.dynamics.objects import ORIGIN, PARENT, QUALIFIED, TABLES, merged
from mksync.vendors.dynamics.odata import by_ids, equal, query
from mksync.vendors.dynamics.qualified import contacts_for
from mksync.vendors.dynamics.tables import STANDARD
from mksync.vendors.guard import guarded
from mksync.wire.reply import UnexpectedReply

TERMS = Terms(
    account=False, opportunity=False, bare=True, owner=False, notify=False, contact=False, opportunity_name=False,
)  # fmt: skip
DEFAULT_STATUS = "-1"  # Dynamics takes the status reason that a qualified lead has by default
RIGHTS = (
    "Give the sync user's security role Read, Write, Append and Append To on leads, and Create, Read, Write, Append and"
    " Append To on contacts, and on accounts and opportunities where they are to be made; Assign, too, where somebody"
    " else owns the lead."
)
_CRM = "Microsoft.Dynamics.CRM"
_MADE_OF = "originatingleadid"
_UNKNOWN = "Run again: what became of it is read and settled first."
_LEAD = TABLES["lead"]


@guarded("Dynamics")
class Converter:
    """Meets `ports.Converter`."""

    terms = TERMS

    def __init__(self, client: Client) -> None:
        self._client = client

    def convertible(self, lead: str) -> Convertible | Gone:
        """Three calls; two if the lead names no company."""
        row = self._lead(lead, ("companyname",))
        if row is None:
            return Gone("lead", lead, "deleted")
        if gone := self._departed(row):
            return gone
        company, named = row.get("companyname") or None, row.get(PARENT)
        contact = id_of(named) if named else None
        return Convertible(id_of(row["leadid"]), company, self._accounts(company), self._statuses(), contact=contact)

    def account(self, id: str) -> Account | None:
        """None also for a text that is no id at all, and for the loser of a merge."""
        spelled = guid(id)
        if spelled is None:
            return None
        answer = self._client.get(query(f"accounts({spelled})", select=("accountid", "name", "merged")))
        if answer.status == 404:
            return None
        row = answer.checked()
        return None if row.get("merged") else _account(row)

    def convert(self, order: Conversion) -> Answer:
        """Duplicate rules hold, unless the admin has seen the duplicates and wants them."""
        headers = {} if order.duplicates else {"MSCRM.SuppressDuplicateDetection": "false"}
        path = f"leads({guid(order.lead)})/{_CRM}.QualifyLead"
        answer = self._client.act("POST", path, _wish(order), headers)
        if answer.problem:
            return self._refused(order, answer.problem)
        try:
            made = _made(answer.body, order)
        except UnexpectedReply as error:
            raise OutcomeUnknown(f"Dynamics qualified the lead, and {error.message}", hint=_UNKNOWN) from error
        return self._whole(order, Converted(made["contact"], made.get("account"), made.get("opportunity")))

    def settle(self, order: Conversion) -> Converted | None:
        """What was made names the lead that it was made of."""
        row = self._lead(order.lead)
        contact = self._contact(row)
        if contact is None:
            return None
        account = self._made_of(order.lead, "account") if order.new_account else None
        opportunity = self._made_of(order.lead, "opportunity") if order.opportunity else None
        return self._whole(order, Converted(contact, account, opportunity))

    def _whole(self, order: Conversion, done: Converted) -> Converted:
        """What the action does not do: the contact belongs to the account that was chosen, if it is a new one."""
        if order.account is None:
            return done
        if order.contact:
            return replace(done, notes=(f"contact {done.contact} was there before, and keeps the account that it had",))
        body = {"parentcustomerid_account@odata.bind": f"/accounts({order.account})"}
        answer = self._client.act("PATCH", f"contacts({done.contact})", body, {"If-Match": "*"})
        if answer.problem is None:
            return replace(done, account=order.account)
        note = f"the contact could not be put into account {order.account}: {said(answer.problem)}"
        return replace(done, notes=(note,))

    def _refused(self, order: Conversion, found: Problem) -> Answer:
        if found.act is Act.ACCESS:
            raise AccessError(said(found), hint=RIGHTS)
        row = self._lead(order.lead) if found.act in (Act.GONE, Act.MOVED) else None
        if found.act is Act.GONE and row is None:
            return Gone("lead", order.lead, "deleted")
        gone = self._departed(row) if row else None
        return gone or found.refusal

    def _lead(self, id: str, columns: Sequence[str] = ()) -> Mapping[str, Any] | None:
        answer = self._client.get(query(f"leads({guid(id)})", select=(*_LEAD.keys, *columns)))
        if answer.status == 404:
            return None
        row: Mapping[str, Any] = answer.checked()
        return row

    def _departed(self, row: Mapping[str, Any]) -> Gone | None:
        """What became of a lead that is not to be converted, if it went somewhere."""
        if gone := merged(_LEAD, row):
            return gone
        contact = self._contact(row)
        return Gone("lead", id_of(row["leadid"]), "converted", Ref("contact", contact)) if contact else None

    def _contact(self, row: Mapping[str, Any] | None) -> str | None:
        """The contact that stands for a lead, if it is qualified and went into one."""
        if row is None or row.get("statecode") != QUALIFIED or row.get("merged"):
            return None
        found = contacts_for(self._client, [row]).get(id_of(row["leadid"]))
        return id_of(found.get("_masterid_value") or found["contactid"]) if found else None

    def _accounts(self, name: str | None) -> tuple[Account, ...]:
        """Those in use, the oldest first. Dataverse finds too much: wildcards are compared again."""
        if not name:
            return ()
        resource = query(
            "accounts",
            select=("accountid", "name"),
            filter=f"({equal('name', name)}) and statecode eq 0",
            orderby="createdon",
        )
        found = map(_account, self._client.rows(resource))
        return tuple(one for one in found if one.name.strip().casefold() == name.strip().casefold())

    def _statuses(self) -> tuple[Status, ...]:
        """The status reasons of a qualified lead. Options of a status column say which state they belong to."""
        path = f"EntityDefinitions(LogicalName='lead')/Attributes/{_CRM}.StatusAttributeMetadata"
        columns = self._client.read(query(path, select=["LogicalName"], expand="OptionSet($select=Options)"))["value"]
        options = [
            option
            for column in columns
            if column["LogicalName"] == "statuscode"
            for option in (column.get("OptionSet") or {}).get("Options") or ()
        ]
        of_qualified = [option for option in options if option.get("State") == QUALIFIED]
        reasons = (Status(str(option["Value"]), label_of(option.get("Label"))) for option in of_qualified)
        return (Status(DEFAULT_STATUS, "default", default=True), *reasons)

    def _made_of(self, lead: str, object: str) -> str | None:
        """The newest record of an object that names this lead."""
        table = STANDARD[object]
        rows = [
            row
            for resource in by_ids(table.set, _MADE_OF, [lead], (table.key, ORIGIN), orderby="createdon")
            for row in self._client.rows(resource)
        ]
        return id_of(rows[-1][table.key]) if rows else None


def _wish(order: Conversion) -> dict[str, object]:
    wish: dict[str, object] = {
        "CreateAccount": order.new_account,
        "CreateContact": order.contact is None,
        "CreateOpportunity": order.opportunity,
        "Status": int(order.status),
    }
    if order.account and order.opportunity:
        wish["OpportunityCustomerId"] = {"@odata.type": f"{_CRM}.account", "accountid": order.account}
    return wish


def _made(body: Any, order: Conversion) -> dict[str, str]:  # noqa: ANN401 - any JSON value
    """What the action made, by object. Rows may come whole or as keys; only their type and key are read."""
    made = {"contact": order.contact} if order.contact else {}
    for row in (body or {}).get("value") or ():
        object = str(row.get("@odata.type", "")).rpartition(".")[2]
        if object in STANDARD and row.get(STANDARD[object].key):
            made[object] = id_of(row[STANDARD[object].key])
    if "contact" not in made:
        raise UnexpectedReply("its answer names no contact")
    return made


def _account(row: Mapping[str, Any]) -> Account:
    return Account(id_of(row["accountid"]), str(row.get("name") or ""))
