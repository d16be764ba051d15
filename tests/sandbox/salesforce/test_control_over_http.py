"""Salesforce's own controls are reached over the same port as its API, and no fault strikes them."""

import requests

from mksync.sandbox.faults import Fault
from tests.sandbox.salesforce.api import Api


def test_a_rehearsal_edits_as_another_user_over_plain_http(api: Api) -> None:
    lead = api.lead(Title="CTO")
    api.sandbox.faults.script(Fault("unavailable", "salesforce"))
    wish = {"kind": "update", "object": "Lead", "id": lead, "values": {"Title": "CEO"}}
    reply = requests.post(f"{api.url}/__sandbox__/salesforce/edits", json=wish)
    assert (reply.status_code, reply.json()) == (200, {"id": lead})
    api.sandbox.faults.clear()
    assert api.read("Lead", lead)["Title"] == "CEO"


def test_an_unknown_control_of_a_vendor_is_not_found(api: Api) -> None:
    assert requests.post(f"{api.url}/__sandbox__/salesforce/earthquake", json={}).status_code == 404
