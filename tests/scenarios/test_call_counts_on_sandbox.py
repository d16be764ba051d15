"""What cycles cost, call by call: a number that changes here is a regression, or a gain to be told in the README.

Time is kept so that no cycle that is counted is the one of its hour that looks at the fields again.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mksync.sandbox.marketo.meter import UNLIMITED
from tests.scenarios.crms import CRMS, DYNAMICS, Crm
from tests.scenarios.sandbox_world import KEY, World, world

# (calls of Marketo, of the CRM), beside the sign-ins
COUNTS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "salesforce": {
        "nothing changed": (2, 1),
        "the hour's look at the fields": (4, 3),
        "1 made in the CRM": (5, 1),
        "1 changed in the CRM": (4, 1),
        "1 changed in Marketo": (3, 2),
        "1 given another choice in Marketo": (3, 2),
        "300 made in the CRM": (5, 1),
        "300 changed in the CRM": (4, 1),
        "300 changed in Marketo": (3, 14),
        "300 given another choice in Marketo": (3, 14),
    },
    "dynamics": {
        "nothing changed": (2, 2),
        "the hour's look at the fields": (4, 5),
        "1 made in the CRM": (5, 4),
        "1 changed in the CRM": (4, 4),
        "1 changed in Marketo": (3, 4),
        "1 given another choice in Marketo": (3, 5),
        "300 made in the CRM": (5, 4),
        "300 changed in the CRM": (4, 4),
        "300 changed in Marketo": (3, 303),
        "300 given another choice in Marketo": (3, 304),
    },
}


# HTTP requests to Dynamics, which counts every part of a batch as a call
REQUESTS: Mapping[str, int] = {
    "nothing changed": 2,
    "1 changed on each side": 4,
    "1 changed in the CRM and 300 in Marketo, for the first time": 5,
    "the same of a later run": 4,
}


@pytest.fixture(params=CRMS, ids=lambda crm: crm.system)
def calm(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """Where a plan may change everybody."""
    with world(tmp_path, request.param) as here:
        file = here.folder / "mksync.toml"
        file.write_text(f"{file.read_text()}\n[brakes]\nchanged_share = 1\n")
        here.sandbox.marketo.limits = UNLIMITED
        here.init()
        yield here


def counted(here: World) -> tuple[int, int]:
    calls = here.cycle().calls
    return calls["Marketo"], calls[here.facts.title]


def rested(here: World) -> tuple[int, int]:
    """Let everything settle, and the fields be looked at. Returns what that last cycle took."""
    here.cycle()
    here.clock.sleep(3_600)
    looked = counted(here)
    here.clock.sleep(1_200)
    return looked


def expected(facts: Crm, what: str) -> tuple[int, int]:
    return COUNTS[facts.system][what]


def test_a_cycle_with_nothing_to_do_takes_so_many_calls(calm: World) -> None:
    assert rested(calm) == expected(calm.facts, "the hour's look at the fields")
    assert [counted(calm) for _ in range(3)] == [expected(calm.facts, "nothing changed")] * 3


@pytest.mark.parametrize("many", [1, 300])
def test_a_cycle_with_changes_takes_so_many_calls(calm: World, many: int) -> None:
    rested(calm)
    held = {"title": "A", "customerTier": "Gold", "interests": "Events"}
    leads = [calm.crm.named("lead", email=f"p{number}@example.com", **held) for number in range(many)]
    assert counted(calm) == expected(calm.facts, f"{many} made in the CRM")
    rested(calm)
    for lead in leads:
        calm.crm.edit("lead", lead, title="B")
    assert counted(calm) == expected(calm.facts, f"{many} changed in the CRM")
    rested(calm)
    with calm.mirror() as mirror:
        people = [id for (id,) in mirror.db.execute("SELECT _id FROM marketo_person")]
    assert len(people) == many
    for person in people:
        calm.marketo.edit(person, title="C")
    assert counted(calm) == expected(calm.facts, f"{many} changed in Marketo")
    rested(calm)
    for person in people:
        calm.marketo.edit(person, customerTier="Silver")
    assert counted(calm) == expected(calm.facts, f"{many} given another choice in Marketo")
    there = calm.crm.records("lead", "title", "customerTier").values()
    assert {(row["title"], row["customerTier"]) for row in there} == {("C", "Silver")}, "all that was counted was done"


def requests(here: World) -> int:
    """Of one cycle, when all that was before has settled."""
    here.sandbox.calls.clear()
    assert here.cycle().exit_code == 0
    return here.sandbox.calls.total("dynamics")


@pytest.mark.parametrize("calm", [DYNAMICS], indirect=True, ids=lambda crm: crm.system)
def test_a_cycle_with_dynamics_takes_so_many_requests(calm: World) -> None:
    last, *leads = [calm.crm.named("lead", email=f"p{number}@example.com") for number in range(301)]
    rested(calm)
    people = {row[KEY]: id for id, row in calm.marketo.people(KEY, most=600).items()}

    def edited(many: int, title: str) -> int:
        rested(calm)
        calm.crm.edit("lead", last, title=title)
        for lead in leads[:many]:
            calm.marketo.edit(people[lead], title=title)
        found = requests(calm)
        assert [row["title"] for row in calm.crm.records("lead", "title").values()].count(title) == many + 1
        return found

    assert requests(calm) == REQUESTS["nothing changed"]
    assert edited(1, "A") == REQUESTS["1 changed on each side"]
    assert edited(300, "B") == REQUESTS["1 changed in the CRM and 300 in Marketo, for the first time"]
    assert edited(300, "C") == REQUESTS["the same of a later run"]
