"""The least a pull can do: pages over one connection, tuples of the wanted fields, one transaction.

python pull.py URL DATABASE OBJECT=FIELD,FIELD… …
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import requests

URL, DATABASE, *WANTED = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}


def pages(http: requests.Session, query: str) -> Iterator[list[dict[str, Any]]]:
    page = json.loads(http.get(f"{URL}/services/data/v67.0/query", params={"q": query}).content)
    while True:
        yield page["records"]
        if page["done"]:
            return
        page = json.loads(http.get(URL + page["nextRecordsUrl"]).content)


http = requests.Session()
http.headers["Authorization"] = (
    f"Bearer {http.post(f'{URL}/services/oauth2/token', data=SIGN_IN).json()['access_token']}"
)
db = sqlite3.connect(DATABASE, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=NORMAL")
db.execute("BEGIN")
for wanted in WANTED:
    name, _, listed = wanted.partition("=")
    fields = listed.split(",")
    rest = [field for field in fields if field != "Id"]
    db.execute(f"CREATE TABLE {name}(Id TEXT PRIMARY KEY, {', '.join(rest)})")
    insert = f"INSERT INTO {name}({', '.join(fields)}) VALUES({', '.join('?' * len(fields))})"
    take = itemgetter(*fields)
    for records in pages(http, f"SELECT {', '.join(fields)} FROM {name} ORDER BY SystemModstamp, Id"):
        db.executemany(insert, map(take, records))
db.execute("COMMIT")
