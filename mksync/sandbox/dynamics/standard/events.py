"""The demo organisation's custom table: events that a lead or a contact came to."""

from mksync.sandbox.dynamics.standard.kinds import (
    active_states,
    choice,
    identity,
    lookup,
    memo,
    moment,
    system,
    table,
    text,
    whole,
)

_KINDS = {100_000_000: "Webinar", 100_000_001: "Trade Show", 100_000_002: "Demo"}

EVENT = table(
    "new_event",
    "new_events",
    "new_Event",
    10_112,
    [
        identity("new_eventid"),
        text("new_name", 100, required="ApplicationRequired"),
        choice("new_kind", _KINDS),
        moment("new_heldon", label="Held On", schema_name="new_HeldOn"),
        whole("new_attendees", 0, 100_000),
        memo("new_notes", 4_000),
        *lookup("new_contact", "contact", "new_contact_new_event_Contact", "new_Contact", schema_name="new_Contact"),
        *lookup("new_lead", "lead", "new_lead_new_event_Lead", "new_Lead", schema_name="new_Lead"),
        *active_states(),
        *system(owned=True),
    ],
    label="Event",
    primary_name="new_name",
    change_tracking=True,
    custom=True,
)
