"""Run the benchmarks, print their tables, and write them to docs/benchmarks.md.

python -m benchmarks --quick                # small sizes: ten minutes
python -m benchmarks                        # large sizes: half an hour
python -m benchmarks --full                 # first cycles of a million people, too: an hour, and 4 GB
python -m benchmarks --only calls start-up  # some of them; the tables of the others stay as they are
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import document
from benchmarks.measure import ROOT
from benchmarks.rows import calls, changed, first_cycle, idle, pull, push, sandbox, start_up
from benchmarks.scale import FULL, LARGE, QUICK, TINY, Scale
from benchmarks.table import Table

BENCHMARKS: Mapping[str, Callable[[Scale], list[Table]]] = {
    "calls": calls.measured,
    "pull": pull.measured,
    "first-cycle": first_cycle.measured,
    "idle": idle.measured,
    "changed": changed.measured,
    "push": push.measured,
    "start-up": start_up.measured,
    "sandbox": sandbox.measured,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--full", action="store_true", help="a million people in every benchmark")
    parser.add_argument("--tiny", action="store_true", help="sizes at which only the benchmarks themselves are tried")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--file", type=Path, default=ROOT / "docs" / "benchmarks.md", help="where the tables go")
    given = parser.parse_args()
    scale = TINY if given.tiny else QUICK if given.quick else FULL if given.full else LARGE
    for name in given.only:
        print(f"{name} …", file=sys.stderr, flush=True)
        began = time.perf_counter()
        tables = BENCHMARKS[name](scale)
        section = document.section(scale, tables, time.perf_counter() - began)
        print(section, flush=True)
        document.put(given.file, name, section, list(BENCHMARKS))


if __name__ == "__main__":
    main()
