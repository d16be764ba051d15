"""Service protection: requests and execution time per user in five minutes, and calls at the same time.

What is counted here does not outlive the process: the window is shorter than a restart is worth.
Source: Microsoft Learn, "Service protection API limits".
"""

import math
from collections import deque
from dataclasses import dataclass, field

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.org import Org

WINDOW = 300  # seconds
_SOON = 2  # seconds to wait after too many calls at once
REQUESTS = "0x80072322"
TIME = "0x80072321"
CONCURRENCY = "0x80072326"


@dataclass(slots=True)
class _Meter:
    calls: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0
    code: str = ""


class Limits:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._meters: dict[str, _Meter] = {}
        self.lifted = False  # only concurrent calls are bounded

    def admit(self, user: str, in_flight: int) -> None:
        """Count a call. Raises 429 with `Retry-After`; calling on while blocked makes the wait longer."""
        if in_flight > int(self._org.settings.get("concurrency_limit")):
            raise self.throttled(CONCURRENCY)
        if self.lifted:
            return
        meter = self._meters.setdefault(user, _Meter())
        now = self._org.clock.now()
        while meter.calls and meter.calls[0] <= now - WINDOW:
            meter.calls.popleft()
        if now < meter.blocked_until:
            meter.blocked_until = min(meter.blocked_until + 1, now + 2 * WINDOW)
            raise self.throttled(meter.code, meter.blocked_until - now)
        for code, full in ((REQUESTS, self._requests_left(meter)), (TIME, self._calls_left(meter))):
            if full <= 0:
                meter.code = code
                meter.blocked_until = meter.calls[0] + WINDOW if meter.calls else now + WINDOW
                raise self.throttled(code, meter.blocked_until - now)
        meter.calls.append(now)

    def headers(self, user: str) -> dict[str, str]:
        """What is left, for whoever debugs."""
        meter = self._meters.get(user, _Meter())
        seconds = max(0.0, self._org.settings.get("seconds_limit") - self._spent(meter))
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(max(0, self._requests_left(meter))),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds:,.2f}",
        }

    def throttled(self, code: str, seconds: float = _SOON) -> ODataError:
        """The answer to a call beyond a limit."""
        settings = self._org.settings
        limit = float(settings.get("seconds_limit"))
        messages = {
            REQUESTS: f"Number of requests exceeded the limit of {settings.get('requests_limit')} over time window of "
            f"{WINDOW} seconds.",
            TIME: f"Combined execution time of incoming requests exceeded limit of {limit * 1000:,.0f} milliseconds "
            f"over time window of {WINDOW} seconds. Decrease number of concurrent requests or reduce the duration of "
            "requests and try again later.",
            CONCURRENCY: f"Number of concurrent requests exceeded the limit of {settings.get('concurrency_limit')}.",
        }
        return ODataError(429, code, messages[code], {"Retry-After": str(max(1, math.ceil(seconds)))})

    def _requests_left(self, meter: _Meter) -> int:
        return int(self._org.settings.get("requests_limit")) - len(meter.calls)

    def _calls_left(self, meter: _Meter) -> int:
        each = float(self._org.settings.get("request_seconds"))
        left = float(self._org.settings.get("seconds_limit")) - self._spent(meter)
        return 1 if not each else math.floor(left / each)

    def _spent(self, meter: _Meter) -> float:
        return len(meter.calls) * float(self._org.settings.get("request_seconds"))
