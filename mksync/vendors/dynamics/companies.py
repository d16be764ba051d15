"""The account that an opportunity belongs to.

It is the opportunity's customer; where that is a contact, the account is the contact's, if it has one. Source: Marketo
product documentation, "Microsoft Dynamics Sync: Opportunity Sync".
"""

from collections.abc import Iterator, Mapping, Sequence

from mksync.core.records import Record
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.lookups import ANNOTATION
from mksync.vendors.dynamics.objects import TABLES
from mksync.vendors.dynamics.odata import annotated, by_ids, one_of, query
from mksync.vendors.dynamics.sources import Judged, Row, Source

CUSTOMER = "_customerid_value"
ACCOUNT = "_parentaccountid_value"
CONTACT = "_parentcontactid_value"
_KIND = f"@{ANNOTATION}"
_OF_CONTACT = "_parentcustomerid_value"
_AT_ONCE = 200  # ids, each named twice in one query


def account_of(row: Row) -> str | None:
    """The account that the opportunity names itself."""
    return row.get(CUSTOMER) if row.get(CUSTOMER + _KIND) == "account" else row.get(ACCOUNT)


def contact_of(row: Row) -> str | None:
    """The contact that is the opportunity's customer; none beside an account, which is the customer then."""
    if account_of(row):
        return None
    return row.get(CUSTOMER) if row.get(CUSTOMER + _KIND) == "contact" else row.get(CONTACT)


def settled(client: Client, rows: Sequence[Row]) -> list[Row]:
    """The rows of opportunities, each with the account it belongs to as its customer."""
    through = [str(contact) for row in rows if (contact := contact_of(row))]
    accounts = _accounts(client, list(dict.fromkeys(through))) if through else {}
    found: list[Row] = []
    for row in rows:
        account = account_of(row) or accounts.get(str(contact_of(row)).lower())
        found.append({**row, CUSTOMER: account, CUSTOMER + _KIND: "account"})
    return found


def moved_with(client: Client, opportunities: Source, contacts: Sequence[Record]) -> Iterator[Judged]:
    """Opportunities whose customer is one of these contacts, which may have another account now."""
    ids = [contact.id for contact in contacts]
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        customers = f"({one_of('parentcontactid', some)} or {one_of('customerid', some)})"
        resource = query(
            opportunities.table.set, select=opportunities.columns, filter=f"{customers} and {ACCOUNT} eq null"
        )
        yield opportunities.judged(client.rows(resource, opportunities.prefer))


def _accounts(client: Client, contacts: Sequence[str]) -> Mapping[str, str]:
    """By contact, the account that it belongs to; contacts that belong to another contact have none."""
    table = TABLES["contact"]
    found = {}
    for resource in by_ids(table.set, table.key, contacts, (table.key, _OF_CONTACT)):
        for row in client.rows(resource, (annotated(ANNOTATION),)):
            if row.get(_OF_CONTACT) and row.get(_OF_CONTACT + _KIND) == "account":
                found[str(row[table.key]).lower()] = str(row[_OF_CONTACT])
    return found
