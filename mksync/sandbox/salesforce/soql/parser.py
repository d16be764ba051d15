"""SOQL tokens to a tree, by recursive descent. Mixing AND with OR without parentheses is an error, as in Salesforce."""

from collections.abc import Callable

from mksync.sandbox.salesforce.errors import ApiError
from mksync.sandbox.salesforce.soql import problems
from mksync.sandbox.salesforce.soql.lexer import Token, tokens
from mksync.sandbox.salesforce.soql.tree import (
    AllFields,
    Call,
    Children,
    Comparison,
    Condition,
    Junction,
    Kind,
    Literal_,
    Not,
    Order,
    Path,
    Query,
    Selected,
    SemiJoin,
)

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
DATE_FUNCTIONS = frozenset({"CALENDAR_YEAR", "CALENDAR_MONTH", "DAY_IN_MONTH", "DAY_ONLY", "HOUR_IN_DAY"})
_FUNCTIONS = AGGREGATES | DATE_FUNCTIONS | {"TOLABEL", "FORMAT"}
_RESERVED = frozenset(
    {"WHERE", "ORDER", "GROUP", "LIMIT", "OFFSET", "FROM", "AND", "OR", "HAVING", "FOR", "WITH", "ALL"}
)
_LARGEST_NUMBER = 2**31 - 1
_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})


