"""Quick sync of one field over everybody: killed twice on the way, it ends with every value right.

MKSYNC_QUICK_SYNC_PEOPLE sets how many people there are, such as 30000 for 19,000 leads.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from mksync.sandbox.marketo.meter import UNLIMITED
from mksync.sandbox.server import Sandbox
from tests.cli.desk import rehearsal
from tests.scenarios.crms import CRMS, Crm
from tests.scenarios.outsiders import Caller, Row
from tests.scenarios.processes import Trap, killed_in, ran, reads_people, writes_people
from tests.scenarios.sandbox_world import KEY, World

PEOPLE = int(os.environ.get("MKSYNC_QUICK_SYNC_PEOPLE", "700"))
FIELD = "customerTier"
BATCH = 300  # people in one call of Marketo's
DONE = (0, 3)  # among so many, some are held as ambiguous


def people(here: World) -> dict[str, Row]:
    """Everybody who is linked with a lead, by the lead's id."""
    leads = here.crm.records("lead")
    found = here.marketo.people(KEY, FIELD, "title", most=-(-2 * PEOPLE // BATCH) * BATCH)
    return {row[KEY]: row for row in found.values() if row[KEY] in leads}


def edit_in_marketo(sandbox: Sandbox, rows: list[Row]) -> None:
    caller = Caller(sandbox, sandbox.marketo_url, "/identity/oauth/token")
    for start in range(0, len(rows), BATCH):
        body = {"action": "updateOnly", "lookupField": "id", "input": rows[start : start + BATCH]}
        answer = caller.call("POST", "/rest/v1/leads.json", body)
        assert answer["success"], answer


def written(here: World) -> int:
    """How often mksync has written the field."""
    with here.mirror() as mirror:
        rows = mirror.db.execute(
            "SELECT count(*) FROM write, json_each(write.fields) AS one WHERE status = 'written' AND kind = 'update'"
            " AND json_extract(one.value, '$.field') = ?",
            (FIELD,),
        )
        return int(rows.fetchone()[0])


def totals(report: Any) -> list[int]:
    return [part[name] for part in report["objects"] for name in ("changes_total", "collisions_total", "initial_total")]


@pytest.mark.parametrize("crm", CRMS, ids=lambda crm: crm.system)
def test_a_quick_sync_that_is_killed_twice_ends_with_every_value_right(tmp_path: Path, crm: Crm) -> None:
    with Sandbox.start(people=PEOPLE, seed=27, vendors=("marketo", crm.system)) as sandbox:
        sandbox.marketo.limits = UNLIMITED  # so many calls in so short a time are nobody's way of working
        here = rehearsal(tmp_path / "project", sandbox, crm)
        ran(here.folder, "init", "--no-input")
        ran(here.folder, "run-once", codes=DONE)
        before = people(here)
        edited = [id for number, id in enumerate(before) if number % 5]
        edit_in_marketo(sandbox, [{"id": before[id]["id"], FIELD: "Other"} for id in edited])
        source = here.crm.records("lead", FIELD)
        wrong = [id for id in before if source[id][FIELD] != ("Other" if id in edited else before[id][FIELD])]
        cleared = [id for id in edited if source[id][FIELD] is None]
        assert len(wrong) > BATCH, "one batch does it all"
        assert cleared, "nothing is to be cleared"
        assert len(wrong) < len(before), "nobody agrees already"

        here.command("fields", "select", "--object", "lead", "--add", FIELD)
        killed_in(Trap(sandbox, reads_people, after_effect=False, nth=3), sandbox, here.folder, "run-once")
        assert written(here) == 0
        killed_in(Trap(sandbox, writes_people, after_effect=True, nth=2), sandbox, here.folder, "run-once")
        first = next(id for id, row in people(here).items() if row[FIELD] == source[id][FIELD] and id in wrong)
        edit_in_marketo(sandbox, [{"id": before[first]["id"], "title": "Somebody's edit"}])
        report = ran(here.folder, "run-once", codes=DONE)

        after = people(here)
        assert {id: after[id][FIELD] for id in before} == {id: source[id][FIELD] for id in before}
        assert here.crm.records("lead", FIELD) == source
        assert here.crm.records("lead", "title")[first]["title"] == "Somebody's edit"
        assert written(here) == len(wrong), "what was filled before the kill is not filled again"
        assert [part["collisions_total"] for part in report["objects"]] == [0, 0]
        lost = here.command("log", "--collisions").out
        assert lost.count("Other") >= 1
        assert set(totals(ran(here.folder, "run-once", codes=DONE))) == {0}
