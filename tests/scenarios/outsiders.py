"""People who work in both systems while mksync looks on: by plain HTTP of their own, or as the emulator's other users.

They are slow: every call of theirs takes a quarter of a second, which also keeps them below Marketo's rate limit.
"""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from mksync.sandbox.salesforce.errors import ApiError
from mksync.sandbox.server import Sandbox

Row = dict[str, Any]
PACE = 0.25  # seconds
PAGE = 300
REFUSED = "Refused by the CRM"  # how marketers know the activities that tell of refusals


class Caller:
    """Signed-in plain HTTP to one vendor. `form`: what a sign-in takes beside the client."""

    def __init__(self, sandbox: Sandbox, url: str, token_path: str, **form: str) -> None:
        self._clock = sandbox.clock
        self._address = urlsplit(url).netloc
        self._token_path = token_path
        self._form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox", **form}

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        self._clock.advance(PACE)
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json", **headers}
        return self._send(method, path, None if body is None else json.dumps(body), headers)

    def token(self) -> str:
        """A new sign-in's."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return str(self._send("POST", self._token_path, urlencode(self._form), headers)["access_token"])

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Any:
        connection = HTTPConnection(self._address, timeout=30)
        try:
            connection.request(method, path, body and body.encode(), dict(headers))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, (method, path, answer.status, text)
        return json.loads(text)


class MarketoUser:
    """Somebody who edits people in Marketo."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._api = Caller(sandbox, sandbox.marketo_url, "/identity/oauth/token")

    def create(self, **values: Any) -> str:
        return str(self._sync("createDuplicate", "email", values)["id"])

    def edit(self, id: str, **values: Any) -> bool:
        """Whether Marketo took it."""
        return bool(self._sync("updateOnly", "id", {"id": int(id), **values})["status"] == "updated")

    def delete(self, id: str) -> None:
        self._ask("POST", "leads/delete", {"input": [{"id": int(id)}]})

    def merge(self, loser: str, winner: str) -> None:
        self._ask("POST", f"leads/{winner}/merge.json?leadId={loser}")

    def people(self, *fields: str, most: int = PAGE) -> dict[str, Row]:
        """Everybody whose id is not above `most`: ids begin at 1 and are given in turn."""
        asked = ",".join(dict.fromkeys(["id", *fields]))
        empty = dict.fromkeys(fields)  # an instance may leave empty fields out
        found: dict[str, Row] = {}
        for start in range(1, most + 1, PAGE):
            ids = ",".join(map(str, range(start, start + PAGE)))
            page = self._ask("GET", f"leads.json?filterType=id&filterValues={ids}&fields={asked}")
            found |= {str(row["id"]): {**empty, **row} for row in page.get("result", [])}
        assert str(most) not in found, "there may be more people than this test has seen"
        return found

    def activity_log(self, id: str) -> list[Row]:
        """What this person's Activity Log tells of refusals, oldest first, by the names that marketers see."""
        types = {one["name"]: one for one in self._ask("GET", "activities/types")["result"]}
        type = types.get(REFUSED)
        if type is None:
            return []
        since = self._ask("GET", "activities/pagingtoken.json?sinceDatetime=2020-01-01T00:00:00Z")["nextPageToken"]
        found: list[Row] = []
        more = True
        while more:
            asked = f"activityTypeIds={type['id']}&leadIds={id}&nextPageToken={since}"
            page = self._ask("GET", f"activities.json?{asked}")
            found += page.get("result", [])
            since, more = page["nextPageToken"], page["moreResult"]
        primary = type["primaryAttribute"]["name"]
        return [
            {"at": one["activityDate"], primary: one["primaryAttributeValue"]}
            | {attribute["name"]: attribute["value"] for attribute in one["attributes"]}
            for one in found
        ]

    def ask(self, address: str, body: object) -> None:
        """What a program beside mksync tells Marketo's API."""
        self._ask("POST", address, body)

    def control(self, endpoint: str, **wish: Any) -> None:
        """What an administrator of the sandbox does."""
        self._api.call("POST", f"/__sandbox__/marketo/{endpoint}", wish)

    def _sync(self, action: str, lookup: str, values: Row) -> Row:
        body = {"action": action, "lookupField": lookup, "input": [values]}
        row: Row = self._ask("POST", "leads", body)["result"][0]
        return row

    def _ask(self, method: str, address: str, body: object = None) -> Any:
        path = address if "?" in address else f"{address}.json"
        answer = self._api.call(method, f"/rest/v1/{path}", body)
        assert answer["success"], answer
        return answer


