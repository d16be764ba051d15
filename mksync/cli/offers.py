"""What `mksync fields list` shows."""

from collections.abc import Sequence

import mksync.cli.fitness as fitness
from mksync.app import App
from mksync.cli.objects import named
from mksync.cli.table import Column, Table
from mksync.core.records import Sides
from mksync.engine.fields import Offer, offers
from mksync.selection import load

SHOWN = ("selected", "suspended", "selectable")


def found(project: App, object: str | None) -> tuple[list[str], list[Offer]]:
    """The objects asked for, and all of their fields as the systems describe them now. Raises ConfigError."""
    selection, catalogue = load(project.config.selection), project.catalogue
    objects = [named(object, catalogue)] if object else list(project.synced(selection))
    schemas = project.schemas(objects, max_age=0)
    rows = [row for name in objects for row in offers(schemas, catalogue[name], selection, project.reserved(name))]
    return objects, rows


def shown(row: Offer) -> bool:
    """Whether a row is shown where nobody asked for all. Every custom field is offered, paired or not."""
    return row.state in SHOWN or (row.state == "unpaired" and row.crm is not None and row.crm.custom)


def table(object: str, rows: Sequence[Offer], titles: Sides[str]) -> Table:
    columns = [Column(title) for title in (titles.crm, "label", "type", titles.marketo, "direction", "access", "state")]
    selected = sum(row.state == "selected" for row in rows)
    return Table(columns, [_line(row) for row in rows], f"{object}: {selected} selected")


def as_json(row: Offer) -> dict[str, object]:
    return {
        "object": row.object,
        "crm": row.name,
        "label": row.crm.label if row.crm else None,
        "type": row.crm.type if row.crm else None,
        "marketo": row.marketo,
        "direction": row.direction,
        "access": _access(row),
        "custom": row.crm.custom if row.crm else None,
        "state": row.state,
        "reason": row.reason,
        **fitness.as_json(row),
    }


def _line(row: Offer) -> tuple[str, ...]:
    label, kind = (row.crm.label, row.crm.vendor_type or row.crm.type.value) if row.crm else ("", "")
    direction = row.direction.value if row.direction else ""
    reason = row.reason or fitness.in_short(row)
    state = f"{row.state}: {reason}" if reason else row.state
    return row.name, label, kind, row.marketo or "", direction, _access(row), state


def _access(row: Offer) -> str:
    if row.crm is None:
        return "none"
    return "read and write" if row.crm.writable else "read only"
