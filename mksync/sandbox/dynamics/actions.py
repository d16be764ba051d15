"""Functions and actions: WhoAmI, RetrieveUserPrivileges, WinOpportunity and LoseOpportunity, and the way to the others.

Source: Microsoft Learn, "Web API functions and actions sample", "WhoAmI", "RetrieveUserPrivileges", "WinOpportunity".
"""

from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics import addresses, values
from mksync.sandbox.dynamics.access import RIGHTS, privilege_id, privilege_name
from mksync.sandbox.dynamics.addresses import Address
from mksync.sandbox.dynamics.call import Answer, Call, User
from mksync.sandbox.dynamics.errors import bad_payload, bad_request, denied, invalid
from mksync.sandbox.dynamics.merging import Merging
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.qualifying import Qualifying
from mksync.sandbox.dynamics.records import save_of
from mksync.sandbox.dynamics.states import status_of
from mksync.sandbox.dynamics.writes import Writer

NAMESPACE = "Microsoft.Dynamics.CRM."
_CLOSED = {"WinOpportunity": (1, "Won"), "LoseOpportunity": (2, "Lost")}
UNBOUND = frozenset({"Merge", *_CLOSED})


class Actions:
    def __init__(self, org: Org, writer: Writer) -> None:
        self._org = org
        self._writer = writer
        self._merging = Merging(org, writer)
        self._qualifying = Qualifying(org, writer)

    def who_am_i(self, call: Call) -> Answer:
        """The ids of the caller, its business unit and the organisation."""
        if not self._org.access.has_role(call.user):
            raise denied(
                f"The user with id {call.user.id} has not been assigned any roles. They need a role with basic"
            )
        user = self._org.rows.get(self._org.catalogue.named("systemuser"), call.user.id) or {}
        body = {
            "@odata.context": f"{call.root}/$metadata#{NAMESPACE}WhoAmIResponse",
            "BusinessUnitId": user.get("businessunitid"),
            "UserId": call.user.id,
            "OrganizationId": self._org.id,
        }
        return Answer(200, body, {"x-ms-dop-hint": str(self._org.settings.get("dop_hint"))})

    def user_privileges(self, call: Call, place: Address) -> Answer:
        """`systemusers(…)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`."""
        row = addresses.row(self._org, place)
        user = User(str(row["systemuserid"]))
        found = []
        for table in self._org.catalogue:
            for right in RIGHTS:
                name, depth = privilege_name(table, right), self._org.access.depth(user, table.name, right)
                if depth != "None":
                    one = {"Depth": depth, "PrivilegeId": privilege_id(name), "BusinessUnitId": row["businessunitid"]}
                    found.append({**one, "PrivilegeName": name})
        context = f"{call.root}/$metadata#{NAMESPACE}RetrieveUserPrivilegesResponse"
        return Answer(200, {"@odata.context": context, "RolePrivileges": found})

    def unbound(self, call: Call, name: str) -> Answer:
        body = call.json(name)
        if name == "Merge":
            return self._merging.merge(body, save_of(self._org, call))
        return self._close(call, name, body)

    def qualify(self, call: Call, place: Address) -> Answer:
        return self._qualifying.qualify(call, place, call.json(place.table.set_name), save_of(self._org, call))

    def _close(self, call: Call, name: str, body: Mapping[str, Any]) -> Answer:
        """An opportunity is won or lost; `OpportunityClose` names it and may carry revenue and date."""
        activity = body.get("OpportunityClose")
        if not isinstance(activity, Mapping) or "opportunityid@odata.bind" not in activity:
            raise bad_payload(name, "The parameter 'OpportunityClose' must name an opportunity.")
        place = addresses.referred(self._org, activity["opportunityid@odata.bind"])
        if place.table.name != "opportunity":
            raise bad_request(f"'{place.table.name}' is no opportunity.")
        row = addresses.row(self._org, place)
        self._org.access.check_row(call.user, place.table, "Write", row)
        state, label = _CLOSED[name]
        if row["statecode"] != 0:
            raise invalid("The opportunity has already been closed.", "0x80040515")
        status = status_of(place.table, state, body.get("Status"), str(row["opportunityid"]))
        given = {
            "actualvalue": activity.get("actualrevenue", row["estimatedvalue"] if label == "Won" else 0.0),
            "actualclosedate": str(activity.get("actualend") or self._org.now)[:10],
        }
        taken = {
            name: values.take(place.table, place.table.columns[name], one, frozenset()) for name, one in given.items()
        }
        sent = {"statecode": state, "statuscode": status, **taken}
        self._writer.change(place.table, row, sent, save_of(self._org, call))
        return Answer(204)
