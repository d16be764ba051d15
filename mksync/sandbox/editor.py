"""Somebody who works in both systems while mksync does not look: a marketer in Marketo, a sales rep in the CRM."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mksync.sandbox.inside import Inside
from mksync.sandbox.story import Story

if TYPE_CHECKING:
    from mksync.sandbox.server import Sandbox


class Editor:
    """Edits people in Marketo through its API, and records of the CRM as another of its users."""

    def __init__(self, sandbox: "Sandbox", story: Story) -> None:
        self._marketo = Inside(sandbox.marketo, "/identity/oauth/token")
        self._colleague = story.colleague(sandbox)

    def edit_person(self, email: str, **fields: object) -> None:
        """Change a person in Marketo, found by e-mail. Raises ValueError if Marketo refuses."""
        body = {"action": "updateOnly", "lookupField": "email", "input": [{"email": email, **fields}]}
        answer = self._marketo.post("/rest/v1/leads.json", body)
        if answer["result"][0]["status"] != "updated":
            raise ValueError(f"Marketo refused the edit of {email}: {answer['result'][0]}")

    def in_marketo(self, email: str) -> bool:
        """Whether exactly one person has this e-mail."""
        answer = self._marketo.get("/rest/v1/leads.json", {"filterType": "email", "filterValues": email})
        return len(answer["result"]) == 1

    def edit_record(self, object: str, id: str, **fields: object) -> None:
        """Change a lead or contact, by the names of the CRM's fields."""
        self._colleague.edit(object, id, **fields)

    def records(self, object: str) -> Iterable[tuple[str, str]]:
        """(id, e-mail) of every record of an object that has one, oldest first."""
        return self._colleague.records(object)
