"""What an emulated organisation is set to: named values that survive a restart."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any


class Settings:
    """The settings of one vendor, kept in a table of their own. `defaults` names those that can be changed."""

    def __init__(self, connection: sqlite3.Connection, table: str, defaults: Mapping[str, Any]) -> None:
        self._connection = connection
        self._table = table
        self._defaults = defaults
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (name TEXT PRIMARY KEY, value TEXT)")
        self._values: dict[str, Any] = dict(defaults)
        rows = connection.execute(f"SELECT name, value FROM {table}")
        self._values.update((name, json.loads(value)) for name, value in rows)

    def get(self, name: str) -> Any:  # noqa: ANN401 - settings are JSON
        """The value, or None if it was never put."""
        return self._values.get(name)

    def put(self, name: str, value: Any) -> None:  # noqa: ANN401
        self._values[name] = value
        self._connection.execute(f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?)", (name, json.dumps(value)))

    def change(self, wish: Mapping[str, Any]) -> None:
        """Put what somebody wishes. Raises ValueError for a name that is no setting; then nothing is changed."""
        if strange := wish.keys() - self._defaults.keys():
            raise ValueError(f"no such setting: {', '.join(sorted(strange))}; there are: {', '.join(self._defaults)}")
        for name, value in wish.items():
            self.put(name, value)
