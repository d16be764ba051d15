"""A change feed's cursor as text: one mark an object, under the number of the form they are written in."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from mksync.ports import CursorExpired

Mark = TypeVar("Mark")


def read(cursor: str, form: int, objects: Iterable[str], mark: Callable[[Mapping[str, Any]], Mark]) -> dict[str, Mark]:
    """The marks of these objects; `mark` makes one of what was kept. Raises `CursorExpired` for a text not of ours."""
    try:
        kept = json.loads(cursor)
        if kept["form"] != form:
            raise CursorExpired("this cursor was written by another version of mksync")
        return {object: mark(kept["marks"].get(object, {})) for object in objects}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CursorExpired("this cursor cannot be read") from None


def written(form: int, marks: Mapping[str, Mapping[str, object]]) -> str:
    return json.dumps({"form": form, "marks": marks}, separators=(",", ":"))
