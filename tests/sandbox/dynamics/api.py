"""A small signed-in client for the tests: it knows HTTP and nothing of the emulator's inside."""

from typing import Any

import requests

from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox

ROOT = "/api/data/v9.2"


class Api:
    def __init__(self, sandbox: Sandbox, http: requests.Session) -> None:
        self.sandbox = sandbox
        self.org = sandbox.dynamics
        self.url = sandbox.dynamics_url
        self.root = self.url + ROOT
        self.http = http
        self.sign_in()

    def sign_in(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": "sandbox",
            "client_secret": "sandbox",
            "scope": f"{self.url}/.default",
        }
        token = str(self.http.post(f"{self.url}/contoso/oauth2/v2.0/token", data=form).json()["access_token"])
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """A call below the root, or of a full URL."""
        return self.http.request(method, path if "://" in path else f"{self.root}/{path}", **more)

    def get(self, path: str, prefer: str | None = None, **more: Any) -> requests.Response:
        headers = {"Prefer": prefer} if prefer else {}
        return self.call("GET", path, headers=headers, **more)

    def post(self, path: str, body: object, **more: Any) -> requests.Response:
        return self.call("POST", path, json=body, **more)

    def patch(self, path: str, body: object, **more: Any) -> requests.Response:
        return self.call("PATCH", path, json=body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.call("DELETE", path, **more)

    def create(self, set_name: str, **values: Any) -> str:
        """A new row's id."""
        answer = self.post(set_name, values)
        assert answer.status_code == 204, answer.text
        return answer.headers["OData-EntityId"].rpartition("(")[2].rstrip(")")

    def read(self, set_name: str, id: str, **more: Any) -> dict[str, Any]:
        answer = self.get(f"{set_name}({id})", **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, path: str, prefer: str | None = None) -> list[dict[str, Any]]:
        answer = self.get(path, prefer)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["value"]
        return found

    def control(self, name: str, /, **wish: Any) -> dict[str, Any]:
        """A control endpoint of the emulator."""
        answer = requests.post(f"{self.url}/__sandbox__/dynamics/{name}", json=wish, timeout=5)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fault(self, name: str, **more: Any) -> None:
        self.sandbox.faults.script(Fault(name, "dynamics", **more))


def error(answer: requests.Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, str(answer.json()["error"]["code"])
