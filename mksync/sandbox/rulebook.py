"""Rules that an administrator made in an emulated system, kept as data: what every such system's rules have in common.

Each has `name`, `kind`, the kind of record it is for, `active`, and what its kind needs. Every kind may have `when`:
the rule holds only for records with these values.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

Row = Mapping[str, Any]

CHECKS: Mapping[str, Callable[[object, Any], bool]] = {
    "min_digits": lambda value, least: value is None or sum(c.isdigit() for c in str(value)) >= int(least),
    "min_length": lambda value, least: value is None or len(str(value)) >= int(least),
    "pattern": lambda value, pattern: value is None or re.fullmatch(pattern, str(value)) is not None,
    "not_in": lambda value, refused: value not in refused,
    "present": lambda value, wanted: (value is not None) == bool(wanted),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `data` holds the keys of its kind."""

    name: str
    kind: str
    object: str
    active: bool
    data: Mapping[str, Any]

    def holds_for(self, row: Row) -> bool:
        """Whether `when` is met."""
        return all(row.get(name) == value for name, value in self.data.get("when", {}).items())

    def is_broken(self, row: Row) -> bool:
        """Whether the row does not pass the `check` of its `field`."""
        value = row.get(self.data["field"])
        return any(not CHECKS[check](value, argument) for check, argument in self.data["check"].items())


def refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raises ValueError for a name that nobody knows."""
    if strange := set(given) - set(known):
        raise ValueError(f"no such {what}: {', '.join(sorted(strange))}; there are: {', '.join(known)}")


class RuleBook:
    """A system's rules by name. A vendor's own says what is done with them."""

    table: ClassVar[str]  # where they are kept
    word: ClassVar[str]  # the key that names the kind of record
    kinds: ClassVar[Mapping[str, set[str]]]  # with what each kind needs

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(f"CREATE TABLE IF NOT EXISTS {self.table} (name TEXT PRIMARY KEY, definition TEXT)")
        rows = connection.execute(f"SELECT definition FROM {self.table} ORDER BY rowid")
        self._rules = {rule.name: rule for rule in (self._read(json.loads(row[0])) for row in rows)}

    def all(self) -> list[dict[str, Any]]:
        return [self._written(rule) for rule in self._rules.values()]

    def put(self, definition: Mapping[str, Any]) -> None:
        """Make a rule, or change the keys given of the one with this name. Raises ValueError for a bad definition."""
        known = self._rules.get(str(definition.get("name")))
        rule = self._read({**(self._written(known) if known else {}), **definition})
        self._rules[rule.name] = rule
        row = (rule.name, json.dumps(self._written(rule)))
        self._connection.execute(f"INSERT OR REPLACE INTO {self.table} VALUES (?, ?)", row)

    def remove(self, name: str) -> None:
        self._rules.pop(name, None)
        self._connection.execute(f"DELETE FROM {self.table} WHERE name = ?", (name,))

    def active(self, kind: str, object: str, row: Row) -> Iterator[Rule]:
        for rule in self._rules.values():
            if rule.active and rule.kind == kind and rule.object == object and rule.holds_for(row):
                yield rule

    def _read(self, definition: Mapping[str, Any]) -> Rule:
        data = dict(definition)
        try:
            name, kind, object = str(data.pop("name")), str(data.pop("kind")), str(data.pop(self.word))
            needed = self.kinds[kind]
        except KeyError as missing:
            a = "an" if self.word[0] in "aeiou" else "a"
            text = f"a rule needs a name, {a} {self.word} and one of the kinds {', '.join(self.kinds)}: {missing}"
            raise ValueError(text) from None
        if lacking := needed - data.keys():
            raise ValueError(f"a rule of kind {kind} needs {', '.join(sorted(lacking))}")
        self._judge(data)
        return Rule(name, kind, object, bool(data.pop("active", True)), data)

    def _judge(self, data: Mapping[str, Any]) -> None:
        """Raises ValueError for what a rule names and nobody knows."""
        refuse_unknown("check", data.get("check", {}).keys(), CHECKS)

    def _written(self, rule: Rule) -> dict[str, Any]:
        return {"name": rule.name, "kind": rule.kind, self.word: rule.object, "active": rule.active, **rule.data}
