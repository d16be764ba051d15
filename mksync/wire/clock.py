"""The computer's own clock, behind `ports.Clock`."""

import time


class RealClock:
    """Meets `ports.Clock` with the wall clock; tests and the demo steer one of their own."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))