def parse(text: str) -> Query:
    """Read one statement. Raises ApiError MALFORMED_QUERY, or QUERY_TOO_COMPLICATED for one nested too deeply."""
    parser = _Parser(text)
    try:
        query = parser.query()
    except RecursionError:
        raise problems.too_complicated() from None
    if parser.here.kind != "end":
        raise parser.unexpected()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._place = 0
        self._alias: str | None = None

    @property
    def here(self) -> Token:
        return self._tokens[self._place]

    def unexpected(self) -> ApiError:
        shown = "<EOF>" if self.here.kind == "end" else self.here.text
        return problems.syntax(self._text, self.here.at, f"unexpected token: '{shown}'")

    def query(self) -> Query:
        self._word("SELECT")
        select = [self._selected()]
        while self._take(","):
            select.append(self._selected())
        self._word("FROM")
        source = self._path()
        alias = self._source_alias()
        where = self._condition() if self._take("WHERE") else None
        group = self._group()
        order = self._ordering()
        limit = self._whole() if self._take("LIMIT") else None
        offset_at = self.here.at
        offset = self._whole() if self._take("OFFSET") else 0
        return Query(self._text, tuple(select), source, alias, where, group, order, limit, offset, offset_at)

    def _source_alias(self) -> str | None:
        self._take("AS")
        if self.here.kind == "name" and self.here.word not in _RESERVED:
            return self._next().text
        return None

    def _selected(self) -> Selected | AllFields | Children:
        if self._take("("):
            query = self.query()
            self._sign(")")
            return Children(query)
        if self.here.word == "FIELDS" and self._ahead("("):
            return self._all_fields()
        what = self._operand()
        alias = self._next().text if self.here.kind == "name" and self.here.word not in _RESERVED else None
        return Selected(what, alias)

    def _all_fields(self) -> AllFields:
        at = self._next().at
        self._sign("(")
        kind = self.here.word
        if kind not in ("ALL", "STANDARD", "CUSTOM"):
            raise self.unexpected()
        self._next()
        self._sign(")")
        return AllFields(kind, at)

    def _operand(self) -> Path | Call:
        if self.here.kind == "name" and self._ahead("("):
            return self._call()
        return self._path()

    def _call(self) -> Call:
        if self.here.word not in _FUNCTIONS:
            raise self.unexpected()
        name = self._next()
        self._sign("(")
        argument = None if self.here.text == ")" and name.word == "COUNT" else self._path()
        self._sign(")")
        return Call(name.word, argument, name.at)

    def _path(self) -> Path:
        if self.here.kind != "name" or ":" in self.here.text or self.here.word in _RESERVED:
            raise self.unexpected()
        token = self._next()
        return Path(tuple(token.text.split(".")), token.at)

    def _condition(self) -> Condition:
        terms = [self._term()]
        word = self.here.word
        if word not in ("AND", "OR"):
            return terms[0]
        while self._take(word):
            terms.append(self._term())
        if self.here.word in ("AND", "OR"):
            raise self.unexpected()
        return Junction(word, tuple(terms))

    def _term(self) -> Condition:
        if self._take("NOT"):
            return Not(self._term())
        if self._take("("):
            inside = self._condition()
            self._sign(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._operand()
        at = self.here.at
        operator = self._operator()
        if operator in ("IN", "NOT IN") and self._ahead("SELECT"):
            return self._semi_join(left, operator == "NOT IN")
        if operator in ("IN", "NOT IN", "INCLUDES", "EXCLUDES"):
            return Comparison(left, operator, self._list(), at)
        return Comparison(left, operator, (self._literal(),), at)

    def _semi_join(self, left: Path | Call, negated: bool) -> SemiJoin:
        if isinstance(left, Call):
            raise self.unexpected()
        self._sign("(")
        query = self.query()
        self._sign(")")
        return SemiJoin(left, negated, query)

    def _operator(self) -> str:
        if self.here.text in _COMPARISONS and self.here.kind == "sign":
            sign = self._next().text
            return "!=" if sign == "<>" else sign
        if self._take("NOT"):
            self._word("IN")
            return "NOT IN"
        if self.here.word in ("LIKE", "IN", "INCLUDES", "EXCLUDES"):
            return self._next().word
        raise self.unexpected()

    def _list(self) -> tuple[Literal_, ...]:
        self._sign("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._sign(")")
        return tuple(values)

    def _literal(self) -> Literal_:
        kind = _KINDS.get(self.here.kind, _kind_of_word)(self.here)
        if kind is None:
            raise self.unexpected()
        token = self._next()
        return Literal_(kind, token.text, token.at)

    def _group(self) -> tuple[Path, ...]:
        if not self._take("GROUP"):
            return ()
        self._word("BY")
        paths = [self._path()]
        while self._take(","):
            paths.append(self._path())
        return tuple(paths)

    def _ordering(self) -> tuple[Order, ...]:
        if not self._take("ORDER"):
            return ()
        self._word("BY")
        orders = [self._order()]
        while self._take(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        by = self._operand()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        nulls_last: bool | None = None
        if self._take("NULLS"):
            nulls_last = self.here.word == "LAST"
            if self.here.word not in ("FIRST", "LAST"):
                raise self.unexpected()
            self._next()
        return Order(by, descending, nulls_last)

    def _whole(self) -> int:
        if self.here.kind != "number" or not self.here.text.isdigit():
            raise self.unexpected()
        return min(int(self._next().text), _LARGEST_NUMBER)

    def _next(self) -> Token:
        token = self.here
        self._place += 1
        return token

    def _ahead(self, wanted: str) -> bool:
        """Whether the token after this one is it."""
        following = self._tokens[min(self._place + 1, len(self._tokens) - 1)]
        return following.text.upper() == wanted and following.kind != "text"

    def _take(self, wanted: str) -> bool:
        if self.here.kind in ("text", "end") or self.here.text.upper() != wanted:
            return False
        self._place += 1
        return True

    def _word(self, wanted: str) -> None:
        if not self._take(wanted):
            raise self.unexpected()

    _sign = _word


def _kind_of_word(token: Token) -> Kind | None:
    if token.kind != "name":
        return None
    if token.word == "NULL":
        return "null"
    if token.word in ("TRUE", "FALSE"):
        return "boolean"
    return "relative"


_KINDS: dict[str, Callable[[Token], Kind | None]] = {
    "text": lambda _: "text",
    "number": lambda _: "number",
    "date": lambda _: "date",
    "datetime": lambda _: "datetime",
}
