"""What stories about both systems need to know of a CRM, and somebody who works in it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest

from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox
from tests.scenarios.outsiders import CrmUser, Row

Names = Mapping[str, Mapping[str, str]]  # object -> Marketo's name of a field -> the CRM's


@dataclass(frozen=True)
class Refusal:
    """What is said when a phone number of two digits is refused."""

    code: str
    message: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        """As an admin reads it."""
        said = f"    {self.code}: {self.message}\n"
        return f"{said}    cause:  {self.cause}\n    remedy: {self.remedy}\n"


@dataclass(frozen=True)
class Crm:
    """One CRM. Fields go by Marketo's names wherever nothing else is said.

    - `settings`: of [crm] in mksync.toml, beside system and url
    - `needed`: what a new record cannot be without
    - `quirks`: switches of its emulator that no difference may come from
    - `writes`: whether a call writes records
    - `tables`: where the emulator keeps leads, contacts and accounts
    - `quota`: what is said when its calls are used up
    - `short`: how reports and addresses of the CRM may spell an id
    - `custom`: what it calls a custom field of this name
    - `read_call`, `write_call`: a fault that meets a cycle's first call that reads, and its first call that writes
    - `no_edits`: what `init` says, and advises, where the sync user may not edit contacts
    - `kept`: what of a text the CRM keeps
    - `numbers`: of choices by label, in lower case, by the CRM's field, where its API has numbers for them
    - `organisation`: the emulator's id
    - `checks`: how many `init` makes of both systems
    - `tokens`: the SQL that finds every token the emulator gave out
    """

    system: str
    title: str
    settings: Mapping[str, str | int]
    fields: Names
    needed: Mapping[str, Mapping[str, str]]
    quirks: tuple[str, ...]
    user: Callable[[Sandbox], CrmUser]
    writes: Callable[[PreparedRequest], bool]
    refusal: Refusal
    tables: tuple[str, ...]
    quota: tuple[str, str]
    short: Callable[[str], str]
    custom: Callable[[str], str]
    read_call: Fault
    write_call: Fault
    no_edits: tuple[str, str]
    kept: Callable[[str], str]
    numbers: Mapping[str, Mapping[str, int]]
    organisation: str
    checks: int
    tokens: str

    def wired(self, field: str, value: Any) -> Any:
        """A value as the CRM's API takes it: the number of a choice, where the API has numbers."""
        numbers = self.numbers.get(self.fields["lead"][field], {})
        return numbers.get(str(value).lower(), value)

    def read(self, field: str, value: Any) -> Any:
        """A value that the CRM's API gave, as people read it."""
        labels = {number: label.title() for label, number in self.numbers.get(self.fields["lead"][field], {}).items()}
        return labels.get(value, value) if labels else value

    def table(self, url: str) -> str:
        """The table [crm] of mksync.toml."""
        values = {"system": self.system, "url": url, **self.settings}
        return "[crm]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

    def url(self, sandbox: Sandbox) -> str:
        return sandbox.urls[self.system]


class InCrm:
    """Somebody who works in the CRM, with the fields called as Marketo calls them."""

    def __init__(self, facts: Crm, sandbox: Sandbox) -> None:
        self._facts = facts
        self.user = facts.user(sandbox)

    def create(self, object: str, **values: Any) -> str:
        return self.user.create(object, **self._its(object, values))

    def named(self, object: str, **values: Any) -> str:
        """Create a record with what it needs beside these values."""
        return self.create(object, **{**self._facts.needed[object], **values})

    def edit(self, object: str, id: str, **values: Any) -> bool:
        """Whether the CRM took it."""
        return self.user.edit(object, id, **self._its(object, values))

    def delete(self, object: str, id: str) -> None:
        self.user.delete(object, id)

    def undelete(self, object: str, id: str) -> None:
        self.user.undelete(object, id)

    def hide(self, object: str, field: str) -> None:
        """The sync user sees this field no more."""
        self.user.hide(object, self._facts.fields[object][field])

    def show(self, object: str, field: str) -> None:
        """The sync user sees and edits this field again."""
        self.user.show(object, self._facts.fields[object][field])

    def records(self, object: str, *fields: str) -> dict[str, Row]:
        """Every record that is not deleted, by id."""
        names = self._facts.fields[object]
        found = self.user.records(object, *(names[field] for field in fields))
        return {id: {field: row[names[field]] for field in fields} for id, row in found.items()}

    def everything(self, object: str) -> dict[str, Row]:
        """The same, with every field there is a name for."""
        return self.records(object, *self._facts.fields[object])

    def _its(self, object: str, values: Row) -> Row:
        names = self._facts.fields[object]
        return {names[name]: value for name, value in values.items()}
