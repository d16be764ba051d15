"""What the organisation's developers and administrators made, kept as data: plug-ins and duplicate rules.

Each has `name`, `kind`, `table`, `active`, and by kind:

- `reject`: `field`, `check` (see `CHECKS`), `message`: a synchronous plug-in that throws at every save that leaves the
  row breaking it (0x80040265, with the message).
- `mutate`: `set`, values put into the row in the same transaction; or `transform`, columns and what is done with the
  text that was sent (see `TRANSFORMS`).
- `duplicate`: `field`: rows that hold the same text there are duplicates, where a caller asks for detection.

`reject` and `mutate` may have `on` ("create" or "update"; both if absent), and every kind `when`: the rule holds only
for rows with these values.
Source: Microsoft Learn, "Use plug-ins to extend business processes", "Manage duplicate detection".
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.rows import Row, Stored

_KEYS = {"reject": {"field", "check", "message"}, "mutate": set(), "duplicate": {"field"}}
CHECKS: Mapping[str, Callable[[object, Any], bool]] = {
    "min_digits": lambda value, least: value is None or sum(c.isdigit() for c in str(value)) >= int(least),
    "min_length": lambda value, least: value is None or len(str(value)) >= int(least),
    "pattern": lambda value, pattern: value is None or re.fullmatch(pattern, str(value)) is not None,
    "not_in": lambda value, refused: value not in refused,
    "present": lambda value, wanted: (value is not None) == bool(wanted),
}
TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "trim": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "digits": lambda text: "".join(c for c in text if c.isdigit()),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `data` holds the keys of its kind."""

    name: str
    kind: str
    table: str
    active: bool
    data: Mapping[str, Any]

    def holds_for(self, row: Row) -> bool:
        """Whether `when` is met."""
        return all(row.get(name) == value for name, value in self.data.get("when", {}).items())


class Rules:
    """The organisation's rules by name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE IF NOT EXISTS dynamics_rule (name TEXT PRIMARY KEY, definition TEXT)")
        rows = connection.execute("SELECT definition FROM dynamics_rule ORDER BY rowid")
        self._rules = {rule.name: rule for rule in (_read(json.loads(row[0])) for row in rows)}

    def all(self) -> list[dict[str, Any]]:
        return [_written(rule) for rule in self._rules.values()]

    def put(self, definition: Mapping[str, Any]) -> None:
        """Make a rule, or change the keys given of the one with this name. Raises ValueError for a bad definition."""
        known = self._rules.get(str(definition.get("name")))
        rule = _read({**(_written(known) if known else {}), **definition})
        self._rules[rule.name] = rule
        row = (rule.name, json.dumps(_written(rule)))
        self._connection.execute("INSERT OR REPLACE INTO dynamics_rule VALUES (?, ?)", row)

    def remove(self, name: str) -> None:
        self._rules.pop(name, None)
        self._connection.execute("DELETE FROM dynamics_rule WHERE name = ?", (name,))

    def active(self, kind: str, table: str, row: Row) -> Iterator[Rule]:
        for rule in self._rules.values():
            if rule.active and rule.kind == kind and rule.table == table and rule.holds_for(row):
                yield rule

    def run(self, table: str, operation: str, row: Row, sent: Row) -> Row:
        """Let the plug-ins see a row as it would be saved; what they put into it. Raises 400 0x80040265.

        `operation` is create or update, `sent` what the caller sent of the row.
        """
        added: Row = {}
        for rule in self.active("mutate", table, row):
            if rule.data.get("on", operation) == operation:
                added |= _mutated(rule, sent)
        whole = {**row, **added}
        for rule in self.active("reject", table, whole):
            if rule.data.get("on", operation) == operation and _is_broken(rule, whole):
                raise aborted(rule)
        return added


def aborted(rule: Rule) -> ODataError:
    trace = f"\r\n[Contoso.Plugins: Contoso.Plugins.{rule.name}]\r\n[...]"
    return ODataError(400, "0x80040265", str(rule.data["message"]), sub_code="4711", trace=trace)


def _mutated(rule: Rule, sent: Row) -> Row:
    changed: dict[str, Stored] = dict(rule.data.get("set", {}))
    for column, transform in rule.data.get("transform", {}).items():
        value = sent.get(column)
        if isinstance(value, str):
            changed[column] = TRANSFORMS[transform](value) or None
    return changed


def _is_broken(rule: Rule, row: Row) -> bool:
    value = row.get(rule.data["field"])
    return any(not CHECKS[check](value, argument) for check, argument in rule.data["check"].items())


def _read(definition: Mapping[str, Any]) -> Rule:
    data = dict(definition)
    try:
        name, kind, table = str(data.pop("name")), str(data.pop("kind")), str(data.pop("table"))
        needed = _KEYS[kind]
    except KeyError as missing:
        raise ValueError(f"a rule needs a name, a table and one of the kinds {', '.join(_KEYS)}: {missing}") from None
    if lacking := needed - data.keys():
        raise ValueError(f"a rule of kind {kind} needs {', '.join(sorted(lacking))}")
    for key, known in (("check", CHECKS.keys()), ("transform", TRANSFORMS.keys())):
        given = data.get(key, {})
        if strange := set(given if key == "check" else given.values()) - known:
            raise ValueError(f"no such {key}: {', '.join(sorted(strange))}; there are: {', '.join(known)}")
    return Rule(name, kind, table, bool(data.pop("active", True)), data)


def _written(rule: Rule) -> dict[str, Any]:
    return {"name": rule.name, "kind": rule.kind, "table": rule.table, "active": rule.active, **rule.data}
