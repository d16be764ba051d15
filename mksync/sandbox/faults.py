"""Faults that a test or a rehearsal scripts by name: the next matching calls meet them."""

import re
import threading
from dataclasses import dataclass

# The kernel renders these on the connection itself; an emulator never sees them.
TRANSPORT = frozenset(
    {
        "slow",
        "reset_before",
        "reset_after",
        "truncated",
        "truncated_before",
        "gateway_html",
        "portal",
        "redirect",
        "empty",
        "empty_after",
        "not_json",
        "not_json_after",
        "other_shape",
        "other_shape_after",
    }
)
# The emulator words these as its vendor does.
VENDOR = frozenset(
    {
        "token_expired",
        "token_invalid",
        "rate_limit",
        "concurrency",
        "quota",
        "server_error",
        "unavailable",
        "timeout_before",
        "timeout_after",
        "row_lock",
        "throttled_requests",
        "throttled_time",
        "throttled_concurrency",
        "deadlock",
        "concurrent_operation",
        "plugin",
        "plugin_timeout",
        "sign_in_refused",
    }
)
# The call takes effect before the fault hides its answer.
AFTER_EFFECT = frozenset(
    {"reset_after", "truncated", "timeout_after", "empty_after", "not_json_after", "other_shape_after"}
)
LONGEST_DELAY = 5.0
# A status of whatever stands in front of the vendor, and how each vendor's codes are written.
_STATUS = re.compile(r"http_([45]\d\d)")
_CODES = {
    "marketo": re.compile(r"\d{3,4}"),
    "salesforce": re.compile(r"[A-Z]{4,}(_[A-Z]+)*|[A-Z]+(_[A-Z]+)+"),
    "dynamics": re.compile(r"0x[0-9a-fA-F]{8}"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted fault: a name, `http_NNN`, or an error code of the vendor's own.

    A code strikes the whole call, or with `row` the first record that it would write. `path` is a regular expression
    searched in the URL's path; the first `after` matching calls are let through, the next `times` meet the fault.
    `seconds` is the real delay of `slow` (at most 5). Raises ValueError for a name nobody knows and for a `path` that
    is no regular expression.
    """

    name: str
    vendor: str
    path: str = ".*"
    method: str | None = None
    after: int = 0
    times: int = 1
    seconds: float = 0.0
    row: bool = False

    @property
    def status(self) -> int | None:
        """Of `http_NNN`."""
        found = _STATUS.fullmatch(self.name)
        return int(found[1]) if found else None

    @property
    def is_code(self) -> bool:
        code = _CODES.get(self.vendor)
        return code is not None and code.fullmatch(self.name) is not None

    def __post_init__(self) -> None:
        if self.name not in TRANSPORT | VENDOR and self.status is None and not self.is_code:
            known = ", ".join(sorted(TRANSPORT | VENDOR))
            raise ValueError(
                f"no fault is called {self.name!r}; there are: {known}, http_NNN, and {self.vendor}'s codes"
            )
        try:
            re.compile(self.path)
        except re.error as problem:
            raise ValueError(f"path {self.path!r} is no regular expression: {problem}") from None

    def meets(self, vendor: str, method: str, path: str) -> bool:
        if vendor != self.vendor or self.method not in (None, method):
            return False
        return re.search(self.path, path) is not None


@dataclass(slots=True)
class _Script:
    fault: Fault
    to_skip: int
    to_do: int

    def strikes(self) -> bool:
        if self.to_skip:
            self.to_skip -= 1
            return False
        self.to_do -= 1
        return True


class Faults:
    """The scripted faults, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._scripts: list[_Script] = []
        self._lock = threading.Lock()

    def script(self, fault: Fault) -> None:
        with self._lock:
            self._scripts.append(_Script(fault, fault.after, fault.times))

    def take(self, vendor: str, method: str, path: str) -> Fault | None:
        """The fault this call meets, if any; it is used up by that."""
        with self._lock:
            for script in self._scripts:
                if script.to_do > 0 and script.fault.meets(vendor, method, path) and script.strikes():
                    return script.fault
        return None

    def to_come(self) -> int:
        """How many more calls will meet a fault."""
        with self._lock:
            return sum(script.to_do for script in self._scripts)

    def clear(self) -> None:
        with self._lock:
            self._scripts.clear()
