"""The tables of a fresh organisation with Dynamics 365 Sales, and the demo's customisations of them."""

from collections.abc import Iterator

from mksync.sandbox.dynamics.standard import events, lead, opportunity, parties, security, setup, users
from mksync.sandbox.dynamics.tables import Table


def tables() -> Iterator[Table]:
    yield from (lead.LEAD, parties.CONTACT, parties.ACCOUNT, opportunity.OPPORTUNITY, opportunity.CAMPAIGN)
    yield from (opportunity.CONNECTION, opportunity.CONNECTION_ROLE, events.EVENT)
    yield from (users.USER, users.TEAM, users.MEMBERSHIP, users.BUSINESS_UNIT, users.CURRENCY)
    yield from security.TABLES
    yield from setup.TABLES
