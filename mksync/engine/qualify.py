"""New people as contacts: a lead is created and converted at once, without an account, as the built-in sync does.

Source: Marketo product documentation, "Microsoft Dynamics Sync: Create a Contact": a lead is made and qualified, and
the contact has no account.
"""

from dataclasses import replace

from mksync.core.convert import ConvertReport, Wish
from mksync.core.pushing import PushReport, PushWish, Told
from mksync.engine.convert import agreed, carry_out, prepare
from mksync.engine.progress import Progress
from mksync.engine.project import Project
from mksync.errors import ConfigError
from mksync.ports.abilities import Converts


def check_becomes(project: Project, wish: PushWish) -> None:
    """Raises ConfigError where the CRM makes no contact without an account."""
    port = project.ports.crm
    if wish.becomes == "contact" and not (isinstance(port, Converts) and port.converter.terms.bare):
        raise ConfigError(
            f"{project.titles.crm} makes contacts of leads, and only in an account",
            hint="mksync push-person WHO, and then mksync convert WHO, which asks for the account",
        )


def qualified(project: Project, report: PushReport, progress: Progress) -> PushReport:
    """The same, with the leads that were just made as contacts. Raises what a port raises; the leads stay then."""
    people, converted = list[Told](), list[ConvertReport]()
    for one in report.people:
        if one.kind == "created" and one.record and one.record.person_id:
            ready = prepare(project, one.record.person_id, Wish(no_account=True, opportunity=False))
            done = carry_out(project, agreed(ready), progress)
            converted.append(done)
            one = _told(project, one, done)
        people.append(one)
    return replace(report, people=people, converted=converted)


def _told(project: Project, one: Told, done: ConvertReport) -> Told:
    assert one.record is not None, "it was made just now"
    crm = project.titles.crm
    if done.refusal or not done.contact:
        text = f"lead {one.record.id} was made in {crm}, and is no contact yet"
        return replace(one, kind="refused", message=text, hint=f"mksync convert {one.record.person_id} --no-account")
    text = f"lead {one.record.id} was made in {crm} and qualified: contact {done.contact}, without an account"
    return replace(one, message=text, record=replace(one.record, object="contact", id=done.contact))
