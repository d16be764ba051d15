"""The field selection: which Marketo field goes with which CRM field, in `mksync.fields.toml` beside mksync.toml.

Commands rewrite this file, so it is kept apart from the one that belongs to its human.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path

from mksync.config_file import Table, read
from mksync.core.frozen import dataclass
from mksync.core.pairs import Direction
from mksync.core.records import Catalogue
from mksync.errors import ConfigError

DIRECTIONS = tuple(direction.value for direction in Direction)
CUSTOM = "custom"  # the table of custom objects; no CRM calls an object so
HEADER = "# The selected fields. Written by `mksync fields`; comments in here do not survive it.\n"


@dataclass(frozen=True, slots=True)
class Selected:
    """One selected field pair, by the names both sides use.

    values: (the CRM's value, Marketo's), where the two call one thing differently; in the order they were named.
    truncate: what is too long for a side is cut off, not rejected.
    """

    marketo: str
    crm: str
    direction: Direction = Direction.BOTH
    values: tuple[tuple[str, str], ...] = ()
    truncate: bool = False


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom object of the CRM, what Marketo calls it, and the lookups that lead from it to its person or company.

    Of several lookups the first that is set counts.
    """

    marketo: str
    label: str
    person: tuple[str, ...] = ()
    company: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Object -> its field pairs, in the order they were selected. A field stands in one pair of an object at most.

    `customs`: the custom objects among them.
    """

    pairs: Mapping[str, tuple[Selected, ...]]
    customs: Mapping[str, Custom] = field(default_factory=dict)

    def of(self, object: str) -> tuple[Selected, ...]:
        return self.pairs.get(object, ())


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two selections, as (object, pair). A pair with another rule now is in `turned` only."""

    added: tuple[tuple[str, Selected], ...]
    removed: tuple[tuple[str, Selected], ...]
    turned: tuple[tuple[str, Selected], ...]  # with the new direction, values or truncation


def load(path: Path) -> Selection:
    """Read the file. Raises ConfigError that names file, line, table and key."""
    if not path.exists():
        raise ConfigError(f"there is no field selection at {path}", hint="mksync init")
    top = read(path)
    selection = Selection({}, dict(_customs(top.table(CUSTOM))))
    for object in top.values:
        if object == CUSTOM:
            continue
        for table in top.tables(object):
            selection = _add_from(table, object, selection)
    return selection


def _add_from(table: Table, object: str, selection: Selection) -> Selection:
    table.only("marketo", "crm", "direction", "values", "truncate")
    marketo, crm = table.string("marketo", example="firstName"), table.string("crm", example="FirstName")
    direction = Direction(table.choice("direction", DIRECTIONS, "both"))
    named = table.table("values")
    values = tuple((value, named.string(value, example="1")) for value in named.values)
    pair = Selected(marketo, crm, direction, values, table.flag("truncate", False))
    try:
        _check_values(object, pair)
        return add(selection, object, pair)
    except ConfigError as error:
        raise ConfigError(f"{table.where()}: {error.message}", hint=error.hint) from None


def _customs(tables: Table) -> Iterator[tuple[str, Custom]]:
    for object in tables.values:
        table = tables.table(object)
        table.only("marketo", "label", "person", "company")
        label, marketo = table.string("label", object), table.string("marketo", example="eventRegistration")
        yield object, Custom(marketo, label, table.strings("person", ()), table.strings("company", ()))


def _check_values(object: str, pair: Selected) -> None:
    """Every value has one name on the other side, as far as values flow there. Raises ConfigError."""
    names: dict[str, str] = {}
    for crm, marketo in pair.values:
        if not crm.strip():
            raise ConfigError(f"{object}.{pair.marketo}: `values` names no value of the CRM for {marketo}")
        if marketo in names and pair.direction is not Direction.TO_MARKETO:
            text = f"{object}.{pair.marketo}: {names[marketo]} and {crm} of the CRM are both {marketo} in Marketo"
            hint = f"give each a name of its own, or let it flow one way: {pair.crm}={pair.marketo}:to-marketo"
            raise ConfigError(f"{text}, so that nothing can flow back", hint=hint)
        names[marketo] = crm


