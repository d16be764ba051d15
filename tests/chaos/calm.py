"""What an undisturbed cycle must do with the edits since the last such cycle: who wins, and what the log tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mksync.core.records import PERSON, Side, Sides, Value
from mksync.core.values import same
from tests.chaos.systems import ChaosSystem
from tests.world import FIELDS, KEY

Held = Mapping[tuple[str, str, str], Sides[Value]]  # object, record, Marketo's field


def held(marketo: ChaosSystem, crm: ChaosSystem) -> Held:
    """What both sides hold of every record that is to sync and has its person."""
    people = {values[KEY]: values for values in marketo.records.get(PERSON, {}).values()}
    return {
        (object, id, name): Sides(people[id][name], values[field])
        for object, records in crm.records.items()
        for id, values in records.items()
        if id in people and values["Sync__c"] is not False
        for name, (field, _) in FIELDS.items()
    }


@dataclass(frozen=True)
class Expected:
    """What one field is to be after the cycle, and whether the log is to name a loser."""

    spot: tuple[str, str, str]
    now: Sides[Value]
    winner: Side | None


def expected(before: Held, edited: Held, marketo: ChaosSystem, crm: ChaosSystem) -> Iterator[Expected]:
    """The rules of the README, told once more: on a lead Marketo wins, on a contact the CRM, field by field; a yes
    of an opt-out wins over a no."""
    systems = Sides(marketo, crm)
    for spot, now in edited.items():
        object, _, name = spot
        type = FIELDS[name][1]
        settled = before.get(spot, now)
        changed = [side for side in Side if not same(type, settled[side], now[side])]
        if not changed or spot not in before or same(type, now.marketo, now.crm):
            if spot in before:
                yield Expected(spot, now, None)
            continue
        wins = changed[0] if len(changed) == 1 else Side.MARKETO if object == "lead" else Side.CRM
        kept = systems[wins.other].reformat(name, now[wins])
        after = Sides(now.marketo, kept) if wins is Side.MARKETO else Sides(kept, now.crm)
        yield Expected(spot, after, wins if len(changed) == 2 else None)
