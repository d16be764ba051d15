"""Rows as they stand in a fresh organisation: put in place without any rule, stamped with the day it was founded."""

from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.tables import ManyToMany

FOUNDED = "2020-01-01T00:00:00Z"


class Planter:
    """Adds rows in the name of the administrator, whose id has to be known first."""

    def __init__(self, org: Org, admin: str) -> None:
        self.org = org
        self._stamps: Row = {"createdon": FOUNDED, "modifiedon": FOUNDED, "createdby": admin, "modifiedby": admin}

    def add(self, table_name: str, /, **values: Stored) -> str:
        """A row's id; that of the values, or the next one."""
        table = self.org.catalogue.named(table_name)
        id = str(values.pop(table.primary_id, None) or self.org.rows.next_ids(table)[0])
        stamps = {name: value for name, value in self._stamps.items() if name in table.columns}
        version: Row = {"versionnumber": self.org.rows.next_version()}
        self.org.rows.insert(table_name, {**stamps, **values, table.primary_id: id, **version})
        return id

    def to_users(self, table: str) -> ManyToMany:
        """The N:N between a table and users, as seen from the table."""
        return next(pair for pair in self.org.catalogue.named(table).many_to_many if pair.target == "systemuser")

    def setting(self, name: str) -> str:
        return str(self.org.settings.get(name))
