"""Where the change feed goes on: opaque to the engine, JSON to this folder."""

import json
from collections.abc import Mapping
from dataclasses import field, fields

from mksync.core.frozen import dataclass
from mksync.ports import CursorExpired
from mksync.vendors.marketo.marks import Mark


@dataclass(frozen=True, slots=True)
class Cursor:
    """All times are Marketo's clock, in seconds since the epoch.

    During the first read `walk` is the place in the log of new people; during a cycle `began` is its beginning and
    `stream` and `deleted` the places in both logs. Between cycles there are `polled` and, if it saves calls, the rest.
    """

    polled: float  # when the last cycle that came to its end began
    walk: str | None = None
    began: float | None = None
    stream: str | None = None
    deleted: str | None = None
    missing: tuple[str, ...] = ()  # people that could not be found; whether deleted or merged is told later
    merged: Mapping[str, str] = field(default_factory=dict)  # who was merged -> into whom
    marks: tuple[Mark, ...] = ()  # places where a cycle can begin
    told: tuple[str, ...] = ()  # entries that the last cycle was told of last: who they are about was read since

    def text(self) -> str:
        whole = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps({name: value for name, value in whole.items() if value or name == "polled"})

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Raises CursorExpired for a text that is none of ours."""
        try:
            raw = json.loads(text)
            marks = tuple(Mark(float(at), *places) for at, *places in raw.get("marks", ()))
            lists = {name: tuple(raw.get(name, ())) for name in ("missing", "told")}
            return cls(**{**raw, **lists, "polled": float(raw["polled"]), "marks": marks})
        except (ValueError, TypeError, KeyError, AttributeError):
            raise CursorExpired from None