class CrmUser(Protocol):
    """Somebody who works in a CRM: objects are "lead" and "contact", fields are called as the CRM calls them.

    Values are as people type and read them, so that a choice is its label.
    """

    def create(self, object: str, **values: Any) -> str: ...

    def edit(self, object: str, id: str, **values: Any) -> bool:
        """Whether the CRM took it."""
        ...

    def delete(self, object: str, id: str) -> None: ...

    def undelete(self, object: str, id: str) -> None: ...

    def records(self, object: str, *fields: str) -> dict[str, Row]:
        """Every record that is not deleted, by id."""
        ...

    def drop_the_phone_rule(self) -> None:
        """From now on, a lead's phone number may be as short as it likes."""
        ...

    def hide(self, object: str, field: str) -> None:
        """The sync user sees this field no more."""
        ...

    def show(self, object: str, field: str) -> None:
        """The sync user sees and edits this field again."""
        ...

    def forbid_edits(self, object: str) -> None:
        """The sync user may read these records and no more."""
        ...

    def conceal(self, object: str) -> None:
        """The sync user may not read these records."""
        ...

    def demand_titles(self, object: str, length: int, message: str) -> None:
        """From now on, a record whose job title is shorter is refused with these words."""
        ...

    def make_text_field(self, object: str, name: str, label: str) -> None:
        """Make a custom field that the sync user may edit."""
        ...

    def control(self, endpoint: str, **wish: Any) -> None:
        """What an administrator of the sandbox does."""
        ...


def _sobject(object: str) -> str:
    """A custom object goes by its own name."""
    return {"role": "OpportunityContactRole"}.get(object) or (object if "__" in object else object.title())


class SalesforceUser:
    """The organisation's administrator, who edits records of any object. Reads go by plain HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._org = sandbox.salesforce
        self._clock = sandbox.clock
        self._api = Caller(sandbox, sandbox.salesforce_url, "/services/oauth2/token")

    def create(self, object: str, **values: Any) -> str:
        self._clock.advance(PACE)
        return self._org.edit("create", _sobject(object), None, **values)

    def edit(self, object: str, id: str, **values: Any) -> bool:
        """Whether Salesforce took it."""
        self._clock.advance(PACE)
        try:
            self._org.edit("update", _sobject(object), id, **values)
        except ApiError:
            return False
        return True

    def delete(self, object: str, id: str) -> None:
        self._clock.advance(PACE)
        self._org.edit("delete", _sobject(object), id)

    def undelete(self, object: str, id: str) -> None:
        self._clock.advance(PACE)
        self._org.edit("undelete", _sobject(object), id)

    def records(self, object: str, *fields: str) -> dict[str, Row]:
        """Every record that is not deleted, by id."""
        asked = ", ".join(dict.fromkeys(["Id", *fields]))
        query = quote(f"SELECT {asked} FROM {_sobject(object)}")
        found = self._api.call("GET", f"/services/data/v67.0/query?q={query}")
        rows = found["records"]
        while not found["done"]:
            found = self._api.call("GET", found["nextRecordsUrl"])
            rows += found["records"]
        return {row["Id"]: row for row in rows}

    def drop_the_phone_rule(self) -> None:
        self.control("rules", name="Lead_Phone_Digits", remove=True)

    def hide(self, object: str, field: str) -> None:
        self.control("access", object=_sobject(object), field=field, access="none")

    def show(self, object: str, field: str) -> None:
        self.control("access", object=_sobject(object), field=field, access="edit")

    def forbid_edits(self, object: str) -> None:
        self.control("access", object=_sobject(object), field=None, access="read")

    def conceal(self, object: str) -> None:
        self.control("access", object=_sobject(object), field=None, access="none")

    def demand_titles(self, object: str, length: int, message: str) -> None:
        self.control(
            "rules", name="Title_Length", kind="validation", object=_sobject(object), active=True, field="Title",
            check={"min_length": length}, message=message,
        )  # fmt: skip

    def make_text_field(self, object: str, name: str, label: str) -> None:
        self.control("fields", object=_sobject(object), name=name, type="string", access="edit", label=label)

    def control(self, endpoint: str, **wish: Any) -> None:
        """What an administrator of the sandbox does: rules, access, fields."""
        self._api.call("POST", f"/__sandbox__/salesforce/{endpoint}", wish)
