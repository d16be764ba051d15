"""What this client's calls bring: pages, and composite calls that write and read back together."""

from mksync.core.quota import Rates

RATES = Rates(idle=1, hourly=2, page=2_000, page_calls=1, batch=24, batch_calls=1, tells=True)
