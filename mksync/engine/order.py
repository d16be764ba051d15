"""From what an admin asked for to an order for the CRM: what is not said follows from the CRM's own terms."""

from mksync.core.convert import MATCH, Account, Conversion, Convertible, LostField, Status, Terms, Wish
from mksync.core.frozen import dataclass
from mksync.core.records import Record
from mksync.engine.project import Project
from mksync.errors import ConfigError
from mksync.ports.abilities import Converter

COMPANY = "company"  # what Marketo calls the object that accounts become
NAME_LENGTH = 80  # Salesforce's limit for an opportunity's name, the shortest there is


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order. `account`: the existing one; `like_it`: accounts of the name that a new one is to bear."""

    order: Conversion
    status: Status
    account: Account | None
    like_it: tuple[Account, ...]


def ordered(crm: str, converter: Converter, lead: Convertible, wish: Wish) -> Ordered:
    """Raises ConfigError for what cannot be, and for what an admin has to choose. `crm`: what people call it."""
    _check(crm, converter.terms, wish)
    status = _status(crm, lead, wish.status)
    account = _account(crm, converter, lead, wish)
    new = account is None and (wish.new_account or wish.account == MATCH or _new_by_default(converter.terms, wish))
    if lead.queue and not wish.owner and converter.terms.owner:
        raise ConfigError(
            f"a queue of {crm} owns this lead: somebody has to own what is made",
            hint="--owner, a user's id or e-mail address",
        )
    opportunity = converter.terms.opportunity if wish.opportunity is None else wish.opportunity
    order = Conversion(
        lead.lead, status.id, account.id if account else None, new, wish.contact or lead.contact,
        opportunity or bool(wish.opportunity_name), wish.opportunity_name or None, wish.owner or None,
        bool(wish.notify), duplicates=wish.new_account,
    )  # fmt: skip
    return Ordered(order, status, account, lead.accounts if new else ())


def lost_fields(project: Project, lead: Record) -> tuple[LostField, ...]:
    """What is selected for leads, and reaches the person neither from a contact nor from its account."""
    others = [one for one in project.objects if one != lead.object]
    heirs = [one for one in others if one in project.people or project.counterpart(one) == COMPANY]
    kept = {pair.name for object in heirs for pair in project.pairs[object]}
    return tuple(
        LostField(pair.name, pair.fields.crm.name, lead.values.get(pair.fields.crm.name))
        for pair in project.pairs[lead.object]
        if pair.name not in kept
    )


def _check(crm: str, terms: Terms, wish: Wish) -> None:
    """What the CRM leaves nobody to choose, and what excludes itself."""
    chosen = {"--account": wish.account, "--new-account": wish.new_account, "--no-account": wish.no_account}
    asked = [flag for flag, value in chosen.items() if value]
    if len(asked) > 1:
        raise ConfigError(f"{' and '.join(asked)} exclude each other", hint="keep one of them")
    if wish.opportunity is False and wish.opportunity_name:
        raise ConfigError("--opportunity-name and --no-opportunity exclude each other", hint="keep one of them")
    if wish.contact and (not wish.account or wish.account == MATCH):
        raise ConfigError("--contact needs the account that the contact belongs to", hint="--account ID")
    if len(wish.opportunity_name) > NAME_LENGTH:
        raise ConfigError(f"--opportunity-name takes {NAME_LENGTH} characters at most", hint="shorten it")
    left = {
        "--no-account": (wish.no_account, terms.bare, "a contact always gets an account there"),
        "--owner": (wish.owner, terms.owner, "what is made belongs to whoever it gives it to"),
        "--notify-owner": (wish.notify, terms.notify, "it has no such message"),
        "--contact": (wish.contact, terms.contact, "a new contact is made of every lead"),
        "--opportunity-name": (wish.opportunity_name, terms.opportunity_name, "it names the opportunity itself"),
    }
    for flag, (value, possible, why) in left.items():
        if value and not possible:
            raise ConfigError(f"{crm} leaves {flag} nobody to choose: {why}", hint=f"leave {flag} out")


def _new_by_default(terms: Terms, wish: Wish) -> bool:
    return terms.account and not wish.no_account


def _status(crm: str, lead: Convertible, asked: str) -> Status:
    known = ", ".join(one.label for one in lead.statuses)
    if not lead.statuses:
        raise ConfigError(
            f"{crm} has no status for converted leads, or shows the sync user none",
            hint="mark a lead status as converted there",
        )
    if asked:
        wanted = asked.strip().casefold()
        found = [one for one in lead.statuses if wanted in (one.id.casefold(), one.label.casefold())]
        if not found:
            raise ConfigError(f"{crm} has no status {asked!r} for converted leads", hint=f"--status, one of: {known}")
        return found[0]
    if len(lead.statuses) == 1:
        return lead.statuses[0]
    default = next((one for one in lead.statuses if one.default), None)
    if default is None:
        raise ConfigError(f"{crm} has several statuses for converted leads", hint=f"--status, one of: {known}")
    return default


def _account(crm: str, converter: Converter, lead: Convertible, wish: Wish) -> Account | None:
    """The existing account that is meant; None for a new one, or none."""
    if not wish.account:
        return None
    if wish.account != MATCH:
        found = converter.account(wish.account)
        if found is None:
            text = f"{crm} has no account {wish.account}, or the sync user may not see it"
            raise ConfigError(text, hint="--account takes the id of an account, or match")
        return found
    if not lead.company:
        raise ConfigError("the lead names no company to match an account by", hint="--account ID, or --new-account")
    if len(lead.accounts) > 1:
        raise ConfigError(
            f"{crm} has {len(lead.accounts)} accounts named {lead.company}",
            hint="--account, one of: " + ", ".join(one.id for one in lead.accounts),
        )
    return lead.accounts[0] if lead.accounts else None
