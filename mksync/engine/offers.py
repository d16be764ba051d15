"""What could be selected of a CRM's object, what is, and how each selected pair is doing."""

import dataclasses
from collections.abc import Container, Iterator, Mapping
from typing import Literal

from mksync.core.fitness import Fitness
from mksync.core.frozen import dataclass
from mksync.core.pairs import Direction, Policy, problems
from mksync.core.records import Catalogue, Field, Side, Sides
from mksync.engine.counterparts import Counterparts
from mksync.engine.drift import Suspension
from mksync.engine.fields import Schemas
from mksync.engine.fit import fit
from mksync.selection import Selected, Selection

State = Literal["active", "backfilling", "suspended", "selectable", "unpaired", "not offered"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A CRM field as `fields list` shows it.

    state: active; backfilling (a quick sync has still to fill `left` linked records); suspended (selected, and neither
    read nor written for now); selectable; unpaired (custom or useful, but no Marketo field goes with it); not offered.
    `reason` says why the last two and a suspended one are what they are. `changed`: when a cycle last wrote it, an
    instant; "" for never.
    """

    object: str
    name: str
    crm: Field | None  # None: the sync user does not see it
    marketo: str | None
    direction: Direction | None
    state: State
    reason: str = ""
    line: Selected | None = None  # the pair, selected or to be selected
    fitness: Fitness | None = None  # how well its fields go together; None where there is no other field
    partner: Field | None = None  # Marketo's field
    policy: Policy | None = None
    left: int = 0
    changed: str = ""

    @property
    def selected(self) -> bool:
        return self.state in ("active", "backfilling", "suspended")


@dataclass(frozen=True, slots=True)
class Doing:
    """How the selected pairs of one object are doing, by Marketo's names."""

    suspended: Mapping[str, Suspension] = dataclasses.field(default_factory=dict)
    policies: Mapping[str, Policy] = dataclasses.field(default_factory=dict)
    left: Mapping[str, int] = dataclasses.field(default_factory=dict)  # by a quick sync to be filled still
    changed: Mapping[str, str] = dataclasses.field(default_factory=dict)  # when a cycle last wrote it


def offers(
    schemas: Schemas, catalogue: Catalogue, selection: Selection, reserved: Container[str], doing: Doing
) -> Iterator[Offer]:
    """Every field of the CRM's object that the sync user sees or that is selected, and what can be done with it."""
    object, people = catalogue.object, schemas[Side.MARKETO, catalogue.counterpart].fields
    records = schemas[Side.CRM, object].fields
    counterparts = Counterparts.of(people, catalogue, reserved)
    selected = {line.crm: line for line in selection.of(object)}
    for line in selected.values():
        yield _selected(object, line, people.get(line.marketo), records.get(line.crm), doing)
    taken = {line.marketo for line in selected.values()}
    for field in records.values():
        if field.name not in selected and not field.first_of:
            yield _unselected(catalogue, field, counterparts, taken)


def _selected(object: str, line: Selected, marketo: Field | None, crm: Field | None, doing: Doing) -> Offer:
    rests, left = doing.suspended.get(line.marketo), doing.left.get(line.marketo, 0)
    state: State = "suspended" if rests else "backfilling" if left else "active"
    return Offer(
        object,
        line.crm,
        crm,
        line.marketo,
        line.direction,
        state,
        reason=f"{rests.reason}; its values are kept. Remedy: {rests.remedy}" if rests else "",
        line=line,
        fitness=fit(object, line, Sides(marketo, crm)) if marketo and crm and not rests else None,
        partner=marketo,
        policy=_policy(line, doing),
        left=left,
        changed=doing.changed.get(line.marketo, ""),
    )


def _policy(line: Selected, doing: Doing) -> Policy | None:
    """Who wins: the source of a pair that flows one way, whatever the policy says."""
    source = line.direction.source
    return Policy(source.value) if source else doing.policies.get(line.marketo)


def _unselected(catalogue: Catalogue, field: Field, counterparts: Counterparts, taken: Container[str]) -> Offer:
    object = catalogue.object
    if reason := catalogue.not_offered.get(field.name):
        return Offer(object, field.name, field, None, None, "not offered", reason)
    marketo = counterparts.find(field)
    if marketo is None or marketo.name in taken:
        why = f"{marketo.name} is paired already" if marketo else "Marketo has no field for it"
        reason = f"{why}; name one with {field.name}=marketoField" + ("" if marketo else ", or --create-in-marketo")
        return Offer(object, field.name, field, None, None, "unpaired", reason)
    direction = counterparts.direction(marketo, field)
    if direction is None:
        refused = Fitness(tuple(problems(marketo, field, Direction.BOTH)))
        reason = "; ".join(refused.refused)
        return Offer(object, field.name, field, marketo.name, None, "unpaired", reason, None, refused, marketo)
    line = Selected(marketo.name, field.name, direction)
    fitness = fit(object, line, Sides(marketo, field))
    return Offer(object, field.name, field, marketo.name, direction, "selectable", "", line, fitness, marketo)
