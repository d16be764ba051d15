"""`$filter` to SQL, with two truth values: what is empty is not equal to anything, and so `ne` and `not` find it.

Source: "Filter rows using OData".
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mksync.sandbox.dynamics.odata import functions, patterns, problems
from mksync.sandbox.dynamics.odata.literals import Constant, constant, edm, group
from mksync.sandbox.dynamics.odata.scope import Scope, Sql, Value
from mksync.sandbox.dynamics.odata.tree import (
    Comparison,
    Condition,
    Function,
    Junction,
    Lambda,
    Literal_,
    Not,
    Path,
    TextTest,
)
from mksync.sandbox.dynamics.rows import name_of
from mksync.sandbox.dynamics.tables import TEXTS, Kind

NE_SKIPS_NULL = "ne_skips_null"
EQ_WILDCARDS = "eq_wildcards"
BLANKS_COUNT = "trailing_blanks_count"
_SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_FLIPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


@dataclass(frozen=True)
class Predicates:
    """Conditions over one scope. `variables` are those of the lambdas around it."""

    scope: Scope
    variables: Mapping[str, Scope] = field(default_factory=dict)

    def sql(self, condition: Condition) -> Sql:
        if isinstance(condition, Junction):
            return joined(condition.word.upper(), [self.sql(term) for term in condition.terms])
        if isinstance(condition, Not):
            return negated(self.sql(condition.term))
        if isinstance(condition, Lambda):
            return self._lambda(condition)
        if isinstance(condition, TextTest):
            return self._text_test(condition)
        if isinstance(condition, Function):
            return self._function(condition)
        return self._comparison(condition)

    def _value(self, path: Path) -> Value:
        inner = self.variables.get(path.parts[0])
        if inner is not None and len(path.parts) > 1:
            return inner.value(Path(path.parts[1:], path.at))
        return self.scope.value(path)

    def _comparison(self, condition: Comparison) -> Sql:
        left, right, operator = condition.left, condition.right, condition.operator
        if isinstance(left, Literal_):
            left, right, operator = right, left, _FLIPPED[operator]
        if isinstance(left, Literal_):
            raise problems.bad("A comparison in $filter must have a property on one of its sides.")
        value = self._value(left)
        if isinstance(right, Path):
            return self._between_columns(value, self._value(right), operator)
        return self.compare(value, operator, right)

    def _between_columns(self, left: Value, right: Value, operator: str) -> Sql:
        if group(left.column) != group(right.column):
            raise problems.incompatible(edm(left.column), edm(right.column), operator)
        sides = [left.sql, right.sql]
        if left.column.kind in TEXTS:
            sides = [f"dv_fold({side})" for side in sides]
        if operator == "ne":
            return negated(Sql(f"{sides[0]} = {sides[1]} OR ({sides[0]} IS NULL AND {sides[1]} IS NULL)"))
        return Sql(f"{sides[0]} {_SIGNS[operator]} {sides[1]}")

    def compare(self, value: Value, operator: str, literal: Literal_) -> Sql:
        """A column with a constant. Raises ODataError where the types do not go together."""
        found = constant(value.column, literal, operator)
        if found.value is None:
            return Sql({"eq": f"{value.sql} IS NULL", "ne": f"{value.sql} IS NOT NULL"}.get(operator, "0"))
        if operator == "eq":
            return self._equal(value, found)
        if operator == "ne":
            equal = self._equal(value, found)
            if self.scope.setting.has(NE_SKIPS_NULL):
                return Sql(f"{value.sql} IS NOT NULL AND NOT ({equal.text})", equal.values)
            return negated(equal)
        if found.beyond:
            return Sql(f"{value.sql} {'>' if operator in ('gt', 'ge') else '<='} ?", (found.value,))
        if value.column.kind in TEXTS:
            return self._text_order(value, operator, str(found.value))
        return Sql(f"{value.sql} {_SIGNS[operator]} ?", (found.value,))

    def _equal(self, value: Value, found: Constant) -> Sql:
        if found.beyond:
            return Sql("0")
        if value.column.kind not in TEXTS:
            return Sql(f"{value.sql} = ?", (found.value,))
        text = str(found.value)
        if self.scope.setting.has(EQ_WILDCARDS) and set(text) & set("%_["):
            return like(value, text)
        if self.scope.setting.has(BLANKS_COUNT):
            return _exactly(value, text)
        return _alike(value, text)

    def _text_order(self, value: Value, operator: str, text: str) -> Sql:
        if not text.isascii():
            return Sql(f"dv_fold({value.sql}) {_SIGNS[operator]} dv_fold(?)", (text,))
        return Sql(f"rtrim({value.sql}, ' ') {_SIGNS[operator]} ? COLLATE NOCASE", (text.rstrip(" "),))

    def _text_test(self, test: TextTest) -> Sql:
        value = self._value(test.left) if isinstance(test.left, Path) else None
        right = test.right
        if value is None or value.column.kind not in TEXTS or not isinstance(right, Literal_) or right.kind != "text":
            signature = f"{test.function}(Edm.String Nullable=true, Edm.String Nullable=true)"
            message = f"No function signature for the function with name '{test.function}' matches the specified "
            raise problems.bad(f"{message}arguments. The function signatures considered are: {signature}.")
        return like(value, patterns.of(test.function, right.text))

    def _function(self, function: Function) -> Sql:
        path = function.property
        table = self.scope.table
        if len(path.parts) == 1 and (column := table.columns.get(path.parts[0])) is not None:
            path = Path((column.property,), path.at)  # functions know columns by their logical names
        value = self._value(path)
        setting = self.scope.setting
        if (values := functions.identity(function, setting)) is not None:
            return self._any_of(value, values, negated_too=function.name.startswith("Not"))
        if (span := functions.span(function, setting.now)) is not None:
            return functions.within(value, span)
        return self._of_values(function, value)

    def _of_values(self, function: Function, value: Value) -> Sql:
        name, given = function.name, function.values
        if name in ("In", "NotIn"):
            return self._any_of(value, given, negated_too=name == "NotIn")
        if name in ("Between", "NotBetween") and len(given) == 2:
            low, high = (functions.literal(value, text) for text in given)
            inside = joined("AND", [self.compare(value, "ge", low), self.compare(value, "le", high)])
            return inside if name == "Between" else negated(inside)
        if name in ("ContainValues", "DoesNotContainValues") and value.column.kind == Kind.MULTI:
            test = f"',' || {value.sql} || ',' LIKE ?"
            has = joined("OR", [Sql(test, (f"%,{text.strip()},%",)) for text in given])
            return has if name == "ContainValues" else negated(has)
        raise problems.no_function(f"Microsoft.Dynamics.CRM.{name}")

    def _any_of(self, value: Value, texts: Sequence[str], *, negated_too: bool) -> Sql:
        literals = [functions.literal(value, text) for text in texts]
        if value.column.kind in TEXTS:
            found = joined("OR", [self.compare(value, "eq", literal) for literal in literals])
        else:
            constants = [constant(value.column, literal, "eq") for literal in literals]
            plain = tuple(one.value for one in constants if not one.beyond)
            found = Sql(f"{value.sql} IN ({', '.join('?' * len(plain))})", plain)
        return negated(found) if negated_too else found

    def _lambda(self, test: Lambda) -> Sql:
        outer = self.variables.get(test.path.parts[0]) if len(test.path.parts) > 1 else None
        path = Path(test.path.parts[1:], test.path.at) if outer else test.path
        collection, near = (outer or self.scope).collection(path)
        self.scope.setting.org.access.require(self.scope.setting.user, collection.table, "Read")
        inner = self.scope.inner(collection.table)
        terms = [Sql(collection.link(inner.alias, near))]
        if test.condition is not None:
            held = Predicates(self.scope, {**self.variables, test.variable: inner}).sql(test.condition)
            terms.append(held if test.word == "any" else negated(held))
        where = joined("AND", terms)
        source = f"{name_of(collection.table.name)} {inner.alias}{''.join(inner.joins)}"
        exists = f"EXISTS (SELECT 1 FROM {source} WHERE {where.text})"
        return Sql(exists if test.word == "any" else f"NOT {exists}", where.values)


def negated(sql: Sql) -> Sql:
    return Sql(f"NOT COALESCE(({sql.text}), 0)", sql.values)


def joined(word: str, parts: Sequence[Sql]) -> Sql:
    """Conditions joined by AND or OR; none of them at all holds for AND only."""
    if not parts:
        return Sql("1" if word == "AND" else "0")
    text = f" {word} ".join(f"({part.text})" for part in parts)
    return Sql(text, tuple(value for part in parts for value in part.values))


def like(value: Value, pattern: str) -> Sql:
    test = "{} LIKE ?" if patterns.is_simple(pattern) else "dv_like({}, ?)"
    return Sql(test.format(value.sql), (pattern,))


def _exactly(value: Value, text: str) -> Sql:
    if text.isascii():
        return Sql(f"{value.sql} = ? COLLATE NOCASE", (text,))
    return Sql(f"dv_fold({value.sql} || '.') = dv_fold(? || '.')", (text,))


def _alike(value: Value, text: str) -> Sql:
    """Equal but for case and trailing blanks. An index can find it: texts that differ in blanks lie side by side."""
    plain = text.rstrip(" ")
    if not plain.isascii():
        return Sql(f"dv_fold({value.sql}) = dv_fold(?)", (plain,))
    test = "{0} >= ? AND {0} < ? AND rtrim({0}, ' ') = ? COLLATE NOCASE"
    return Sql(test.format(value.sql), (plain, plain + "!", plain))
