"""What a project costs on the sandbox: first set-up, first cycle, an idle cycle, and one with edits on both sides.

Every command runs in a process of its own, as an admin would start it; time, CPU and memory are that process's. The
sandbox keeps Marketo's real rate limit, so most of the wall time of the large steps is waiting for it. Twelve minutes
pass between two steps, on everybody's clock: change feeds are read with ten minutes of overlap.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SAMPLE = Path(__file__).parent.parent / "sample-configs" / "sandbox-salesforce.toml"
SANDBOX = (sys.executable, "-m", "mksync", "sandbox", "start", "--port", "0")
LATER = """
import sys, time
now, ahead = time.time, float(sys.argv.pop(1))
time.time = lambda: now() + ahead
from mksync.__main__ import main
main()
"""
PAUSE = 720.0  # seconds
EDITS = 300  # on each side: one call of Marketo's, two of Salesforce's
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
STEPS = {
    "init": ("init",),
    "first cycle": ("run-once",),
    "the next one": ("run-once",),  # Marketo's change log tells of everything that the first one wrote
    "idle cycle": ("run-once",),
    f"{EDITS} edits a side": ("run-once", "--confirm", str(EDITS)),  # of few people these are many: a brake asks
}


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds, MB of 10^6 bytes, API calls as the vendors count them."""

    wall: float
    cpu: float
    rss: float
    calls: dict[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[5_000, 50_000], help="sizes to compare, in order")
    sizes: list[int] = parser.parse_args().people
    costs = {size: measured(size) for size in sizes}
    print(f"\n{machine()}\n")
    for line in table(costs):
        print(line)


def measured(people: int) -> dict[str, Cost]:
    """Every step's cost with this many people, on a sandbox and in a folder of its own."""
    with sandbox(people) as urls, TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        project = Path(folder)
        (project / "mksync.toml").write_text(configured(urls))
        found = {}
        for number, (step, command) in enumerate(STEPS.items()):
            if step.endswith("a side"):
                edit_both_sides(urls, project / "mksync.db")
            print(f"{people:,} people: {step} …", file=sys.stderr, flush=True)
            mksync = (sys.executable, "-c", LATER, str(number * PAUSE), "--project", folder, "--no-input")
            found[step] = run((*mksync, *command), project / "mksync.db")
            ask(urls["marketo"] + "/__sandbox__/clock", body={"advance": PAUSE})
        return found


@contextmanager
def sandbox(people: int) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own. Gives the vendors' addresses."""
    process = subprocess.Popen((*SANDBOX, "--people", str(people)), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready, *urls = process.stdout.readline().split()
        assert ready == "ready", "the sandbox did not start"
        yield dict(url.split("=", 1) for url in urls)
    finally:
        process.terminate()
        process.wait()


def configured(urls: dict[str, str]) -> str:
    text = SAMPLE.read_text()
    return text.replace("http://127.0.0.1:8700", urls["marketo"]).replace("http://127.0.0.1:8701", urls["salesforce"])


def run(command: tuple[str, ...], mirror: Path) -> Cost:
    """Run a command to its end. Its calls are read from the mirror's own record of its cycle."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 3), f"{' '.join(command)} ended with {process.returncode}"
    with sqlite3.connect(f"file:{mirror}?mode=ro", uri=True) as db:
        (calls,) = db.execute("SELECT calls FROM cycle ORDER BY id DESC LIMIT 1").fetchone()
    db.close()
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _unit() / 1e6, json.loads(calls))


def _unit() -> int:
    """Bytes that `ru_maxrss` counts in."""
    return 1 if sys.platform == "darwin" else 1024


def edit_both_sides(urls: dict[str, str], mirror: Path) -> None:
    """Another title for some linked people in Marketo, and for the leads of others in Salesforce."""
    with sqlite3.connect(f"file:{mirror}?mode=ro", uri=True) as db:
        rows = db.execute(
            "SELECT p._id, r._id FROM link JOIN marketo_person AS p ON p._pid = person"
            " JOIN crm_lead AS r ON r._pid = record WHERE object = 'lead' ORDER BY link.id LIMIT ?",
            (2 * EDITS,),
        ).fetchall()
    db.close()
    people = [{"id": int(person), "title": "Edited in Marketo"} for person, _ in rows[:EDITS]]
    leads = [
        {"attributes": {"type": "Lead"}, "id": record, "Title": "Edited in Salesforce"} for _, record in rows[EDITS:]
    ]
    token = ask(urls["marketo"] + "/identity/oauth/token", form=SIGN_IN)["access_token"]
    sync = {"action": "updateOnly", "lookupField": "id", "input": people}
    ask(urls["marketo"] + "/rest/v1/leads.json", token, body=sync)
    token = ask(urls["salesforce"] + "/services/oauth2/token", form=SIGN_IN)["access_token"]
    for at in range(0, len(leads), 200):
        path = "/services/data/v67.0/composite/sobjects"
        ask(urls["salesforce"] + path, token, body={"records": leads[at : at + 200]}, method="PATCH")


def ask(
    url: str, token: str = "", *, form: dict[str, str] | None = None, body: object = None, method: str = "POST"
) -> Any:
    """One call of somebody who is not mksync."""
    data = urlencode(form) if form else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(url, data.encode(), headers, method=method), timeout=60) as answer:
        return json.load(answer)


def table(costs: dict[int, dict[str, Cost]]) -> Iterator[str]:
    """A Markdown table, with the last size's cost over the first's."""
    yield "| step | people | wall s | CPU s | peak MB | calls Marketo | calls Salesforce |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for step in STEPS:
        for size, steps in costs.items():
            cost = steps[step]
            calls = " | ".join(str(cost.calls.get(system, 0)) for system in ("Marketo", "Salesforce"))
            yield f"| {step} | {size:,} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.rss:.0f} | {calls} |"
        if len(costs) > 1:
            yield _ratio(step, *[list(costs.values())[at][step] for at in (0, -1)])


def _ratio(step: str, small: Cost, large: Cost) -> str:
    wall, cpu, rss = large.wall / small.wall, large.cpu / small.cpu, large.rss / small.rss
    return f"| {step} | ratio | {wall:.2f} | {cpu:.2f} | {rss:.2f} | | |"


def machine() -> str:
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    main()
