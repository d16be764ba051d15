"""A port's budget: what its meter counts, and what its client's calls bring."""

from bisect import bisect_right

from mksync.core.frozen import dataclass
from mksync.core.quota import Quota, Rates
from mksync.wire.meter import Meter


@dataclass(frozen=True, slots=True)
class Budget:
    """Meets `ports.Budget`."""

    meter: Meter
    rates: Rates

    @property
    def quota(self) -> Quota | None:
        return self.meter.quota

    @property
    def day_began(self) -> float:
        return self.meter.day_began

    def spent(self, calls: int) -> None:
        self.meter.spent(calls)

    def room(self, writes: int) -> int:
        left = self.meter.left
        if left is None or self.rates.to_write(writes) <= left:
            return writes
        return max(0, bisect_right(range(writes), left, key=self.rates.to_write) - 1)

    def afford(self, writes: int) -> None:
        self.meter.afford(self.rates.to_write(writes))
