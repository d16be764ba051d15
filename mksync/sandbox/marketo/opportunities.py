"""Opportunities, and the roles that tie leads to them (developer guide, Opportunities and Opportunity Roles)."""

from collections.abc import Sequence

from mksync.sandbox.marketo.envelope import Failure, Refused
from mksync.sandbox.marketo.family import Family, in_use
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads, Row
from mksync.sandbox.marketo.objecttable import ObjectTable
from mksync.sandbox.marketo.objecttypes import ObjectType
from mksync.sandbox.marketo.values import Stored

_KEY = "externalOpportunityId"
# What an opportunity belongs to, as the refusal words it (guide, Error Codes, 718).
_LINKS = {"externalCompanyId": "ExternalCompanyID", "externalSalesPersonId": "ExternalSalesPersonID"}


class Opportunities(Family):
    """`parents` are the tables that the links point into, by the link's name."""

    def __init__(self, instance: Instance, type: ObjectType, parents: dict[str, ObjectTable], roles: "Roles") -> None:
        super().__init__(instance, type)
        self._parents = parents
        self._roles = roles

    def check(self, values: Row, held: Row | None) -> None:  # noqa: ARG002 - as in every family
        """An unknown parent fails the whole call with 718, which stands among the response-level codes."""
        for name, worded in _LINKS.items():
            link = values.get(name)
            if link is None or self._parents[name].holds(name, link):
                continue
            if "unknown_parent_per_record" in self._instance.quirks:
                raise Refused("718", f"{worded} not found")
            raise Failure("718", f"{worded} not found")

    def check_delete(self, held: Row) -> None:
        if "in_use_stays" in self._instance.quirks and self._roles.table.holds(_KEY, held[_KEY]):
            raise in_use()

    def gone(self, held: Row) -> None:
        self._roles.orphaned(_KEY, held[_KEY])


class Roles(Family):
    """Opportunity roles. Once made, a role outlives its opportunity and its lead, unless the switch says otherwise."""

    def __init__(self, instance: Instance, type: ObjectType, leads: Leads, opportunities: ObjectTable) -> None:
        super().__init__(instance, type)
        self._leads = leads
        self._opportunities = opportunities

    def check(self, values: Row, held: Row | None) -> None:
        if held is not None:  # its links are its key
            return
        if not self._opportunities.holds(_KEY, values[_KEY]):
            raise Refused("1013", "Object not found")
        if not self._leads.matches(self._instance.fields.lookup("id"), [values["leadId"]]):
            raise Refused("1004", "Lead not found")

    def orphaned(self, name: str, value: Stored) -> None:
        """What the role pointed to is gone."""
        if "orphans_deleted" not in self._instance.quirks:
            return
        rows: Sequence[Row] = self.table.find((name,), [(value,)])
        for row in rows:
            self.delete(row)
