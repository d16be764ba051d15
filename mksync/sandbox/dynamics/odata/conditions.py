"""Tokens of `$filter` to a tree, by recursive descent.

Dataverse speaks OData 4.0: there is no `in` operator, no arithmetic, and no function but `contains`, `startswith`,
`endswith` and those of the namespace Microsoft.Dynamics.CRM.
"""

import json
from collections.abc import Mapping

from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.lexer import Token, unquote_text
from mksync.sandbox.dynamics.odata.stream import Stream
from mksync.sandbox.dynamics.odata.tree import (
    Comparison,
    Condition,
    Function,
    Junction,
    Kind,
    Lambda,
    Literal_,
    Not,
    Operand,
    Path,
    TextTest,
)

NAMESPACE = "Microsoft.Dynamics.CRM."
_OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_TEXT_TESTS = frozenset({"contains", "startswith", "endswith"})
_WORDS: Mapping[str, Kind] = {"true": "boolean", "false": "boolean", "null": "null"}
_PLAIN: Mapping[str, Kind] = {"number": "number", "date": "date", "datetime": "datetime", "guid": "guid"}
_ENDS = frozenset({"end", ")", "and", "or", ";"})
_TRUE = Literal_("boolean", "true")


class Conditions(Stream):
    """One text. `aliases` are the parameter aliases of the URL, each a text of its own: `@p` to `'x'`."""

    def __init__(self, text: str, aliases: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self._aliases = aliases or {}

    def _condition(self) -> Condition:
        return self._joined("or", self._conjunction())

    def _conjunction(self) -> Condition:
        return self._joined("and", self._term())

    def _joined(self, word: str, first: Condition) -> Condition:
        terms = [first]
        while self._take(word):
            terms.append(self._conjunction() if word == "or" else self._term())
        return first if len(terms) == 1 else Junction(word, tuple(terms))

    def _term(self) -> Condition:
        if self._take("not"):
            return Not(self._term())
        if self._take("("):
            inside = self._condition()
            self._must(")")
            return inside
        if self._here.kind == "name" and self._ahead("("):
            return self._compared_to_truth(self._call())
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._operand()
        if isinstance(left, Lambda):
            return self._compared_to_truth(left)
        here = self._here
        if here.text in _OPERATORS:
            self._next()
            right = self._operand()
            if isinstance(right, Lambda):
                raise problems.syntax(self._text, right.at)
            return Comparison(left, here.text, right, here.at)
        if (here.text if here.kind != "end" else "end") in _ENDS:
            return Comparison(left, "eq", _TRUE, left.at)
        raise self._unexpected()

    def _compared_to_truth(self, test: Condition) -> Condition:
        """`contains(…) eq false` is a longer way to say `not contains(…)`."""
        if self._here.text not in ("eq", "ne"):
            return test
        operator = self._next().text
        if self._here.text not in ("true", "false"):
            raise self._unexpected()
        return test if (self._next().text == "true") == (operator == "eq") else Not(test)

    def _operand(self) -> Operand | Lambda:
        token = self._here
        if token.kind == "alias":
            return self._aliased(self._next().text)
        if token.kind in _PLAIN:
            text = self._next().text
            return Literal_(_PLAIN[token.kind], text.lower() if token.kind == "guid" else text, token.at)
        if token.kind == "text":
            return Literal_("text", unquote_text(self._next().text), token.at)
        if token.kind != "name":
            raise problems.expected(self._text, token.at, "Expression")
        if token.text in _WORDS:
            return Literal_(_WORDS[self._next().text], token.text, token.at)
        return self._enum() or self._path_or_lambda()

    def _enum(self) -> Literal_ | None:
        """`Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'`."""
        name, value = self._here, self._tokens[self._place + 1]
        if value.kind != "text" or value.at != name.end or "." not in name.text:
            return None
        self._place += 2
        return Literal_("enum", unquote_text(value.text), name.at)

    def _aliased(self, name: str) -> Literal_:
        text = self._aliases.get(name)
        if text is None:
            return Literal_("null", "null")
        inner = Conditions(text)
        found = inner._finish(inner._operand())
        if not isinstance(found, Literal_):
            raise problems.syntax(text, 0)
        return found

    def _path_or_lambda(self) -> Path | Lambda:
        first = self._name()
        parts = [first.text]
        while self._take("/"):
            if self._here.text in ("any", "all") and self._ahead("("):
                return self._lambda(Path(tuple(parts), first.at))
            parts.append(self._name().text)
        return Path(tuple(parts), first.at)

    def _path(self) -> Path:
        if self._here.kind == "alias":
            token = self._next()
            inner = Conditions(self._aliases.get(token.text, ""))
            return inner._finish(inner._path())
        found = self._path_or_lambda()
        if isinstance(found, Lambda):
            raise problems.syntax(self._text, found.at)
        return found

    def _lambda(self, path: Path) -> Lambda:
        word = self._next()
        self._must("(")
        if word.text == "any" and self._take(")"):
            return Lambda(path, "any", "", None, word.at)
        variable = self._name().text
        self._must(":")
        condition = self._condition()
        self._must(")")
        return Lambda(path, word.text, variable, condition, word.at)

    def _call(self) -> Condition:
        name = self._next()
        self._must("(")
        if name.text in _TEXT_TESTS:
            left = self._argument()
            self._must(",")
            right = self._argument()
            self._must(")")
            return TextTest(name.text, left, right, name.at)
        if not name.text.startswith(NAMESPACE):
            raise problems.no_function(name.text)
        return self._function(name)

    def _argument(self) -> Operand:
        found = self._operand()
        if isinstance(found, Lambda):
            raise problems.syntax(self._text, found.at)
        return found

    def _function(self, name: Token) -> Function:
        """The arguments in brackets: PropertyName, and PropertyValue or PropertyValues or numbered ones, in order."""
        path, values = "", list[str]()
        while not self._take(")"):
            parameter = self._name().text
            self._must("=")
            given = self._values()
            if parameter == "PropertyName" and given:
                path = given[0]
            else:
                values += given
            if self._here.text != ")":
                self._must(",")
        return Function(
            name.text.removeprefix(NAMESPACE), Path(tuple(path.split("/")), name.at), tuple(values), name.at
        )

    def _values(self) -> list[str]:
        token = self._here
        if token.kind == "alias":
            text = self._aliases.get(self._next().text)
            return Conditions(text)._values() if text is not None else []
        if not self._take("["):
            return [self._value()]
        found: list[str] = []
        while not self._take("]"):
            found.append(self._value())
            if self._here.text != "]" and not self._take(","):
                message = "Invalid JSON. A comma character ',' was expected in scope 'Array'. "
                more = "Every two elements in an array and properties of an object must be separated by commas."
                raise problems.bad(message + more)
        return found

    def _value(self) -> str:
        token = self._next()
        if token.kind == "text":
            return unquote_text(token.text)
        if token.kind == "quoted":
            return str(json.loads(token.text))
        if token.kind in _PLAIN or token.text in _WORDS:
            return token.text
        raise problems.expected(self._text, token.at, "Expression")
