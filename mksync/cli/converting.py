"""What `mksync convert` says: what it would do, what speaks against it, and what it did."""

from collections.abc import Iterator

import mksync.cli.leftovers as leftovers
import mksync.cli.render as render
from mksync.cli.console import Console
from mksync.cli.leftovers import value, whole
from mksync.cli.table import Table
from mksync.cli.text import visible
from mksync.core.convert import MATCH, ConvertReport
from mksync.core.records import Side, Sides
from mksync.core.report import Rejected
from mksync.errors import ConfigError

FLAGS = f"--new-account for another one, --account ID, or --account {MATCH}"


def warn(report: ConvertReport, titles: Sides[str], console: Console) -> None:
    """What is lost by converting, and who may be there twice afterwards, before it is done."""
    if report.lost:
        fields = ", ".join(
            one.field if one.value is None else f"{one.field} ({value(one.value)})" for one in report.lost
        )
        console.warn(f"no field of contacts is selected for these, so they will flow no more: {visible(fields)}")
    if report.twins:
        console.warn(f"{titles.crm} has a contact with this e-mail address already: {', '.join(report.twins)}")


def agree(report: ConvertReport, titles: Sides[str], console: Console, *, dry: bool, yes: bool) -> None:
    """Ask whether a second account of a name is wanted. Raises ConfigError for a no, and where nobody can answer."""
    if not report.like_it:
        return
    ids = ", ".join(one.id for one in report.like_it)
    there = f"{titles.crm} has an account named {visible(report.company)} already ({ids})."
    if dry or yes:
        console.warn(f"{there} Another one {'would be' if dry else 'is'} made.")
    elif not console.confirm(f"{there} Make another one?", FLAGS):
        raise ConfigError("nothing was converted", hint=f"choose: {FLAGS}")


def told(report: ConvertReport, titles: Sides[str]) -> Iterator[str]:
    """What was done, or would be, a line each."""
    if report.refusal:
        why = report.refusal
        row = Rejected(report.record, Side.CRM, why.fields, why.code, why.message, why.cause, why.remedy, "")
        yield f"not converted: {titles.crm} refused it"
        yield from leftovers.rejected(row, titles)
    elif report.already:
        yield f"{whole(report.record)} {_already(report)}"
    else:
        yield f"{whole(report.record)} {'would be' if report.dry else 'is'} converted"
        yield f"  contact      {report.contact or _given_contact(report) or 'new'}"
        yield f"  account      {_account(report)}"
        yield f"  opportunity  {_opportunity(report)}"
        yield f"  lead status  {visible(report.status)}"
    for note in report.notes:
        yield f"note: {visible(note)}"


def changes(report: ConvertReport, titles: Sides[str]) -> Table:
    """What was written afterwards, so that the person and the contact agree."""
    rows = list(render.first_of_each_kind(report.changes))
    return render.changes(report.changes, rows, f"Written to bring both sides into step: {len(rows)}", titles)


def _already(report: ConvertReport) -> str:
    if not report.moved:
        return "is a contact already: there is nothing to convert"
    verb = "would move" if report.dry else "has moved"
    return f"was converted already, into contact {report.contact}: the link {verb} there"


def _given_contact(report: ConvertReport) -> str | None:
    return report.order.contact if report.order else None


def _account(report: ConvertReport) -> str:
    order = report.order
    if order and order.account:
        return f"{visible(report.account_name)} ({order.account})"
    if not (order and order.new_account):
        return "none"
    return _new(visible(report.company), report.account)


def _opportunity(report: ConvertReport) -> str:
    if not (report.order and report.order.opportunity):
        return "none"
    return _new(visible(report.order.opportunity_name or ""), report.opportunity)


def _new(name: str, id: str | None) -> str:
    return ", ".join(filter(None, [f"{name} ({id})" if id and name else name or id, "new"]))
