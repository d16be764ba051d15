"""The Web API below `/api/data/v9.2`: which handler answers which call.

Source: Microsoft Learn, "Perform operations using the Web API".
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from mksync.sandbox.dynamics import addresses, bulk_delete, ids, query, service
from mksync.sandbox.dynamics.actions import NAMESPACE, UNBOUND, Actions
from mksync.sandbox.dynamics.batch import Batch
from mksync.sandbox.dynamics.bulk import Bulk
from mksync.sandbox.dynamics.call import Answer, Call, User
from mksync.sandbox.dynamics.errors import bad_request, denied, no_http_resource, no_resource, not_allowed
from mksync.sandbox.dynamics.metadata import SET, Metadata
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.records import Records
from mksync.sandbox.dynamics.writes import Writer

LONGEST_URL = 32_768
LONGEST_BODY = 128 * 1_024 * 1_024
_FUNCTION = re.compile(r"(\w+)(\(.*\))?", re.DOTALL)
_PAIR = re.compile(r"(\w+)\((.*)\)")


class Api:
    """Answers calls of users who are signed in."""

    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer
        self._records = Records(org, writer)
        self._actions = Actions(org, writer)
        self._metadata = Metadata(org)
        self._bulk = Bulk(org, writer)
        self._batch = Batch(org, self.run)

    def run(self, call: Call) -> Answer:
        """Answer one call; what an ODataError leaves behind is nothing."""
        call = replace(call, user=self._acting(call))
        if call.segments == ("$batch",) and call.method == "POST" and not call.in_batch:
            return self._batch.answer(call)  # its operations stand or fall by themselves
        if call.row_fault and call.method != "GET":
            raise call.row_fault
        with self._org.savepoint():
            return self._route(call)

    def _route(self, call: Call) -> Answer:
        match call.method:
            case "GET":
                return self._get(call)
            case "POST":
                return self._post(call)
            case "PATCH":
                return self._patch(call)
            case "PUT" | "DELETE":
                return self._change(call)
        raise not_allowed(f"The requested resource does not support http method '{call.method}'.")

    def _get(self, call: Call) -> Answer:
        parts = call.segments
        if not parts:
            return service.document(call, self._org.catalogue)
        if parts == ("$metadata",):
            return service.csdl(call, self._org.catalogue)
        name = _name(parts[0])
        if name == "WhoAmI" and parts[0] in ("WhoAmI", "WhoAmI()"):
            return self._actions.who_am_i(call)
        if name == "RetrieveMetadataChanges":
            return self._metadata.changes(call)
        if name == SET:
            return self._metadata.answer(call)
        if len(parts) == 2 and parts[1] == f"{NAMESPACE}RetrieveUserPrivileges()":
            return self._actions.user_privileges(call, addresses.address(self._org, parts[0]))
        return query.answer(self._org, call)

    def _post(self, call: Call) -> Answer:
        parts = call.segments
        if len(parts) == 1 and parts[0] in UNBOUND:
            return self._actions.unbound(call, parts[0])
        if parts == (bulk_delete.NAME,):
            return bulk_delete.run(self._org, self._writer, call)
        if len(parts) == 1 and _name(parts[0]) == "WhoAmI":
            raise no_http_resource(f"{call.root}/{call.path}")
        if len(parts) == 2 and parts[1].startswith(NAMESPACE):
            return self._bound(call, parts[0], parts[1].removeprefix(NAMESPACE))
        if len(parts) == 3 and parts[2] == "$ref":
            return self._records.point(call, addresses.address(self._org, parts[0]), parts[1])
        if len(parts) != 1:
            raise no_resource("/".join(parts))
        return self._records.create(call, self._org.catalogue.of_set(parts[0]))

    def _bound(self, call: Call, target: str, name: str) -> Answer:
        if name == "QualifyLead":
            place = addresses.address(self._org, target)
            if place.table.name == "lead":
                return self._actions.qualify(call, place)
        elif "(" not in target:
            return self._bulk.answer(call, self._org.catalogue.of_set(target), name)
        raise no_resource(f"{NAMESPACE}{name}")

    def _patch(self, call: Call) -> Answer:
        if len(call.segments) != 1 or "(" not in call.segments[0]:
            raise not_allowed()
        return self._records.patch(call, addresses.address(self._org, call.segments[0]))

    def _change(self, call: Call) -> Answer:
        parts = call.segments
        if not parts or len(parts) > 3 or "(" not in parts[0]:
            raise not_allowed()
        place = addresses.address(self._org, parts[0])
        if len(parts) == 1 and call.method == "DELETE":
            return self._records.delete(call, place)
        if len(parts) == 2:
            column = self._records.put_column if call.method == "PUT" else self._records.delete_column
            return column(call, place, parts[1])
        if len(parts) == 3 and parts[2] == "$ref":
            return self._reference(call, place, parts[1])
        raise not_allowed()

    def _reference(self, call: Call, place: addresses.Address, navigation: str) -> Answer:
        if call.method == "PUT":
            return self._records.point(call, place, navigation)
        pair = _PAIR.fullmatch(navigation)
        if pair is None:
            return self._records.unpoint(call, place, navigation, None)
        return self._records.unpoint(call, place, pair.group(1), ids.read(pair.group(2)))

    def _acting(self, call: Call) -> User:
        """The caller, or the user that it acts for. Raises 403 0x8004A110."""
        wanted = _impersonated(call.headers)
        if wanted is None or call.user.on_behalf_of:
            return call.user
        column, id = wanted
        if not self._org.access.has(call.user, "prvActOnBehalfOfAnotherUser"):
            message = f"User {call.user.id} does not have the privilege to act on behalf of another user."
            raise denied(message, "0x8004A110")
        found = self._org.rows.find(self._org.catalogue.named("systemuser"), {column: ids.read(id)})
        if not found:
            raise bad_request(f"No user with {column} {id}.", "0x80040217")
        return User(str(found[0]["systemuserid"]), on_behalf_of=call.user.id)


def _impersonated(headers: Mapping[str, str]) -> tuple[str, str] | None:
    if by_object := headers.get("callerobjectid"):
        return "azureactivedirectoryobjectid", by_object
    by_user = headers.get("mscrmcallerid")
    return ("systemuserid", by_user) if by_user else None


def _name(segment: str) -> str:
    found = _FUNCTION.fullmatch(segment)
    return found.group(1) if found else ""