def with_pairs(selection: Selection, object: str, pairs: tuple[Selected, ...]) -> Selection:
    """The selection with these pairs of an object, and no others of it."""
    return replace(selection, pairs={**selection.pairs, object: pairs})


def ruled(selection: Selection, object: str, pair: Selected) -> Selection:
    """The selection with this pair in place of the one of the same fields. Raises ConfigError for a bad rule."""
    _check_values(object, pair)
    lines = selection.of(object)
    turned = tuple(pair if (one.marketo, one.crm) == (pair.marketo, pair.crm) else one for one in lines)
    return with_pairs(selection, object, turned)


def save(path: Path, selection: Selection) -> None:
    """Write the whole file at once: a reader sees the old one or the new one, never half of it."""
    tables = [_custom_table(object, custom) for object, custom in selection.customs.items()]
    tables += [_table(object, pair) for object, pairs in selection.pairs.items() for pair in pairs]
    import tempfile  # it brings random numbers, and most commands write no selection

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join([HEADER, *tables]))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _custom_table(object: str, custom: Custom) -> str:
    import tomli_w

    head = tomli_w.dumps({CUSTOM: {object: {"marketo": custom.marketo, "label": custom.label}}})
    lookups = {"person": custom.person, "company": custom.company}
    quoted = {key: [tomli_w.dumps({"_": name})[4:].strip() for name in names] for key, names in lookups.items()}
    return head + "".join(f"{key} = [{', '.join(names)}]\n" for key, names in quoted.items() if names)


def _table(object: str, pair: Selected) -> str:
    import tomli_w

    # One [[table]] a pair: tomli_w itself would put short ones into a list on one line each.
    lines = tomli_w.dumps({"marketo": pair.marketo, "crm": pair.crm, "direction": pair.direction.value})
    if pair.values:  # tomli_w would write a table of its own, whose name has to tell which pair is meant
        lines += f"values = {{ {', '.join(tomli_w.dumps({crm: to}).strip() for crm, to in pair.values)} }}\n"
    if pair.truncate:
        lines += tomli_w.dumps({"truncate": True})
    return f"[[{object}]]\n{lines}"


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777 if path.exists() else 0o644


def add(selection: Selection, object: str, pair: Selected) -> Selection:
    """The selection with one pair more. Raises ConfigError if one of its fields is in a pair of this object already.

    Letter case makes no difference between two names: to Salesforce, and to a column of the mirror, it makes none.
    """
    for other in selection.of(object):
        for side, name, taken in (("Marketo", pair.marketo, other.marketo), ("CRM", pair.crm, other.crm)):
            if name.casefold() == taken.casefold():
                text = f"{object}: the {side} field {taken} is already paired: {other.marketo} with {other.crm}"
                raise ConfigError(text, hint="a field stands in one pair of an object; remove the other one first")
    return with_pairs(selection, object, (*selection.of(object), pair))


def remove(selection: Selection, object: str, field: str) -> Selection:
    """The selection without the pair of this Marketo field. Raises ConfigError if it is not selected."""
    kept = tuple(pair for pair in selection.of(object) if pair.marketo != field)
    if len(kept) == len(selection.of(object)):
        from difflib import get_close_matches

        near = get_close_matches(field, [pair.marketo for pair in selection.of(object)], n=1)
        raise ConfigError(f"{object}: {field} is not selected", hint=f"did you mean {near[0]}?" if near else "")
    return with_pairs(selection, object, kept)


def synced(selection: Selection, catalogue: Mapping[str, Catalogue]) -> tuple[str, ...]:
    """The objects that sync, in the CRM's order: those of people always, the one-way ones with a field selected."""
    return tuple(name for name, one in catalogue.items() if not one.one_way or selection.of(name))


def diff(old: Selection, new: Selection) -> Difference:
    """What was added, removed, or given another rule."""
    before, after = _by_names(old), _by_names(new)
    return Difference(
        added=tuple((key[0], pair) for key, pair in after.items() if key not in before),
        removed=tuple((key[0], pair) for key, pair in before.items() if key not in after),
        turned=tuple((key[0], pair) for key, pair in after.items() if before.get(key, pair) != pair),
    )


def _by_names(selection: Selection) -> dict[tuple[str, str, str], Selected]:
    return {(object, pair.marketo, pair.crm): pair for object, pairs in selection.pairs.items() for pair in pairs}
