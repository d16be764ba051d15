"""Whether a reply is an answer to what was asked: something in between may answer with JSON of its own."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mksync.wire.reply import Reply

Shape = Callable[[Reply], bool]


class Json(Protocol):
    """What speaks JSON: a reply, or a part of one that holds several."""

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Raises UnexpectedReply for what is no JSON."""
        ...


JsonShape = Callable[[Json], bool]


def anything(reply: Reply) -> bool:  # noqa: ARG001 - a Shape
    return True


def listing(reply: Json) -> bool:
    """A JSON list. Raises UnexpectedReply for what is no JSON."""
    return isinstance(reply.json(), list)


def object_with(*names: str) -> JsonShape:
    """A JSON object that has all of these keys. Raises UnexpectedReply for what is no JSON."""

    def shape(reply: Json) -> bool:
        body = reply.json()
        return isinstance(body, Mapping) and all(name in body for name in names)

    return shape
