"""Demo people as leads, with the New Lead activity that each of them would have left."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.log import NEW_LEAD, Entry
from mksync.sandbox.marketo.partitions import DEFAULT
from mksync.sandbox.marketo.times import central_day, instant
from mksync.sandbox.people import DemoPerson

_SOURCE = "List import"
_PORTION = 10_000
_COLUMNS = (
    "firstName",
    "lastName",
    "salutation",
    "email",
    "title",
    "department",
    "phone",
    "mobilePhone",
    "company",
    "industry",
    "address",
    "city",
    "state",
    "postalCode",
    "country",
    "leadSource",
    "dateOfBirth",
    "doNotCall",
    "leadScore",
    "customerTier",
    "interests",
    "lastDemoAt",
    "fitScore",
    "newsletter",
    "createdAt",
    "updatedAt",
    "leadPartitionId",
    "originalSourceType",
)


def seed_leads(instance: Instance, people: Iterable[DemoPerson]) -> None:
    """Insert those of the people who stand in Marketo, under ids that begin behind the highest one."""
    here = (person for person in people if person.place.in_marketo)
    with instance.store.transaction():
        # In portions, so that a million people never stand in memory at once.
        while portion := list(islice(here, _PORTION)):
            _insert(instance, portion)


def _insert(instance: Instance, people: list[DemoPerson]) -> None:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    marks = ", ".join("?" for _ in _COLUMNS)
    connection = instance.store.connection
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM marketo_lead").fetchone()[0]
    rows = ((first + place, *_row(person)) for place, person in enumerate(people))
    connection.executemany(f"INSERT INTO marketo_lead (id, {names}) VALUES (?, {marks})", rows)
    instance.log.write_old([_new_lead(first + place, person) for place, person in enumerate(people)])


def _row(person: DemoPerson) -> tuple[object, ...]:
    created = _instant(person.created)
    texts = (
        person.first_name,
        person.last_name,
        person.salutation,
        person.email,
        person.title,
        person.department,
        person.phone,
        person.mobile,
        person.company,
        person.industry,
        person.street,
        person.city,
        person.state,
        person.postal_code,
        person.country,
        person.lead_source,
    )
    return (
        *(text or None for text in texts),
        person.birth_date.isoformat() if person.birth_date else None,
        person.do_not_call,
        person.score,
        person.customer_tier,
        ";".join(person.interests) or None,
        _instant(person.last_demo),
        person.fit_score,
        person.newsletter,
        created,
        created,
        str(DEFAULT),
        _SOURCE,
    )


def _new_lead(lead_id: int, person: DemoPerson) -> Entry:
    happened = int(person.created.timestamp())
    day = central_day(happened).isoformat()
    attributes = ({"name": "Created Date", "value": day}, {"name": "Source Type", "value": _SOURCE})
    return Entry(lead_id, NEW_LEAD, happened, attributes, lead_id, f"{person.first_name} {person.last_name}")


def _instant(when: datetime | None) -> str | None:
    return None if when is None else instant(when.timestamp())
