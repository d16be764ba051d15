"""Sales persons, the owners of leads (developer guide, Sales Persons)."""

from collections.abc import Sequence

from mksync.sandbox.marketo.family import Family, in_use
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads, Row
from mksync.sandbox.marketo.objecttable import ObjectTable
from mksync.sandbox.marketo.objecttypes import ObjectType

_KEY = "externalSalesPersonId"


class SalesPersons(Family):
    """`others` are the objects that name a sales person beside leads: companies and opportunities."""

    def __init__(self, instance: Instance, type: ObjectType, leads: Leads, others: Sequence[ObjectTable]) -> None:
        super().__init__(instance, type)
        self._leads = leads
        self._others = others

    def check_delete(self, held: Row) -> None:
        """Refused while it owns leads, and ever after it had a company that was deleted."""
        key = held[_KEY]
        query = "SELECT 1 FROM marketo_company_gone WHERE owner = ?"
        had_company = self._instance.store.connection.execute(query, (key,)).fetchone() is not None
        if had_company or self._leads.rows(_KEY, [key], ["id"]):
            raise in_use()
        if "in_use_stays" in self._instance.quirks and any(other.holds(_KEY, key) for other in self._others):
            raise in_use()
