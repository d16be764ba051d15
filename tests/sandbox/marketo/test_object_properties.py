"""Whatever is written and deleted in whatever order: what is read is what a dictionary would hold."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.marketo.meter import UNLIMITED
from mksync.sandbox.server import Sandbox
from tests.sandbox.marketo.api import Api
from tests.sandbox.marketo.conftest import NOW

KEYS = ("A", "b", "C3", "Größe")
KEY = st.sampled_from(KEYS)
NAME = st.sampled_from([None, "", "Acme", "Bolt", "x" * 256])
ACTION = st.sampled_from(["createOnly", "updateOnly", "createOrUpdate"])
BATCH = st.lists(st.tuples(KEY, NAME), min_size=1, max_size=4)
STEP = st.one_of(
    st.tuples(ACTION, BATCH),
    st.tuples(st.just("delete"), st.lists(st.tuples(KEY, st.none()), min_size=1, max_size=3)),
    st.tuples(st.just("link"), st.lists(st.tuples(KEY, st.none()), min_size=1, max_size=1)),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox.start(vendors=("marketo",), clock=SandboxClock(frozen_at=NOW)))
        sandbox.marketo.limits = UNLIMITED
        yield Api(sandbox, stack.enter_context(requests.Session()))


class Model:
    """Companies by key, and the company that the one lead belongs to."""

    def __init__(self) -> None:
        self.companies: dict[str, str | None] = {}
        self.link: str | None = None

    def write(self, action: str, batch: list[tuple[str, str | None]]) -> list[str]:
        seen: set[str] = set()
        return [self._written(action, key, name, seen) for key, name in batch]

    def _written(self, action: str, key: str, name: str | None, seen: set[str]) -> str:
        twin = key in seen
        seen.add(key)
        held = key in self.companies
        if twin or (held and action == "createOnly") or (not held and action == "updateOnly") or len(name or "") > 255:
            return "skipped"
        self.companies[key] = name or None
        return "updated" if held else "created"

    def delete(self, batch: list[tuple[str, str | None]]) -> list[str]:
        told = []
        for key, _ in batch:
            told.append("deleted" if key in self.companies else "skipped")
            self.companies.pop(key, None)
            self.link = None if self.link == key else self.link
        return told

    def join(self, key: str) -> list[str]:
        if key not in self.companies:
            return ["skipped"]
        self.link = key
        return ["updated"]


@given(steps=st.lists(STEP, min_size=1, max_size=6))
@settings(max_examples=40)
def test_companies_and_the_lead_of_one_read_as_they_were_written(
    shared: Api, steps: list[tuple[str, list[tuple[str, str | None]]]]
) -> None:
    api, model = shared, Model()
    api.write("companies/delete", *({"externalCompanyId": key} for key in KEYS))
    lead_id = api.create()
    for step, batch in steps:
        told, expected = done(api, model, lead_id, step, batch)
        assert [item["status"] for item in told] == expected
    found = api.read("companies", "externalCompanyId", *KEYS, fields="externalCompanyId,company")
    assert {item["externalCompanyId"]: item["company"] for item in found} == model.companies
    lead = api.lead(lead_id, "company", "externalCompanyId")
    shown = model.companies[model.link] if model.link else None
    assert (lead["externalCompanyId"], lead["company"]) == (model.link, shown)


def done(
    api: Api, model: Model, lead_id: int, step: str, batch: list[tuple[str, str | None]]
) -> tuple[list[Any], list[str]]:
    keys = [{"externalCompanyId": key} for key, _ in batch]
    if step == "delete":
        return api.write("companies/delete", *keys), model.delete(batch)
    if step == "link":
        told = api.sync({"id": lead_id, **keys[0]}, action="updateOnly", lookupField="id")
        return told, model.join(batch[0][0])
    records = [{"externalCompanyId": key, "company": name} for key, name in batch]
    return api.write("companies", *records, action=step), model.write(step, batch)
