"""References between subrequests: `@{first.id}`, `@{found.records[0].Id}`, in urls and bodies.

Source: REST API Developer Guide, "Composite", "Reference IDs".
"""

import re
from collections.abc import Mapping
from typing import Any

_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])+)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class NoValue(Exception):  # noqa: N818 - the subrequest is skipped
    """A reference leads nowhere, for instance because the subrequest it names failed."""


def resolve(value: Any, bodies: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """The value with every reference in it replaced; a text that is nothing but a reference keeps its type."""
    if isinstance(value, dict):
        return {name: resolve(item, bodies) for name, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, bodies) for item in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _follow(whole, bodies)
    return _REFERENCE.sub(lambda match: str(_follow(match, bodies)), value)


def _follow(match: re.Match[str], bodies: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    name, path = match.groups()
    here = bodies.get(name)
    for key, index in _STEP.findall(path):
        here = _step(here, key, index)
        if here is None:
            raise NoValue(f"Invalid reference specified. No value for {name}{path} found in {name}.")
    return here


def _step(here: Any, key: str, index: str) -> Any:  # noqa: ANN401 - JSON
    if key:
        return here.get(key) if isinstance(here, dict) else None
    return here[int(index)] if isinstance(here, list) and int(index) < len(here) else None
