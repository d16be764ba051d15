"""How well the fields of the selection go together: told where they are chosen, counted where they are proposed."""

from collections import Counter
from collections.abc import Iterator, Mapping

from mksync.core.cut import can_cut
from mksync.core.fitness import Fitness, Loss, Lost, losses
from mksync.core.pairs import FieldPair, both_refer, default_policy
from mksync.core.records import Catalogue, Field, Schema, Side, Sides
from mksync.core.value_map import ValueMap
from mksync.selection import Selected, Selection

# What helps against a loss, beside choosing another field.
REMEDIES: Mapping[Lost, str] = {
    Lost.LENGTH: "take a longer field, or: mksync fields map {pair} --truncate",
    Lost.CHOICES: 'name counterparts: mksync fields map {pair} "value in the CRM=value in Marketo"',
    Lost.DIGITS: "take a field that keeps more digits, or one direction",
    Lost.TIME: "take a field that holds date and time",
    Lost.LINES: "take a field of several lines",
    Lost.CHARACTERS: "what Marketo made of a text is read back, and listed if it is not what was sent",
}


def fit(object: str, line: Selected, fields: Sides[Field]) -> Fitness:
    """What the values of a pair that can be selected lose on their way. References are looked up, and lose nothing."""
    if both_refer(fields.marketo, fields.crm):
        return Fitness()
    values = ValueMap.of(line.values, fields)
    policy = default_policy(object)
    return Fitness((), losses(FieldPair(object, fields, line.direction, policy, "live", values, line.truncate)))


def remedy(object: str, line: Selected, loss: Loss, fields: Sides[Field]) -> str:
    """What an admin can do against a loss."""
    if loss.what is Lost.LENGTH and (line.truncate or not can_cut(fields[loss.to.other], fields[loss.to])):
        return "take a longer field"
    named = {values[loss.to is Side.MARKETO] for values in line.values}
    if loss.what is Lost.CHOICES and named.issuperset(fields[loss.to].choices):
        return "let nobody type others"
    return REMEDIES[loss.what].format(pair=f"{object}.{line.marketo}")


def narrow(
    schemas: Mapping[tuple[Side, str], Schema], catalogue: Mapping[str, Catalogue], selection: Selection
) -> Counter[Lost]:
    """How many of the selected pairs lose something, by what it is; what only some instances cut off is left out."""
    fits = _fits(schemas, catalogue, selection)
    found = Counter(what for one in fits for what in {loss.what for loss in one.losses})
    del found[Lost.CHARACTERS]
    return found


def _fits(
    schemas: Mapping[tuple[Side, str], Schema], catalogue: Mapping[str, Catalogue], selection: Selection
) -> Iterator[Fitness]:
    for object, lines in selection.pairs.items():
        people = schemas[Side.MARKETO, catalogue[object].counterpart].fields
        records = schemas[Side.CRM, object].fields
        for line in lines:
            if line.marketo in people and line.crm in records:
                yield fit(object, line, Sides(people[line.marketo], records[line.crm]))
