"""The least that each piece of work can cost: bare scripts that speak the vendors' protocols, and share nothing."""
