"""The rules that an admin gives a selected pair beside its direction: names of values, and texts that are cut."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from mksync.core.cut import can_cut
from mksync.core.frozen import dataclass
from mksync.core.misfit import misfit
from mksync.core.pairs import both_refer
from mksync.core.records import Field, FieldType, Side, Sides
from mksync.core.value_map import SEPARATOR, are_lists
from mksync.core.values import canonical
from mksync.engine.choose import Chooser, selected_name
from mksync.errors import ConfigError
from mksync.mirror import Mirror
from mksync.selection import Selected, Selection, ruled

HOW = 'write "Hot=1": the value in the CRM, =, the value in Marketo'


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wanted: `rows` as they are typed, "Hot=1", or "Hot=" for a value that is to pass unchanged again.

    clear: the names that there are go first. truncate: None leaves it as it is.
    """

    rows: tuple[str, ...] = ()
    clear: bool = False
    truncate: bool | None = None

    @property
    def given(self) -> bool:
        return bool(self.rows or self.clear or self.truncate is not None)


def line_of(chooser: Chooser, selection: Selection, name: str) -> Selected:
    """The selected pair that goes by this name on either side. Raises ConfigError."""
    marketo = selected_name(chooser, selection, name)
    return next(line for line in selection.of(chooser.object) if line.marketo == marketo)


def fields_of(chooser: Chooser, line: Selected) -> Sides[Field]:
    """Both fields of a selected pair. Raises ConfigError if a side does not show its own."""
    marketo, crm = chooser.people.get(line.marketo), chooser.records.get(line.crm)
    if marketo is None or crm is None:
        raise ConfigError(f"{chooser.object}.{line.marketo} is suspended: a side does not show it")
    return Sides(marketo, crm)


def with_rule(
    chooser: Chooser, selection: Selection, line: Selected, rule: Rule, match_keys: Sequence[str]
) -> Selection:
    """The selection with this rule for one of its pairs. Raises ConfigError, and then nothing is changed."""
    fields, name = fields_of(chooser, line), f"{chooser.object}.{line.marketo}"
    if line.marketo in match_keys and (rule.rows or rule.truncate):
        raise ConfigError(f"{name}: people are matched by it, so its values stay as they are")
    if both_refer(fields.marketo, fields.crm):
        raise ConfigError(f"{name} names other records; mksync looks them up by itself")
    truncate = line.truncate if rule.truncate is None else rule.truncate
    if rule.truncate and not any(_may_cut(fields, side) for side in Side if line.direction.flows_from(side)):
        raise ConfigError(
            f"{name}: there is nothing to cut", hint="texts are cut; addresses, numbers and fixed choices never"
        )
    values = tuple(_values(name, line, rule, fields))
    return ruled(selection, chooser.object, replace(line, values=values, truncate=truncate))


def _may_cut(fields: Sides[Field], of: Side) -> bool:
    target = fields[of.other]
    limited = target.length is not None or target.byte_length is not None
    return limited and can_cut(fields[of], target)


def _values(name: str, line: Selected, rule: Rule, fields: Sides[Field]) -> Iterator[tuple[str, str]]:
    found = {} if rule.clear else dict(line.values)
    for text in rule.rows:
        crm, equals, marketo = (part.strip() for part in text.partition("="))
        if not equals or not crm:
            raise ConfigError(f"{name}: {text!r} names no two values", hint=HOW)
        crm = _checked(name, crm, fields, Side.CRM)
        found.pop(crm, None)
        if marketo:
            found[crm] = _checked(name, marketo, fields, Side.MARKETO)
    yield from found.items()


def _checked(name: str, value: str, fields: Sides[Field], side: Side) -> str:
    """The value as this side's list spells it, if it is on it. Raises ConfigError if the field cannot hold it."""
    field = fields[side]
    if are_lists(fields) and SEPARATOR in value:
        raise ConfigError(f"{name}: {value!r} is several values", hint="each value of a list is named by itself")
    try:
        found = misfit(canonical(FieldType.TEXT if are_lists(fields) else field.type, value, field.scale), field)
        why = found.reason if found and found.code != "NOT_A_CHOICE" else ""
    except ValueError as error:
        why = str(error)
    if why:
        raise ConfigError(f"{name}: {field.name} cannot hold {value!r}: {why}")
    spelled = next((choice for choice in field.choices if choice.strip().casefold() == value.casefold()), None)
    if field.restricted and field.choices and spelled is None:
        near = get_close_matches(value, field.choices, n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(field.choices)}"
        raise ConfigError(f"{name}: {value!r} is not one of the choices of {field.name}", hint=hint)
    return spelled or value


def strange(line: Selected, fields: Sides[Field]) -> list[str]:
    """Values of the CRM that are named and that its list does not offer, though it would take them."""
    if not fields.crm.choices:
        return []
    return [crm for crm, _ in line.values if crm not in fields.crm.choices]


def begin_anew(mirror: Mirror, object: str, before: Selected, after: Selected) -> None:
    """Have the next cycle judge every record of the object; under other names, as a pair that is newly selected.

    New names make differences that nobody edited, so the CRM's values win them, as they do when a field is filled.
    """
    states = mirror.project.pairs()
    if all(key[0] != object for key in states):
        return  # no cycle has seen this object yet
    with mirror.transaction():
        if before.values != after.values and states.pop((object, after.marketo, after.crm), None) is not None:
            mirror.project.keep_pairs(states)
        mirror.links.soil_all(object)
