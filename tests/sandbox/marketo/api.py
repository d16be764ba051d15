"""The test's own client: it signs in, sends what it is told, and reads nothing into the answers."""

from typing import Any

import requests

from mksync.sandbox.server import Sandbox


class Api:
    """`get`, `post` and `delete` take addresses below `/rest/v1/`, without `.json`, and give the JSON reply."""

    def __init__(self, sandbox: Sandbox, session: requests.Session) -> None:
        self.sandbox = sandbox
        self.marketo = sandbox.marketo
        self.session = session
        self.sign_in()

    def sign_in(self) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.token()['access_token']}"

    def token(self, **wish: str) -> Any:
        asked = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox", **wish}
        return self.session.get(f"{self.sandbox.marketo_url}/identity/oauth/token", params=asked).json()

    def url(self, address: str) -> str:
        return f"{self.sandbox.marketo_url}/rest/v1/{address}.json"

    def get(self, address: str, **params: Any) -> Any:
        return self.session.get(self.url(address), params=params).json()

    def post(self, address: str, body: object = None, **params: Any) -> Any:
        return self.session.post(self.url(address), json=body, params=params).json()

    def delete(self, address: str, body: object = None, **params: Any) -> Any:
        return self.session.delete(self.url(address), json=body, params=params).json()

    def sync(self, *records: dict[str, Any], **options: Any) -> Any:
        """The result items of Sync Leads."""
        reply = self.post("leads", {"input": list(records), **options})
        assert reply["success"], reply
        return reply["result"]

    def create(self, **values: Any) -> int:
        """The id of a new lead."""
        item = self.sync(values, action="createDuplicate")[0]
        assert item["status"] == "created", item
        number: int = item["id"]
        return number

    def lead(self, lead_id: int, *fields: str) -> Any:
        return self.get(f"lead/{lead_id}", fields=",".join(fields) or None)["result"][0]

    def find(self, key: str, *values: object, **more: Any) -> Any:
        return self.get("leads", filterType=key, filterValues=",".join(map(str, values)), **more)

    def ids(self, key: str, *values: object) -> list[int]:
        return [item["id"] for item in self.find(key, *values)["result"]]

    def write(self, address: str, *records: dict[str, Any], **options: Any) -> Any:
        """The result items of a call that creates and updates records of another object."""
        reply = self.post(address, {"input": list(records), **options})
        assert reply["success"], reply
        return reply["result"]

    def company(self, key: str, **values: Any) -> int:
        """The id of a new company."""
        (item,) = self.write("companies", {"externalCompanyId": key, **values}, action="createOnly")
        assert item["status"] == "created", item
        number: int = item["id"]
        return number

    def read(self, address: str, key: str, *values: object, **more: Any) -> Any:
        """The records of another object that match, without their `seq`."""
        reply = self.get(address, filterType=key, filterValues=",".join(map(str, values)), **more)
        assert reply["success"], reply
        return [{name: value for name, value in item.items() if name != "seq"} for item in reply["result"]]

    def control(self, name: str, body: object) -> Any:
        """A POST to one of the sandbox's own endpoints."""
        return self.session.post(f"{self.sandbox.marketo_url}/__sandbox__/marketo/{name}", json=body)

    def since(self, when: str = "2026-03-01T00:00:00Z") -> str:
        token: str = self.get("activities/pagingtoken", sinceDatetime=when)["nextPageToken"]
        return token

    def feed(self, address: str, token: str | None = None, **params: Any) -> tuple[list[Any], str]:
        """Every item of a feed to its end, and the token to go on from."""
        token = token or self.since()
        items: list[Any] = []
        while True:
            reply = self.get(address, nextPageToken=token, **params)
            assert reply["success"], reply
            items += reply.get("result", [])
            token = reply["nextPageToken"]
            if not reply["moreResult"]:
                return items, token

    def activities(self, *types: int, token: str | None = None, **params: Any) -> list[Any]:
        return self.feed("activities", token, activityTypeIds=",".join(map(str, types)), **params)[0]


def code(reply: Any) -> str:
    """The error code of a reply that failed as a whole."""
    assert reply["success"] is False, reply
    assert "result" not in reply
    text: str = reply["errors"][0]["code"]
    return text


def reason(item: Any) -> str:
    """The code for which one record was skipped."""
    assert item["status"] == "skipped", item
    text: str = item["reasons"][0]["code"]
    return text


def attributes(activity: Any) -> dict[str, Any]:
    return {attribute["name"]: attribute["value"] for attribute in activity["attributes"]}
