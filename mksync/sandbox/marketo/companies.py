"""Companies, and the leads that belong to them (developer guide, Companies).

A linked lead inherits the company's values as though they were its own. They are kept on the lead's own row as well,
so that reading leads costs no more for it.
"""

from collections.abc import Sequence

from mksync.sandbox.marketo.catalogue import COMPANY_FIELDS
from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.envelope import Refused
from mksync.sandbox.marketo.family import Family, in_use
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads, Row
from mksync.sandbox.marketo.objecttable import ObjectTable
from mksync.sandbox.marketo.objecttypes import ObjectType
from mksync.sandbox.marketo.values import Stored

_LINK = "externalCompanyId"
_OWNER = "externalSalesPersonId"
# A sales person whom a deleted company had stays in use for good (guide, Sales Persons, "Delete").
_SCHEMA = "CREATE TABLE IF NOT EXISTS marketo_company_gone (owner TEXT NOT NULL COLLATE NOCASE)"


class Companies(Family):
    """Companies; `others` are the objects that may hold on to one: opportunities."""

    def __init__(
        self,
        instance: Instance,
        type: ObjectType,
        leads: Leads,
        changes: Changes,
        sales_persons: ObjectTable,
        others: Sequence[ObjectTable],
    ) -> None:
        super().__init__(instance, type)
        self._leads = leads
        self._changes = changes
        self._sales_persons = sales_persons
        self._others = others
        with instance.store.lock:
            instance.store.connection.execute(_SCHEMA)

    def check(self, values: Row, held: Row | None) -> None:  # noqa: ARG002 - as in every family
        owner = values.get(_OWNER)
        if owner is not None:
            self._refuse_unknown(self._sales_persons, _OWNER, owner)

    def check_delete(self, held: Row) -> None:
        if "in_use_stays" not in self._instance.quirks:
            return
        linked = self._linked_leads(held[_LINK])
        if linked or any(other.holds(_LINK, held[_LINK]) for other in self._others):
            raise in_use()

    def check_links(self, values: Row) -> None:
        """Raises Refused for a lead that is to be linked to a company or a sales person that does not exist."""
        for table, name in ((self.table, _LINK), (self._sales_persons, _OWNER)):
            link = values.get(name)
            if link is not None:
                self._refuse_unknown(table, name, link)

    def inherited(self, link: Stored) -> Row:
        """The values that a lead of this company shows; none if there is no such company."""
        found = None if link is None else self.table.one((_LINK,), (link,))
        return {} if found is None else {name: found[name] for name in COMPANY_FIELDS}

    def show(self, lead_ids: Sequence[Stored], values: Row) -> None:
        """Let leads show what their company holds. By itself this is no change of a lead: no activity tells of it."""
        if "company_changes_logged" in self._instance.quirks:
            for lead_id in lead_ids:
                self._changes.update(int(lead_id or 0), values)
            return
        for lead_id in lead_ids if values else ():
            self._leads.update(int(lead_id or 0), values)

    def write(self, link: Stored, values: Row) -> None:
        """Change a company through one of its leads."""
        held = self.table.one((_LINK,), (link,))
        if held is not None:
            self.update(held, values)

    def written(self, after: Row) -> None:
        self.show(self._linked_leads(after[_LINK]), {name: after[name] for name in COMPANY_FIELDS})

    def gone(self, held: Row) -> None:
        """Its leads have no company any more, and nothing to inherit."""
        self.show(self._linked_leads(held[_LINK]), dict.fromkeys([_LINK, *COMPANY_FIELDS]))
        if held[_OWNER] is not None:
            self._instance.store.connection.execute("INSERT INTO marketo_company_gone VALUES (?)", (held[_OWNER],))

    def _linked_leads(self, link: Stored) -> list[Stored]:
        if link is None:
            return []
        exact = "exact_case" in self._instance.quirks
        rows = self._leads.rows(_LINK, [link], ["id", _LINK])
        return [row["id"] for row in rows if not exact or row[_LINK] == link]

    def _refuse_unknown(self, table: ObjectTable, name: str, link: Stored) -> None:
        if "unknown_links_kept" not in self._instance.quirks and not table.holds(name, link):
            raise Refused("1013", f"Object not found: {name} '{link}'")
