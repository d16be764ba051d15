"""What a process costs: a command is run to its end and measured from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time and CPU, peak memory in MB of 10^6 bytes, and CPU seconds of the server meanwhile."""

    wall: float
    cpu: float
    rss: float
    server: float = 0.0

    @property
    def share(self) -> float:
        """The part of the wall time in which the server was at work, more than 1 if several threads of it were."""
        return self.server / self.wall

    def __add__(self, other: "Cost") -> "Cost":
        """One after the other."""
        server = self.server + other.server
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.rss, other.rss), server)


def run(
    command: Iterable[object],
    server: int | None = None,
    *,
    codes: Collection[int] = (0,),
    env: Mapping[str, str] | None = None,
) -> Cost:
    """Run a command. `server`: the process whose CPU time is counted beside. Raises RuntimeError if it fails."""
    words = [str(word) for word in command]
    before = cpu_of(server)
    started = time.perf_counter()
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**_environment(), **(env or {})}
    )
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}: {said[-2_000:]}")
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory, cpu_of(server) - before)


def _environment() -> dict[str, str]:
    """Ours, but modules are compiled once and for all, as they are where a package was installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu_of(pid: int | None) -> float:
    """CPU seconds that a running process has taken so far."""
    if pid is None:
        return 0.0
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    told = subprocess.run(["ps", "-o", "cputime=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    seconds = 0.0
    for part in told.strip().replace("-", ":").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def alternating(times: int, **actions: Callable[[], Cost]) -> dict[str, Cost]:
    """Measure each in turn, `times` over; of each the run with the least wall time."""
    found: dict[str, list[Cost]] = {name: [] for name in actions}
    for _ in range(times):
        for name, action in actions.items():
            found[name].append(action())
    return {name: min(costs, key=lambda cost: cost.wall) for name, costs in found.items()}
