"""The daily allocation of API requests: counted over a rolling day, refused at its cap, told in a header.

Source: Salesforce Developer Limits, "API Request Limits"; REST API Developer Guide, "Limit Info Header".
"""

from typing import Any

from mksync.sandbox.salesforce.errors import ApiError, deny
from mksync.sandbox.salesforce.org import Org

_HOURS = 24
_OTHERS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DataStorageMB": 10_240,
    "FileStorageMB": 10_240,
}


class Usage:
    def __init__(self, org: Org) -> None:
        self._org = org
        self.unlimited = False  # the day's calls are counted and not bounded
        org.connection.execute(
            "CREATE TABLE IF NOT EXISTS salesforce_call_count (hour INTEGER PRIMARY KEY, calls INTEGER NOT NULL)"
        )

    def count(self) -> None:
        """Count one call. Raises REQUEST_LIMIT_EXCEEDED if the day's allocation was used up before it."""
        if not self.unlimited and self.used() >= self.most():
            raise exhausted()
        self._org.connection.execute(
            "INSERT INTO salesforce_call_count VALUES (?, 1) ON CONFLICT (hour) DO UPDATE SET calls = calls + 1",
            (self._hour(),),
        )

    def used(self) -> int:
        row = self._org.connection.execute(
            "SELECT COALESCE(SUM(calls), 0) FROM salesforce_call_count WHERE hour > ?", (self._hour() - _HOURS,)
        ).fetchone()
        return int(row[0])

    def most(self) -> int:
        return int(self._org.settings.get("daily_requests"))

    def header(self) -> str:
        """The value of `Sforce-Limit-Info`."""
        usage = f"{self.used()}/{self.most()}"
        per_app = f"; per-app-api-usage={usage}(appName=sandbox)" if "per_app_usage" in self._org.quirks else ""
        return f"api-usage={usage}{per_app}"

    def limits(self) -> dict[str, Any]:
        others = {name: {"Max": most, "Remaining": most} for name, most in _OTHERS.items()}
        mine = {"Max": self.most(), "Remaining": max(0, self.most() - self.used())}
        return {"DailyApiRequests": mine, **others}

    def _hour(self) -> int:
        return int(self._org.clock.now() // 3600)


def exhausted() -> ApiError:
    return deny("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
