"""A conversion goes between two batches of a run that is under way, as two processes."""

import subprocess
from pathlib import Path

import pytest
from werkzeug import Request, Response

from mksync.sandbox.server import Sandbox
from tests.scenarios.converting import WAYS, Sales, Way
from tests.scenarios.processes import SECONDS, mksync, ran
from tests.scenarios.sandbox_world import World


class Between:
    """Begins a conversion while a run waits for its first answer of Marketo, and lets the run go on."""

    def __init__(self, sandbox: Sandbox, folder: Path, *argv: str) -> None:
        self._handle, self._folder, self._argv = sandbox.marketo.handle, folder, argv
        self.process: subprocess.Popen[str] | None = None
        self.said = ""

    def handle(self, request: Request) -> Response:
        if self.process is None and "/rest/" in request.path:
            self.process = mksync(self._folder, "convert", *self._argv)
            assert self.process.stderr is not None
            self.said = self.process.stderr.readline()  # it says so before it waits
        return self._handle(request)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.crm.system)
def test_a_conversion_goes_between_two_batches_of_a_run(tmp_path: Path, way: Way) -> None:
    with Sandbox.start(vendors=("marketo", way.crm.system)) as sandbox:
        here = World(tmp_path, sandbox, way.crm)
        here.prepare()
        ran(tmp_path, "init")
        sales = Sales(here, way)
        leads = {name: here.crm.named("lead", email=f"{name}@example.com", title="CTO") for name in ("pat", "sam")}
        ran(tmp_path, "run-once")
        for lead in leads.values():
            here.crm.edit("lead", lead, title="CEO")
        between = Between(sandbox, tmp_path, "pat@example.com", *way.everything)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sandbox.marketo, "handle", between.handle)
            ran(tmp_path, "run-once")
            assert between.process is not None
            out, err = between.process.communicate(timeout=SECONDS)
        assert between.process.returncode == 0, err or out
        assert between.said.startswith("waiting for mksync run-once")
        contact = sales.only("contact")
        assert set(sales.records_of_people().values()) == {contact, leads["sam"]}
        assert {row["title"] for row in here.marketo.people("title").values()} == {"CEO"}
        assert [row["title"] for row in here.crm.records("contact", "title").values()] == ["CEO"]
        ran(tmp_path, "run-once")
        assert ran(tmp_path, "verify")["differences"] == 0
