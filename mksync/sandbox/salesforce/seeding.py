"""Demo people as leads, and as contacts with their accounts, and what both have to do with the company.

No rule is run: an old organisation has such data.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from mksync.sandbox.people import DemoPerson
from mksync.sandbox.salesforce import dealings, times
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.tables import Row, Stored

_CHUNK = 2_000
_DAY = times.DAY
_BETWEEN_LOADS = 6 * 3_600


class Seeding:
    """Fills one organisation; people of one company share one account, and its latest opportunity."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._accounts: dict[str, str] = {}
        self._opportunities: dict[str, str] = {}
        owners = org.connection.execute("SELECT Id FROM salesforce_User WHERE IsActive ORDER BY Id").fetchall()
        self._owners = [str(row[0]) for row in owners if row[0] != org.sync_user]

    def seed(self, people: Iterable[DemoPerson]) -> None:
        present = (person.in_crm() for person in people if person.place.in_crm)
        while chunk := list(islice(present, _CHUNK)):
            contacts = [person for person in chunk if person.place.is_contact]
            self._open_accounts(contacts)
            leads = [person for person in chunk if not person.place.is_contact]
            records = {**self._insert("Lead", leads, _lead), **self._insert("Contact", contacts, self._contact)}
            self._deal(contacts, records)
            self._register(chunk, records)

    def _open_accounts(self, contacts: Iterable[DemoPerson]) -> None:
        new = {person.company: person for person in contacts if person.company not in self._accounts}
        ids = self._insert("Account", list(new.values()), _account)
        self._accounts.update((company, ids[person.number]) for company, person in new.items())

    def _deal(self, contacts: Sequence[DemoPerson], records: Mapping[int, str]) -> None:
        """Opportunities, with the contacts that have a part in them."""
        new = list(filter(dealings.has_opportunity, contacts))
        ids = self._insert("Opportunity", new, lambda one: dealings.opportunity(one, self._accounts[one.company]))
        self._opportunities.update((person.company, ids[person.number]) for person in new)
        others = [one for one in contacts if dealings.has_part(one) and one.company in self._opportunities]
        chosen = {one.number: self._opportunities[one.company] for one in others} | ids
        self._insert(
            "OpportunityContactRole",
            [*new, *others],
            lambda one: dealings.role(one, chosen[one.number], records[one.number]),
        )

    def _register(self, people: Sequence[DemoPerson], records: Mapping[int, str]) -> None:
        registered = list(filter(dealings.has_registered, people))
        ids = self._insert(
            "Event_Registration__c", registered, lambda one: dealings.registration(one, records[one.number])
        )
        booked = [person for person in registered if dealings.has_booked(person)]
        self._insert("Session_Booking__c", booked, lambda one: dealings.booking(one, ids[one.number]))

    def _contact(self, person: DemoPerson) -> Row:
        return {**_contact(person), "AccountId": self._accounts[person.company]}

    def _insert(self, object: str, people: Sequence[DemoPerson], values: Callable[[DemoPerson], Row]) -> dict[int, str]:
        """One record for each person; their ids by the person's number. All have values for the same fields."""
        if not people:
            return {}
        found = self._org.catalogue.named(object)
        ids = self._org.tables.next_ids(found.prefix, len(people))
        rows = [{"Id": id, **values(person), **self._stamps(person)} for id, person in zip(ids, people, strict=True)]
        if not found.has("OwnerId"):
            rows = [{name: value for name, value in row.items() if name != "OwnerId"} for row in rows]
        self._org.tables.insert_many(object, list(rows[0]), [tuple(row.values()) for row in rows])
        return {person.number: id for person, id in zip(people, ids, strict=True)}

    def _stamps(self, person: DemoPerson) -> Row:
        """Owners by turns; created when the person was, and changed since, fifty records in the same second."""
        owner = self._owners[person.number % len(self._owners)]
        created = person.created.timestamp()
        load = self._org.clock.now() - _DAY - person.number // 50 % 97 * _BETWEEN_LOADS
        changed = times.stamp(max(created, load))
        return {
            "OwnerId": owner,
            "CreatedDate": times.stamp(created),
            "CreatedById": owner,
            "LastModifiedDate": changed,
            "LastModifiedById": owner,
            "SystemModstamp": changed,
        }


def _text(value: str) -> str | None:
    return value.strip() or None


def _person(person: DemoPerson) -> Row:
    """What a lead and a contact have in common."""
    return {
        "Salutation": _text(person.salutation),
        "FirstName": _text(person.first_name),
        "LastName": person.last_name,
        "Name": f"{person.first_name} {person.last_name}".strip(),
        "Email": person.email.lower(),
        "Title": _text(person.title),
        "Phone": _text(person.phone),
        "MobilePhone": _text(person.mobile),
        "LeadSource": _text(person.lead_source),
        "DoNotCall": int(person.do_not_call),
        "Customer_Tier__c": person.customer_tier,
        "Interests__c": ";".join(person.interests) or None,
        "Last_Demo__c": times.stamp(person.last_demo.timestamp()) if person.last_demo else None,
        "Fit_Score__c": person.fit_score,
        "Newsletter__c": int(person.newsletter),
    }


def _address(person: DemoPerson, start: str) -> dict[str, Stored]:
    return {
        f"{start}Street": _text(person.street),
        f"{start}City": _text(person.city),
        f"{start}State": _text(person.state),
        f"{start}PostalCode": _text(person.postal_code),
        f"{start}Country": _text(person.country),
    }


def _lead(person: DemoPerson) -> Row:
    return {
        **_person(person),
        **_address(person, ""),
        "Company": person.company,
        "Industry": _text(person.industry),
        "Status": "Open - Not Contacted",
    }


def _contact(person: DemoPerson) -> Row:
    birth = person.birth_date.isoformat() if person.birth_date else None
    more: Row = {"Department": _text(person.department), "Birthdate": birth}
    return {**_person(person), **_address(person, "Mailing"), **more}


def _account(person: DemoPerson) -> Row:
    return {"Name": person.company, "Industry": _text(person.industry), **_address(person, "Billing")}
