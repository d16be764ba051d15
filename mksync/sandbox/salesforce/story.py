"""The part that Salesforce plays in the story of `mksync demo`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mksync.sandbox.inside import Inside
from mksync.sandbox.story import Story

if TYPE_CHECKING:
    from mksync.sandbox.server import Sandbox


class SalesRep:
    """Works on leads and contacts as another user of the organisation."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._org = sandbox.salesforce
        self._reader = Inside(sandbox.salesforce, "/services/oauth2/token")

    def records(self, object: str) -> Iterator[tuple[str, str]]:
        query = f"SELECT Id, Email FROM {object.title()} WHERE Email != null ORDER BY Id"
        answer = self._reader.get("/services/data/v67.0/query", {"q": query})
        yield from ((row["Id"], row["Email"]) for row in answer["records"])

    def edit(self, object: str, id: str, **fields: object) -> None:
        self._org.edit("update", object.title(), id, **fields)


STORY = Story(
    title="Salesforce",
    settings={"client_id": "sandbox", "client_secret": "sandbox"},
    job_title="Title",
    mobile="MobilePhone",
    guard="Salesforce's validation rule",
    colleague=SalesRep,
)
