"""What the organisation's developers and administrators made, kept as data: plug-ins and duplicate rules.

Each has `name`, `kind`, `table`, `active`, and by kind:

- `reject`: `field`, `check` (see `rulebook.CHECKS`), `message`: a synchronous plug-in that throws at every save that
  leaves the row breaking it (0x80040265, with the message).
- `mutate`: `set`, values put into the row in the same transaction; or `transform`, columns and what is done with the
  text that was sent (see `TRANSFORMS`).
- `duplicate`: `field`: rows that hold the same text there are duplicates, where a caller asks for detection.

`reject` and `mutate` may have `on` ("create" or "update"; both if absent), and every kind `when`: the rule holds only
for rows with these values.
Source: Microsoft Learn, "Use plug-ins to extend business processes", "Manage duplicate detection".
"""

from collections.abc import Callable, Mapping
from typing import Any

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.rulebook import Rule, RuleBook, refuse_unknown

_KEYS = {"reject": {"field", "check", "message"}, "mutate": set(), "duplicate": {"field"}}
TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "trim": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "digits": lambda text: "".join(c for c in text if c.isdigit()),
}


class Rules(RuleBook):
    """The organisation's rules by name."""

    table, word = "dynamics_rule", "table"
    kinds = _KEYS

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
            if rule.data.get("on", operation) == operation and rule.is_broken(whole):
                raise aborted(rule)
        return added

    def _judge(self, data: Mapping[str, Any]) -> None:
        super()._judge(data)
        refuse_unknown("transform", data.get("transform", {}).values(), TRANSFORMS)


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
