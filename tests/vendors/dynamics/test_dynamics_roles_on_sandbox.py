"""Who takes part in an opportunity, and whose account it belongs to: client and sandbox meet.

The rules are those of Marketo product documentation, "Microsoft Dynamics Sync: Opportunity Sync".
"""

from collections.abc import Iterator

import pytest

from mksync.core.records import Gone, Value
from mksync.errors import AccessError, ConfigError
from tests.vendors.dynamics.sandbox_org import EVERYTHING, Mirror, World, world

SELECTION = {object: EVERYTHING[object] for object in ("lead", "contact", "opportunity", "role")}
Role = tuple[Value, Value, Value]


@pytest.fixture
def here() -> Iterator[World]:
    with world(0) as found:
        yield found


class Sales:
    """Somebody who makes deals, and what a reader of the feed knows of them."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.mirror = Mirror(SELECTION)
        self.edit = here.sandbox.dynamics.edit
        self.roles = {
            str(row["name"]): str(row["connectionroleid"]) for row in here.sandbox.dynamics.rows("connectionrole")
        }

    def creates(self, table: str, **values: object) -> str:
        name = {"lead": "lastname", "contact": "lastname"}.get(table, "name")
        named = {} if table == "connection" else {name: "N"}
        return self.edit("create", table, None, **named, **values)

    def changes(self, table: str, id: str, **values: object) -> None:
        self.edit("update", table, id, **values)

    def sees(self) -> dict[str, Role]:
        """By id, the opportunity, person and role of every role that the feed has told of."""
        self.mirror.pulls(self.here.port)
        return {id: self._role(id) for id in self.mirror.ids("role")}

    def _role(self, id: str) -> Role:
        values = self.mirror.records[id].values
        return values["opportunityid"], values["personid"], values["role"]

    def company(self, opportunity: str) -> Value:
        self.mirror.pulls(self.here.port)
        return self.mirror.records[opportunity].values["customerid"]


@pytest.fixture
def sales(here: World) -> Sales:
    return Sales(here)


def test_the_contact_that_is_the_customer_has_a_role_and_its_account_is_the_company(sales: Sales) -> None:
    account = sales.creates("account")
    contact = sales.creates("contact", parentcustomerid=account)
    deal = sales.creates("opportunity", parentcontactid=contact, customerid=contact)
    assert sales.sees() == {f"{deal}:customer": (deal, contact, "Customer")}
    assert sales.mirror.records[f"{deal}:customer"].values["isprimary"] is True
    assert sales.company(deal) == account


@pytest.mark.parametrize("column", ["customerid", "parentcontactid"])
def test_either_column_names_the_contact(sales: Sales, column: str) -> None:
    contact = sales.creates("contact")
    deal = sales.creates("opportunity", **{column: contact})
    assert sales.sees() == {f"{deal}:customer": (deal, contact, "Customer")}
    assert sales.company(deal) is None, "the contact has no account"


def test_a_contact_that_belongs_to_another_contact_has_no_company(sales: Sales) -> None:
    contact = sales.creates("contact", parentcustomerid=sales.creates("contact"))
    assert sales.company(sales.creates("opportunity", customerid=contact)) is None


@pytest.mark.parametrize("column", ["customerid", "parentaccountid"])
def test_beside_an_account_no_contact_has_a_role(sales: Sales, column: str) -> None:
    account, contact = sales.creates("account"), sales.creates("contact")
    deal = sales.creates("opportunity", parentcontactid=contact, **{column: account})
    assert sales.sees() == {}
    assert sales.company(deal) == account


def test_the_customers_role_comes_changes_and_goes_with_the_opportunity(sales: Sales) -> None:
    account, ada, bob = sales.creates("account"), sales.creates("contact"), sales.creates("contact")
    deal = sales.creates("opportunity", customerid=account)
    role = f"{deal}:customer"
    assert sales.sees() == {}
    sales.changes("opportunity", deal, customerid=ada)
    assert sales.sees() == {role: (deal, ada, "Customer")}
    sales.changes("opportunity", deal, customerid=bob)
    assert sales.sees() == {role: (deal, bob, "Customer")}
    sales.changes("opportunity", deal, customerid=account)
    assert sales.sees() == {}
    assert sales.mirror.gone[role] == Gone("role", role, "deleted")
    sales.changes("opportunity", deal, customerid=ada)
    assert role in sales.sees()
    sales.edit("delete", "opportunity", deal)
    assert sales.sees() == {}


def test_the_company_follows_the_contact_though_nobody_touched_the_opportunity(sales: Sales) -> None:
    first, second = sales.creates("account"), sales.creates("account")
    contact = sales.creates("contact", parentcustomerid=first)
    deals = [sales.creates("opportunity", **{column: contact}) for column in ("customerid", "parentcontactid")]
    own = sales.creates("opportunity", customerid=first, parentcontactid=contact)
    assert [sales.company(deal) for deal in (*deals, own)] == [first, first, first]
    sales.changes("contact", contact, parentcustomerid=second)
    assert [sales.company(deal) for deal in (*deals, own)] == [second, second, first]
    sales.changes("contact", contact, parentcustomerid=None)
    assert [sales.company(deal) for deal in (*deals, own)] == [None, None, first]


@pytest.mark.parametrize("person", ["contact", "lead"])
@pytest.mark.parametrize("turned", [False, True], ids=["from the opportunity", "from the person"])
def test_a_connection_is_one_role_whichever_end_it_was_made_from(sales: Sales, person: str, turned: bool) -> None:
    deal, who = sales.creates("opportunity"), sales.creates(person)
    here, there = (2, 1) if turned else (1, 2)
    roles = {f"record{here}roleid": sales.roles["Opportunity"], f"record{there}roleid": sales.roles["Decision Maker"]}
    sales.creates("connection", **{f"record{here}id": deal, f"record{there}id": who}, **roles)
    seen = sales.sees()
    assert list(seen.values()) == [(deal, who, "Decision Maker")]
    (id,) = seen
    assert sales.mirror.records[id].values["isprimary"] is False
    assert sales.mirror.records[id].values["createdon"]


def test_a_connection_without_a_role_is_one_without_a_name(sales: Sales) -> None:
    deal, who = sales.creates("opportunity"), sales.creates("contact")
    id = sales.creates("connection", record1id=deal, record2id=who)
    assert sales.sees() == {id: (deal, who, None)}


@pytest.mark.parametrize("other", ["account", "systemuser", "opportunity", "lead"])
def test_connections_of_others_are_no_roles(sales: Sales, here: World, other: str) -> None:
    end = here.sandbox.dynamics.users["sales_user"] if other == "systemuser" else sales.creates(other)
    sales.creates("connection", record1id=sales.creates("contact" if other == "lead" else "opportunity"), record2id=end)
    assert sales.sees() == {}


def test_a_connection_is_followed_through_its_life(sales: Sales) -> None:
    deal, ada, bob = sales.creates("opportunity"), sales.creates("contact"), sales.creates("lead")
    id = sales.creates("connection", record1id=deal, record2id=ada, record2roleid=sales.roles["Stakeholder"])
    assert sales.sees() == {id: (deal, ada, "Stakeholder")}
    sales.changes("connection", id, record2roleid=sales.roles["Influencer"])
    assert sales.sees() == {id: (deal, ada, "Influencer")}
    sales.changes("connection", id, record2id=bob)
    assert sales.sees() == {id: (deal, bob, "Influencer")}
    sales.changes("connection", id, statecode=1, statuscode=2)
    assert sales.sees() == {}
    sales.changes("connection", id, statecode=0, statuscode=1)
    assert sales.sees() == {id: (deal, bob, "Influencer")}
    sales.changes("connection", id, record2id=sales.creates("account"))
    assert sales.sees() == {}
    sales.changes("connection", id, record2id=ada)
    sales.sees()
    sales.edit("delete", "connection", id)
    assert sales.sees() == {}
    assert sales.mirror.gone[id] == Gone("role", id, "deleted")


def test_roles_of_both_kinds_are_read_by_id_and_found_by_what_they_tie(sales: Sales, here: World) -> None:
    deal, who = sales.creates("opportunity"), sales.creates("contact")
    other = sales.creates("opportunity", customerid=who)
    id = sales.creates("connection", record1id=deal, record2id=who, record2roleid=sales.roles["Stakeholder"])
    customer = f"{other}:customer"
    assert set(sales.sees()) == {id, customer}
    records, fields = sales.mirror.records, EVERYTHING["role"]
    gone, stranger = f"{deal}:customer", "not an id"
    assert list(here.port.fetch("role", [customer, gone, id.upper(), stranger], fields)) == [
        records[customer],
        Gone("role", gone, "deleted"),
        records[id],
        Gone("role", stranger, "deleted"),
    ]
    assert {one.id for one in here.port.find("role", "personid", [who], ["role"])} == {id, customer}
    assert [one.id for one in here.port.find("role", "opportunityid", [deal], ["role"])] == [id]
    assert [one.id for one in here.port.find("role", "roleid", [customer], ["role"])] == [customer]
    with pytest.raises(ConfigError, match="role"):
        list(here.port.find("role", "role", ["Customer"], ["role"]))


def test_the_winner_of_a_merge_takes_the_roles(sales: Sales) -> None:
    ada, bob = sales.creates("contact"), sales.creates("contact")
    deal = sales.creates("opportunity", customerid=ada, parentcontactid=ada)
    id = sales.creates("connection", record1id=deal, record2id=ada, record2roleid=sales.roles["Stakeholder"])
    sales.sees()
    sales.edit("merge", "contact", bob, loser=ada)
    assert sales.sees() == {id: (deal, bob, "Stakeholder"), f"{deal}:customer": (deal, bob, "Customer")}


def test_the_role_of_a_lead_goes_with_it_into_its_contact(sales: Sales, here: World) -> None:
    deal, lead, other = sales.creates("opportunity"), sales.creates("lead"), sales.creates("lead")
    id = sales.creates("connection", record1id=deal, record2id=lead, record2roleid=sales.roles["Stakeholder"])
    rests = sales.creates("connection", record1id=deal, record2id=other)
    assert sales.sees() == {id: (deal, lead, "Stakeholder"), rests: (deal, other, None)}
    contact = here.others.qualifies(lead)
    assert sales.sees() == {id: (deal, contact, "Stakeholder"), rests: (deal, other, None)}
    assert list(here.port.fetch("role", [id], EVERYTHING["role"])) == [sales.mirror.records[id]]
    winner = sales.creates("contact")
    sales.edit("merge", "contact", winner, loser=contact)
    fresh = Mirror(SELECTION)
    fresh.pulls(here.port)
    assert fresh.records[id].values["personid"] == winner
    here.others.qualifies(other, contact=False)
    assert sales.sees()[rests] == (deal, other, None), "no contact was made"


def test_a_customer_that_is_hidden_is_not_taken_for_none(sales: Sales, here: World) -> None:
    contact = sales.creates("contact")
    deal = sales.creates("opportunity", parentcontactid=contact)
    sales.sees()
    here.others.controls("security", table="opportunity", column="parentcontactid", secured=True)
    sales.changes("opportunity", deal, name="New")
    with pytest.raises(AccessError, match="parentcontactid"):
        sales.sees()
    assert sales.mirror.ids("role")


def test_roles_alone_may_be_selected(here: World, sales: Sales) -> None:
    deal = sales.creates("opportunity", customerid=sales.creates("contact"))
    alone = Mirror({"role": ["role"]})
    alone.pulls(here.port)
    assert {id: dict(one.values) for id, one in alone.records.items()} == {f"{deal}:customer": {"role": "Customer"}}


def test_a_reading_of_roles_that_is_cut_off_goes_on(here: World, sales: Sales) -> None:
    deal = sales.creates("opportunity", customerid=sales.creates("contact"))
    id = sales.creates("connection", record1id=deal, record2id=sales.creates("lead"))
    while len(sales.mirror.pulls(here.port, at_most=1)) == 1 and len(sales.mirror.ids("role")) < 2:
        pass
    assert set(sales.mirror.ids("role")) == {id, f"{deal}:customer"}
