"""Rules that the organisation's administrator made, kept as data: validation, duplicates, assignment, automation.

Each has `name`, `kind`, `object`, `active`, and by kind:

- `validation`: `field`, `check` (see `CHECKS`), `message`. Every save that leaves the record breaking it is refused.
- `duplicate`: `field`, `action` (`alert`: a caller may save all the same; `block`), `message`.
- `assignment`: `owner`, who gets the record unless the caller sends `Sforce-Auto-Assign: false`.
- `automation`: `set`, values put into a record that the sync user saved, by the user `as`, `after` seconds; with
  `stamp_only` as the platform itself does it, moving SystemModstamp alone.

Every kind may have `when`: the rule holds only for records with these values.
Source: Salesforce Help, "Validation Rules", "Duplicate Rules", "Assignment Rules".
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mksync.sandbox.salesforce.errors import ApiError, Complaint
from mksync.sandbox.salesforce.tables import Row, Tables

_KEYS = {
    "validation": {"field", "check", "message"},
    "duplicate": {"field", "action"},
    "assignment": {"owner"},
    "automation": {"set"},
}
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


class Rules:
    """The organisation's rules by name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE IF NOT EXISTS salesforce_rule (name TEXT PRIMARY KEY, definition TEXT)")
        rows = connection.execute("SELECT definition FROM salesforce_rule ORDER BY rowid")
        self._rules = {rule.name: rule for rule in (_read(json.loads(row[0])) for row in rows)}

    def all(self) -> list[dict[str, Any]]:
        return [_written(rule) for rule in self._rules.values()]

    def put(self, definition: Mapping[str, Any]) -> None:
        """Make a rule, or change the keys given of the one with this name. Raises ValueError for a bad definition."""
        known = self._rules.get(str(definition.get("name")))
        rule = _read({**(_written(known) if known else {}), **definition})
        self._rules[rule.name] = rule
        self._connection.execute(
            "INSERT OR REPLACE INTO salesforce_rule VALUES (?, ?)", (rule.name, json.dumps(_written(rule)))
        )

    def remove(self, name: str) -> None:
        self._rules.pop(name, None)
        self._connection.execute("DELETE FROM salesforce_rule WHERE name = ?", (name,))

    def active(self, kind: str, object: str, row: Row) -> Iterator[Rule]:
        for rule in self._rules.values():
            if rule.active and rule.kind == kind and rule.object == object and rule.holds_for(row):
                yield rule

    def validate(self, object: str, row: Row) -> None:
        """Raises FIELD_CUSTOM_VALIDATION_EXCEPTION, once for every rule the record breaks."""
        broken = [rule for rule in self.active("validation", object, row) if _is_broken(rule, row)]
        if broken:
            code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
            raise ApiError(400, [Complaint(code, r.data["message"], (r.data["field"],)) for r in broken])

    def find_duplicates(self, tables: Tables, object: str, row: Row, *, allow: bool, details: bool, path: str) -> None:
        """Raises DUPLICATES_DETECTED unless `allow` lets an alerting rule pass; a blocking one never does.

        With `details` the matching records come with all their values, else with their ids.
        """
        for rule in self.active("duplicate", object, row):
            blocking = rule.data["action"] == "block"
            matches = _matches(tables, rule, row)
            if matches and (blocking or not allow):
                raise _detected(rule, matches, details, path)


def _is_broken(rule: Rule, row: Row) -> bool:
    value = row.get(rule.data["field"])
    return any(not CHECKS[check](value, argument) for check, argument in rule.data["check"].items())


def _matches(tables: Tables, rule: Rule, row: Row) -> list[Row]:
    value = row.get(rule.data["field"])
    if value is None:
        return []
    found = tables.find(rule.object, rule.data["field"], value)
    return [other for other in found if other["Id"] != row.get("Id") and not other.get("IsConverted")]


def _detected(rule: Rule, matches: list[Row], details: bool, path: str) -> ApiError:
    message = str(rule.data.get("message", "Use one of these records?"))
    records = [_matched(rule.object, row, details, path) for row in matches]
    found = {
        "entityType": rule.object,
        "errors": [],
        "matchEngine": "FuzzyMatchEngine",
        "matchRecords": records,
        "rule": rule.name.replace("Duplicate_Rule", "Match_Rule_v1_0"),
        "size": len(records),
        "success": True,
    }
    result = {
        "allowSave": rule.data["action"] != "block",
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object,
        "errorMessage": message,
        "matchResults": [found],
    }
    return ApiError(400, [Complaint("DUPLICATES_DETECTED", message, None, {"duplicateResult": result})])


def _matched(object: str, row: Row, details: bool, path: str) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "_row" and (details or name == "Id")}
    record = {"attributes": {"type": object, "url": f"{path}{object}/{row['Id']}"}, **values}
    return {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": record}


def _read(definition: Mapping[str, Any]) -> Rule:
    data = dict(definition)
    try:
        name, kind, object = str(data.pop("name")), str(data.pop("kind")), str(data.pop("object"))
        needed = _KEYS[kind]
    except KeyError as missing:
        raise ValueError(f"a rule needs a name, an object and one of the kinds {', '.join(_KEYS)}: {missing}") from None
    if lacking := needed - data.keys():
        raise ValueError(f"a rule of kind {kind} needs {', '.join(sorted(lacking))}")
    if strange := data.get("check", {}).keys() - CHECKS.keys():
        raise ValueError(f"no such check: {', '.join(sorted(strange))}; there are: {', '.join(CHECKS)}")
    return Rule(name, kind, object, bool(data.pop("active", True)), data)


def _written(rule: Rule) -> dict[str, Any]:
    return {"name": rule.name, "kind": rule.kind, "object": rule.object, "active": rule.active, **rule.data}
