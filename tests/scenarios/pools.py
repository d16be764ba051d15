"""What outsiders type into fields: ordinary values, and everything that ever broke a sync, a log or a terminal."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

TEXTS = (
    None, "", "  ", "Ana", " Ana ", "ana", "Zoë", "Zoe\u0308", "李小龍", "שלום עולם", "مرحبا 123", "😀 party", "a 😀",
    "👩‍👩‍👧", "O'Hara \"Q\" \\", "100% sure, %s %d {x}", "a,b;c", "[red]bold[/red]", "\x1b[31mred\x1b[0m", "one\ntwo",
    "tab\there", "<b>&amp;</b>", "\u202eevil", "\u00a0hard\u00a0", "null", "0", "false", "' OR Id != '", "=1+1",
    "x" * 41, "y" * 130,
)  # fmt: skip
NOTES = (*TEXTS, "one\r\ntwo\r\n", "\n\nlate start", "z" * 4_000)
PHONES = (None, "+1 555 0100 200", " +44 (0)20 7946 0958 ", "12", "", "ext. 7")
TIERS = (None, "Gold", "Silver", "Bronze", "gold", "Platinum", " Gold ")
CHOICES = (
    None, "Analytics;Mobile", "Mobile;Analytics", "Events", "Mobile; Events;Events", "Yachts;Mobile", "", "😀",
)  # fmt: skip
LONG_AGO = "1999-12-31T23:59:59Z"
MOMENTS = {
    "marketo": (None, "2026-03-02T10:00:00Z", "2026-03-02T12:00:00.999+0200", "2026-03-02T04:00:00-06:00", LONG_AGO),
    "crm": (None, "2026-03-02T10:00:00.123+0000", "2026-03-02T12:00:00+02:00", "2026-10-25T02:30:00.000Z", LONG_AGO),
}
AMOUNTS = (None, 0, 12.5, 12.345, 12.35, -3, 1e6, 0.1 + 0.2)
COUNTS = (None, 0, 7, 42, 3_000_000_000)
DAYS = (None, "1980-02-29", "2001-01-01")

POOLS: Mapping[str, tuple[Any, ...]] = {
    "firstName": TEXTS,
    "lastName": TEXTS,
    "title": TEXTS,
    "company": TEXTS,
    "mktoPersonNotes": NOTES,
    "phone": PHONES,
    "customerTier": TIERS,
    "interests": CHOICES,
    "fitScore": AMOUNTS,
    "numberOfEmployees": COUNTS,
    "dateOfBirth": DAYS,
    "unsubscribed": (True, False),
}
EMAILS = ("ana@example.com", "ANA@Example.COM", "o'hara+x@example.org", "not an address", None, " b@example.com ")


def pool(field: str, side: str) -> tuple[Any, ...]:
    """What may be typed into a field, by Marketo's name, on a side."""
    if field == "lastDemoAt":
        return MOMENTS[side]
    return EMAILS if field == "email" else POOLS[field]


def edits(side: str, fields: tuple[str, ...]) -> st.SearchStrategy[tuple[str, Any]]:
    """A field and what is typed into it."""
    return st.sampled_from(fields).flatmap(lambda field: st.tuples(st.just(field), st.sampled_from(pool(field, side))))


def contests(fields: tuple[str, ...]) -> st.SearchStrategy[tuple[str, Any, Any]]:
    """A field, and what is typed into it in the CRM and in Marketo."""
    pools = {name: (st.sampled_from(pool(name, "crm")), st.sampled_from(pool(name, "marketo"))) for name in fields}
    return st.sampled_from(fields).flatmap(lambda field: st.tuples(st.just(field), *pools[field]))
