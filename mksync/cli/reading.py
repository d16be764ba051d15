"""The mirror, read beside whatever runs, with the words that people have for what is in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mksync.config import Config
from mksync.core.frozen import dataclass
from mksync.core.records import Side, Sides
from mksync.errors import MirrorError
from mksync.mirror import Mirror
from mksync.selection import load


@dataclass(frozen=True, slots=True)
class Reading:
    """`titles`: of both systems. `labels`: of the CRM's objects."""

    mirror: Mirror
    titles: Sides[str]
    labels: Mapping[str, str]


@contextmanager
def opened(config: Config) -> Iterator[Reading]:
    """Raises MirrorError if there is none."""
    if not config.mirror.exists():
        raise MirrorError(f"there is no mirror at {config.mirror}", hint="mksync init")
    crm = config.vendor(Side.CRM)
    customs = load(config.selection).customs if config.selection.exists() else {}
    labels = {object: one.label for object, one in crm.catalogue.items()}
    labels |= {object: one.label for object, one in customs.items()}
    mirror = Mirror.open(config.mirror)
    try:
        yield Reading(mirror, Sides(config.vendor(Side.MARKETO).title, crm.title), labels)
    finally:
        mirror.close()
