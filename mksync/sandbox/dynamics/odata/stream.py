"""A text as a row of tokens, read one after another."""

from typing import TypeVar

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.lexer import Token, tokens

T = TypeVar("T")


class Stream:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._place = 0

    def _finish(self, found: T) -> T:
        """What was read, if nothing stands behind it."""
        if self._here.kind != "end":
            raise self._unexpected()
        return found

    @property
    def _here(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._here
        self._place += token.kind != "end"
        return token

    def _ahead(self, text: str) -> bool:
        """Whether the token after this one is a sign."""
        after = self._tokens[min(self._place + 1, len(self._tokens) - 1)]
        return after.kind == "sign" and after.text == text

    def _take(self, text: str) -> bool:
        if self._here.kind in ("sign", "name") and self._here.text == text:
            self._place += 1
            return True
        return False

    def _must(self, text: str) -> None:
        if not self._take(text):
            raise problems.expected(self._text, self._here.at, f"'{text}'")

    def _name(self) -> Token:
        if self._here.kind != "name":
            raise problems.expected(self._text, self._here.at, "Identifier")
        return self._next()

    def _unexpected(self) -> ODataError:
        return problems.syntax(self._text, self._here.at)
