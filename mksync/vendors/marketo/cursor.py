"""Where the change feed goes on: opaque to the engine, JSON to this folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from mksync.ports import CursorExpired


@dataclass(frozen=True, slots=True)
class Cursor:
    """All times are Marketo's clock, in seconds since the epoch.

    Between cycles only `polled` is set. During the first read `walk` is the place in the log of new people; during a
    cycle `began` is its beginning and `stream` and `deleted` the places in both logs.
    """

    polled: float  # when the last cycle that came to its end began
    walk: str | None = None
    began: float | None = None
    stream: str | None = None
    deleted: str | None = None
    missing: tuple[str, ...] = ()  # people that could not be found; whether deleted or merged is told later
    merged: Mapping[str, str] = field(default_factory=dict)  # who was merged -> into whom

    def text(self) -> str:
        whole = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps({name: value for name, value in whole.items() if value or name == "polled"})

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Raises CursorExpired for a text that is none of ours."""
        try:
            raw = json.loads(text)
            return cls(**{**raw, "polled": float(raw["polled"]), "missing": tuple(raw.get("missing", ()))})
        except (ValueError, TypeError, KeyError):
            raise CursorExpired from None
