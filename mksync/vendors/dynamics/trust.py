"""What is asked before rows are believed: which environment they are of, and whether a null in them is a value."""

from collections.abc import Sequence

from mksync.errors import AccessError
from mksync.vendors.dynamics.batch import Answer
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.security import Security, secured_of
from mksync.vendors.dynamics.sources import Judged, Row, Source


class Trust:
    """For one reading: before a null is believed, no column of it may be secured from the sync user.

    Whoever secures a column takes nothing away that the API would speak of: it only begins to answer null.
    """

    def __init__(self, client: Client, security: Security) -> None:
        self._client = client
        self._security = security
        self._trusted: set[Table] = set()
        self._told: dict[Table, Answer | None] = {}  # which columns are secured, by now, of the rows looked at

    def confirm(self, source: Source, rows: Sequence[Row]) -> None:
        """Before anything is made of rows that were read unconfirmed. Raises MirrorError; see `Client.confirm`.

        Which columns are secured is asked in the same request, if that is to be known as well by all that is seen.
        """
        self._told.clear()
        if source.table not in self._trusted and _has_nulls(source, rows):
            self._told[source.table] = self._client.confirm_beside(secured_of(source.table.name))
        else:
            self._client.confirm()

    def believe(self, source: Source, judged: Judged) -> None:
        """Raises AccessError where a null may be no value."""
        doubted = source.doubted(judged)
        if not doubted or source.table in self._trusted:
            return
        self._trusted.add(source.table)
        if hidden := self._security.hidden(source.table.name, doubted, self._told.get(source.table)):
            raise unseen(source.table.name, hidden)


def unseen(table: str, names: Sequence[str]) -> AccessError:
    return AccessError(
        f"Dynamics {table}: {', '.join(names)} is missing or not visible to the sync user",
        hint="Let a column security profile of the sync user read it, or take the field out of the selection.",
    )


def _has_nulls(source: Source, rows: Sequence[Row]) -> bool:
    """In what is no key: keys are often empty, and are believed."""
    columns = [column for column in source.columns if column not in source.table.keys]
    return any(row.get(column) is None for row in rows for column in columns)
