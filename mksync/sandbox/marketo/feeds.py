"""Reading the activity log: paging token, activities, lead changes, deleted leads (developer guide, Activities)."""

from dataclasses import replace
from typing import Any

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.envelope import Failure, Item, Payload
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.log import CHANGE_DATA_VALUE, DELETE_LEAD, NEW_LEAD, Activity, Token, Wanted
from mksync.sandbox.marketo.times import instant, parse_instant

_MOST_TYPES = 10
_MOST_LEADS = 30
_TOLD_OF_CHANGES = ("Reason", "Source")


class Feeds:
    """Pages of activities. `result` is absent when there is nothing to tell; the token and `moreResult` never are."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def paging_token(self, call: Call) -> Payload:
        """`GET activities/pagingtoken.json`; fails with 704 for what is no time."""
        text = call.needed("sinceDatetime")
        try:
            since = parse_instant(text if "T" in text else f"{text}T00:00:00Z")
        except ValueError:
            raise Failure("704", f"Invalid date format '{text}' for parameter 'sinceDatetime'") from None
        return {"nextPageToken": self._instance.log.start(since).text}

    def activities(self, call: Call) -> Payload:
        """`GET activities.json`: up to ten types, thirty leads."""
        types = call.numbers("activityTypeIds", _MOST_TYPES)
        if not types:
            raise Failure("1002", "Missing value for required parameter 'activityTypeIds'")
        assets = call.numbers("assetIds", _MOST_LEADS)
        wanted = replace(self._wanted(call), types=types, asset_ids=assets)
        return self._page(call, wanted, self._activity)

    def lead_changes(self, call: Call) -> Payload:
        """`GET activities/leadchanges.json`: changes of the named fields, and every new lead. Never scores."""
        names = call.listed("fields")
        if not names:
            raise Failure("1002", "Missing value for required parameter 'fields'")
        fields = [field.name for field in self._instance.fields.known(names)]
        wanted = replace(self._wanted(call), types=(CHANGE_DATA_VALUE, NEW_LEAD), fields=fields)
        return self._page(call, wanted, self._lead_change)

    def deleted_leads(self, call: Call) -> Payload:
        """`GET activities/deletedleads.json`: kept for 14 days, and without what merges took away."""
        wanted = Wanted((DELETE_LEAD,), call.batch_size())
        return self._page(call, wanted, self._activity)

    def _wanted(self, call: Call) -> Wanted:
        if call.text("listId"):
            raise Failure("1013", f"List '{call.text('listId')}' not found")
        return Wanted((), call.batch_size(), call.numbers("leadIds", _MOST_LEADS))

    def _page(self, call: Call, wanted: Wanted, worded: Any) -> Payload:  # noqa: ANN401
        token = Token.parse(call.needed("nextPageToken"))
        if "empty_pages" in self._instance.quirks and not token.primed:
            return {"nextPageToken": replace(token, primed=True).text, "moreResult": True}
        found, behind, more = self._instance.log.read(wanted, token)
        payload: dict[str, Any] = {"result": [worded(activity) for activity in found]} if found else {}
        return {**payload, "nextPageToken": behind.text, "moreResult": more}

    def _activity(self, activity: Activity) -> Item:
        item = self._head(activity)
        if activity.primary_id is not None:
            item["primaryAttributeValueId"] = activity.primary_id
        if activity.primary_value:
            item["primaryAttributeValue"] = activity.primary_value
        return {**item, "attributes": list(activity.attributes)}

    def _lead_change(self, activity: Activity) -> Item:
        if activity.type_id == NEW_LEAD:
            return self._activity(activity)
        change: Item = {"id": activity.primary_id, "name": activity.field, "newValue": activity.new}
        if activity.old:
            change["oldValue"] = activity.old
        told = [attribute for attribute in activity.attributes if attribute["name"] in _TOLD_OF_CHANGES]
        attributes = [*told, {"name": "Lead ID", "value": activity.lead_id}]
        return {**self._head(activity), "fields": [change], "attributes": attributes}

    def _head(self, activity: Activity) -> Item:
        ids: Item = {} if "no_activity_ids" in self._instance.quirks else {"id": activity.seq}
        return {
            **ids,
            "marketoGUID": str(activity.seq),
            "leadId": activity.lead_id,
            "activityDate": instant(activity.happened),
            "activityTypeId": activity.type_id,
        }
