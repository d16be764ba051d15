"""What the kernel asks of an emulator: a function from (state, request, clock) to a response."""

from collections.abc import Iterable
from typing import Protocol

from werkzeug import Request, Response

from mksync.sandbox.faults import Fault
from mksync.sandbox.people import DemoPerson

# WSGI environment key: how many calls this vendor is answering right now, this one included (int).
IN_FLIGHT = "mksync.sandbox.in_flight"
# WSGI environment key: the request target as it stood on the request line, before any decoding (str).
RAW_TARGET = "RAW_URI"


class Emulator(Protocol):
    """One vendor. All of its state is in the store, all of its time comes from the clock."""

    name: str  # "marketo", "salesforce"

    def handle(self, request: Request) -> Response:
        """Answer one call. Called from many threads at once."""
        ...

    def fault(self, fault: Fault, request: Request) -> Response | None:
        """The vendor's own wording of a fault; None if this vendor has no such fault."""
        ...

    def lift_rate_limits(self) -> None:
        """Admit any number of calls in any time from now on; the number of concurrent ones stays bounded."""
        ...

    def seed(self, people: Iterable[DemoPerson]) -> None:
        """Add demo people to a state that had none, taking those that stand in this system; called once a portion."""
        ...
