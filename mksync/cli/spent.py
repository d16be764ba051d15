"""What a cycle took of each system's calls, and what is left of them, in a few words."""

from mksync.core.quota import Quota
from mksync.core.report import RunReport


def calls(report: RunReport) -> str:
    """ "Marketo 8 (49,120 of 50,000 left), Salesforce 2": what is left where that is known."""
    return ", ".join(f"{title} {number}{_left(report.quota.get(title))}" for title, number in report.calls.items())


def _left(quota: Quota | None) -> str:
    """What mksync may still make; what is kept for others is not among it."""
    if quota is None:
        return ""
    others = f" beside {quota.kept:,} for others" if quota.kept else ""
    return f" ({max(0, quota.left):,} of {quota.limit:,} left{others})"
