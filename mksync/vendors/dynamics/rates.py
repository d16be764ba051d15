"""What this client's calls bring. Every record of a batch counts ("Requests limits and allocations")."""

from mksync.core.quota import Rates

RATES = Rates(idle=2, hourly=3, page=5_000, page_calls=1, batch=1_000, batch_calls=0, each=1)
