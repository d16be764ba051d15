"""What became of the fields of a selected pair since they were selected: whether the pair has to rest, and why."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.pairs import NAMES, FieldPair, feeds, natural_direction, problems
from mksync.core.records import PERSON, Catalogue, Field, Schema, Side, Sides
from mksync.mirror import Mirror
from mksync.selection import Selected

Seen = Mapping[str, Mapping[str, Any]]  # side -> what its field was like: "length", "choices" …
SHOWN = 5  # new choices that a note names


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why a selected pair is neither read nor written for now, and what to do about it."""

    object: str
    marketo: str
    crm: str
    reason: str
    remedy: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.object, self.marketo, self.crm


def seen_of(pair: FieldPair) -> dict[str, dict[str, Any]]:
    """What the next cycle compares with: whatever a value may be refused for."""
    return {side.value: _seen(pair.fields[side]) for side in Side}


def _seen(field: Field) -> dict[str, Any]:
    told = {
        "length": field.length,
        "choices": list(field.choices),
        "type": field.vendor_type,
        "required": field.required,
        "restricted": field.restricted,
        "bytes": field.byte_length,
        "scale": field.scale,
        "least": field.lowest,
        "most": field.highest,
    }
    return {name: value for name, value in told.items() if value}


def invisible(object: str, line: Selected, side: Side, titles: Sides[str]) -> Suspension:
    field = line.marketo if side is Side.MARKETO else line.crm
    reason = f"{titles[side]}'s {field} is gone or not visible to the sync user any more"
    remedy = f"grant access again; if it was renamed or deleted: {_without(object, line.marketo)}"
    return Suspension(object, line.marketo, line.crm, reason, remedy)


def unfit(pair: FieldPair, catalogue: Catalogue) -> Suspension | None:
    """The types do not go together any more, or nobody may write where the values are to go."""
    marketo, crm = pair.fields.marketo, pair.fields.crm
    if catalogue.one_way and feeds(crm, marketo):
        return None
    found = problems(marketo, crm, pair.direction)
    if not found:
        return None
    way = None if catalogue.one_way else natural_direction(marketo, crm)
    other = f"mksync fields select --object {pair.object} --add {crm.name}={marketo.name}:{way}" if way else ""
    remedy = f"undo what was changed, or: {other or _without(pair.object, marketo.name)}"
    return Suspension(pair.object, marketo.name, crm.name, "; ".join(found), remedy)


def too_short(pair: FieldPair, seen: Seen, mirror: Mirror, counterpart: str) -> Suspension | None:
    """A field became shorter than values that are known: what its side cut off must not flow, nor be cut off here."""
    for side in Side:
        field, before = pair.fields[side], seen.get(side.value, {}).get("length")
        if not (field.length and before and field.length < before):
            continue
        if pair.truncate:
            return None  # the admin wants long values cut off
        tables = Sides(counterpart, pair.object)
        if any(mirror.snapshots.any_longer(on, tables[on], pair.fields[on].name, field.length) for on in Side):
            reason = f"{NAMES[side]}'s {field.name} now holds {field.length} characters, and there are longer values"
            again = f"--object {pair.object} --remove {pair.name}, and --add {field.name} again"
            remedy = f"make it as long as it was ({before}), or shorten the values and select it anew: {again}"
            return Suspension(pair.object, pair.name, pair.fields.crm.name, reason, remedy)
    return None


def _without(object: str, marketo: str) -> str:
    return f"mksync fields select --object {object} --remove {marketo}"


def warnings(suspended: Sequence[Suspension]) -> Iterator[str]:
    """A line each, for the first of each object."""
    for object, group in groupby(suspended, key=lambda one: one.object):
        found = list(group)
        for one in found[:SHOWN]:
            yield f"{object}.{one.marketo} is suspended: {one.reason}; its values are kept. Remedy: {one.remedy}"
        if (more := len(found) - SHOWN) > 0:
            yield f"{more} more fields of {object} are suspended: mksync fields list --object {object}"


def required(object: str, schema: Schema, lines: tuple[Selected, ...], catalogue: Catalogue, title: str) -> list[str]:
    """Fields without which the CRM refuses a record, and that nobody selected."""
    if catalogue.counterpart != PERSON or not lines:
        return []
    chosen = {line.crm for line in lines}
    return [
        f"{title} refuses a {object} without {field.name}, which is not selected. Remedy: mksync fields select"
        f" --object {object} --add {field.name}"
        for field in schema.fields.values()
        if field.name in demanded(schema) and field.name not in chosen
    ]


def demanded(schema: Schema) -> tuple[str, ...]:
    """The fields without which the CRM refuses a record, as far as it tells."""
    return tuple(sorted(field.name for field in schema.fields.values() if field.required and field.writable))


def notes(pair: FieldPair, seen: Seen, titles: Sides[str]) -> Iterator[str]:
    """Choices that were added since the last cycle."""
    for side in Side:
        before = seen.get(side.value, {}).get("choices")
        new = [choice for choice in pair.fields[side].choices if before and choice not in before]
        if new:
            named = ", ".join(new[:SHOWN]) + (" …" if len(new) > SHOWN else "")
            yield f"{pair.object}.{pair.name}: new in the list of {titles[side]}'s {pair.fields[side].name}: {named}"
