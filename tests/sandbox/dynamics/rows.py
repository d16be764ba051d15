"""An organisation with a few invented leads and accounts, asked without HTTP: for tests of very many queries."""

from collections.abc import Mapping
from typing import Any

import pytest

from mksync.sandbox.clock import SandboxClock
from mksync.sandbox.dynamics import query
from mksync.sandbox.dynamics.call import Answer, Call, User
from mksync.sandbox.dynamics.errors import ODataError
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
    return answer.body if isinstance(answer.body, str) else dumps(answer.body)


class World(Asked):
    """Two accounts, three contacts (one of them of a contact), three leads."""

    def __init__(self, *quirks: str) -> None:
        super().__init__(*quirks)
        self.euro = self.add("transactioncurrency", currencyname="Euro", currencysymbol="€")
        self.user = self.add("systemuser", fullname="Ada Brandt")
        self.team = self.add("team", name="North Team")
        self.acme = self.add("account", name="Acme")
        self.zeta = self.add("account", name="Zeta", parentaccountid=self.acme)
        self.ann = self._contact("Ann", self.acme, "account")
        self.bob = self._contact("Bob", self.acme, "account")
        self.cid = self._contact("Cid", self.ann, "contact")
        self.first = self.add(
            "lead",
            firstname="Ada",
            emailaddress1="ada@example.test",
            statecode=0,
            statuscode=1,
            leadsourcecode=8,
            donotemail=0,
            estimatedamount=1200.5,
            numberofemployees=12_000,
            transactioncurrencyid=self.euro,
            ownerid=self.team,
            owneridtype="team",
            parentaccountid=self.zeta,
            modifiedon="2026-03-04T10:11:12Z",
            estimatedclosedate="2026-03-04",
        )
        self.second = self.add("lead", firstname="Bea", ownerid=self.user, owneridtype="systemuser", statecode=1)
        self.third = self.add("lead", lastname="100%", statecode=0, modifiedon="2026-03-05T00:00:00Z")

    def _contact(self, name: str, parent: str, kind: str) -> str:
        return self.add("contact", firstname=name, fullname=name, parentcustomerid=parent, parentcustomeridtype=kind)

    def found(self, path: str, text: str) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = self.get(path, text).body["value"]
        return value

    def ids(self, condition: str, path: str = "leads") -> list[str]:
        key = {"leads": "leadid", "contacts": "contactid", "accounts": "accountid"}[path]
        return [record[key] for record in self.found(path, f"$select={key}&$filter={condition}")]

    def refusal(self, path: str, text: str = "") -> tuple[int, str, str]:
        with pytest.raises(ODataError) as raised:
            self.get(path, text)
        return raised.value.status, raised.value.code, raised.value.message
