"""`$filter`, `$orderby`, `$expand` and `$apply` to trees."""

from collections.abc import Callable
from typing import TypeVar

from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.conditions import Conditions
from mksync.sandbox.dynamics.odata.lexer import Token
from mksync.sandbox.dynamics.odata.tree import Aggregate, Apply, Condition, Expand, Options, Order, Path

T = TypeVar("T")
_METHODS = frozenset({"sum", "min", "max", "average", "countdistinct", "count"})


class Parser(Conditions):
    """Reads one option's text, entirely."""

    def filter(self) -> Condition:
        return self._whole(self._condition)

    def order(self) -> tuple[Order, ...]:
        return self._whole(self._ordering)

    def expand(self) -> tuple[Expand, ...]:
        return self._whole(self._expansions)

    def apply(self) -> Apply:
        return self._whole(self._apply)

    def _whole(self, read: Callable[[], T]) -> T:
        try:
            found = read()
        except RecursionError:
            raise problems.too_complicated() from None
        return self._finish(found)

    def _ordering(self) -> tuple[Order, ...]:
        found: list[Order] = []
        while True:
            path = self._path()
            descending = self._take("desc")
            if not descending:
                self._take("asc")
            found.append(Order(path, descending))
            if not self._take(","):
                return tuple(found)

    def _expansions(self) -> tuple[Expand, ...]:
        found: list[Expand] = []
        while True:
            name = self._name()
            reference = self._take("/")
            if reference:
                self._must("$ref")
            options = self._nested() if self._take("(") else Options()
            found.append(Expand(name.text, options, reference, name.at))
            if not self._take(","):
                return tuple(found)

    def _nested(self) -> Options:
        """`$select=a,b;$top=3)`: the options of an expanded property. Aliases have no meaning in here."""
        made: dict[str, object] = {}
        outside, self._aliases = self._aliases, {}
        while not self._take(")"):
            name = self._name()
            self._must("=")
            made.update(self._nested_option(name))
            if self._here.text != ")":
                self._must(";")
        self._aliases = outside
        return Options(**made)  # type: ignore[arg-type]

    def _nested_option(self, name: Token) -> dict[str, object]:
        if name.text == "$select":
            names = [self._next().text]
            while self._take(","):
                names.append(self._next().text)
            return {"select": None if "*" in names else tuple(names)}
        if name.text == "$filter":
            return {"filter": self._condition()}
        if name.text == "$orderby":
            return {"order": self._ordering()}
        if name.text == "$expand":
            return {"expand": self._expansions()}
        if name.text == "$top" and self._here.kind == "number" and self._here.text.isdigit():
            return {"top": int(self._next().text)}
        if name.text == "$count" and self._here.text in ("true", "false"):
            return {"count": self._next().text == "true"}
        raise problems.syntax(self._text, name.at)

    def _apply(self) -> Apply:
        condition: Condition | None = None
        if self._take("filter"):
            self._must("(")
            condition = self._condition()
            self._must(")")
            if not self._take("/"):
                return Apply(filter=condition)
        if self._take("groupby"):
            self._must("(")
            group = self._group()
            aggregates = self._aggregates() if self._take(",") else ()
            self._must(")")
            return Apply(condition, group, aggregates)
        return Apply(condition, (), self._aggregates())

    def _group(self) -> tuple[Path, ...]:
        self._must("(")
        found = [self._path()]
        while self._take(","):
            found.append(self._path())
        self._must(")")
        return tuple(found)

    def _aggregates(self) -> tuple[Aggregate, ...]:
        self._must("aggregate")
        self._must("(")
        found = [self._aggregate()]
        while self._take(","):
            found.append(self._aggregate())
        self._must(")")
        return tuple(found)

    def _aggregate(self) -> Aggregate:
        if self._take("$count"):
            self._must("as")
            return Aggregate(None, "count", self._name().text)
        path = self._path()
        self._must("with")
        method = self._name().text
        if method not in _METHODS:
            raise problems.syntax(self._text, path.at)
        self._must("as")
        return Aggregate(path, method, self._name().text)
