"""What stories about converting need to know of a CRM, a row a CRM; and somebody who looks at what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.scenarios.crms import DYNAMICS, SALESFORCE, Crm
from tests.scenarios.filters import filter_user
from tests.scenarios.outsiders import CrmUser
from tests.scenarios.sandbox_world import KEY, Ended, World

MAKE = ("Create", "Read", "Write", "Append", "AppendTo", "Assign")


@dataclass(frozen=True)
class Way:
    """One CRM. The rest is in `crms`.

    - `everything`: the flags that ask for an account and an opportunity
    - `names`: the fields that hold an account's and an opportunity's name, and a contact's account
    - `statuses`: what a converted lead may be, as people read it; the first one is the default
    - `call`: the path of the call that converts; `read_back`: of the one that reads the lead afterwards, and how many
      such calls come before
    - `allow`: lets the sync user make accounts and opportunities; `forbid`: takes the right to convert
    - `no_right`: what is said without it
    """

    crm: Crm
    everything: tuple[str, ...]
    names: Mapping[str, str]
    statuses: tuple[str, ...]
    call: str
    read_back: tuple[str, int]
    allow: Callable[[CrmUser], None]
    forbid: Callable[[CrmUser], None]
    no_right: str


def _let_make(user: CrmUser) -> None:
    for table in ("account", "opportunity"):
        user.control("privileges", table=table, rights=[*MAKE], depth="Global")


def _let_no_contacts(user: CrmUser) -> None:
    user.control("privileges", table="contact", rights=["Create"], depth="None")


WAYS = (
    Way(
        crm=SALESFORCE,
        everything=(),
        names={"account": "Name", "opportunity": "Name", "contact": "AccountId"},
        statuses=("Closed - Converted",),
        call="/services/Soap/",
        read_back=("/composite/sobjects/", 0),
        allow=lambda user: None,
        forbid=lambda user: user.control("settings", convert_leads=False),
        no_right="error: Salesforce: insufficient access rights on object id (INSUFFICIENT_ACCESS_OR_READONLY)\n"
        "hint: Give the sync user the permission Convert Leads, edit access to leads, and create and edit access to"
        " accounts, contacts and opportunities.\n",
    ),
    Way(
        crm=DYNAMICS,
        everything=("--new-account", "--opportunity"),
        names={"account": "name", "opportunity": "name", "contact": "parentcustomerid"},
        statuses=("default", "Qualified"),
        call="QualifyLead",
        read_back=("/leads$", 2),
        allow=_let_make,
        forbid=_let_no_contacts,
        no_right="error: Dynamics: The lead cannot be qualified: the user may not create a row of 'contact'."
        " (0x80081018)\n",
    ),
)


class Sales:
    """Somebody who looks at what the CRM has, and does by hand what mksync does."""

    def __init__(self, world: World, way: Way) -> None:
        self.world = world
        self.way = way
        way.allow(world.crm.user)

    def lead(self, email: str = "pat@example.com", **values: Any) -> str:
        """A lead of Acme whom Marketo knows since the last cycle."""
        given = {"firstName": "Pat", "lastName": "Roe", "email": email, "company": "Acme", **values}
        lead = self.world.crm.named("lead", **given)
        assert self.world.cycle().exit_code == 0
        return lead

    def account(self, name: str = "Acme") -> str:
        return self.world.crm.user.create("account", **{self.way.names["account"]: name})

    def all(self, object: str) -> dict[str, Any]:
        """Every record: id -> its name, or a contact's account."""
        name = self.way.names[object]
        return {id: row[name] for id, row in self.world.crm.user.records(object, name).items()}

    def only(self, object: str) -> str:
        """The id of the one record there is."""
        (id,) = self.all(object)
        return id

    def converts(self, lead: str) -> str:
        """By hand, in the CRM. The contact's id."""
        return filter_user(self.way.crm.system, self.world.sandbox).convert(lead)

    def convert(self, *argv: str) -> Ended:
        return self.world.command("convert", *argv)

    def whole(self, *argv: str) -> Ended:
        """With an account and an opportunity, whether the CRM makes them by itself or not."""
        return self.convert(*argv, *self.way.everything)

    def links(self) -> set[tuple[str, str]]:
        """(person, contact) of every link of a contact."""
        with self.world.mirror() as mirror:
            return set(mirror.links.all_ids("contact"))

    def records_of_people(self) -> dict[str, Any]:
        """Marketo id -> the CRM's id that it carries."""
        return {id: row[KEY] for id, row in self.world.marketo.people(KEY).items()}
