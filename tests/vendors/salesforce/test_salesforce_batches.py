"""A batch of updates: four calls at a time, and what is known of it when one of them goes wrong."""

from threading import Barrier
from typing import Any

import pytest
from werkzeug import Request, Response

from mksync.core.records import Outcome, Write
from mksync.errors import MksyncError, OutcomeUnknown, Temporary
from mksync.ports import Port
from mksync.vendors.salesforce.port import SalesforcePort
from tests.vendors.salesforce.bulk_org import id_of
from tests.vendors.salesforce.sandbox_org import Mirror, world
from tests.vendors.salesforce.scripted_org import Answer, Asked, Org, error, lead
from tests.wire.scripted import Say

COMPOSITE = "POST /services/data/v67.0/composite"
USED_UP = error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def update(ref: int, id: str) -> Write:
    return Write(ref, "lead", id, {"Title": "CTO"}, "2026-01-31T09:15:00Z")


def full_batch(port: Port) -> list[Write]:
    return [update(number, id_of(number)) for number in range(port.batch)]


def known_before(port: Port, expected: type[MksyncError]) -> list[Outcome]:
    """What came out of a full batch until it raised."""
    known: list[Outcome] = []

    def write() -> None:
        for outcome in port.write("lead", full_batch(port), ["Title"]):
            known.append(outcome)  # noqa: PERF402 - what came before the error is wanted

    with pytest.raises(expected):
        write()
    return known


@pytest.fixture
def org(org: Org) -> Org:
    """Every update works."""

    def held(asked: Asked) -> Answer:
        return 200, [lead(id, "2026-01-31T09:40:00.000+0000", Title="CTO") for id in asked.body["ids"]]

    org.on("PATCH", "/sobjects/Lead/.*", None, 204)
    org.on("POST", "/composite/sobjects/Lead", held)
    return org


def test_a_batch_is_four_calls_of_what_one_takes_with_its_read_back(org: Org, port: SalesforcePort) -> None:
    outcomes = list(port.write("lead", full_batch(port), ["Title"]))
    assert sorted(one.ref for one in outcomes) == list(range(96))
    assert {one.kind for one in outcomes} == {"written"}
    assert org.calls.count(COMPOSITE) == 4
    assert [len(one.body["ids"]) for one in org.parts("POST", "/composite/sobjects/Lead")] == [24] * 4


@pytest.mark.parametrize(
    ("lost", "raised"),
    [
        (Say(reset=True), OutcomeUnknown),
        (Say(200, {"compositeResponse": [{}]}), OutcomeUnknown),
        (Say(403, USED_UP), Temporary),
    ],
)
def test_what_is_known_of_a_batch_comes_out_before_the_rest_is_raised(
    org: Org, port: SalesforcePort, lost: Say, raised: type[MksyncError]
) -> None:
    port.describe("lead")
    org.then(lost)
    assert len(known_before(port, raised)) == 72
    assert org.calls.count(COMPOSITE) == 4


def test_a_lost_answer_beside_a_used_up_quota_ends_the_run_as_the_quota_does(org: Org, port: SalesforcePort) -> None:
    """The next run settles both; settled at once, the lost one would cost calls that there are none of."""
    port.describe("lead")
    org.then(Say(reset=True), Say(403, USED_UP))
    with pytest.raises(Temporary, match="TotalRequests"):
        list(port.write("lead", full_batch(port), ["Title"]))


def test_a_record_whose_trouble_ends_the_run_does_not_hide_what_became_of_the_others(
    org: Org, port: SalesforcePort
) -> None:
    org.on("PATCH", f"/sobjects/Lead/{id_of(3)}", USED_UP, 403)
    known = known_before(port, Temporary)
    assert sorted(one.ref for one in known) == [ref for ref in range(96) if ref != 3]


def test_the_calls_of_a_batch_are_under_way_together(monkeypatch: pytest.MonkeyPatch) -> None:
    with world(people=400) as here:
        mirror = Mirror()
        mirror.pulls(here.port)
        leads = [mirror.records[id] for id in mirror.ids("lead")][: here.port.batch]
        assert len(leads) == 96
        meeting, handle = Barrier(4), here.sandbox.salesforce.handle

        def met(request: Request) -> Response:
            meeting.wait(20)  # raises unless all four are here
            return handle(request)

        monkeypatch.setattr(here.sandbox.salesforce, "handle", met)
        writes = [Write(ref, "lead", one.id, {"Title": f"T{ref}"}, one.version) for ref, one in enumerate(leads)]
        outcomes: list[Any] = list(here.port.write("lead", writes, ["Title"]))
        assert {one.kind for one in outcomes} == {"written"}
        assert {one.ref: one.record.values["Title"] for one in outcomes} == {ref: f"T{ref}" for ref in range(96)}
