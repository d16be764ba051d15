"""WHERE conditions to SQL. SOQL knows two truth values: `!=` and NOT find rows whose field is empty, too.

Source: SOQL and SOSL Reference, "Comparison Operators", "Logical Operators".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mksync.sandbox.salesforce import ids, times
from mksync.sandbox.salesforce.errors import ApiError
from mksync.sandbox.salesforce.fields import NUMBERS, TEXTS
from mksync.sandbox.salesforce.soql import problems
from mksync.sandbox.salesforce.soql.dates import days_meant
from mksync.sandbox.salesforce.soql.lexer import like_pattern, unescape
from mksync.sandbox.salesforce.soql.scope import Column, Scope
from mksync.sandbox.salesforce.soql.tree import (
    Call,
    Comparison,
    Condition,
    Junction,
    Literal_,
    Not,
    Path,
    Query,
    SemiJoin,
)
from mksync.sandbox.salesforce.tables import Stored

_OPPOSITE = {"NOT IN": "IN", "EXCLUDES": "INCLUDES"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition and the values bound in it."""

    text: str
    values: tuple[Stored, ...] = ()


SubSelect = Callable[[Query], Sql]


@dataclass(frozen=True)
class Predicates:
    """Turns conditions over one scope into SQL; `sub_select` compiles the query of a semi-join."""

    scope: Scope
    now: float
    sub_select: SubSelect

    def sql(self, condition: Condition) -> Sql:
        if isinstance(condition, Junction):
            parts = [self.sql(term) for term in condition.terms]
            text = f" {condition.word} ".join(f"({part.text})" for part in parts)
            return Sql(text, tuple(value for part in parts for value in part.values))
        if isinstance(condition, Not):
            return _negated(self.sql(condition.term))
        if isinstance(condition, SemiJoin):
            return self._semi_join(condition)
        return self._comparison(condition)

    def _semi_join(self, condition: SemiJoin) -> Sql:
        column = self._filterable(condition.left)
        inner = self.sub_select(condition.query)
        found = Sql(f"{column.sql} IN ({inner.text})", inner.values)
        return _negated(found) if condition.negated else found

    def _comparison(self, condition: Comparison) -> Sql:
        column = self._filterable(condition.left)
        if condition.operator in _OPPOSITE:
            return _negated(self._test(column, _OPPOSITE[condition.operator], condition))
        return self._test(column, condition.operator, condition)

    def _filterable(self, what: Path | Call) -> Column:
        column = self.scope.operand(what)
        if not column.field.filterable:
            message = f"field '{column.field.name}' can not be filtered in a query call"
            raise problems.at("INVALID_FIELD", self.scope.text, what.at, message)
        return column

    def _test(self, column: Column, operator: str, condition: Comparison) -> Sql:
        if operator == "IN":
            return self._any_of(column, condition.values)
        if operator == "INCLUDES":
            self._only(column, operator, condition, {"multipicklist"})
            return _joined("OR", [_includes(column, unescape(value.raw)) for value in condition.values])
        if operator == "LIKE":
            self._only(column, operator, condition, TEXTS - {"multipicklist"})
            return _like(column, like_pattern(condition.values[0].raw))
        return self._compare(column, operator, condition.values[0])

    def _only(self, column: Column, operator: str, condition: Comparison, types: frozenset[str] | set[str]) -> None:
        wrong_value = any(value.kind != "text" for value in condition.values)
        if column.field.type in types and not wrong_value:
            return
        message = f"invalid operator on {column.field.type} field" if not wrong_value else "invalid value for operator"
        raise problems.at(
            "INVALID_QUERY_FILTER_OPERATOR", self.scope.text, condition.at, f"{message}: {operator.lower()}"
        )

    def _any_of(self, column: Column, literals: Sequence[Literal_]) -> Sql:
        if any(literal.kind == "relative" for literal in literals):
            return _joined("OR", [self._compare(column, "=", literal) for literal in literals])
        values = [self._value(column, literal) for literal in literals]
        plain = [value for value in values if value is not None and not _needs_folding(column, value)]
        tests = [Sql(f"{column.sql} IN ({', '.join('?' * len(plain))})", tuple(plain))] if plain else []
        tests += [_equal(column, value) for value in values if value is None or _needs_folding(column, value)]
        return _joined("OR", tests)

    def _compare(self, column: Column, operator: str, literal: Literal_) -> Sql:
        if literal.kind == "relative":
            return self._relative(column, operator, literal)
        value = self._value(column, literal)
        if operator == "=":
            return _equal(column, value)
        if operator == "!=":
            return _negated(_equal(column, value))
        if value is None or column.field.type == "boolean":
            message = f"invalid operator on {column.field.type} field"
            raise problems.at("INVALID_QUERY_FILTER_OPERATOR", self.scope.text, literal.at, message)
        return Sql(f"{column.sql} {operator} ?", (value,))

    def _relative(self, column: Column, operator: str, literal: Literal_) -> Sql:
        today = datetime.fromtimestamp(self.now, UTC).date()
        days = days_meant(literal.raw, today) if column.field.type in ("date", "datetime") else None
        if days is None:
            raise problems.syntax(self.scope.text, literal.at, f"unexpected token: '{literal.raw}'")
        start, end = (_midnight(day, column.field.type) for day in days)
        within = Sql(f"{column.sql} >= ? AND {column.sql} < ?", (start, end))
        tests = {
            "=": within,
            "!=": _negated(within),
            "<": Sql(f"{column.sql} < ?", (start,)),
            "<=": Sql(f"{column.sql} < ?", (end,)),
            ">": Sql(f"{column.sql} >= ?", (end,)),
            ">=": Sql(f"{column.sql} >= ?", (start,)),
        }
        return tests[operator]

    def _value(self, column: Column, literal: Literal_) -> Stored:
        """A literal as the column stores it. Raises INVALID_FIELD if it is of the wrong type."""
        if literal.kind == "null":
            return None
        type = column.field.type
        if type in ("id", "reference") and literal.kind == "text":
            return self._id(literal)
        if type in TEXTS and literal.kind == "text":
            return unescape(literal.raw) or None
        if type in NUMBERS and literal.kind == "number":
            return float(literal.raw)
        if type == "boolean" and literal.kind == "boolean":
            return int(literal.raw.upper() == "TRUE")
        moment = _moment(literal) if type == literal.kind else None
        if moment is None:
            raise self._wrong_type(column, literal)
        return moment

    def _id(self, literal: Literal_) -> str | None:
        text = unescape(literal.raw)
        id = ids.widen(text) if text else None
        if text and id is None:
            message = f"invalid ID field: {text}"
            raise problems.at("INVALID_QUERY_FILTER_OPERATOR", self.scope.text, literal.at, message)
        return id

    def _wrong_type(self, column: Column, literal: Literal_) -> ApiError:
        type = "dateTime" if column.field.type == "datetime" else column.field.type
        quoted = "should be" if column.field.type in TEXTS | {"id", "reference"} else "should not be"
        message = (
            f"value of filter criterion for field '{column.field.name}' must be of type {type} "
            f"and {quoted} enclosed in quotes"
        )
        return problems.at("INVALID_FIELD", self.scope.text, literal.at, message)


