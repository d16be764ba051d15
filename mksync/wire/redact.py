"""Keeps secrets out of everything a person or a log file gets to see."""

import json
from urllib.parse import quote, quote_plus

from mksync.errors import MksyncError

HIDDEN = "***"
_SHORTEST = 4  # hiding every "a" of a message would tell nothing and hide nothing


class Redactor:
    """Knows the secrets of one session: client secret, tokens, assertions; also as URLs and JSON spell them."""

    def __init__(self, *secrets: str) -> None:
        self._spellings: frozenset[str] = frozenset()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        if len(secret) < _SHORTEST:
            return
        spelled = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
        self._spellings = self._spellings | spelled  # replaced, never changed in place: other threads may be reading

    def text(self, text: str) -> str:
        for spelling in sorted(self._spellings, key=len, reverse=True):
            text = text.replace(spelling, HIDDEN)
        return text

    def error(self, error: MksyncError) -> MksyncError:
        """The same error with its message and hint made safe."""
        error.message, error.hint = self.text(error.message), self.text(error.hint)
        error.args = (error.message,)
        return error
