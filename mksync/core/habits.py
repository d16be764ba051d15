"""How a watch goes on: when the next cycle begins, and what ends it."""

from typing import Literal

from mksync.core.frozen import dataclass

Then = Literal["stop", "pause"]


@dataclass(frozen=True, slots=True)
class Habits:
    """The table [watch] of mksync.toml. Seconds throughout.

    - `interval`: from the end of a cycle to the beginning of the next
    - `jitter`: at most so much is added to it, at random, so that many projects do not all begin at once
    - `longest_retry`: where the growing waits after passing failures end
    - `on_…`: whether the watch ends with a situation that needs a human, or tries again after each interval
    """

    interval: float = 300.0
    jitter: float = 0.0
    longest_retry: float = 900.0
    on_brake: Then = "stop"
    on_access: Then = "stop"
    on_mirror: Then = "stop"
    on_config: Then = "stop"
