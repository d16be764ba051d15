"""Demo people as leads, and as contacts with their accounts; some deals and events. No rule is run: an old organisation
has such data.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from mksync.sandbox.dynamics.connections import counterpart
from mksync.sandbox.dynamics.derived import composite
from mksync.sandbox.dynamics.org import Org, stamp
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.standard.people import INDUSTRIES, INTERESTS, SOURCES, TIERS
from mksync.sandbox.people import DemoPerson

_CHUNK = 2_000
_DAY = 86_400
_BETWEEN_LOADS = 6 * 3_600
_DEAL_EVERY = 20  # contacts
_EVENT_EVERY = 25  # people
_SECURED_EVERY = 10
_BUDGET_EVERY = 7
_KINDS = (100_000_000, 100_000_001, 100_000_002)
_OF = {
    id(labels): {label: code for code, label in labels.items()} for labels in (INDUSTRIES, SOURCES, TIERS, INTERESTS)
}


class Seeding:
    """Fills one organisation; people of one company share one account."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._accounts: dict[str, str] = {}
        settings = org.settings
        self._unit = str(settings.get("business_unit"))
        users = [(str(settings.get(name)), "systemuser") for name in ("sales_user", "manager_user")]
        self._owners = [*users, *users, (str(settings.get("team")), "team")]
        self._currency = str(settings.get("base_currency"))
        roles = ("Stakeholder", "Opportunity")
        self._stakeholder, self._opportunity = (str(settings.get(f"connection_role {name}")) for name in roles)

    def seed(self, people: Iterable[DemoPerson]) -> None:
        present = (person.in_crm() for person in people if person.place.in_crm)
        while chunk := list(islice(present, _CHUNK)):
            contacts = [person for person in chunk if person.place.is_contact]
            leads = [person for person in chunk if not person.place.is_contact]
            self._open_accounts(contacts)
            lead_ids = self._insert("lead", leads, self._lead)
            contact_ids = self._insert("contact", contacts, self._contact)
            self._deals(list(zip(contacts, contact_ids, strict=True))[::_DEAL_EVERY])
            self._events("new_lead", list(zip(leads, lead_ids, strict=True))[::_EVENT_EVERY])
            self._events("new_contact", list(zip(contacts, contact_ids, strict=True))[::_EVENT_EVERY])

    def _open_accounts(self, contacts: Iterable[DemoPerson]) -> None:
        new = {person.company: person for person in contacts if person.company not in self._accounts}
        ids = self._insert("account", list(new.values()), _account)
        self._accounts.update(zip(new, ids, strict=True))

    def _lead(self, person: DemoPerson) -> Row:
        more: Row = {
            "subject": f"{person.company}: {person.title}"[:300],
            "companyname": person.company,
            "industrycode": _code(INDUSTRIES, person.industry),
            "leadsourcecode": _code(SOURCES, person.lead_source),
            "leadqualitycode": 2,
            "prioritycode": 1,
            "decisionmaker": 0,
        }
        return {**self._person(person), **more}

    def _contact(self, person: DemoPerson) -> Row:
        more: Row = {
            "department": _text(person.department),
            "birthdate": person.birth_date.isoformat() if person.birth_date else None,
            "parentcustomerid": self._accounts[person.company],
            "parentcustomeridtype": "account",
            "customertypecode": 1,
            "leadsourcecode": 1,
            "preferredcontactmethodcode": 1,
        }
        return {**self._person(person), **more}

    def _person(self, person: DemoPerson) -> Row:
        """What a lead and a contact have in common."""
        budget = float(person.score * 1_000) if person.number % _BUDGET_EVERY == 0 else None
        return {
            **_party(person),
            "salutation": _text(person.salutation),
            "firstname": _text(person.first_name),
            "lastname": person.last_name,
            "fullname": f"{person.first_name} {person.last_name}".strip(),
            "emailaddress1": person.email,
            "jobtitle": _text(person.title),
            "telephone1": _text(person.phone),
            "mobilephone": _text(person.mobile),
            "donotphone": int(person.do_not_call),
            "donotbulkemail": 0,
            "donotfax": 0,
            "donotpostalmail": 0,
            "donotsendmm": 0,
            "followemail": 1,
            "merged": 0,
            "new_tier": _code(TIERS, person.customer_tier),
            "new_interests": ",".join(str(_code(INTERESTS, one)) for one in person.interests) or None,
            "new_lastdemo": stamp(person.last_demo.timestamp()) if person.last_demo else None,
            "new_visit": stamp(person.last_demo.timestamp() + 3_600) if person.last_demo else None,
            "new_fitscore": person.fit_score,
            "new_newsletter": int(person.newsletter),
            "new_visits": person.score,
            "new_joined": f"{person.created.date().isoformat()}T23:00:00Z",  # midnight where its user sat
            "new_renewal": person.birth_date.replace(year=2027, day=1).isoformat() if person.birth_date else None,
            "new_nationalid": f"ID-{person.number:06d}" if person.number % _SECURED_EVERY == 0 else None,
            "new_budget": budget,
            "new_budget_base": budget,
            "transactioncurrencyid": self._currency if budget is not None else None,
            "exchangerate": 1.0 if budget is not None else None,
        }

    def _deals(self, contacts: list[tuple[DemoPerson, str]]) -> None:
        """An opportunity of the contact's account, and the contact connected to it as a stakeholder."""
        ids = self._insert("opportunity", [person for person, _ in contacts], self._deal)
        for (person, contact), opportunity in zip(contacts, ids, strict=True):
            self._org.rows.update(self._org.catalogue.named("opportunity"), opportunity, {"parentcontactid": contact})
            ends = (("opportunity", opportunity, self._opportunity), ("contact", contact, self._stakeholder))
            self._connect(person, *ends)

    def _connect(self, person: DemoPerson, one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
        """Two ends, each a table, an id and a role."""
        table = self._org.catalogue.named("connection")
        (first,) = self._insert("connection", [person], _always(_connection(one, other)))
        row = self._org.rows.get(table, first)
        assert row is not None
        second = counterpart(row, self._org.rows.next_ids(table)[0], self._org.rows.next_version())
        del second["_row"]
        self._org.rows.insert("connection", second)
        self._org.rows.update(table, first, {"relatedconnectionid": second["connectionid"]})

    def _deal(self, person: DemoPerson) -> Row:
        value = float(1_000 + person.score * 100)
        return {
            "name": f"{person.company} renewal",
            "estimatedvalue": value,
            "estimatedvalue_base": value,
            "estimatedclosedate": "2027-06-30",
            "closeprobability": person.score,
            "opportunityratingcode": 2,
            "salesstage": person.score % 4,
            "customerid": self._accounts[person.company],
            "customeridtype": "account",
            "parentaccountid": self._accounts[person.company],
            "transactioncurrencyid": self._currency,
            "exchangerate": 1.0,
        }

    def _events(self, lookup: str, people: list[tuple[DemoPerson, str]]) -> None:
        for person, id in people:
            row: Row = {
                "new_name": f"Demo for {person.company}"[:100],
                "new_kind": _KINDS[person.number % len(_KINDS)],
                "new_heldon": stamp(person.created.timestamp()),
                "new_attendees": person.score,
                lookup: id,
            }
            self._insert("new_event", [person], _always(row))

    def _insert(self, name: str, people: list[DemoPerson], values: Callable[[DemoPerson], Row]) -> list[str]:
        if not people:
            return []
        table = self._org.catalogue.named(name)
        ids = self._org.rows.next_ids(table, len(people))
        versions = self._org.rows.next_versions(len(people))
        rows: list[Row] = [
            {table.primary_id: id, **values(person), **self._stamps(person), "versionnumber": version}
            for id, person, version in zip(ids, people, versions, strict=True)
        ]
        self._org.rows.insert_many(name, list(rows[0]), [tuple(row.values()) for row in rows])
        return ids

    def _stamps(self, person: DemoPerson) -> Row:
        """Owners by turns; created when the person was, and changed since, fifty rows in the same second."""
        owner, kind = self._owners[person.number % len(self._owners)]
        created = person.created.timestamp()
        load = self._org.clock.now() - _DAY - person.number // 50 % 97 * _BETWEEN_LOADS
        by = str(self._org.settings.get("admin_user"))
        return {
            "ownerid": owner,
            "owneridtype": kind,
            "owninguser": owner if kind == "systemuser" else None,
            "owningteam": owner if kind == "team" else None,
            "owningbusinessunit": self._unit,
            "createdon": stamp(created),
            "createdby": by,
            "modifiedon": stamp(max(created, load)),
            "modifiedby": by,
            "statecode": 0,
            "statuscode": 1,
        }


def _always(row: Row) -> Callable[[DemoPerson], Row]:
    return lambda _: row


def _text(value: str) -> str | None:
    return value.strip() or None


def _code(labels: dict[int, str], label: str | None) -> Stored:
    return _OF[id(labels)].get(label) if label else None


def _party(person: DemoPerson) -> Row:
    """What people and companies have in common."""
    found: Row = {
        "address1_line1": _text(person.street),
        "address1_city": _text(person.city),
        "address1_stateorprovince": _text(person.state),
        "address1_postalcode": _text(person.postal_code),
        "address1_country": _text(person.country),
        "donotemail": 0,
    }
    return {**found, "address1_composite": composite(found, "address1")}


def _account(person: DemoPerson) -> Row:
    return {**_party(person), "name": person.company, "industrycode": _code(INDUSTRIES, person.industry), "merged": 0}


def _connection(one: tuple[str, str, str], other: tuple[str, str, str]) -> Row:
    ends: Row = {"ismaster": 1}
    for number, (table, id, role) in ((1, one), (2, other)):
        ends |= {f"record{number}id": id, f"record{number}idtype": table, f"record{number}roleid": role}
    return ends
