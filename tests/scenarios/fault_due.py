"""What somebody does in both systems for a trial of `fault_objects`, and how to tell that the other system has it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.scenarios.customs import ALL, ID, Desk
from tests.scenarios.one_way import TABLES, Deals
from tests.scenarios.sandbox_world import World

_SAME = "same@example.com"
PAGE = 300  # activities
Done = Callable[[], bool]


@dataclass(frozen=True)
class _Standing:
    """What is there from the beginning, and is edited again and again."""

    user: str
    account: str
    other: str
    contact: str
    opportunity: str
    role: str
    record: str


class Due:
    """One record of each object, and what happens to them."""

    def __init__(self, here: World) -> None:
        self._here = here
        customs = next(one for one in ALL if one.deals.facts is here.facts)
        self._deals = deals = Deals(here, customs.deals)
        self._desk = desk = Desk(here, customs)
        self._number = 0
        self._many: list[int] = []  # people, one more than a page holds
        deals.select()
        desk.select()
        account, other = (deals.create("account", company=name) for name in ("Acme", "Other"))
        contact = here.crm.named("contact", lastName="Poe", email="poe@example.com")
        opportunity = deals.create("opportunity", name="Acme 2027", account=account)
        role = deals.create("role", opportunity=opportunity, contact=contact, role="Decision Maker")
        record = desk.create("Fair", contact=contact)
        self._it = _Standing(self._user(), account, other, contact, opportunity, role, record)
        here.cycle()
        self._person = here.person_of(contact)

    def begun(self, column: str, number: int) -> Done:
        """Somebody works in the CRM, so that a cycle makes the column's call. Whether Marketo has it is told later."""
        self._number = number
        match column.split(maxsplit=1):
            case ["create", "company"]:
                name = f"Co {self._number}"
                return self._has("account", self._deals.create("account", company=name), company=name)
            case ["create", "opportunity"]:
                name = f"Deal {self._number}"
                made = self._deals.create("opportunity", name=name, account=self._it.account)
                return self._has("opportunity", made, name=name)
            case ["create", "role"]:
                return self._new_role()
            case ["delete", "role"]:
                before = self._deals.records("role").keys()
                self._new_role()
                self._here.cycle()
                (id,) = self._deals.records("role").keys() - before
                self._deals.delete("role", id)
                return lambda: len(self._deals.in_marketo("role")) == len(before)
            case ["create", "custom object"]:
                name = f"Event {self._number}"
                return self._keeps(self._desk.create(name, contact=self._it.contact), name)
            case ["changes" | "changes,", "token kept" | "of roles" | "of roles and custom objects"]:
                return self._new_role()
            case ["update", "role"]:
                primary = not self._role_of(self._it.opportunity)["isPrimary"]
                self._deals.edit("role", self._it.role, isPrimary=primary)
                return lambda: self._role_of(self._it.opportunity)["isPrimary"] == primary
            case ["next", "page of the log"]:
                return self._told()
        return self._edited()

    def _edited(self) -> Done:
        """Each of the standing records has another name."""
        name, it = f"Name {self._number}", self._it
        self._deals.edit("user", it.user, lastName=name)
        for account in (it.account, it.other):
            self._deals.edit("account", account, company=f"{name} of {account}")
        self._deals.edit("opportunity", it.opportunity, name=name)
        self._desk.edit(it.record, name=name)
        told = [
            self._has("user", it.user, lastName=name),
            *(self._has("account", one, company=f"{name} of {one}") for one in (it.account, it.other)),
            self._has("opportunity", it.opportunity, name=name),
            self._keeps(it.record, name),
        ]
        return lambda: all(one() for one in told)

    def create_many(self) -> None:
        people = [{"lastName": "Same", "email": _SAME}] * PAGE
        for some in (people, people[:1]):
            found = self._desk.marketo(
                "leads.json", {"action": "createDuplicate", "lookupField": "email", "input": some}
            )
            self._many += [row["id"] for row in found["result"]]

    def _told(self) -> Done:
        """A person is edited, and Marketo's log tells of it behind a page of others."""
        title, contact = f"Title {self._number}", self._it.contact
        others = [{"id": id, "title": title} for id in self._many[:PAGE]]
        self._desk.marketo("leads.json", {"action": "updateOnly", "lookupField": "id", "input": others})
        assert self._here.marketo.edit(self._person, title=title)
        return lambda: self._here.crm.everything("contact")[contact]["title"] == title

    def _new_role(self) -> Done:
        deal = self._deals.create("opportunity", name=f"Deal {self._number}", account=self._it.account)
        self._deals.create("role", opportunity=deal, contact=self._it.contact, role="Decision Maker")
        return lambda: any(row["externalOpportunityId"] == deal for row in self._deals.in_marketo("role"))

    def _role_of(self, opportunity: str) -> Mapping[str, object]:
        return next(row for row in self._deals.in_marketo("role") if row["externalOpportunityId"] == opportunity)

    def _user(self) -> str:
        address, names = f"user{self._number}@example.com", self._deals.facts.fields["user"]
        unique = {"salesforce": "Username", "dynamics": "domainname"}[self._here.facts.system]
        needed = {**self._deals.facts.needed["user"], unique: address}
        values = {names["lastName"]: f"User {self._number}", names["email"]: address}
        return self._here.crm.user.create("user", **{**needed, **values})

    def _has(self, object: str, id: str, **values: str) -> Done:
        key = TABLES[object][2]
        return lambda: any(
            row[key] == id and all(row[name] == value for name, value in values.items())
            for row in self._deals.in_marketo(object)
        )

    def _keeps(self, id: str, name: str) -> Done:
        field = next(iter(self._desk.facts.fields.values()))
        return lambda: any(row[ID] == id and row[field] == name for row in self._desk.rows())

    def each_once(self) -> None:
        """Raises AssertionError if Marketo has anything twice."""
        for object in ("user", "account", "opportunity"):
            ids = Counter(row[TABLES[object][2]] for row in self._deals.in_marketo(object))
            assert set(ids.values()) == {1}, f"{object} {ids}"
        roles = Counter((row["externalOpportunityId"], row["leadId"]) for row in self._deals.in_marketo("role"))
        records = Counter(row[ID] for row in self._desk.rows())
        assert {*roles.values(), *records.values()} == {1}, f"{roles} {records}"
