"""What a day of watching, or a first sync, would cost on each system: before it is spent, and without a call."""

from collections.abc import Iterator
from math import ceil

from mksync.core.frozen import dataclass
from mksync.core.quota import Day, Quota, Rates, day, measured
from mksync.mirror import Mirror


@dataclass(frozen=True, slots=True)
class System:
    """One side as mksync.toml and its client have it. `known`: its quota, if it was asked for just now."""

    title: str
    rates: Rates
    daily_calls: int | None
    reserve: float
    known: Quota | None = None


@dataclass(frozen=True, slots=True)
class FirstSync:
    """Calls at most: everybody is read, written once, and read again by the cycle after."""

    people: int
    reading: int
    writing: int

    @property
    def calls(self) -> int:
        return self.reading + self.writing


@dataclass(frozen=True, slots=True)
class Forecast:
    """`quota`: what was used at `quota_at` (an instant; empty: never told); None: neither told nor in mksync.toml.

    `asked`: it is as it is now. `tells`: whether this system's answers tell it.
    """

    system: str
    tells: bool
    day: Day
    quota: Quota | None
    quota_at: str
    asked: bool
    daily_calls: int | None
    first_sync: FirstSync | None

    @property
    def allowed(self) -> int | None:
        """The most calls of a day that mksync may make, if nobody else makes any; None: no bound is known."""
        bounds = [self.quota.limit - self.quota.kept] if self.quota else []
        return min([*bounds, *([self.daily_calls] if self.daily_calls else [])], default=None)

    @property
    def days(self) -> int | None:
        """That the first sync is spread over by the quota."""
        return ceil(self.first_sync.calls / self.allowed) if self.first_sync and self.allowed else None


def forecasts(mirror: Mirror | None, systems: list[System], interval: float, people: int | None) -> Iterator[Forecast]:
    """`interval`: seconds from the end of a cycle to the next. `people`: in the CRM, of a first sync."""
    for system in systems:
        past = list(mirror.spending.cycles(system.title)) if mirror else []
        lasting = sum(one.seconds for one in past) / len(past) if past else 0.0
        quota, at = _quota(mirror, system)
        yield Forecast(
            system.title,
            system.rates.tells,
            day(system.rates, measured(past), interval, lasting),
            quota,
            at,
            system.known is not None,
            system.daily_calls,
            None if people is None else _first(system.rates, people),
        )


def _first(rates: Rates, people: int) -> FirstSync:
    return FirstSync(people, 2 * rates.to_read(people), rates.to_write(people))


def _quota(mirror: Mirror | None, system: System) -> tuple[Quota | None, str]:
    """Its limit and reserve as they are by now, and what was used when the system was asked last."""
    if system.known:
        return system.known, ""
    told, at = mirror.spending.quota(system.title) if mirror else (None, "")
    limit = (told.limit if told else None) if system.rates.tells else system.daily_calls
    return (Quota(told.used if told else 0, limit, system.reserve), at) if limit else (None, "")
