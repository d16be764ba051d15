"""Leads that became contacts. Source: "Qualify a lead" (QualifyLead): a contact that was made names its lead.

One that was there before names no lead; the lead names it, as its parent contact, since before it was qualified.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import mksync.vendors.dynamics.ids as ids
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.objects import ORIGIN, PARENT, TABLES
from mksync.vendors.dynamics.odata import by_ids
from mksync.vendors.dynamics.sources import Row

_CONTACT, _LEAD = TABLES["contact"], TABLES["lead"]


def contacts_of(
    client: Client, leads: Sequence[str], columns: Sequence[str] = _CONTACT.keys, prefer: Sequence[str] = ()
) -> dict[str, Row]:
    """By lead, the contact that it was qualified into, if one was made; the newest, if several were."""
    columns = tuple(dict.fromkeys((*columns, ORIGIN)))
    found: dict[str, Row] = {}
    for resource in by_ids(_CONTACT.set, "originatingleadid", leads, columns, orderby="createdon,contactid"):
        for row in client.rows(resource, prefer):
            lead = ids.id_of(row[ORIGIN])
            if lead not in found or not row.get("merged"):
                found[lead] = row
    return found


def contacts_for(
    client: Client, leads: Iterable[Row], columns: Sequence[str] = _CONTACT.keys, prefer: Sequence[str] = ()
) -> dict[str, Row]:
    """By lead, the contact that these qualified leads went into: the one that was made, else the one they name."""
    rows = {ids.id_of(row[_LEAD.key]): row for row in leads}
    found = contacts_of(client, list(rows), columns, prefer) if rows else {}
    named = {id: ids.id_of(row[PARENT]) for id, row in rows.items() if id not in found and row.get(PARENT)}
    there = {ids.id_of(row[_CONTACT.key]): row for row in _by_id(client, list(named.values()), columns, prefer)}
    return found | {lead: there[contact] for lead, contact in named.items() if contact in there}


def _by_id(client: Client, ids: Sequence[str], columns: Sequence[str], prefer: Sequence[str]) -> Iterator[Row]:
    for resource in by_ids(_CONTACT.set, _CONTACT.key, list(dict.fromkeys(ids)), tuple(columns)):
        yield from client.rows(resource, prefer)


def successors(client: Client, leads: Sequence[str]) -> Mapping[str, str]:
    """By lead, the contact that stands for it now."""
    rows = contacts_of(client, leads) if leads else {}
    return {lead: ids.id_of(row.get("_masterid_value") or row[_CONTACT.key]) for lead, row in rows.items()}
