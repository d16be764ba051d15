"""Custom objects of a CRM, and how their records hang off people. Plain frozen data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hop:
    """From one record to another: the reference field that names the other, and the object that one is of."""

    field: str
    object: str


@dataclass(frozen=True, slots=True)
class CustomObject:
    """A custom object that could be selected one-way, as the sync user sees it.

    `paths` are the ways from one of its records to a lead, a contact or an account: one hop or two, shortest first.
    """

    name: str  # the vendor's, which is mksync's name for it too
    label: str
    paths: tuple[tuple[Hop, ...], ...]
