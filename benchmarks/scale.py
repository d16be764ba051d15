"""How large the benchmarks are: tiny in the tests, quick for a look, large and full for what is claimed."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes are numbers of people."""

    name: str
    times: int  # how often each thing is measured, unless it takes minutes; the least time counts
    short: int  # the same for what takes less than a second
    changed: tuple[int, ...]  # people edited on each side, for calls
    pulls: tuple[int, ...]
    pull_late: int  # the size that is pulled with a latency, too
    first: tuple[int, ...]  # first cycles, for time and memory
    idle: tuple[int, int]
    worked: tuple[int, ...]  # people edited on each side, for time
    among: tuple[int, ...]  # … of so many
    latencies: tuple[int, ...]  # milliseconds a call
    mirror: int  # people in the mirror that start-up is measured with
    served: int  # people in the sandbox whose speed is measured
    crms: tuple[str, ...]
    settles: int  # cycles until nothing of the first one echoes
    peers: bool  # whether other programs are installed and run beside


CRMS = ("salesforce", "dynamics")
TINY = Scale(
    name="tiny", times=1, short=1, changed=(3,), pulls=(60,), pull_late=0, first=(60,), idle=(40, 400), worked=(5,),
    among=(600,), latencies=(0, 1), mirror=400, served=100, crms=("salesforce",), settles=0, peers=False,
)  # fmt: skip
QUICK = Scale(
    name="quick", times=3, short=15, changed=(1, 300), pulls=(10_000,), pull_late=10_000, first=(2_000, 10_000),
    idle=(1_000, 1_000_000), worked=(1_000,), among=(20_000, 200_000), latencies=(0, 100, 300), mirror=200_000,
    served=20_000, crms=CRMS, settles=2, peers=True,
)  # fmt: skip
LARGE = Scale(
    name="large", times=3, short=15, changed=(1, 300, 10_000), pulls=(50_000, 200_000), pull_late=50_000,
    first=(50_000, 200_000), idle=(1_000, 1_000_000), worked=(1_000, 10_000), among=(200_000, 1_000_000),
    latencies=(0, 100, 300), mirror=1_000_000, served=200_000, crms=CRMS, settles=2, peers=True,
)  # fmt: skip
FULL = replace(LARGE, name="full", first=(50_000, 200_000, 1_000_000), served=1_000_000)
