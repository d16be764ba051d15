"""A CRM in the sandbox that refuses records with any code its vendor documents, for as long as a test wants it to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import mksync.sandbox.dynamics.rules as dynamics
import mksync.sandbox.salesforce.rules as salesforce
from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.salesforce.errors import refuse
from tests.scenarios.sandbox_world import World

Codes = Callable[[str], str | None]  # what a record is refused with, by its job title; None: it is saved
MESSAGE = "the vendor's own words"
_STATUS = {"0x80040220": 403, "0x80048306": 403, "0x8004f507": 403, "0x80040237": 412, "0x80060892": 412}
_PASSING = ("0x80044150", "0x80044151", "0x80040216", "0x80044171")  # these come with HTTP 500


@contextmanager
def refusing(here: World, codes: Codes) -> Iterator[None]:
    """Meanwhile the CRM answers the sync user's saves with these codes, each record for itself."""
    with _salesforce(codes) if here.facts.system == "salesforce" else _dynamics(codes):
        yield


@contextmanager
def _salesforce(codes: Codes) -> Iterator[None]:
    validate = salesforce.Rules.validate

    def refused(rules: salesforce.Rules, object: str, row: dict[str, Any]) -> None:
        if code := codes(str(row.get("Title"))):
            raise refuse(code, MESSAGE, "Title")
        validate(rules, object, row)

    with patch.object(salesforce.Rules, "validate", refused):
        yield


@contextmanager
def _dynamics(codes: Codes) -> Iterator[None]:
    run = dynamics.Rules.run

    def refused(rules: dynamics.Rules, table: str, operation: str, row: dict[str, Any], sent: Any) -> Any:
        if code := codes(str(row.get("jobtitle"))):
            status = 500 if code in _PASSING else _STATUS.get(code.lower(), 400)
            raise ODataError(status, code, MESSAGE)
        return run(rules, table, operation, row, sent)

    with patch.object(dynamics.Rules, "run", refused):
        yield
