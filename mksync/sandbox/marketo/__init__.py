"""The Marketo emulator: identity, the lead database and its activities, as Marketo's developer guide describes them."""
