"""The Marketo emulator: identity, leads, companies and the like, activities, as the developer guide describes them."""
