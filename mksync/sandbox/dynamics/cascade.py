"""What the deletion of a row does to the rows that refer to it.

Source: Microsoft Learn, "Configure table relationship cascading behavior".
"""

from collections.abc import Callable

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import Row, name_of
from mksync.sandbox.dynamics.tables import Relationship, Table


class Cascade:
    def __init__(self, org: Org) -> None:
        self._org = org

    def delete(self, table: Table, id: str, moved: Callable[[Table], Row]) -> None:
        """Delete a row; `moved` gives the stamps of a row that loses a reference. Raises 405 0x80040227."""
        self._delete(table, id, moved, set())

    def _delete(self, table: Table, id: str, moved: Callable[[Table], Row], going: set[str]) -> None:
        if id in going:  # rows may refer to each other in a circle
            return
        going.add(id)
        for child, way in list(self._org.catalogue.referring(table)):
            if way.on_delete == "NoCascade" or child.intersect:
                continue
            for other in self._children(child, way, id):
                self._meet(child, way, other, moved, going)
        for pair in table.many_to_many:
            for row in self._org.rows.find(self._org.catalogue.named(pair.through), {pair.here: id}):
                self._org.disassociate(pair, id, str(row[pair.there]))
        self._org.rows.delete(table, id, self._org.clock.now())

    def _children(self, child: Table, way: Relationship, id: str) -> list[str]:
        rows = self._org.connection.execute(
            f'SELECT "{child.primary_id}" FROM {name_of(child.name)} WHERE "{way.column}" = ? ORDER BY _row', (id,)
        )
        return [str(row[0]) for row in rows]

    def _meet(self, child: Table, way: Relationship, id: str, moved: Callable[[Table], Row], going: set[str]) -> None:
        if way.on_delete == "Restrict":
            message = "The object you tried to delete is associated with another object and cannot be deleted."
            raise ODataError(405, "0x80040227", message)
        if way.on_delete == "Cascade":
            self._delete(child, id, moved, going)
            return
        cleared: Row = {way.column: None}
        if child.columns[way.column].is_polymorphic:
            cleared[f"{way.column}type"] = None
        self._org.rows.update(child, id, {**cleared, **moved(child)})
