"""Histories of accounts, users, opportunities and roles: who owns whom, who takes part; and what Marketo must have."""

from collections.abc import Mapping
from typing import Any, ClassVar

from mksync.core.records import PERSON, Refusal, Side, Value
from mksync.engine.references import NO_ROLE
from mksync.mirror.history import Chosen
from tests.chaos import beside
from tests.chaos.beside import COMMON, NAMES, PEOPLE, Beside, Kept
from tests.chaos.runner import Script
from tests.chaos.worlds import ChaosOfDeals
from tests.world import KEY

KINDS = {
    **COMMON, "hire": 1, "found": 2, "deal": 2, "take_part": 3, "move_person": 2, "move_deal": 1, "change_role": 2,
    "displease": 1,
}  # fmt: skip
FIRST = ("hire", "found", "meet", "meet", "deal", "take_part")
UNPLEASANT = "no"  # what Marketo takes no record of that name
TWIN = "Marketo tells it by "
PARENTS = {
    "externalSalesPersonId": "salesperson",
    "externalCompanyId": "company",
    "externalOpportunityId": "opportunity",
}


def script(seed: int) -> Script:
    return beside.script(seed, FIRST, KINDS)


class History(Beside):
    """A person has an owner and an account, a deal its account and roles."""

    kept: ClassVar = {
        "user": Kept("salesperson", "externalSalesPersonId", "lastName", "LastName"),
        "account": Kept("company", "externalCompanyId", "company", "Name"),
        "opportunity": Kept("opportunity", "externalOpportunityId", "name", "Name"),
    }
    deleted_in_marketo: ClassVar = ("company", "opportunity", "role", PERSON)
    gone_meanwhile: ClassVar = ("company", "opportunity")

    def __init__(self, script: Script) -> None:
        super().__init__(ChaosOfDeals(script))
        self.world.marketo.refuse_in = self._unknown

    def _unknown(self, object: str, values: Mapping[str, Value]) -> Refusal | None:
        """Marketo refuses a record that names a parent it does not have, and what it does not like."""
        for name, parent in PARENTS.items():
            kept = {row[name] for row in self.world.kept(parent)}
            if parent != object and values.get(name) not in (None, *kept):
                return Refusal("1013", f"{parent} not found")
        if values.get("leadId") not in (None, *self.world.marketo.records.get(PERSON, ())):
            return Refusal("1004", "Lead not found")
        return Refusal("1006", "not that") if UNPLEASANT in values.values() else None

    # what people do

    def hire(self, _: int, __: int, ___: int, name: str) -> None:
        self.new("user", LastName=name)

    def found(self, _: int, __: int, ___: int, name: str) -> None:
        self.new("account", Name=name)

    def meet(self, which: int, owner: int, account: int, _: str) -> None:
        self._person(self.new(PEOPLE[which % 2], LastName="Roe"), owner, account)

    def move_person(self, which: int, owner: int, account: int, _: str) -> None:
        id = self.pick("contact", which) or self.pick("lead", which)
        if id:
            self._person(id, owner, account)

    def _person(self, id: str, owner: int, account: int) -> None:
        self.world.crm.put("lead" if id in self.records("lead") else "contact", id, OwnerId=self.pick("user", owner))
        if id in self.records("contact"):
            self.world.crm.put("contact", id, AccountId=self.pick("account", account))

    def deal(self, which: int, _: int, __: int, name: str) -> None:
        self.new("opportunity", Name=name, AccountId=self.pick("account", which))

    def move_deal(self, which: int, account: int, _: int, __: str) -> None:
        if id := self.pick("opportunity", which):
            self.world.crm.put("opportunity", id, AccountId=self.pick("account", account))

    def take_part(self, deal: int, contact: int, role: int, name: str) -> None:
        of, who = self.pick("opportunity", deal), self.pick("contact", contact)
        if of and who:
            self.new("role", OpportunityId=of, ContactId=who, Role=name if role else None)

    def change_role(self, which: int, contact: int, role: int, name: str) -> None:
        id, who = self.pick("role", which), self.pick("contact", contact)
        if id and who:
            self.world.crm.put("role", id, ContactId=who, Role=name if role else None)

    def displease(self, which: int, person: int, fresh: int, _: str) -> None:
        """Something takes a name that Marketo refuses, and something else names it at once."""
        account = self.new("account", Name=UNPLEASANT) if fresh % 2 else self.pick("account", which)
        deal = self.new("opportunity", Name="a", AccountId=account)
        if account:
            self.world.crm.put("account", account, Name=UNPLEASANT)
        if contact := self.pick("contact", person):
            self.world.crm.put("contact", contact, AccountId=account)
            self.new("role", OpportunityId=deal, ContactId=contact, Role=None)

    def come_right(self) -> None:
        self.cycle()
        for account, values in self.records("account").items():
            if values["Name"] == UNPLEASANT:
                self.world.crm.put("account", account, Name=NAMES[0])

    def name(self, counterpart: str, which: int, other: int, name: str) -> None:
        id = self.pick(counterpart, which, side=Side.MARKETO)
        if id is None:
            return
        record = self.world.marketo.records[counterpart][id]
        if counterpart == "company":
            account = record["externalCompanyId"]
            contact = self.pick("contact", other) if other % 2 else None
            if contact:
                self.world.crm.put("contact", contact, AccountId=account)
            else:
                self.new("opportunity", Name=name, AccountId=account)
            return
        deal = record["externalOpportunityId"] if counterpart == "opportunity" else self.pick("opportunity", other)
        who = record[KEY] if counterpart == PERSON else self.pick("contact", other)
        if deal and who in self.records("contact"):
            self.new("role", OpportunityId=deal, ContactId=who, Role=name)

    # what must be true

    def nothing_is_there_twice(self) -> None:
        super().nothing_is_there_twice()
        ties = [tuple(row.values()) for row in self.world.kept("role")]
        assert len(ties) == len(set(ties)), f"twice: {ties}"

    def waits(self, object: str, id: str) -> bool | None:
        account = self.records(object)[id].get("AccountId")
        kept = [row for row in self.world.kept("opportunity") if row["externalOpportunityId"] == id]
        return self._waits_for(account, kept[0]["externalCompanyId"] if kept else None)

    def _waits_for(self, account: Value, held: Value) -> bool | None:
        """Marketo has whatever account the CRM has; the company of a deleted one stays with those who belong to it."""
        return account is not None and account not in self.records("account") and (held != account or None)

    def they_belong_to_whom_the_crm_says(self) -> None:
        waiting = self.waiting()
        deals = {row["externalOpportunityId"]: row["externalCompanyId"] for row in self.world.kept("opportunity")}
        for id, values in self.records("opportunity").items():
            alike = id in waiting or deals[id] == values["AccountId"]
            assert alike, f"account: {id} {deals[id]}, not {values['AccountId']}"
        people = {row[KEY]: row for row in self.world.kept(PERSON)}
        for object in PEOPLE:
            for id in self.records(object).keys() & people.keys():
                self._person_is_right(object, id, people[id], waits=id in waiting)
        self._roles_are_right(waiting)

    def _person_is_right(self, object: str, id: str, person: Mapping[str, Value], *, waits: bool) -> None:
        values = self.records(object)[id]
        account, owner = values.get("AccountId"), values["OwnerId"]
        held = person["externalCompanyId"], person["externalSalesPersonId"]
        expected = self._waits_for(account, held[0])
        assert expected in (None, waits), f"waiting: {object} {id}: {expected}"
        alike = held[1] == owner and (waits or object == "lead" or held[0] == account)
        assert alike, f"parents: {object} {id} {held}, not {account}, {owner}"

    def _roles_are_right(self, waiting: set[str | None]) -> None:
        """Of two that are one to Marketo, the other is told of."""
        held = [row for _, row in self.world.mirror.history.held(Chosen())]
        twins = {row.record.id for row in held if row.reason.startswith(TWIN)}
        odd = [row for row in held if not row.reason.startswith((TWIN, "waits: ")) and row.record.object == "role"]
        assert not odd, f"odd: {odd}"
        deals = {row["externalOpportunityId"] for row in self.world.kept("opportunity")}
        there = {self._tie(row) for row in self.world.kept("role")}
        mine: dict[Any, list[str]] = {}
        for id, row in self.records("role").items():
            deal = row["OpportunityId"]
            tie = deal, row["ContactId"], row["Role"] or NO_ROLE
            if deal not in self.records("opportunity") or self.is_deleted(row["ContactId"]):  # what was there stays
                assert id in waiting or tie in there, f"role: {id} {tie}"
                continue
            lacks = deal not in deals or self.person(row["ContactId"]) is None
            assert (id in waiting) is lacks, f"waiting: role {id}: {lacks}"
            if not lacks:
                mine.setdefault(tie, []).append(id)
        for tie, ids in mine.items():
            assert tie in there, f"role: {ids} {tie}, not in {there}"
            assert len(twins.intersection(ids)) == len(ids) - 1, f"twins: {ids} {twins}"
        left = [one for one in there - mine.keys() if one[1] in self.records("contact") and not waiting]
        assert not left, f"left: {left}"

    def _tie(self, row: Mapping[str, Value]) -> tuple[Value, ...]:
        person = self.world.marketo.records[PERSON].get(str(row["leadId"]), {})
        return row["externalOpportunityId"], person.get(KEY), row["role"]
