"""Whom an admin means: from e-mail addresses and Marketo ids to people, as Marketo holds them now."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from mksync.core.frozen import dataclass
from mksync.core.records import Record, Ref, Side
from mksync.engine.labels import label
from mksync.engine.project import PERSON, Project
from mksync.engine.relink import survivor_of
from mksync.errors import ConfigError
from mksync.mirror.people import named

EMAIL = "email"  # as Marketo calls it
_CALLED = re.compile(r".*<([^<>]+@[^<>]+)>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Marketo. `record` holds every selected field of people, and the e-mail address."""

    who: str
    record: Record


@dataclass(frozen=True, slots=True)
class Unknown:
    """Marketo has nobody of this address or id, nor did the mirror ever know anybody."""

    who: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several people have this address: only a Marketo id says which of them is meant."""

    who: str
    people: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class MergedAway:
    """The person was merged into another one, as far as the mirror knows: `into` is that person's id."""

    who: str
    id: str
    into: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody whom the mirror knew, and who is not in Marketo any more: deleted, or merged since the last cycle."""

    who: str
    id: str


Answer = Person | Unknown | Ambiguous | MergedAway | Left


def bare(who: str) -> str:
    """The address of "Ana Ruiz <ana@example.com>", as tables call people; else what was given."""
    found = _CALLED.fullmatch(who.strip())
    return (found[1] if found else who).strip()


def checked(whos: Sequence[str]) -> list[str]:
    """The same, bare and each once. Raises ConfigError for what is neither an address nor a Marketo id."""
    found = list(dict.fromkeys(filter(None, map(bare, whos))))
    for who in found:
        if not (who.isascii() and who.isdecimal()) and "@" not in who:
            raise ConfigError(
                f"{who!r} is neither an e-mail address nor a Marketo id", hint="mksync log --person WHO finds out both"
            )
    return found


def find_people(project: Project, whos: Sequence[str]) -> list[Answer]:
    """One answer each, in their order: as few calls of Marketo as ids and addresses take, 300 of a kind in each.

    Writes nothing, not even to the mirror. Raises ConfigError as `checked`, and what the port raises.
    """
    asked = checked(whos)
    names = list(dict.fromkeys((*project.names(Side.MARKETO, PERSON), EMAIL)))
    ids, emails = [who for who in asked if "@" not in who], [who for who in asked if "@" in who]
    port = project.ports.marketo
    by_id = {one.id: one for one in port.fetch(PERSON, ids, names) if isinstance(one, Record)} if ids else {}
    by_email: dict[str, list[Record]] = defaultdict(list)
    for one in port.find(PERSON, EMAIL, emails, names) if emails else ():
        by_email[str(one.values.get(EMAIL)).casefold()].append(one)
    return [_answer(project, who, by_id, by_email) for who in asked]


def _answer(
    project: Project, who: str, by_id: Mapping[str, Record], by_email: Mapping[str, Sequence[Record]]
) -> Answer:
    found = by_email.get(who.casefold(), ()) if "@" in who else [by_id[who]] if who in by_id else ()
    if len(found) > 1:
        return Ambiguous(who, tuple(found))
    return Person(who, found[0]) if found else _missing(project, who)


def _missing(project: Project, who: str) -> Answer:
    """What the mirror remembers of somebody whom Marketo does not have."""
    known = [who] if "@" not in who else [person for person, _ in named(project.mirror.db, who) if person]
    for id in known:
        found = project.mirror.snapshots.find(Side.MARKETO, Ref(PERSON, id))
        if found is None:
            continue
        survivor = survivor_of(project, Side.MARKETO, found.into) if found.reason == "merged" else None
        if survivor is not None and survivor.reason is None:
            return MergedAway(who, id, survivor.id)
        return Left(who, id)
    return Unknown(who)


def called(project: Project, person: Record) -> str:
    """Name and address as far as Marketo's fields are selected, else the id."""
    return label(project, project.people[0], Side.MARKETO, person.values) or f"person {person.id}"
