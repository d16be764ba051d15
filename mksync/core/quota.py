"""What calls cost and how many a day allows: quotas as systems tell them, rates as clients have them, forecasts."""

from math import ceil

from mksync.core.frozen import dataclass

DAY = 86_400.0  # seconds
ENOUGH = 12  # idle cycles: an hour of them at five minutes, so that the hour's look at the fields is among them


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of one day: `used` so far, of at most `limit`; the share `reserve` of the limit is left to others."""

    used: int
    limit: int
    reserve: float = 0.0

    @property
    def kept(self) -> int:
        """Calls that are left to others."""
        return round(self.limit * self.reserve)

    @property
    def left(self) -> int:
        """Calls that mksync may still make; below zero if others went beyond."""
        return self.limit - self.kept - self.used


@dataclass(frozen=True, slots=True)
class Jobs:
    """How many records are read by a job of the vendor's, which is made, waited for, and then read in larger pages.

    `least`: from so many records on. `calls` for each job, and `page_calls` for every `page` records.
    """

    least: int
    calls: int
    page: int
    page_calls: int

    def to_read(self, records: int) -> int:
        return self.calls + ceil(records / self.page) * self.page_calls


@dataclass(frozen=True, slots=True)
class Rates:
    """What a client's calls bring, beside its vendor's limits.

    - `idle`: calls of a cycle with nothing to do; `hourly`: more of one cycle an hour, which looks at the fields again
    - `page`: records that are read together, in `page_calls` calls
    - `batch`: records that are written together, in at most `batch_calls` calls, and `each` more for every record
    - `tells`: whether answers tell the quota, and what is used of it
    - `jobs`: how many records are read otherwise
    """

    idle: int
    hourly: int
    page: int
    page_calls: int
    batch: int
    batch_calls: int
    each: int = 0
    tells: bool = False
    jobs: Jobs | None = None

    def to_read(self, records: int) -> int:
        if self.jobs and records >= self.jobs.least:
            return self.jobs.to_read(records)
        return ceil(records / self.page) * self.page_calls

    def to_write(self, records: int) -> int:
        return ceil(records / self.batch) * self.batch_calls + records * self.each


@dataclass(frozen=True, slots=True)
class Spent:
    """What one cycle of the past cost one system. `changed`: records that it wrote, on either side."""

    calls: int
    changed: int
    seconds: float  # from its beginning to its end


@dataclass(frozen=True, slots=True)
class Measured:
    """What cycles of this project have cost one system; None where there were too few to measure."""

    cycles: int
    idle: float | None
    each: float | None  # calls beyond those of an idle cycle, for every record written


@dataclass(frozen=True, slots=True)
class Day:
    """A day of `mksync watch`: at most so many cycles with nothing to do, and what every changed record adds."""

    cycles: int
    idle: float
    each: float
    measured: int  # cycles that this rests on; 0: the client's rates

    @property
    def calls(self) -> int:
        return ceil(self.cycles * self.idle)


def measured(cycles: list[Spent]) -> Measured:
    """Rates of these cycles, on average."""
    calm = [one.calls for one in cycles if not one.changed]
    busy = [one for one in cycles if one.changed]
    if len(calm) < ENOUGH:
        return Measured(len(cycles), None, None)
    idle = sum(calm) / len(calm)
    written = sum(one.changed for one in busy)
    extra = sum(max(0.0, one.calls - idle) for one in busy)
    return Measured(len(cycles), idle, extra / written if written else None)


def day(rates: Rates, known: Measured, interval: float, lasting: float = 0.0) -> Day:
    """`interval`: seconds from the end of a cycle to the next. `lasting`: seconds that a cycle takes."""
    cycles = int(DAY // (interval + lasting))
    idle = rates.idle + 24 * rates.hourly / max(24, cycles) if known.idle is None else known.idle
    page, batch = rates.page_calls / rates.page, rates.batch_calls / rates.batch + rates.each
    each = page + batch if known.each is None else known.each
    return Day(cycles, idle, each, 0 if known.idle is None else known.cycles)
