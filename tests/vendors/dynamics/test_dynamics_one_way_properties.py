"""Whatever happens in whichever object, and however often the reading is cut off: the feed ends with what is there."""

import random
from collections.abc import Callable, Mapping

import pytest

from mksync.core.records import Value
from tests.vendors.dynamics.sandbox_org import EVERYTHING, Mirror, World, world

PEOPLE = 120
FEW = 5  # of each table, so that they meet


class Chance:
    """Somebody who does this and that in Dynamics."""

    def __init__(self, here: World, random: random.Random) -> None:
        self.here = here
        self.edit = here.sandbox.dynamics.edit
        self.random = random

    def any(self, table: str, *but: str) -> str:
        rows = self.here.sandbox.dynamics.rows(table)
        there = [str(row[f"{table}id"]) for row in rows if not row.get("merged")]
        return self.random.choice([id for id in there[:FEW] if id not in but])

    def renames_an_account(self) -> None:
        self.edit("update", "account", self.any("account"), name=f"N{self.random.random()}")

    def moves_a_contact(self) -> None:
        contact = self.any("contact")
        parent = self.random.choice((self.any("account"), self.any("contact", contact), None))
        self.edit("update", "contact", contact, parentcustomerid=parent)

    def sells_to_a_contact(self) -> None:
        contact = self.any("contact")
        ends = {"customerid": contact, "parentaccountid": None, "parentcontactid": contact}
        self.edit("update", "opportunity", self.any("opportunity"), **ends)

    def sells_to_an_account(self) -> None:
        account = self.any("account")
        self.edit("update", "opportunity", self.any("opportunity"), customerid=account, parentaccountid=account)

    def sells_to_nobody(self) -> None:
        ends = dict.fromkeys(("customerid", "parentaccountid", "parentcontactid"))
        self.edit("update", "opportunity", self.any("opportunity"), **ends)

    def makes_a_deal(self) -> None:
        self.edit("create", "opportunity", None, name=f"N{self.random.random()}", parentcontactid=self.any("contact"))

    def loses_a_deal(self) -> None:
        if len(self.here.sandbox.dynamics.rows("opportunity")) > 1:
            self.edit("delete", "opportunity", self.any("opportunity"))

    def connects(self) -> None:
        ends = {"record1id": self.any("opportunity"), "record2id": self.any(self.random.choice(("contact", "account")))}
        self.edit("create", "connection", None, **ends)

    def changes_a_connection(self) -> None:
        if not self.here.sandbox.dynamics.rows("connection"):
            return
        wishes: tuple[dict[str, object], ...] = (
            {"statecode": 1, "statuscode": 2},
            {"statecode": 0, "statuscode": 1},
            {"record2roleid": self.any("connectionrole")},
        )
        self.edit("update", "connection", self.any("connection"), **self.random.choice(wishes))

    def disconnects(self) -> None:
        if self.here.sandbox.dynamics.rows("connection"):
            self.edit("delete", "connection", self.any("connection"))

    def merges_contacts(self) -> None:
        winner = self.any("contact")
        self.edit("merge", "contact", winner, loser=self.any("contact", winner))

    def merges_accounts(self) -> None:
        if sum(not row["merged"] for row in self.here.sandbox.dynamics.rows("account")) > 2:
            winner = self.any("account")
            self.edit("merge", "account", winner, loser=self.any("account", winner))


ACTS: Mapping[Callable[[Chance], None], int] = {
    Chance.renames_an_account: 2,
    Chance.moves_a_contact: 4,
    Chance.sells_to_a_contact: 3,
    Chance.sells_to_an_account: 2,
    Chance.sells_to_nobody: 1,
    Chance.makes_a_deal: 3,
    Chance.loses_a_deal: 1,
    Chance.connects: 3,
    Chance.changes_a_connection: 3,
    Chance.disconnects: 1,
    Chance.merges_contacts: 1,
    Chance.merges_accounts: 1,
}
"""And how often."""


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("quirks", [(), ("delta_selected_only", "expired_token_reads_all")])
def test_whatever_happens_in_whichever_object_the_feed_ends_up_with_what_is_there(
    seed: int, quirks: tuple[str, ...]
) -> None:
    chance = random.Random(seed)
    with world(PEOPLE, quirks) as here:
        mirror, somebody = Mirror(EVERYTHING), Chance(here, chance)
        for _ in range(10):
            for act in chance.choices(list(ACTS), list(ACTS.values()), k=chance.randrange(7)):
                act(somebody)
            here.passes(chance.choice((1, 300, 9_000)))
            mirror.pulls(here.port, at_most=chance.choice((None, None, 1)))
        mirror.pulls(here.port)
        fresh = Mirror(EVERYTHING)
        fresh.pulls(here.port)
        assert _values(mirror) == _values(fresh)


def _values(mirror: Mirror) -> dict[str, dict[str, Value]]:
    """Versions aside: nothing of these objects is ever written."""
    return {id: dict(record.values) for id, record in mirror.records.items()}
