"""simple-salesforce's `query_all_iter` into sqlite-utils' `upsert_all`.

    python simple_salesforce_pull.py URL DATABASE OBJECT=FIELD,FIELD… …

simple-salesforce speaks https only; an adapter takes that scheme away again, as there is no TLS on loopback.
"""

import sys
from typing import Any

import requests
import sqlite_utils
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

URL, DATABASE, *WANTED = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}


class Plain(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *given: Any, **more: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *given, **more)


secure = URL.replace("http://", "https://")
session = requests.Session()
session.mount(secure, Plain())
token = requests.post(f"{URL}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
salesforce = Salesforce(instance_url=secure, session_id=token, version="67.0", session=session)
db = sqlite_utils.Database(DATABASE)
for wanted in WANTED:
    name, _, fields = wanted.partition("=")
    rows = salesforce.query_all_iter(f"SELECT {fields.replace(',', ', ')} FROM {name} ORDER BY SystemModstamp, Id")
    db.table(name).upsert_all(({k: v for k, v in row.items() if k != "attributes"} for row in rows), pk="Id")
