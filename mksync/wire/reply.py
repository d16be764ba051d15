"""A vendor's answer, whole and in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mksync.errors import Temporary
from mksync.wire import jsontext


class UnexpectedReply(Temporary):
    """A reply that is not what the vendor documents: cut, not JSON, too large."""

    def __init__(self, message: str, *, hint: str = "run again later") -> None:
        super().__init__(message, hint=hint)


class Headers(Mapping[str, str]):
    """Header fields by name, in any case."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): value for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Reply:
    """Status, headers and the whole body, decompressed."""

    status: int
    headers: Headers
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON, numbers with a point as Decimal. Parsed once. Raises UnexpectedReply on anything else."""
        return self._parsed

    @property
    def says_json(self) -> bool:
        return "json" in self.headers.get("content-type", "").split(";")[0].lower()

    @cached_property
    def _parsed(self) -> Any:  # noqa: ANN401
        try:
            return jsontext.loads(self.body)
        except (ValueError, RecursionError):
            raise UnexpectedReply(
                f"the reply (HTTP {self.status}, {len(self.body)} bytes) is not JSON, or was cut"
            ) from None
