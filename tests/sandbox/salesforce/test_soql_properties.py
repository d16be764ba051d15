"""Whatever text a record holds, a properly escaped statement finds that record and no other."""

from collections.abc import Iterator

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.server import Sandbox
from tests.sandbox.salesforce.api import Api
from tests.sandbox.salesforce.conftest import NOW

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(lambda t: t.strip(" "))
SPECIAL = st.text("'\\%_\"; ()-\u00e9\u00c9aA", min_size=1, max_size=12).filter(lambda t: t.strip(" "))


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    clock = SandboxClock(frozen_at=NOW)
    with Sandbox.start(vendors=("salesforce",), clock=clock) as sandbox, requests.Session() as http:
        yield Api(sandbox, http)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def found(api: Api, condition: str) -> set[str]:
    return {row["Id"] for row in api.records(f"SELECT Id FROM Lead WHERE {condition}")}


@settings(max_examples=60, deadline=None)
@given(st.one_of(TEXTS, SPECIAL))
def test_an_escaped_text_finds_exactly_the_record_that_holds_it(api: Api, text: str) -> None:
    holder, other = api.lead(City=text), api.lead(City="other" + text)
    held = api.read("Lead", holder)["City"]
    try:
        assert found(api, f"City = {quoted(held)}") == {holder}
        assert found(api, f"City IN ({quoted(held)}, 'x')") == {holder}
        assert found(api, f"City != {quoted(held)}") == {other}
        literal = quoted(held).replace("%", "\\%").replace("_", "\\_")
        assert found(api, f"City LIKE {literal}") == {holder}
        assert found(api, f"City LIKE '%{literal[1:]}") == {holder, other}
    finally:
        api.delete("composite/sobjects", params={"ids": f"{holder},{other}"})
