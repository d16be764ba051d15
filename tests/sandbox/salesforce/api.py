"""A small signed-in client for the tests: it knows HTTP and nothing of the emulator's inside."""

from collections.abc import Mapping
from typing import Any

import requests

from mksync.sandbox.faults import Fault
from mksync.sandbox.server import Sandbox

VERSION = "/services/data/v67.0"


class Api:
    def __init__(self, sandbox: Sandbox, http: requests.Session) -> None:
        self.sandbox = sandbox
        self.org = sandbox.salesforce
        self.url = sandbox.salesforce_url
        self.http = http
        self.sign_in()

    def sign_in(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
        token = str(self.http.post(f"{self.url}/services/oauth2/token", data=form).json()["access_token"])
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """A call below the versioned root, or of a full path."""
        full = path if path.startswith("/services") else f"{VERSION}/{path}"
        return self.http.request(method, self.url + full, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def post(self, path: str, body: object, **more: Any) -> requests.Response:
        return self.call("POST", path, json=body, **more)

    def patch(self, path: str, body: object, **more: Any) -> requests.Response:
        return self.call("PATCH", path, json=body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.call("DELETE", path, **more)

    def query(self, soql: str, endpoint: str = "query", **more: Any) -> requests.Response:
        return self.get(endpoint, params={"q": soql}, **more)

    def records(self, soql: str, endpoint: str = "query") -> list[dict[str, Any]]:
        answer = self.query(soql, endpoint)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["records"]
        return found

    def create(self, object: str, **values: Any) -> str:
        answer = self.post(f"sobjects/{object}", values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def lead(self, **values: Any) -> str:
        """A lead that holds at least what is required."""
        return self.create("Lead", **{"LastName": "Roe", "Company": "Acme", **values})

    def read(self, object: str, id: str) -> dict[str, Any]:
        answer = self.get(f"sobjects/{object}/{id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def control(self, name: str, /, **wish: Any) -> dict[str, Any]:
        """A control endpoint of the emulator."""
        answer = requests.post(f"{self.url}/__sandbox__/salesforce/{name}", json=wish, timeout=5)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fault(self, name: str, **more: Any) -> None:
        self.sandbox.faults.script(Fault(name, "salesforce", **more))

    def soap(self, operation: str, session: str | None = None, headers: str = "") -> requests.Response:
        """One SOAP call; `operation` is its element, in the urn prefix."""
        token = session or str(self.http.headers["Authorization"]).removeprefix("Bearer ")
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Header>'
            f"<urn:SessionHeader><urn:sessionId>{token}</urn:sessionId></urn:SessionHeader>{headers}"
            f"</soapenv:Header><soapenv:Body>{operation}</soapenv:Body></soapenv:Envelope>"
        )
        sent = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        return self.http.post(f"{self.url}/services/Soap/u/67.0", data=body.encode(), headers=sent)


def error(answer: requests.Response) -> tuple[int, str]:
    """The status and the code of an answer with one error."""
    (complaint,) = answer.json()
    return answer.status_code, complaint["errorCode"]


def row_errors(results: list[Mapping[str, Any]]) -> list[str | None]:
    """The status code of each row of a collection's answer; None for success."""
    return [None if row["success"] else row["errors"][0]["statusCode"] for row in results]
