"""What is said of field pairs that do not go together without a loss."""

from collections.abc import Iterable, Mapping, Sequence

from mksync.core.fitness import Loss, Lost
from mksync.core.records import Field, Side, Sides
from mksync.engine.choose import Chooser
from mksync.engine.fit import REMEDIES, fit, remedy
from mksync.engine.offers import Offer
from mksync.selection import Selected

MOST = 5  # losses that are told one by one; of more, how many


def in_short(row: Offer) -> str:
    """A few words for a list: what is lost, and the rules that an admin has given the pair."""
    losses = row.fitness.losses if row.fitness else ()
    told = [f"{loss.short} to {_side(loss)}" for loss in losses if loss.what is not Lost.CHARACTERS]
    return "; ".join([*told, *rules(row.line)])


def rules(line: Selected | None) -> list[str]:
    """The rules of a pair beside its direction."""
    if line is None:
        return []
    values = f"{len(line.values)} value{'s' * (len(line.values) > 1)} mapped"
    return [values] * bool(line.values) + ["long texts are cut"] * line.truncate


def as_json(row: Offer) -> dict[str, object]:
    line, fitness = row.line, row.fitness
    return {
        "fit": fitness.verdict if fitness else None,
        "losses": [loss_as_json(loss) for loss in fitness.losses] if fitness else [],
        "values": dict(line.values) if line else {},
        "truncate": line.truncate if line else False,
    }


def loss_as_json(loss: Loss) -> dict[str, object]:
    return {"to": loss.to, "what": loss.what, "text": loss.text}


def warnings(choosers: Sequence[Chooser], pairs: Iterable[tuple[str, Selected]]) -> list[str]:
    """What these pairs lose, with what helps; the first few of them, and how many more."""
    told, cut_off = [], []
    for object, line in pairs:
        fields = _fields(choosers, object, line)
        for loss in fit(object, line, fields).losses if fields else ():
            if loss.what is Lost.CHARACTERS:
                cut_off.append(f"{object}.{line.marketo}")
            elif fields:
                told.append(f"{object}.{line.marketo}: {loss.text}; {remedy(object, line, loss, fields)}")
    if len(told) > MOST:
        told[MOST:] = [f"{len(told) - MOST} more such losses: mksync fields list"]
    return told + _characters(cut_off)


def _characters(pairs: Sequence[str]) -> list[str]:
    if not pairs:
        return []
    named = pairs[0] if len(pairs) == 1 else f"{pairs[0]} and {len(pairs) - 1} more"
    text = f"{named}: Marketo may cut a text off at the first emoji or other character outside the BMP"
    return [f"{text}; {REMEDIES[Lost.CHARACTERS]}"]


def _fields(choosers: Sequence[Chooser], object: str, line: Selected) -> Sides[Field] | None:
    chooser = next(one for one in choosers if one.object == object)
    marketo, crm = chooser.people.get(line.marketo), chooser.records.get(line.crm)
    return Sides(marketo, crm) if marketo and crm else None


def _side(loss: Loss) -> str:
    return "Marketo" if loss.to is Side.MARKETO else "the CRM"


def counted(narrow: Mapping[Lost, int], pairs: int) -> str:
    """One line for all the pairs of a selection; empty if they lose nothing."""
    if not narrow:
        return ""
    kinds = ", ".join(f"{what.value} {number}" for what, number in sorted(narrow.items()))
    return (
        f"Of the {pairs} field pairs, some hold less on one side ({kinds}): what is too long, or no choice, is rejected"
        " and listed. Which ones: mksync fields list"
    )
