"""The least that writing can do: one field of each record, the largest batches, one connection, no read-back.

python write.py marketo|salesforce URL FILE-OF-IDS
"""

import sys
from pathlib import Path

import requests

VENDOR, URL, FILE = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
ids = Path(FILE).read_text().split()
http = requests.Session()
if VENDOR == "marketo":
    token = http.get(f"{URL}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    for at in range(0, len(ids), 300):
        people = [{"id": int(id), "middleName": "floor"} for id in ids[at : at + 300]]
        body = {"action": "updateOnly", "lookupField": "id", "input": people}
        assert http.post(f"{URL}/rest/v1/leads.json", json=body).json()["success"]
else:
    token = http.post(f"{URL}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    for at in range(0, len(ids), 200):
        leads = [{"attributes": {"type": "Lead"}, "id": id, "Fax": "+1 555 0100"} for id in ids[at : at + 200]]
        answer = http.patch(f"{URL}/services/data/v67.0/composite/sobjects", json={"records": leads}).json()
        assert all(one["success"] for one in answer), answer[:1]