def _moment(literal: Literal_) -> str | None:
    if literal.kind == "date":
        return times.day(literal.raw)
    return times.instant(literal.raw) if literal.kind == "datetime" else None


def _midnight(day: date, type: str) -> str:
    return day.isoformat() if type == "date" else f"{day.isoformat()}T00:00:00.000+0000"


def _negated(sql: Sql) -> Sql:
    return Sql(f"NOT COALESCE(({sql.text}), 0)", sql.values)


def _joined(word: str, parts: Sequence[Sql]) -> Sql:
    text = f" {word} ".join(f"({part.text})" for part in parts)
    return Sql(text, tuple(value for part in parts for value in part.values))


def _needs_folding(column: Column, value: Stored) -> bool:
    """SQLite ignores case in ASCII only."""
    return isinstance(value, str) and column.field.type in TEXTS and not value.isascii()


def _equal(column: Column, value: Stored) -> Sql:
    if value is None:
        return Sql(f"{column.sql} IS NULL")
    if column.field.type == "multipicklist" and isinstance(value, str):
        return Sql(f"sf_choices({column.sql}) = ?", (";".join(sorted(value.casefold().split(";"))),))
    if _needs_folding(column, value) and isinstance(value, str) and not column.field.case_sensitive:
        return Sql(f"sf_fold({column.sql}) = ?", (value.casefold(),))
    return Sql(f"{column.sql} = ?", (value,))


def _like(column: Column, pattern: str) -> Sql:
    if pattern.isascii():
        return Sql(f"{column.sql} LIKE ? ESCAPE '\\'", (pattern,))
    return Sql(f"sf_fold({column.sql}) LIKE ? ESCAPE '\\'", (pattern.casefold(),))


def _includes(column: Column, together: str) -> Sql:
    """All values of `a;b` are among the chosen ones."""
    escaped = together.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    test = f"';' || {column.sql} || ';' LIKE ? ESCAPE '\\'"
    return _joined("AND", [Sql(test, (f"%;{value};%",)) for value in escaped.split(";")])
