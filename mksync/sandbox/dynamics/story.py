"""The part that Dynamics plays in the story of `mksync demo`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mksync.sandbox.story import Story

if TYPE_CHECKING:
    from mksync.sandbox.server import Sandbox


class SalesRep:
    """Works on leads and contacts as another user of the organisation."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._org = sandbox.dynamics

    def records(self, object: str) -> Iterator[tuple[str, str]]:
        for row in self._org.rows(object):
            if row["emailaddress1"]:
                yield str(row[f"{object}id"]), str(row["emailaddress1"])

    def edit(self, object: str, id: str, **fields: object) -> None:
        self._org.edit("update", object, id, **fields)


STORY = Story(
    title="Dynamics",
    settings={"tenant": "sandbox", "client_id": "sandbox", "client_secret": "sandbox"},
    job_title="jobtitle",
    mobile="mobilephone",
    guard="a plug-in of Dynamics",
    colleague=SalesRep,
)
