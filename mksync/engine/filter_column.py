"""Which column the records of an object are filtered by. One that went out of sight must not open the gates."""

from dataclasses import replace
from difflib import get_close_matches

from mksync.core.pairs import Direction, FieldPair
from mksync.core.records import Catalogue, Field, FieldType, Schema, Side
from mksync.engine.project import Project
from mksync.engine.pull import full_read_needed
from mksync.errors import AccessError, ConfigError

OFF = "write {object} = false into [filter] to sync every {object} there is"


def filter_column(
    schema: Schema, catalogue: Catalogue, wish: str | bool | None, before: str, where: str = "the CRM"
) -> Field | None:
    """The column that this object is filtered by; None: everything is synced.

    `wish`: a name, False for no filter, None for the catalogue's default, which an organisation need not have.
    `before`: the column of the last cycle, "" for none. `where`: what people call the CRM. Raises AccessError for a
    column that is asked for, or was there before, and is not visible; ConfigError for one that is no yes/no field.
    """
    name = wish if isinstance(wish, str) else catalogue.filter
    if wish is False or name is None:
        return None
    field = _named(schema, name)
    if field is None and wish is None and name != before:
        return None
    if field is None:
        raise _invisible(schema, name, before, where)
    if field.type is not FieldType.BOOLEAN:
        text = f"the filter of {schema.object}s, {field.name}, is a {field.vendor_type or field.type.value} field"
        raise ConfigError(f"{text}: only a yes/no field can say what is synced", hint=_off(schema.object))
    return field


def unwritten(pair: FieldPair, column: Field) -> FieldPair:
    """The pair, if it is the filter column's, made one-way: mksync never writes that column. Raises ConfigError."""
    if pair.fields.crm.name != column.name:
        return pair
    if pair.direction is Direction.TO_CRM:
        text = f"{pair.object}.{pair.name} would write {column.name}, which says what is synced and is never written"
        hint = f"mksync fields select --object {pair.object} --add {column.name}={pair.name}:to-marketo"
        raise ConfigError(text, hint=hint)
    return replace(pair, direction=Direction.TO_MARKETO)


def _named(schema: Schema, name: str) -> Field | None:
    return next((field for known, field in schema.fields.items() if known.casefold() == name.casefold()), None)


def _invisible(schema: Schema, name: str, before: str, where: str) -> AccessError:
    text = f"the filter of {schema.object}s, {name}, is not visible to the sync user in {where}"
    if name.casefold() == before.casefold():
        why = f"{text} any more: without it, every {schema.object} would look as if it were to be synced"
        return AccessError(why, hint=f"grant the sync user read access to it again, or {_off(schema.object)}")
    near = get_close_matches(name, [field.name for field in _flags(schema)], n=1)
    meant = f"did you mean {near[0]}? Else grant" if near else "grant"
    return AccessError(text, hint=f"{meant} the sync user read access to it, or {_off(schema.object)}")


def _flags(schema: Schema) -> list[Field]:
    return [field for field in schema.fields.values() if field.type is FieldType.BOOLEAN]


def _off(object: str) -> str:
    return OFF.format(object=object)


def finding(object: str, column: Field | None) -> tuple[str, str]:
    """What `init` says of the column, and what to do about it."""
    if column is None:
        return f"there is none: every {object} is synced", ""
    if column.default:
        text = f"{column.name} is Yes in new records: what sets it to No later comes too late"
        return text, f"make No the default of {column.name}, and let what is to be synced set it to Yes"
    return f"{column.name}: who says No is left out", ""


def begin_filters(project: Project) -> None:
    """Read everything afresh and judge it if an object is filtered by another column than in the last cycle."""
    mirror = project.mirror
    for object in project.objects:
        column = project.filter_column(object) or ""
        if column == mirror.project.filter(object):
            continue
        with mirror.transaction():
            mirror.project.keep_filter(object, column)
            mirror.snapshots.soil_all(Side.CRM, object)
            if column:
                full_read_needed(project, Side.CRM)


def check_emptiness(project: Project) -> None:
    """Some systems answer nothing where a column is hidden, and nothing means Yes: see that the column is still there.

    Costs one question an object, and only if a record that is to be judged has nothing in the column. Raises
    AccessError.
    """
    for object, field in project.filters.items():
        if not project.mirror.snapshots.empty_and_waiting(object, field.name):
            continue
        schema = project.ports.crm.describe(object)
        if field.name not in schema.fields:
            full_read_needed(project, Side.CRM)  # what was read as nothing was something else
            raise _invisible(schema, field.name, field.name, project.titles.crm)
