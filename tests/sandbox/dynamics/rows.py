"""An organisation with a few invented leads and accounts, asked without HTTP: for tests of very many queries."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.dynamics import query
from mksync.sandbox.dynamics.call import Answer, Call, User
from mksync.sandbox.dynamics.odata.shape import dumps
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.store import Store

NOW = 1_772_445_600  # 2026-03-02T10:00:00Z, a Monday
ROOT = "http://127.0.0.1:1/api/data/v9.2"
SYSTEM = User("00000008-0000-4000-8000-000000000001", system=True)


class Asked:
    """The organisation and one way to ask it."""

    def __init__(self, *quirks: str) -> None:
        self.org = Org(Store(), SandboxClock(frozen_at=NOW), frozenset(quirks))

    def add(self, table: str, **values: Any) -> str:
        """A row as it is stored; its id."""
        known = self.org.catalogue.named(table)
        id = self.org.rows.next_ids(known)[0]
        self.org.rows.insert(table, {**values, known.primary_id: id, "versionnumber": self.org.rows.next_version()})
        return id

    def call(self, path: str, text: str = "", headers: Mapping[str, str] | None = None) -> Call:
        return Call("GET", path, text, headers or {}, b"", SYSTEM, ROOT)

    def get(self, path: str, text: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        return query.answer(self.org, self.call(path, text, headers))

    def follow(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        path, _, text = url.removeprefix(f"{ROOT}/").partition("?")
        return self.get(path, text, headers)

    def pages(self, path: str, text: str, size: int) -> list[dict[str, Any]]:
        """Every record, page by page."""
        headers = {"prefer": f"odata.maxpagesize={size}"}
        body = self.get(path, text, headers).body
        records = list(body["value"])
        while link := body.get("@odata.nextLink"):
            body = self.follow(link, headers).body
            assert 0 < len(body["value"]) <= size
            records += body["value"]
        return records


def text_of(answer: Answer) -> str:
    """The answer as it goes over the wire."""
    return answer.body if isinstance(answer.body, str) else dumps(replace(answer).body)
