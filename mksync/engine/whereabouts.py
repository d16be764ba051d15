"""Where somebody is in the CRM: by the stored link, else by the cross-id, else by e-mail, as lead and as contact."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from mksync.core.frozen import dataclass
from mksync.core.records import Gone, Lookup, Record, Ref, Side
from mksync.engine.matching import says_no
from mksync.engine.project import PERSON, Project
from mksync.engine.who import EMAIL
from mksync.mirror.links import Link
from mksync.ports.abilities import LooksAtOnce

By = Literal["link", "key", "e-mail", "chosen"]  # chosen: by an admin, among several
Held = Mapping[Ref, Record | Gone]


@dataclass(frozen=True, slots=True)
class There:
    """One record of the CRM is theirs. `object` of the record: "lead" or "contact"."""

    person: Record
    record: Record
    by: By


@dataclass(frozen=True, slots=True)
class Nowhere:
    """The CRM has no record of theirs, nor had one that mksync knows of."""

    person: Record


@dataclass(frozen=True, slots=True)
class Several:
    """More than one record, or one that is somebody else's, has their address: nobody is linked by a guess."""

    person: Record
    records: tuple[Record, ...]
    taken: Mapping[str, str]  # record id -> the id of the person it is linked to


@dataclass(frozen=True, slots=True)
class Lost:
    """Their record is not there any more, and went into no other one."""

    person: Record
    gone: Gone


Whereabouts = There | Nowhere | Several | Lost


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. `read`: everything that the CRM said on the way, to be folded into the mirror."""

    places: Sequence[Whereabouts]
    read: Sequence[Record | Gone]


def find_records(project: Project, people: Sequence[Record]) -> Found:
    """One answer a person, in their order. Reads the CRM at once where it can be; writes nothing.

    A lead that was converted, or a record that was merged, leads to the one that took over. Raises what a port raises.
    """
    named = {person.id: list(_names(project, person)) for person in people}
    emails = [str(email) for person in people if (email := person.values.get(EMAIL)) is not None]
    read = list(look(project, [ref for refs in named.values() for ref, _ in refs], emails))
    while missing := _not_read(project, read):
        read += look(project, missing, ())
    held: dict[Ref, Record | Gone] = {Ref(one.object, one.id): one for one in _records(read)}
    held |= {Ref(one.object, one.id): one for one in _gone(read)}
    by_email = _by_email(project, _records(read))
    places = [_place(project, person, named[person.id], held, by_email) for person in people]
    return Found(places, list(held.values()))


def _records(read: Iterable[Record | Gone]) -> list[Record]:
    return [one for one in read if isinstance(one, Record)]


def _gone(read: Iterable[Record | Gone]) -> list[Gone]:
    return [one for one in read if isinstance(one, Gone)]


def _not_read(project: Project, read: Sequence[Record | Gone]) -> list[Ref]:
    """Records that took over from others, and were not asked for yet."""
    known = {Ref(one.object, one.id) for one in read}
    found = (one.into for one in _gone(read) if one.into and one.into.object in project.people)
    return [ref for ref in dict.fromkeys(found) if ref not in known]


def look(project: Project, refs: Sequence[Ref], emails: Sequence[str]) -> Iterator[Record | Gone]:
    """These records, and whoever has one of these addresses, as lead and as contact."""
    lookups = [one for object in project.people if (one := _lookup(project, object, refs, emails))]
    port = project.ports.crm
    if isinstance(port, LooksAtOnce):
        yield from port.look(lookups) if lookups else ()
        return
    for one in lookups:
        yield from port.fetch(one.object, one.ids, one.fields) if one.ids else ()
        yield from port.find(one.object, one.field, one.values, one.fields) if one.values else ()


def _lookup(project: Project, object: str, refs: Sequence[Ref], emails: Sequence[str]) -> Lookup | None:
    names = project.names(Side.CRM, object)
    ids = list(dict.fromkeys(ref.id for ref in refs if ref.object == object))
    field = email_field(project, object)
    values = list(dict.fromkeys(email.casefold() for email in emails)) if field else []
    return Lookup(object, names, ids, field, values) if ids or values else None


def email_field(project: Project, object: str) -> str:
    """What the CRM calls the e-mail address of this object, if it is selected; else empty."""
    return next((pair.fields.crm.name for pair in project.pairs[object] if pair.name == EMAIL), "")


def _names(project: Project, person: Record) -> Iterator[tuple[Ref, By]]:
    """The records that this person is known to be, best first: the link's, then whatever carries the cross-id."""
    link = link_of(project, person.id)
    if link is not None:
        yield Ref(link.object, project.mirror.snapshots.id(Side.CRM, link.object, link.record)), "link"
    key = person.values.get(project.key_field)
    if key is not None:
        yield from ((Ref(object, str(key)), "key") for object in project.people)


def link_of(project: Project, person: str) -> Link | None:
    """The stored link of a person, whatever its state."""
    return project.mirror.link_of(Side.MARKETO, PERSON, person)


def _by_email(project: Project, records: Iterable[Record]) -> Mapping[str, list[Ref]]:
    """Address -> the records that have it; a converted lead is among them by what it last held."""
    found: dict[str, list[Ref]] = defaultdict(list)
    for one in records:
        value = one.values.get(email_field(project, one.object))
        found[str(value).casefold()].append(Ref(one.object, one.id))
    return found


def _followed(ref: Ref, held: Held) -> Record | Gone | None:
    """What stands for this record now."""
    passed: set[Ref] = set()
    one = held.get(ref)
    while isinstance(one, Gone) and one.into is not None and one.into in held and one.into not in passed:
        passed.add(one.into)
        one = held[one.into]
    return one


def _place(
    project: Project, person: Record, named: Sequence[tuple[Ref, By]], held: Held, by_email: Mapping[str, list[Ref]]
) -> Whereabouts:
    gone: Gone | None = None
    for ref, by in named:
        one = _followed(ref, held)
        if isinstance(one, Record):
            return There(person, one, by)
        gone = gone or one
    email = person.values.get(EMAIL)
    ends = [_followed(ref, held) for ref in by_email.get(str(email).casefold(), ())] if email is not None else []
    there = {one.id: one for one in ends if isinstance(one, Record)}
    found = [one for one in there.values() if not says_no(project, one.object, one)] or list(there.values())
    if not found:
        return Lost(person, gone) if gone else Nowhere(person)
    taken = {one.id: owner for one in found if (owner := _owner(project, one)) not in (None, person.id)}
    if len(found) > 1 or taken:
        return Several(person, tuple(found), {id: str(owner) for id, owner in taken.items()})
    return There(person, found[0], "e-mail")


def _owner(project: Project, record: Record) -> str | None:
    """The person that a record is linked to."""
    link = project.mirror.link_of(Side.CRM, record.object, record.id)
    return project.mirror.snapshots.id(Side.MARKETO, PERSON, link.person) if link else None
