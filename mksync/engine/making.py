"""The write that creates somebody in the CRM: the person's values by the selected pairs, else defaults."""

from collections.abc import Iterator, Mapping

from mksync.core.frozen import dataclass
from mksync.core.misfit import misfit
from mksync.core.pairs import FieldPair, both_refer
from mksync.core.plan import DEFAULT, MADE, OWNER, FieldWrite, PlannedWrite
from mksync.core.records import Field, Record, Schema, Side, Value
from mksync.core.values import canonical
from mksync.engine.labels import label
from mksync.engine.project import Project
from mksync.errors import ConfigError

Defaults = Mapping[str, Value]  # the CRM's field -> what a new record gets where the person has nothing


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Fields without which the CRM takes no record, and for which the person has nothing that they could hold."""

    fields: tuple[Field, ...]
    why: tuple[str, ...]  # of each: "" or why the person's value does not fit


def checked_defaults(schema: Schema, defaults: Defaults, title: str) -> Defaults:
    """The same in canonical values. Raises ConfigError for a field that is not there, or cannot hold its value."""
    found: dict[str, Value] = {}
    for name, value in defaults.items():
        where, field = f"[push.defaults.{schema.object}] {name}", schema.fields.get(name)
        if field is None or not field.creatable:
            hint = f"mksync fields list --object {schema.object}"
            raise ConfigError(f"{where}: {title} lets nobody set that field on a new {schema.object}", hint=hint)
        try:
            found[name] = canonical(field.type, value, field.scale)
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None
        if why := misfit(found[name], field):
            raise ConfigError(f"{where}: {why.reason}", hint=why.remedy)
    return found


def creation(
    project: Project, cycle: int, schema: Schema, person: Record, defaults: Defaults, token: str
) -> PlannedWrite | Incomplete:
    """The write, or what is missing for it. `token`: the same for every attempt to create this very record."""
    object = schema.object
    sent = {field.crm_field: field for field in _from_person(project, object, person)}
    for name, value in defaults.items():
        if name not in sent and value is not None:
            sent[name] = FieldWrite(_marketos(project, object, name), name, None, value, None, DEFAULT)
    missing = [one for one in schema.fields.values() if one.required and one.creatable and one.name not in sent]
    if missing:
        return Incomplete(tuple(missing), tuple(_why(project, object, person, one.name) for one in missing))
    name = label(project, object, Side.MARKETO, person.values)
    return PlannedWrite(cycle, object, Side.CRM, "create", name, tuple(sent.values()), person_id=person.id, token=token)


def owned(project: Project, object: str, owner: str) -> FieldWrite:
    """The field of a write that gives a record to somebody."""
    name = project.catalogue[object].owner
    return FieldWrite(name, name, None, owner, None, OWNER)


def _from_person(project: Project, object: str, person: Record) -> Iterator[FieldWrite]:
    for pair in _pairs(project, object):
        source = person.values.get(pair.name)
        value = _image(pair, source)
        if value is not None and value is not False and not misfit(value, pair.fields.crm):
            yield FieldWrite(pair.name, pair.fields.crm.name, None, value, source, MADE)


def _pairs(project: Project, object: str) -> Iterator[FieldPair]:
    for pair in project.pairs[object]:
        refers = both_refer(pair.fields.marketo, pair.fields.crm)
        if pair.direction.flows_from(Side.MARKETO) and pair.fields.crm.creatable and not refers:
            yield pair


def _image(pair: FieldPair, source: Value) -> Value:
    """What the CRM's field would hold; nothing, if the value has no image there: the record is judged again with it."""
    try:
        return pair.image(source, Side.MARKETO)
    except ValueError:
        return None


def _marketos(project: Project, object: str, crm_field: str) -> str:
    """How Marketo calls the field that this one is paired with; its own name if it is not selected."""
    return next((pair.name for pair in project.pairs[object] if pair.fields.crm.name == crm_field), crm_field)


def _why(project: Project, object: str, person: Record, crm_field: str) -> str:
    pair = next((one for one in project.pairs[object] if one.fields.crm.name == crm_field), None)
    if pair is None:
        return "it is not selected"
    source = person.values.get(pair.name)
    if source is None:
        return f"the person's {pair.name} is empty"
    unfit = misfit(_image(pair, source), pair.fields.crm)
    return unfit.reason if unfit else f"the person's {pair.name} does not flow there"
