"""The least a cycle with changes can do: read what changed on both sides, compare it with the base, write it across.

    python changed.py MARKETO-URL SALESFORCE-URL DATABASE SINCE PAGING-TOKEN NUMBER

DATABASE has a table `base(person, record, m_FIELD…, c_FIELD…)` of all linked pairs, with an index on each id. The log
of changes tells who changed in Marketo; they are read 300 at a time. Only titles were edited, NUMBER on each side.
"""

import json
import sqlite3
import sys
from operator import itemgetter

import requests

MARKETO, SALESFORCE, DATABASE, SINCE, PAGING, NUMBER = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
FIELDS = {
    "salutation": "Salutation", "firstName": "FirstName", "lastName": "LastName", "title": "Title", "email": "Email",
    "phone": "Phone", "mobilePhone": "MobilePhone", "fax": "Fax", "leadSource": "LeadSource", "company": "Company",
    "website": "Website", "industry": "Industry", "address": "Street", "city": "City", "state": "State",
    "postalCode": "PostalCode", "country": "Country", "leadStatus": "Status",
}  # fmt: skip

http = requests.Session()
token = http.get(f"{MARKETO}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
auth = {"Authorization": f"Bearer {token}"}
token = http.post(f"{SALESFORCE}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
bearer = {"Authorization": f"Bearer {token}"}
db = sqlite3.connect(DATABASE, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("BEGIN")

# Read
db.execute(f"CREATE TEMP TABLE m(id TEXT PRIMARY KEY, {', '.join(FIELDS)})")
db.execute(f"CREATE TEMP TABLE c(id TEXT PRIMARY KEY, {', '.join(FIELDS)})")
marks = ", ".join("?" * (len(FIELDS) + 1))
query = f"SELECT Id, {', '.join(FIELDS.values())} FROM Lead WHERE SystemModstamp >= {SINCE} ORDER BY SystemModstamp, Id"
url, params = f"{SALESFORCE}/services/data/v67.0/query", {"q": query}
take = itemgetter("Id", *FIELDS.values())
while True:
    page = json.loads(http.get(url, params=params, headers=bearer).content)
    db.executemany(f"INSERT INTO c VALUES ({marks})", map(take, page["records"]))
    if page["done"]:
        break
    url, params = SALESFORCE + page["nextRecordsUrl"], {}
changed: dict[int, None] = {}
paging = PAGING
while True:
    wanted = {"nextPageToken": paging, "fields": "title"}
    page = http.get(f"{MARKETO}/rest/v1/activities/leadchanges.json", params=wanted, headers=auth).json()
    changed.update((one["leadId"], None) for one in page.get("result", ()))
    paging = page["nextPageToken"]
    if not page["moreResult"]:
        break
people, take = list(changed), itemgetter("id", *FIELDS)
for at in range(0, len(people), 300):
    ids = ",".join(map(str, people[at : at + 300]))
    form = {"_method": "GET", "filterType": "id", "filterValues": ids, "fields": ",".join(["id", *FIELDS])}
    page = json.loads(http.post(f"{MARKETO}/rest/v1/leads.json", data=form, headers=auth).content)
    db.executemany(f"INSERT INTO m VALUES ({marks})", map(take, page["result"]))

# Compare, and take over
moved_m, moved_c = (" OR ".join(f"s.{field} IS NOT base.{side}_{field}" for field in FIELDS) for side in "mc")
to_crm = db.execute(f"SELECT record, s.title FROM m AS s JOIN base ON person = s.id WHERE {moved_m}").fetchall()
to_marketo = db.execute(f"SELECT person, s.title FROM c AS s JOIN base ON record = s.id WHERE {moved_c}").fetchall()
for stage, key, side in (("m", "person", "m"), ("c", "record", "c")):
    taken = ", ".join(f"{side}_{field} = s.{field}" for field in FIELDS)
    db.execute(f"UPDATE base SET {taken} FROM {stage} AS s WHERE base.{key} = s.id")
db.execute("COMMIT")

# Write
assert len(to_crm) == len(to_marketo) == int(NUMBER), (len(to_crm), len(to_marketo))
for at in range(0, len(to_crm), 200):
    leads = [{"attributes": {"type": "Lead"}, "id": id, "Title": title} for id, title in to_crm[at : at + 200]]
    answer = http.patch(
        f"{SALESFORCE}/services/data/v67.0/composite/sobjects", json={"records": leads}, headers=bearer
    ).json()
    assert all(one["success"] for one in answer)
for at in range(0, len(to_marketo), 300):
    rows = [{"id": int(id), "title": title} for id, title in to_marketo[at : at + 300]]
    body = {"action": "updateOnly", "lookupField": "id", "input": rows}
    assert http.post(f"{MARKETO}/rest/v1/leads.json", json=body, headers=auth).json()["success"]
