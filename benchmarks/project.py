"""A project between the systems of a server, and commands in it."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.large_mirror import COPY
from benchmarks.measure import ROOT, Cost, run
from benchmarks.server import Server

LAUNCH = ROOT / "benchmarks" / "launch.py"
TABLES = {"salesforce": "", "dynamics": 'tenant = "sandbox"\n'}
TOML = """\
[marketo]
url = "{marketo}"
client_id = "sandbox"
client_secret = "sandbox"
create_key_field = true

[crm]
system = "{system}"
url = "{crm}"
{more}client_id = "sandbox"
client_secret = "sandbox"

[brakes]  # everybody may change at once here
changed_share = 1
blanked_share = 1
emptied_share = 1
"""


@dataclass(frozen=True, slots=True)
class Project:
    folder: Path
    server: Server

    @property
    def mirror(self) -> Path:
        return self.folder / "mksync.db"

    def configure(self) -> None:
        """Write mksync.toml."""
        urls, crm = self.server.urls, self.server.crm
        text = TOML.format(marketo=urls["marketo"], system=crm, crm=urls[crm], more=TABLES[crm])
        (self.folder / "mksync.toml").write_text(text)

    def mksync(self, *argv: str) -> Cost:
        """A command, in a process of its own. What it leaves over, as demo people do, is no failure."""
        ahead, url = self.server.ahead, self.server.urls[self.server.crm]
        command = (sys.executable, LAUNCH, ahead, url, "--project", self.folder, "--no-input", *argv)
        return run(command, self.server.pid, codes=(0, 3))

    def begin(self) -> Cost:
        """`init`, and the first cycle."""
        self.configure()
        return self.mksync("init") + self.mksync("run-once", "--quiet")

    def settle(self, times: int = 2) -> None:
        """More cycles: the first of them reads again whom the one before wrote."""
        for _ in range(times):
            self.server.pause()
            self.mksync("run-once", "--quiet")

    def written(self) -> dict[str, int]:
        """Side -> how many records were written to it so far."""
        with closing(self._read()) as db:
            rows = db.execute("SELECT side, count(*) FROM write WHERE status = 'written' GROUP BY side").fetchall()
        return {"marketo": 0, "crm": 0} | dict(rows)

    def most_people(self) -> int:
        """The highest id of a person."""
        with closing(self._read()) as db:
            return int(db.execute("SELECT max(CAST(_id AS INTEGER)) FROM marketo_person").fetchone()[0])

    def linked(self) -> list[tuple[str, str]]:
        """Linked people that are there, with their leads: ids of Marketo and of the CRM."""
        with closing(self._read()) as db:
            return db.execute(
                "SELECT p._id, r._id FROM link JOIN marketo_person AS p ON p._pid = person"
                " JOIN crm_lead AS r ON r._pid = record WHERE object = 'lead' AND link.state = 'live'"
                " AND instr(r._id, ?) = 0 ORDER BY link.id",
                (COPY,),
            ).fetchall()

    def somebody(self) -> tuple[str, str, str]:
        """A linked lead: ids of Marketo and of the CRM, and the e-mail address."""
        with closing(self._read()) as db:
            row = db.execute(
                "SELECT p._id, r._id, p.email FROM link JOIN marketo_person AS p ON p._pid = person"
                " JOIN crm_lead AS r ON r._pid = record WHERE object = 'lead' AND link.state = 'live' AND link.settled"
                " ORDER BY link.id LIMIT 1"
            ).fetchone()
            return str(row[0]), str(row[1]), str(row[2])

    def _read(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.mirror}?mode=ro", uri=True)

    def edit_both(self, many: int, title: str) -> None:
        """Another title for `many` people in Marketo, and for the leads of `many` others in the CRM."""
        linked = self.linked()
        assert len(linked) >= 2 * many, f"{many} to edit on each side, and {len(linked)} linked leads"
        self.server.edit_marketo([person for person, _ in linked[:many]], f"{title} in Marketo")
        self.server.edit_crm([lead for _, lead in linked[-many:]], f"{title} in the CRM")


@contextmanager
def project(server: Server) -> Iterator[Project]:
    """A project in a folder of its own."""
    with TemporaryDirectory(prefix="mksync-benchmark-") as folder:
        yield Project(Path(folder), server)
