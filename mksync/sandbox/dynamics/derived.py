"""Columns that the platform computes when a row is saved: names, addresses on one line, amounts in base currency.

Source: Microsoft Learn, "Money columns", "Contact table/entity reference" (fullname, address1_composite).
"""

from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.tables import Kind, Table


def derive(org: Org, table: Table, row: Row, changed: Row) -> Row:
    """What changes along with `changed` in a row that already holds it."""
    found: Row = {}
    if "fullname" in table.columns and changed.keys() & {"firstname", "lastname"}:
        parts = (row.get("firstname"), row.get("lastname"))
        found["fullname"] = " ".join(str(part) for part in parts if part) or None
    for prefix in ("address1", "address2"):
        if f"{prefix}_composite" in table.columns and any(name.startswith(prefix) for name in changed):
            found[f"{prefix}_composite"] = composite(row, prefix)
    return {**found, **_amounts(org, table, row, changed), **_owners(org, table, row, changed)}


def composite(row: Row, prefix: str) -> str | None:
    """An address as it is printed on a label."""

    def part(name: str) -> str:
        return str(row.get(f"{prefix}_{name}") or "")

    town = " ".join(text for text in (part("stateorprovince"), part("postalcode")) if text)
    place = ", ".join(text for text in (part("city"), town) if text)
    lines = (part("line1"), part("line2"), part("line3"), place, part("country"))
    return "\r\n".join(line for line in lines if line) or None


def _amounts(org: Org, table: Table, row: Row, changed: Row) -> Row:
    amounts = [c.name for c in table.columns.values() if c.kind is Kind.MONEY and not c.name.endswith("_base")]
    moved = [name for name in amounts if name in changed]
    if not moved and "transactioncurrencyid" not in changed:
        return {}
    currency: Stored = row.get("transactioncurrencyid") or org.settings.get("base_currency")
    found = org.rows.get(org.catalogue.named("transactioncurrency"), str(currency))
    rate = float((found or {}).get("exchangerate") or 1)
    bases: Row = {}
    for name in amounts:
        value = row.get(name)
        bases[f"{name}_base"] = None if value is None else round(float(value) / rate, 4)
    return {"transactioncurrencyid": currency, "exchangerate": rate, **bases}


def _owners(org: Org, table: Table, row: Row, changed: Row) -> Row:
    if "ownerid" not in changed or not table.has_owner:
        return {}
    is_team = row.get("owneridtype") == "team"
    owner = org.rows.get(org.catalogue.named("team" if is_team else "systemuser"), str(row["ownerid"]))
    return {
        "owninguser": None if is_team else row["ownerid"],
        "owningteam": row["ownerid"] if is_team else None,
        "owningbusinessunit": (owner or {}).get("businessunitid"),
    }
