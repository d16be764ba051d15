"""What this client's calls bring: pages, bulk query jobs, and composite calls that write and read back together."""

from mksync.core.quota import Jobs, Rates

BULK_FROM = 20_000  # records; ten pages of a query cost more calls than a bulk query job

# A job: the page that tells how much there is, its creation and deletion, the looks of its first 16 seconds, and what
# changed meanwhile; then for every 25,000 records their page, and another look.
RATES = Rates(
    idle=1,
    hourly=2,
    page=2_000,
    page_calls=1,
    batch=24,
    batch_calls=1,
    tells=True,
    jobs=Jobs(least=BULK_FROM, calls=8, page=25_000, page_calls=2),
)
