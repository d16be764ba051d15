"""Leads that became contacts. Source: "Qualify a lead" (QualifyLead): a contact that was made names its lead."""

from collections.abc import Mapping, Sequence

import mksync.vendors.dynamics.codec as codec
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.objects import ORIGIN, TABLES
from mksync.vendors.dynamics.odata import by_ids
from mksync.vendors.dynamics.sources import Row

_CONTACT = TABLES["contact"]


def contacts_of(
    client: Client, leads: Sequence[str], columns: Sequence[str] = _CONTACT.keys, prefer: Sequence[str] = ()
) -> dict[str, Row]:
    """By lead, the contact that it was qualified into, if one was made; the newest, if several were."""
    columns = tuple(dict.fromkeys((*columns, ORIGIN)))
    found: dict[str, Row] = {}
    for resource in by_ids(_CONTACT.set, "originatingleadid", leads, columns, orderby="createdon,contactid"):
        for row in client.rows(resource, prefer):
            lead = codec.id_of(row[ORIGIN])
            if lead not in found or not row.get("merged"):
                found[lead] = row
    return found


def successors(client: Client, leads: Sequence[str]) -> Mapping[str, str]:
    """By lead, the contact that stands for it now."""
    rows = contacts_of(client, leads) if leads else {}
    return {lead: codec.id_of(row.get("_masterid_value") or row[_CONTACT.key]) for lead, row in rows.items()}
