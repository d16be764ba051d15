"""Bases that move together: as `Links.rebase` would move them one by one."""

from mksync.core.pairs import lines
from mksync.core.plan import Pending
from mksync.core.records import Side
from mksync.mirror import Mirror
from mksync.mirror.project import KnownPair
from tests.mirror.conftest import Rows
from tests.mirror.samples import PAIRS, link, see_person, see_record

LINES = {line.marketo: line for line in lines(PAIRS["lead"])}


def test_of_each_link_the_agreed_pairs_move_and_the_others_keep_their_base(mirror: Mirror, rows: Rows) -> None:
    one, other = link(mirror, "P1", "L1"), link(mirror, "P2", "L2")
    mirror.links.rebase(one, "lead", Side.MARKETO, {"title": "CFO", "optedOut": True})
    mirror.pending.add([one], ["email", "score"], Pending.QUICK)
    see_person(mirror, "P1", email="ana@example.com", title="CTO")
    see_record(mirror, "L1", Email="ANA@example.com", Title="CTO")
    see_person(mirror, "P2", score=7)
    see_record(mirror, "L2", Score__c=7)
    loaded = {number: mirror.links.load("lead", PAIRS["lead"], number) for number in (one, other)}
    first, second = loaded[one], loaded[other]
    assert first is not None
    assert second is not None

    mirror.bases.agree("lead", [(first, [LINES["email"]]), (second, [LINES["score"], LINES["title"]])])

    marketo = rows("marketo_lead_base", "_link", "email", "title", "score", "optedOut")
    assert [tuple(row.values()) for row in marketo] == [
        (one, "ana@example.com", "CFO", None, 1),
        (other, None, None, 7, None),
    ]
    crm = rows("crm_lead_base", "_link", "Email", "Title", "Score__c")
    assert [tuple(row.values()) for row in crm] == [(one, "ANA@example.com", None, None), (other, None, None, 7)]
    assert [row["field"] for row in rows("pending")] == ["score"]


def test_a_field_that_rests_when_a_link_is_settled_waits_for_its_first_comparison(mirror: Mirror, rows: Rows) -> None:
    one, other = link(mirror, "P1", "L1"), link(mirror, "P2", "L2")
    mirror.links.mark_settled(one)
    states = {("lead", "title", "Title"): KnownPair("suspended"), ("lead", "email", "Email"): KnownPair("live")}
    mirror.project.keep_pairs(states)

    mirror.bases.settle([one, other])

    assert [row["settled"] for row in rows("link")] == [1, 1]
    assert [(row["link"], row["field"], row["how"]) for row in rows("pending")] == [(other, "title", "first")]
