"""Rules that the organisation's administrator made, kept as data: validation, duplicates, assignment, automation.

Each has `name`, `kind`, `object`, `active`, and by kind:

- `validation`: `field`, `check` (see `rulebook.CHECKS`), `message`. Every save that leaves the record breaking it is
  refused.
- `duplicate`: `field`, `action` (`alert`: a caller may save all the same; `block`), `message`.
- `assignment`: `owner`, who gets the record unless the caller sends `Sforce-Auto-Assign: false`.
- `automation`: `set`, values put into a record that the sync user saved, by the user `as`, `after` seconds; with
  `stamp_only` as the platform itself does it, moving SystemModstamp alone.

Every kind may have `when`: the rule holds only for records with these values.
Source: Salesforce Help, "Validation Rules", "Duplicate Rules", "Assignment Rules".
"""

from typing import Any

from mksync.sandbox.rulebook import Rule, RuleBook
from mksync.sandbox.salesforce.errors import ApiError, Complaint
from mksync.sandbox.salesforce.tables import Row, Tables

_KEYS = {
    "validation": {"field", "check", "message"},
    "duplicate": {"field", "action"},
    "assignment": {"owner"},
    "automation": {"set"},
}


class Rules(RuleBook):
    """The organisation's rules by name."""

    table, word = "salesforce_rule", "object"
    kinds = _KEYS

    def validate(self, object: str, row: Row) -> None:
        """Raises FIELD_CUSTOM_VALIDATION_EXCEPTION, once for every rule the record breaks."""
        broken = [rule for rule in self.active("validation", object, row) if rule.is_broken(row)]
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
