"""Which columns of a row moved at which version, for the switch `delta_selected_only`: else nobody needs to know.

Triggers note it, from the first tracked request of a table on; no token is older.
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Iterable

from mksync.sandbox.dynamics.odata.scope import Sql
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.rows import name_of
from mksync.sandbox.dynamics.tables import Table

SWITCH = "delta_selected_only"
_CREATED = "*"
_SCHEMA = """CREATE TABLE IF NOT EXISTS dynamics_moved (
    name TEXT, id TEXT, "column" TEXT, version INTEGER, PRIMARY KEY (name, id, "column")) WITHOUT ROWID"""


def watch(org: Org, table: Table) -> None:
    """Note from now on what moves in a table's rows."""
    run = org.connection.execute
    run(_SCHEMA)
    columns = [name for name in table.columns if name not in (table.primary_id, "versionnumber")]
    for event, noted in (("INSERT", [_note(table, _CREATED, "1")]), ("UPDATE", [_changed(table, c) for c in columns])):
        trigger = f'"dynamics_{table.name}_moved_{event.lower()}"'
        run(f"DROP TRIGGER IF EXISTS {trigger}")
        run(f"CREATE TRIGGER {trigger} AFTER {event} ON {name_of(table.name)} BEGIN {'; '.join(noted)}; END")


def among(table: Table, properties: Iterable[str], since: int) -> Sql:
    """The rows (alias `t`) that were made, or of which one of these properties moved, after a version."""
    known = (table.by_property(name) for name in properties)
    columns = [_CREATED, *(column.name for column in known if column is not None)]
    marks = ", ".join("?" * len(columns))
    moved = f'SELECT 1 FROM dynamics_moved m WHERE m.name = ? AND m.id = t."{table.primary_id}" AND m.version > ?'
    return Sql(f'EXISTS ({moved} AND m."column" IN ({marks}))', (table.name, since, *columns))


def _changed(table: Table, column: str) -> str:
    return _note(table, column, f'OLD."{column}" IS NOT NEW."{column}"')


def _note(table: Table, column: str, condition: str) -> str:
    values = f"'{table.name}', NEW.\"{table.primary_id}\", '{column}', NEW.versionnumber"
    return f"INSERT OR REPLACE INTO dynamics_moved SELECT {values} WHERE {condition}"
