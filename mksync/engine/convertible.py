"""Which lead an admin means to convert, and what would be made of it: everything that is known before the order."""

from collections.abc import Sequence
from dataclasses import replace

from mksync.core.convert import ConvertReport, Wish
from mksync.core.filter import LIVE, frozen
from mksync.core.frozen import dataclass
from mksync.core.records import Gone, Record, Side
from mksync.core.report import RecordName
from mksync.engine.converted import read_on
from mksync.engine.labels import label
from mksync.engine.matching import says_no
from mksync.engine.order import Ordered, lost_fields, ordered
from mksync.engine.project import Project
from mksync.engine.pushed import answered, several
from mksync.engine.whereabouts import Lost, Several, There, Whereabouts, find_records, link_of
from mksync.engine.who import Ambiguous, Answer, MergedAway, Person, called, find_people
from mksync.engine.wished_owner import owner_of
from mksync.errors import ConfigError
from mksync.mirror.links import Link
from mksync.ports.abilities import Converter, Converts

LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Ready:
    """What would be done, and for whom. `ordered` None: nothing is left to convert, or at most the link to move.

    `read`: what the CRM said on the way.
    """

    person: Record
    report: ConvertReport
    read: Sequence[Record | Gone]
    ordered: Ordered | None = None


def converter_of(project: Project) -> Converter:
    """Raises ConfigError for a CRM that lets nobody else convert its leads."""
    port = project.ports.crm
    if not isinstance(port, Converts):
        raise ConfigError(f"mksync cannot convert leads of {project.titles.crm}", hint="convert it there")
    return port.converter


def look(project: Project, who: str, wish: Wish, *, dry: bool) -> Ready:
    """Changes nothing. Raises ConfigError where nothing can be converted, and for what an admin has to choose."""
    converter = converter_of(project)
    answer = next(iter(find_people(project, [who])), None)
    person = _person(project, who, answer)
    found = find_records(project, [person])
    record = _record(project, person, found.places[0])
    link = link_of(project, person.id)
    name = RecordName(record.object, record.id, person.id, label(project, record.object, Side.CRM, record.values))
    if record.object != LEAD:
        moved = link is not None and link.object == LEAD and link.state == LIVE
        return Ready(person, ConvertReport(name, dry, contact=record.id, already=True, moved=moved), found.read)
    _check_link(project, called(project, person), record, link)
    lead = converter.convertible(record.id)
    if isinstance(lead, Gone):
        return _departed(project, person, name, lead, dry=dry)
    if wish.owner and converter.terms.owner:
        wish = replace(wish, owner=owner_of(project, wish.owner))
    wanted = ordered(project.titles.crm, converter, lead, wish)
    account = wanted.account
    others = tuple(one.id for one in found.read if isinstance(one, Record) and one.object != LEAD)
    report = ConvertReport(
        name, dry, wanted.order, wanted.status.label, lead.company or "",
        account=account.id if account else None, account_name=account.name if account else "",
        like_it=wanted.like_it, twins=() if wanted.order.contact else others, lost=lost_fields(project, record),
    )  # fmt: skip
    return Ready(person, report, [record], wanted)


def _departed(project: Project, person: Record, name: RecordName, gone: Gone, *, dry: bool) -> Ready:
    """Somebody was faster, in the moment between two of our calls."""
    if gone.into is None or gone.into.object == LEAD:
        raise ConfigError(f"{name.label or name.id}: its lead {gone.id} was {gone.reason} just now", hint="look again")
    report = ConvertReport(name, dry, contact=gone.into.id, already=True, moved=True)
    return Ready(person, report, [gone] if dry else [*read_on(project, gone.into), gone])


def _person(project: Project, who: str, answer: Answer | None) -> Record:
    marketo = project.titles.marketo
    match answer:
        case Person():
            return answer.record
        case Ambiguous():
            found = "; ".join(f"{one.id}: {called(project, one)}" for one in answer.people)
            raise ConfigError(
                f"{marketo} has {len(answer.people)} people with the address {who}",
                hint=f"name one by its id: {found}",
            )
        case MergedAway():
            raise ConfigError(
                f"person {answer.id} was merged into person {answer.into} in {marketo}",
                hint=f"mksync convert {answer.into}",
            )
        case None:
            raise ConfigError("whose lead is to be converted?", hint="an e-mail address, or a Marketo id")
    told = answered(project, answer)
    raise ConfigError(f"{who}: {told.message}", hint=told.hint)


def _record(project: Project, person: Record, place: Whereabouts) -> Record:
    crm, name = project.titles.crm, called(project, person)
    match place:
        case There():
            return place.record
        case Several():
            told = several(project, place)
            raise ConfigError(f"{name}: {told.message}", hint=told.hint)
        case Lost():
            raise ConfigError(
                f"{name} has no lead in {crm} any more: {place.gone.object} {place.gone.id} was {place.gone.reason}",
                hint="mksync log --person " + person.id,
            )
    raise ConfigError(f"{name} has no lead in {crm}", hint=f"mksync push-person {person.id} makes one")


def _check_link(project: Project, name: str, lead: Record, link: Link | None) -> None:
    if says_no(project, LEAD, lead) or (link is not None and frozen(link.state)):
        raise ConfigError(
            f"{name}: the sync filter leaves lead {lead.id} out, so mksync leaves it alone",
            hint=f"let {project.filter_column(LEAD)} say Yes in {project.titles.crm}, or convert it there",
        )
    if link is None or link.object != LEAD or link.state != LIVE:
        raise ConfigError(
            f"{name} is not linked to lead {lead.id} yet", hint="mksync run-once links them; then convert it"
        )
