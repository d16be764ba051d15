"""What every test relies on."""

from hypothesis import settings

# A shared machine is slow now and then; that is no failure of a property.
settings.register_profile("mksync", deadline=None)
settings.load_profile("mksync")
