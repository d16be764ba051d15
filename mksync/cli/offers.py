"""What `mksync fields list` shows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import mksync.cli.fitness as fitness
from mksync.app import App
from mksync.cli.objects import named
from mksync.cli.table import Column, Table
from mksync.core.records import Field, Sides
from mksync.engine.custom_objects import with_planned
from mksync.engine.fields import Schemas
from mksync.engine.offers import Doing, Offer, offers
from mksync.selection import Selection, load

UNMADE = "Marketo has no custom object for it yet"


def found(project: App, object: str | None) -> tuple[list[str], list[Offer]]:
    """The objects asked for, and all of their fields as the systems describe them now. Raises ConfigError."""
    selection, catalogue = load(project.config.selection), project.catalogue
    objects = [named(object, catalogue)] if object else list(project.synced(selection))
    schemas = project.schemas(objects, max_age=0)
    doing = {name: project.doing(name, schemas, selection) for name in objects}
    rows = [row for name in objects for row in _rows(project, schemas, selection, name, doing[name])]
    return objects, rows


def _rows(project: App, schemas: Schemas, selection: Selection, object: str, doing: Doing) -> Iterator[Offer]:
    entry = project.catalogue[object]
    there = with_planned(schemas, project.customs)
    unmade = there is not schemas and object in project.customs
    for row in offers(there, entry, selection, project.reserved(object), doing):
        yield replace(row, reason=UNMADE) if unmade and row.state == "unpaired" else row


def shown(row: Offer) -> bool:
    """Whether a row is shown where nobody asked for all. Every custom field is offered, paired or not."""
    custom = row.crm is not None and row.crm.custom
    return row.selected or row.state == "selectable" or (row.state == "unpaired" and custom)


def table(object: str, rows: Sequence[Offer], titles: Sides[str]) -> Table:
    """Everything but what is not offered."""
    columns = (titles.crm, "type", titles.marketo, "type", "direction", "policy", "last change", "state")
    selected = sum(row.selected for row in rows)
    lines = [_line(row) for row in rows if row.state != "not offered"]
    return Table([Column(title) for title in columns], lines, f"{object}: {selected} selected")


def reasons(rows: Sequence[Offer]) -> Iterator[str]:
    """Why fields rest or cannot be selected, a line each; what pairs lose, and why fields are not offered, together."""
    for row in rows:
        if row.reason and row.state != "not offered" and row.reason != UNMADE:
            yield f"{_called(row)} is {row.state}: {row.reason}"
    alike: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if text := f"not offered ({row.reason})" if row.state == "not offered" else fitness.in_short(row):
            alike[text].append(row.name)
    for text, names in sorted(alike.items()):
        yield f"{text}: {', '.join(names)}"


def _called(row: Offer) -> str:
    """By its label, too, which is all that people see of it elsewhere."""
    return f"{row.name} ({row.crm.label})" if row.crm and row.crm.label not in ("", row.name) else row.name


def as_json(row: Offer) -> dict[str, object]:
    return {
        "object": row.object,
        "crm": row.name,
        "label": row.crm.label if row.crm else None,
        "type": row.crm.type if row.crm else None,
        "vendor_type": row.crm.vendor_type if row.crm else None,
        "length": row.crm.length if row.crm else None,
        "calculated": row.crm.calculated if row.crm else None,
        "marketo": row.marketo,
        "marketo_label": row.partner.label if row.partner else None,
        "marketo_type": row.partner.type if row.partner else None,
        "marketo_vendor_type": row.partner.vendor_type if row.partner else None,
        "marketo_length": row.partner.length if row.partner else None,
        "direction": row.direction,
        "policy": row.policy,
        "access": _access(row),
        "custom": row.crm.custom if row.crm else None,
        "state": row.state,
        "left": row.left,
        "reason": row.reason,
        "last_change": row.changed or None,
        **fitness.as_json(row),
    }


def _line(row: Offer) -> tuple[str, ...]:
    direction, policy = row.direction or "", row.policy or ""
    return row.name, _type(row.crm), row.marketo or "", _type(row.partner), direction, policy, _when(row), _state(row)


def _state(row: Offer) -> str:
    """In a word or two; why a pair rests is told below the table."""
    return f"{row.state}, {row.left:,} left" if row.state == "backfilling" else row.state


def _type(field: Field | None) -> str:
    if field is None:
        return ""
    kind = field.vendor_type or field.type.value
    return f"{kind}, calculated" if field.calculated else kind


def _when(row: Offer) -> str:
    """To the minute."""
    return row.changed[:16].replace("T", " ")


def _access(row: Offer) -> str:
    if row.crm is None:
        return "none"
    return "read and write" if row.crm.writable else "read only"
