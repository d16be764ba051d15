"""Invented people for the demo: the same count and seed give every emulator the same people, on every machine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from random import Random

from mksync.sandbox import names


class Place(StrEnum):
    """The systems a demo person stands in, and as what."""

    LEAD = "lead"  # Marketo and a CRM lead
    CONTACT = "contact"  # Marketo and a CRM contact
    CRM_LEAD = "crm_lead"  # only a CRM lead
    CRM_CONTACT = "crm_contact"  # only a CRM contact
    MARKETO = "marketo"  # only Marketo

    @property
    def in_marketo(self) -> bool:
        return self in (Place.LEAD, Place.CONTACT, Place.MARKETO)

    @property
    def in_crm(self) -> bool:
        return self is not Place.MARKETO

    @property
    def is_contact(self) -> bool:
        """Whether the CRM knows this person as a contact of an account."""
        return self in (Place.CONTACT, Place.CRM_CONTACT)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One invented person as Marketo holds it. What the CRM holds is `in_crm()`; the two differ for about 3 %."""

    number: int  # 0, 1, 2 …: a stable key for emulators
    place: Place
    salutation: str
    first_name: str
    last_name: str
    email: str  # unique but for the pairs made ambiguous on purpose
    title: str
    department: str
    phone: str
    mobile: str
    company: str  # about ten per hundred people
    industry: str  # of the company
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    lead_source: str
    birth_date: date | None
    do_not_call: bool
    score: int
    customer_tier: str | None  # Bronze, Silver, Gold
    interests: tuple[str, ...]
    last_demo: datetime | None  # UTC, whole seconds
    fit_score: float | None  # two decimals
    newsletter: bool
    created: datetime  # UTC, whole seconds, years before any sandbox clock
    differs: tuple[str, str] | None = None  # an attribute's name and what the CRM holds there instead

    def in_crm(self) -> "DemoPerson":
        """The person as the CRM holds it."""
        if self.differs is None:
            return self
        name, value = self.differs
        return replace(self, differs=None, **{name: value})  # type: ignore[arg-type]


def demo_people(count: int, seed: int) -> Iterator[DemoPerson]:
    """`count` people; a longer list begins with the same ones only as long as it has as many companies."""
    random = Random(seed)  # noqa: S311 - invented people need repeatability, not secrecy
    companies = [_company(random, number) for number in range(max(1, -(-count // 10)))]
    earlier: DemoPerson | None = None
    for number in range(count):
        person = _person(random, number, companies)
        if number % _AMBIGUOUS_EVERY == _AMBIGUOUS_AT and earlier is not None:
            # A CRM lead that shares its e-mail with the CRM lead of a person in both systems.
            person = replace(person, place=Place.CRM_LEAD, email=earlier.email, differs=None)
        earlier = person
        yield person


_AMBIGUOUS_EVERY = 1000
_AMBIGUOUS_AT = 19
_PLACES = tuple(Place)
_WEIGHTS = (55, 80, 88, 92, 100)  # cumulated per cent, in the order of `Place`
_EPOCH = datetime(2022, 1, 1, tzinfo=UTC)
_SPAN = 3 * 365 * 86_400
_TOWNS = names.TOWNS


@dataclass(frozen=True, slots=True)
class _Company:
    name: str
    industry: str
    domain: str
    street: str
    town: tuple[str, str, str, str]


def _company(random: Random, number: int) -> _Company:
    name = names.COMPANY_FIRST[number % len(names.COMPANY_FIRST)]
    kind = names.COMPANY_LAST[number // len(names.COMPANY_FIRST) % len(names.COMPANY_LAST)]
    serial = number // (len(names.COMPANY_FIRST) * len(names.COMPANY_LAST))
    return _Company(
        f"{name} {kind}{f' {serial + 1}' if serial else ''}",
        random.choice(names.INDUSTRIES),
        ("example.com", "example.org", "example.net")[number % 3],
        f"{random.randrange(1, 990)} {random.choice(names.STREETS)}",
        random.choice(_TOWNS),
    )


def _person(random: Random, number: int, companies: list[_Company]) -> DemoPerson:
    company = companies[int(random.random() * len(companies))]
    first, last, plain = _name(random, number)
    place = Place.LEAD if number % _AMBIGUOUS_EVERY == _AMBIGUOUS_AT - 1 else _place(random)
    roll = random.random
    city, state, postal_code, country = company.town
    return DemoPerson(
        number=number,
        place=place,
        salutation=names.SALUTATIONS[int(roll() * len(names.SALUTATIONS))],
        first_name=first,
        last_name=last,
        email=f"{plain}.{number}@{company.domain}",
        title=names.TITLES[int(roll() * len(names.TITLES))],
        department=names.DEPARTMENTS[int(roll() * len(names.DEPARTMENTS))],
        phone=_phone(number * 2),
        mobile=_phone(number * 2 + 1) if roll() < 0.6 else "",
        company=company.name,
        industry=company.industry,
        street=company.street,
        city=city,
        state=state,
        postal_code=postal_code,
        country=country,
        lead_source=names.LEAD_SOURCES[int(roll() * len(names.LEAD_SOURCES))],
        birth_date=date(1955, 1, 1) + timedelta(days=int(roll() * 17_000)) if roll() < 0.3 else None,
        do_not_call=roll() < 0.1,
        score=int(roll() * 100),
        customer_tier=(None, "Bronze", "Silver", "Gold")[int(roll() * 4)],
        interests=names.INTERESTS[int(roll() * len(names.INTERESTS))],
        last_demo=_EPOCH + timedelta(seconds=int(roll() * _SPAN)) if roll() < 0.4 else None,
        fit_score=int(roll() * 10_000) / 100 if roll() < 0.7 else None,
        newsletter=roll() < 0.5,
        created=_EPOCH + timedelta(seconds=int(roll() * _SPAN)),
        differs=_difference(random) if roll() < 0.03 and place in (Place.LEAD, Place.CONTACT) else None,
    )


def _place(random: Random) -> Place:
    roll = random.random() * 100
    return next(place for place, limit in zip(_PLACES, _WEIGHTS, strict=True) if roll < limit)


def _name(random: Random, number: int) -> tuple[str, str, str]:
    """First name, last name and their plain ASCII form for the e-mail address."""
    if number % 25 == 7:
        return names.AWKWARD[number // 25 % len(names.AWKWARD)]
    first = names.FIRST[int(random.random() * len(names.FIRST))]
    last = names.LAST[int(random.random() * len(names.LAST))]
    return first, last, f"{first}.{last}".lower()


def _phone(number: int) -> str:
    # 555-0100 to 555-0199 are set aside for invention; the area code and an extension keep numbers apart.
    return f"+1 {201 + number // 100 % 700} 555 01{number % 100:02d}"


def _difference(random: Random) -> tuple[str, str]:
    name = random.choice(("title", "phone", "city"))
    if name == "title":
        return name, "Former " + random.choice(names.TITLES)
    if name == "phone":
        return name, f"+1 999 555 01{random.randrange(100):02d}"
    return name, "New " + random.choice(_TOWNS)[0]
