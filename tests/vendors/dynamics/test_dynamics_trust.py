"""What is asked before changes are believed that were read with a token of an earlier run: in one request, and as if in
two."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from mksync.core.records import Record
from mksync.errors import AccessError, MirrorError, Temporary
from mksync.ports import Beside
from mksync.vendors.dynamics import VENDOR
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import (
    BASE,
    LEAD,
    LEAD_B,
    ORG,
    TENANT,
    USER,
    Asked,
    Org,
    Part,
    batch,
    error,
    lead,
    rows,
    tombstone,
)
from tests.wire.scripted import FakeClock, Say

SELECTION = {"lead": ["jobtitle"]}
SECURED = "/EntityDefinitions(LogicalName='lead')/Attributes"
LEADS, TOGETHER = f"GET {BASE}/leads", f"POST {BASE}/$batch"
WHO, COLUMNS = f"GET {BASE}/WhoAmI", f"GET {BASE}{SECURED}"
ANOTHER = "7a10f6f0-0000-4000-8000-00000000ffff"
MULTIPART = {"Content-Type": "multipart/mixed; boundary=batchresponse_1"}

I_AM = Part(200, {"UserId": USER, "OrganizationId": ORG})
NONE_SECURED = Part(200, rows())


class Later:
    """A run after one that kept its token and read all there is: a lead has changed since."""

    def __init__(self, org: Org, clock: FakeClock, folder: Path) -> None:
        self.org = org
        self._clock = clock
        self._beside = Beside(folder / "mksync.db")
        org.on("GET", "/leads", lambda asked: (200, self._page(asked)))
        self.delta: Sequence[Any] = ()
        first = self._opened()
        first.organisation()
        self._schema = first.describe("lead")
        (page,) = first.changes(SELECTION, None)
        self._cursor = page.cursor
        self.delta = (lead(LEAD, 9, jobtitle=None),)
        org.calls.clear()
        self.port = self._opened()

    def pulled(self) -> list[Record]:
        self.port.recall(self._schema)
        return [record for page in self.port.changes(SELECTION, self._cursor) for record in page.records]

    def _opened(self) -> DynamicsPort:
        table = {"url": self.org.server.url, "tenant": TENANT, "client_id": "app", "client_secret": "s3cret"}
        settings = VENDOR.settings(table, "[crm]")
        return cast("DynamicsPort", VENDOR.open_beside(settings, self._clock, self._beside))

    def _page(self, asked: Asked) -> dict[str, Any]:
        found = self.delta if "$deltatoken" in asked.query else ()
        return rows(*found, delta="leads?$select=leadid&$deltatoken=1")


@pytest.fixture
def later(org: Org, clock: FakeClock, tmp_path: Path) -> Later:
    return Later(org, clock, tmp_path)


def scripted(org: Org, *answers: Say) -> None:
    """These answer what is asked after the delta link."""
    respond = org.server.script

    def script(heard: Any) -> Say:
        if heard.path == f"{BASE}/leads" or not answers or "authorization" not in heard.headers:
            return respond(heard)
        org.then(*answers)
        org.server.script = respond
        return respond(heard)

    org.server.script = script


def parted(*parts: Part) -> Say:
    return Say(200, batch(*parts), MULTIPART)


EMPTIED = [Record("lead", LEAD, {"jobtitle": None}, 'W/"9"')]


def test_who_answers_and_what_is_secured_are_asked_in_one_request(later: Later) -> None:
    assert later.pulled() == EMPTIED
    assert later.org.calls == [LEADS, TOGETHER]
    assert later.port.calls == 3, "each question counts"


def test_where_nothing_is_empty_nobody_is_asked_what_is_secured(later: Later) -> None:
    later.delta = (lead(LEAD, 9, jobtitle="CEO"), tombstone(LEAD_B))
    assert [one.values for one in later.pulled()] == [{"jobtitle": "CEO"}]
    assert later.org.calls == [LEADS, WHO]


def test_what_is_secured_is_asked_anew_by_every_reading(later: Later) -> None:
    later.pulled()
    later.org.calls.clear()
    assert later.pulled() == EMPTIED
    assert later.org.calls == [LEADS, COLUMNS], "who answers is known by now"


def test_nothing_of_another_environment_is_believed(later: Later) -> None:
    scripted(later.org, parted(Part(200, {"UserId": USER, "OrganizationId": ANOTHER}), NONE_SECURED))
    with pytest.raises(MirrorError, match=f"made from {ORG}"):
        later.pulled()
    assert later.org.calls == [LEADS, TOGETHER]


def test_a_column_that_was_secured_is_never_read_as_cleared(later: Later) -> None:
    scripted(later.org, parted(I_AM, Part(200, rows({"LogicalName": "jobtitle", "IsSecured": True}))))
    for path in ("systemuserprofiles_association", "teammembership_association"):
        later.org.on("GET", rf"/systemusers\({USER}\)/{path}", rows())
    later.org.on("GET", "/fieldpermissions", rows())
    with pytest.raises(AccessError, match="jobtitle"):
        later.pulled()


PASSING = {
    "limit": (429, error("0x80072322", "Number of requests exceeded the limit of 6000 over time window.")),
    "token": (401, error("", "The token has ended.")),
    "busy": (503, None),
    "gone": (404, error("0x8006088a", "Resource not found for the segment")),
    "of another kind": (200, {"hello": "world"}),
    "of none": (200, None),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_a_part_that_fails_is_asked_for_itself(later: Later, trouble: str) -> None:
    scripted(later.org, parted(Part(*PASSING[trouble]), NONE_SECURED))
    assert later.pulled() == EMPTIED
    assert later.org.calls == [LEADS, TOGETHER, WHO]


@pytest.mark.parametrize("trouble", PASSING)
def test_so_is_the_other_one(later: Later, trouble: str) -> None:
    scripted(later.org, parted(I_AM, Part(*PASSING[trouble])))
    assert later.pulled() == EMPTIED
    assert later.org.calls == [LEADS, TOGETHER, COLUMNS]


def test_a_part_is_judged_as_the_question_alone_would_be(later: Later) -> None:
    later.org.on("GET", "/WhoAmI", error("0x80040220", "missing prvReadUser privilege"), 403)
    with pytest.raises(AccessError, match="prvReadUser"):
        later.pulled()
    assert later.org.calls == [LEADS, TOGETHER, WHO]


WHOLE: dict[str, Callable[[], tuple[Say, list[str]]]] = {
    "cut": lambda: (Say(200, batch(I_AM, NONE_SECURED), MULTIPART, cut=200), [TOGETHER]),
    "no answer": lambda: (Say(reset=True), [TOGETHER]),
    "cut by something in between": lambda: (Say(200, batch(I_AM, NONE_SECURED)[:400], MULTIPART), [WHO, COLUMNS]),
    "one part only": lambda: (parted(I_AM), [WHO, COLUMNS]),
    "a limit": lambda: (Say(429, PASSING["limit"][1], {"Retry-After": "7"}), [TOGETHER]),
    "a token that ended": lambda: (Say(401, error("", "The token has ended.")), [WHO, TOGETHER]),
    "busy": lambda: (Say(503, b"busy"), [TOGETHER]),
    "no batches": lambda: (Say(501, error("0x80060888", "Not implemented.")), [WHO, COLUMNS]),
    "malformed": lambda: (Say(400, error("0x80048d19", "Stream was not readable.")), [WHO, COLUMNS]),
}


@pytest.mark.parametrize("trouble", WHOLE)
def test_what_is_not_answered_as_a_whole_is_asked_again(later: Later, clock: FakeClock, trouble: str) -> None:
    answer, again = WHOLE[trouble]()
    scripted(later.org, answer)
    assert later.pulled() == EMPTIED
    assert later.org.calls == [LEADS, TOGETHER, *again]
    assert trouble != "a limit" or sum(clock.sleeps) >= 7


def test_an_environment_that_stays_away_is_temporary_and_nothing_is_believed(later: Later) -> None:
    scripted(later.org, *[Say(503, b"busy")] * 20)
    with pytest.raises(Temporary):
        later.pulled()
