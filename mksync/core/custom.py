"""Custom objects of a CRM, and how their records hang off people. Plain frozen data."""

from collections.abc import Iterator, Mapping, Sequence

from mksync.core.frozen import dataclass

ROOTS = ("lead", "contact", "account")  # what a custom object has to hang off


@dataclass(frozen=True, slots=True)
class Hop:
    """From one record to another: the reference field that names the other, and the object that one is of."""

    field: str
    object: str


Path = tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class CustomObject:
    """A custom object that could be selected one-way, as the sync user sees it.

    `paths` are the ways from one of its records to a lead, a contact or an account: one hop or two, shortest first.
    """

    name: str  # the vendor's, which is mksync's name for it too
    label: str
    paths: tuple[Path, ...]


def paths_to_people(hops: Mapping[str, Sequence[Hop]]) -> dict[str, tuple[Path, ...]]:
    """By object, the ways of one hop, then those of two; an object without any is left out."""
    direct = {name: [(hop,) for hop in some if hop.object in ROOTS] for name, some in hops.items()}
    found = {name: (*direct[name], *_longer(name, some, direct)) for name, some in hops.items()}
    return {name: paths for name, paths in found.items() if paths}


def _longer(name: str, hops: Sequence[Hop], direct: Mapping[str, Sequence[Path]]) -> Iterator[Path]:
    for hop in hops:
        if hop.object != name:  # a tree of records of one object leads nowhere new
            yield from ((hop, *path) for path in direct.get(hop.object, ()))
