"""Finding the answer to a call."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.envelope import Failure, Payload

Answer = Callable[..., Payload]  # (Call, *groups of the address)


@dataclass(frozen=True, slots=True)
class Route:
    """`address` below `/rest/v1/`, with groups in the place of names and ids."""

    method: str
    address: str
    answer: Answer


class Router:
    """Finds the answer to a call."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = [(re.compile(rf"/rest/v1/{route.address}\.json"), route) for route in routes]

    def answer(self, call: Call) -> Payload:
        """Fails with 610 for an unknown address, with 605 for a method that it does not have."""
        matches = [(pattern.fullmatch(call.path), route) for pattern, route in self._routes]
        known = [(match.groups(), route) for match, route in matches if match]
        for groups, route in known:
            if route.method == call.method:
                return route.answer(call, *groups)
        if known:
            raise Failure("605", f"Request method '{call.method}' not supported")
        raise Failure("610", "Requested resource not found")
