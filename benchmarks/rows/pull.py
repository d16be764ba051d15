"""The first pull of the CRM's people into an empty mirror, beside the least it can cost and beside other programs."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import environment
from benchmarks.measure import ROOT, Cost, alternating, run
from benchmarks.project import Project
from benchmarks.scale import Scale
from benchmarks.server import Server, serving
from benchmarks.table import COSTS, NONE, Row, Table, seconds
from mksync.core.pairs import Direction
from mksync.selection import Selected, Selection, save

FIELDS = 20  # of each object, the record's id and its time of change among them
PAIRS = {
    "lead": {
        "salutation": "Salutation", "firstName": "FirstName", "lastName": "LastName", "title": "Title",
        "email": "Email", "phone": "Phone", "mobilePhone": "MobilePhone", "fax": "Fax", "leadSource": "LeadSource",
        "company": "Company", "website": "Website", "industry": "Industry", "address": "Street", "city": "City",
        "state": "State", "postalCode": "PostalCode", "country": "Country", "leadStatus": "Status",
    },
    "contact": {
        "salutation": "Salutation", "firstName": "FirstName", "lastName": "LastName", "title": "Title",
        "email": "Email", "phone": "Phone", "mobilePhone": "MobilePhone", "fax": "Fax", "leadSource": "LeadSource",
        "department": "Department", "dateOfBirth": "Birthdate", "doNotCall": "DoNotCall",
        "unsubscribed": "HasOptedOutOfEmail", "address": "MailingStreet", "city": "MailingCity",
        "state": "MailingState", "postalCode": "MailingPostalCode", "country": "MailingCountry",
    },
}  # fmt: skip
WANTED = [f"{name.title()}={','.join(('Id', *pairs.values(), 'SystemModstamp'))}" for name, pairs in PAIRS.items()]
FLOOR = ROOT / "benchmarks" / "floors" / "pull.py"
PEERS = ROOT / "benchmarks" / "peers"
LATE = 100  # milliseconds a call


def measured(scale: Scale) -> list[Table]:
    python = environment.peers() if scale.peers else None
    table = Table("First pull", ("people, at a latency", "program", *COSTS, "× the floor"))
    for people in scale.pulls:
        with serving(people, marketo=0, ready=True) as server:
            server.add_key_field()
            _compared(server, people, 0, scale, python, table)
            if people == scale.pull_late:
                server.delay(LATE)
                _compared(server, people, LATE, scale, python, table)
    table.notes.append(
        f"The leads and contacts of Salesforce, {FIELDS} fields each, into an empty SQLite file; answered from memory,"
        " so that the time is the puller's. The floor is requests, json and executemany in one transaction. mksync also"
        " signs in to Marketo, describes fields, compares what it stages, and commits each page with its cursor; dlt"
        " keeps a staging copy to merge from. Others get the same pages of 2,000."
    )
    if python:
        table.notes.append(f"Beside it: {environment.versions(python)}.")
    return [table]


def _compared(server: Server, people: int, latency: int, scale: Scale, python: Path | None, table: Table) -> None:
    actions: dict[str, Callable[[], Cost]] = {
        "floor": lambda: _scripted(server, sys.executable, FLOOR),
        "mksync": lambda: _ours(server),
    }
    if python:
        actions["simple-salesforce, sqlite-utils"] = lambda: _scripted(
            server, python, PEERS / "simple_salesforce_pull.py"
        )
        actions["dlt"] = lambda: _scripted(server, python, PEERS / "dlt_pull.py")
    for action in actions.values():
        action()  # once for nothing: what it asks is answered from memory from then on
    found = alternating(scale.times, **actions)
    floor, ours = found["floor"], found["mksync"]
    for name, cost in found.items():
        what = f"{people:,}, {latency} ms"
        cells = (what, name, *seconds(cost), f"{cost.wall / floor.wall:.2f}")
        table.rows.append(_row(cells, name, cost, ours, floor, late=latency > 0))


def _row(cells: tuple[str, ...], name: str, cost: Cost, ours: Cost, floor: Cost, *, late: bool) -> Row:
    if name == "mksync":
        return Row(cells, "≤ 1.3 × the floor", cost.wall <= 1.3 * floor.wall, "pull")
    if name == "dlt":
        aim = f"mksync 5 × faster (is {cost.wall / ours.wall:.1f} ×)"
        return Row(cells, aim, cost.wall >= 5 * ours.wall, "pull dlt late" if late else "pull dlt")
    return Row(cells, NONE)


def _scripted(server: Server, python: str | Path, script: Path) -> Cost:
    with TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        where = folder if script.name.startswith("dlt") else Path(folder) / "pulled.db"
        return run((python, script, server.urls["salesforce"], where, *WANTED), server.pid)


def _ours(server: Server) -> Cost:
    with TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        Project(Path(folder), server).configure()
        pairs = {
            name: tuple(Selected(marketo, crm, Direction.BOTH) for marketo, crm in named.items())
            for name, named in PAIRS.items()
        }
        save(Path(folder) / "mksync.fields.toml", Selection(pairs))
        module = ("-m", "benchmarks.ours_pull")
        return run((sys.executable, *module, folder, server.ahead, server.urls["marketo"]), server.pid)
