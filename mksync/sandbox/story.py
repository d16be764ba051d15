"""What `mksync demo` has to know of a CRM: data, in a `story.py` beside each CRM's emulator."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from mksync.sandbox.server import Sandbox

STORIES = ("salesforce", "dynamics")


class Colleague(Protocol):
    """Somebody who works in the CRM, and is not the sync user. Objects are "lead" and "contact"; fields the CRM's."""

    def records(self, object: str) -> Iterable[tuple[str, str]]:
        """(id, e-mail) of every record that has one, oldest first."""
        ...

    def edit(self, object: str, id: str, **fields: object) -> None:
        """Change a record. Raises an error if the CRM refuses."""
        ...


@dataclass(frozen=True, slots=True)
class Story:
    """One CRM on the sandbox, as far as the story touches it."""

    title: str  # "Salesforce"
    settings: Mapping[str, str]  # the table [crm] of mksync.toml, without system and url
    job_title: str  # the field of a lead and of a contact
    mobile: str  # the same
    guard: str  # what refuses a phone number of two digits: "Salesforce's validation rule"
    colleague: Callable[["Sandbox"], Colleague]


def story(crm: str) -> Story:
    """The story of one of `STORIES`."""
    return cast("Story", import_module(f"mksync.sandbox.{crm}.story").STORY)
