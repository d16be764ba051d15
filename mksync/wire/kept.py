"""Tokens kept between runs, in one file beside the mirror that nobody but its owner may read.

A kept token spares a sign-in and nothing hangs on it: a file that is missing, broken, others' or not to be written is
as if there were none, and so is what two processes that write at once make of it.

The secret that a token was got with does not stand in the file, only a mark of 24 bits by which a changed secret is
seen. It is no help in finding the secret: one in 16 million guesses bears it, and the secrets and keys that vendors
give out have 128 random bits and more. It depends on nothing but the settings, so that many versions of the file tell
no more than one.
"""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mksync.errors import MksyncError
from mksync.ports import TOKENS, Beside, Clock
from mksync.wire import private
from mksync.wire.origin import checked
from mksync.wire.tokens import Token

LONGEST = 12 * 3_600.0  # seconds that a token is kept whose vendor names no end


class Kept:
    """One system's token in the file. Meets `tokens.Keep`."""

    def __init__(self, path: Path, system: str, of: Mapping[str, str | None], secret: str, clock: Clock) -> None:
        """`of`: the settings that signed in, but for the secret."""
        told = json.dumps([system, sorted(of.items())]).encode()
        self._path = path
        self._system = system
        self._of = hashlib.sha256(told).hexdigest()[:32]
        self._mark = hmac.digest(secret.encode(), told, "sha256")[:3].hex()
        self._clock = clock

    def load(self) -> Token | None:
        """The token that these settings signed in with, if it may still be good."""
        entry = private.read(self._path).get(self._system)
        if not isinstance(entry, dict) or (entry.get("of"), entry.get("mark")) != (self._of, self._mark):
            return None
        return _token(entry, self._system)

    def save(self, token: Token) -> None:
        ends = token.expires_at if token.expires_at is not None else self._clock.now() + LONGEST
        entry = {**asdict(token), "expires_at": ends, "of": self._of, "mark": self._mark}
        private.change(self._path, lambda entries: {**entries, self._system: entry})

    def drop(self, token: Token) -> None:
        """Unless another token stands there by now."""
        private.change(self._path, lambda entries: _without(entries, self._system, token.value))


def kept(beside: Beside | None, system: str, of: Mapping[str, str | None], secret: str, clock: Clock) -> Kept | None:
    """None if nothing is to be kept; then nothing that was kept before stays."""
    if beside is None:
        return None
    path = beside.file(TOKENS)
    if beside.keep_tokens:
        return Kept(path, system, of, secret, clock)
    for file in (path, private.part(path)):
        with suppress(OSError):
            file.unlink()
    return None


def _token(entry: Mapping[str, Any], system: str) -> Token | None:
    """Whatever is not as it was written is no token."""
    value, ends = entry.get("value"), entry.get("expires_at")
    texts = {name: entry.get(name) for name in ("origin", "subject", "organisation")}
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or len(value.split()) != 1:
        return None
    if isinstance(ends, bool) or not isinstance(ends, int | float) or not math.isfinite(ends):
        return None
    if any(text is not None and not isinstance(text, str) for text in texts.values()):
        return None
    try:
        if texts["origin"] is not None:
            checked(texts["origin"], system)
    except MksyncError:
        return None
    return Token(value, float(ends), **texts)


def _without(entries: private.Entries, system: str, value: str) -> private.Entries:
    entry = entries.get(system)
    if isinstance(entry, dict) and entry.get("value") == value:
        return {name: one for name, one in entries.items() if name != system}
    return entries
