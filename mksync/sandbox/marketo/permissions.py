"""What the API user's role allows (developer guide, Custom Services, "Permission List"; API reference, per operation).

To read takes the read-only or the read-write permission of the object, to write takes the latter.
"""

import re
from collections.abc import Iterable

from mksync.sandbox.marketo.envelope import Failure

_SCHEMA = ("Read-Write Schema Standard Field", "Read-Write Schema Custom Field")
# The first address that matches counts. Metadata of fields have permissions of their own, whatever is done.
_OBJECTS = (
    (r"customobjects/schema(?:/.*)?", "Custom Object Type"),
    (r"customobjects(?:/.*)?", "Custom Object"),
    (r"companies(?:/.*)?", "Company"),
    (r"opportunities(?:/.*)?", "Opportunity"),
    (r"salespersons(?:/.*)?", "Sales Person"),
    (r"activities/(?:types|external/types?)(?:/.*)?", "Activity Metadata"),
    (r"activities(?:/.*)?", "Activity"),
    (r"leads?(?:/.*)?", "Lead"),
)
_ALL = frozenset({*_SCHEMA, *(f"{kind} {object}" for _, object in _OBJECTS for kind in ("Read-Only", "Read-Write"))})
_FIELDS = re.compile(r"/rest/v1/(?:leads|companies|opportunities)/schema/fields.*")


class Permissions:
    """The permissions of the role; it begins with all of them."""

    def __init__(self) -> None:
        self._held = set(_ALL)
        self._rules = [(re.compile(rf"/rest/v1/{address}\.json"), object) for address, object in _OBJECTS]

    def revoke(self, *names: str) -> None:
        """Take permissions away, by the names that the admin's screen has. Raises ValueError for an unknown one."""
        self._held -= _checked(names)

    def grant(self, *names: str) -> None:
        self._held |= _checked(names)

    def check(self, method: str, path: str) -> None:
        """Fails with 603 if the role does not allow the call."""
        enough = self._enough(method, path)
        if enough and not self._held.intersection(enough):
            raise Failure("603", "Access denied")

    def _enough(self, method: str, path: str) -> tuple[str, ...]:
        if _FIELDS.fullmatch(path):
            return _SCHEMA
        for pattern, object in self._rules:
            if pattern.fullmatch(path):
                write = f"Read-Write {object}"
                return (f"Read-Only {object}", write) if method == "GET" else (write,)
        return ()


def _checked(names: Iterable[str]) -> frozenset[str]:
    unknown = set(names) - _ALL
    if unknown:
        raise ValueError(f"no permission is called {', '.join(sorted(unknown))}; there are: {', '.join(sorted(_ALL))}")
    return frozenset(names)
