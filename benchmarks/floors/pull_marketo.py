"""The least a pull of Marketo's people can do: 300 of them a call, by their ids, as no call lists everybody.

python pull_marketo.py URL DATABASE HIGHEST-ID
"""

import json
import sqlite3
import sys
from operator import itemgetter

import requests

URL, DATABASE, HIGHEST = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
FIELDS = [
    "id", "updatedAt", "salutation", "firstName", "lastName", "title", "email", "phone", "mobilePhone", "fax",
    "leadSource", "company", "website", "industry", "address", "city", "state", "postalCode", "country", "leadStatus",
]  # fmt: skip

http = requests.Session()
token = http.get(f"{URL}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
http.headers["Authorization"] = f"Bearer {token}"
db = sqlite3.connect(DATABASE, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=NORMAL")
db.execute(f"CREATE TABLE person(id INTEGER PRIMARY KEY, {', '.join(FIELDS[1:])})")
db.execute("BEGIN")
take = itemgetter(*FIELDS)
insert = f"INSERT INTO person({', '.join(FIELDS)}) VALUES({', '.join('?' * len(FIELDS))})"
for first in range(1, int(HIGHEST) + 1, 300):
    ids = ",".join(map(str, range(first, first + 300)))
    form = {"_method": "GET", "filterType": "id", "filterValues": ids, "fields": ",".join(FIELDS)}
    page = json.loads(http.post(f"{URL}/rest/v1/leads.json", data=form).content)
    db.executemany(insert, map(take, page["result"]))
db.execute("COMMIT")
