"""Run mksync in this process, with a clock that is ahead and on which waiting takes no time.

    python benchmarks/launch.py AHEAD URL COMMAND…

AHEAD: seconds that the sandbox at URL is ahead of this machine. Where mksync would wait (for Marketo's rate limit, for
a job), that much time passes at once, here and in the sandbox: what is measured is work.
"""

import sys
import time
from http.client import HTTPConnection
from threading import Lock


class Clock:
    """Meets mksync's `ports.Clock`."""

    def __init__(self, ahead: float, host: str) -> None:
        self._ahead, self._host, self._lock = ahead, host, Lock()

    def now(self) -> float:
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        with self._lock:
            connection = HTTPConnection(self._host)
            connection.request("POST", "/__sandbox__/clock", f'{{"advance": {seconds}}}')
            connection.getresponse().read()
            connection.close()
            self._ahead += seconds


def main() -> None:
    from mksync.__main__ import main as start

    ahead, url, *argv = sys.argv[1:]
    start(argv, Clock(float(ahead), url.removeprefix("http://")))


if __name__ == "__main__":
    main()
