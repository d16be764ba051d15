"""What a selection or a configuration says that cannot be meant, or cannot be had for now."""

from collections.abc import Iterable, Iterator, Mapping

from mksync import selection
from mksync.config import Config
from mksync.core.pairs import Policy
from mksync.core.records import Catalogue, FieldType, Side
from mksync.engine import fields as engine_fields
from mksync.engine.project import PERSON
from mksync.errors import ConfigError


def check_objects(chosen: selection.Selection, config: Config, catalogue: Mapping[str, Catalogue]) -> None:
    """Raises ConfigError for an object that the CRM has not."""
    for object in chosen.pairs:
        if object not in catalogue:
            known = ", ".join(catalogue)
            raise ConfigError(f"{config.selection}: there is no object {object!r}", hint=f"one of {known}")


def check_reserved(chosen: selection.Selection, config: Config) -> None:
    """The cross-id is mksync's own: a pair of somebody's would overwrite what links hang on. Raises ConfigError."""
    for object, lines in chosen.pairs.items():
        for line in lines:
            if line.marketo.casefold() == config.key_field.casefold():
                text = f"{config.selection}: {object}.{line.marketo} is mksync's own field and cannot be selected"
                raise ConfigError(text, hint=f"mksync fields select --object {object} --remove {line.marketo}")


def strange_policies(config: Config, schemas: engine_fields.Schemas) -> Iterator[str]:
    """A misspelt policy would decide nothing, and nobody would know."""
    people = schemas[Side.MARKETO, PERSON].fields
    for object, fields in config.field_policies.items():
        for name, policy in fields.items():
            where = f"{config.path}, [policy.fields.{object}]"
            if name not in people:
                yield f"{where}: Marketo has no field {name}; this decides nothing"
            elif policy is Policy.STICKY_TRUE and people[name].type is not FieldType.BOOLEAN:
                yield f"{where}: {name} is no yes/no field; [policy] {object} decides, and not {policy}"


def lacking(schemas: engine_fields.Schemas, catalogue: Catalogue) -> str:
    """Why an object cannot be synced at all; empty if it can."""
    return schemas[Side.MARKETO, catalogue.counterpart].unavailable or schemas[Side.CRM, catalogue.object].unavailable


def resting(chosen: selection.Selection, lacking: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """The pairs of objects that cannot be synced for now: they are taken up again, and not selected anew."""
    for object in lacking:
        yield from ((object, line.marketo, line.crm) for line in chosen.of(object))
