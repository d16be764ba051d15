"""What a person's Activity Log is told of a refusal, for marketers to read and to build smart lists on."""

from dataclasses import replace

from mksync.core.frozen import dataclass

SHORT = 255  # characters of an attribute of type string
LONG = 1_000  # of the vendor's own words: 300 entries have to fit into one call


@dataclass(frozen=True, slots=True)
class Entry:
    """One refusal, as it stands in the log. `reference` tells it from every other: it is found again by that."""

    person_id: str
    at: str  # when it was refused: an instant
    fields: str  # as Marketo calls them, to people
    system: str  # "Salesforce"
    operation: str  # "update", "create"
    record: str  # the CRM's id; empty if there is none yet
    code: str
    cause: str
    message: str
    remedy: str
    reference: str = ""

    def fitted(self) -> "Entry":
        """With texts as long as attributes may be."""
        short = {name: _cut(getattr(self, name), SHORT) for name in ("fields", "code", "cause", "remedy")}
        return replace(self, message=_cut(self.message, LONG), **short)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
