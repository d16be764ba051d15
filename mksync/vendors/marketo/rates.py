"""What this client's calls bring: a page of the log and the people it tells of; a look, a write and what it made."""

from mksync.core.quota import Rates

RATES = Rates(idle=2, hourly=2, page=300, page_calls=2, batch=300, batch_calls=3)
