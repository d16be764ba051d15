"""Nothing but so many small calls of each system, over a connection each.

python round_trips.py MARKETO-URL NUMBER SALESFORCE-URL NUMBER
"""

import sys

import requests

MARKETO, OF_MARKETO, SALESFORCE, OF_SALESFORCE = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}

http = requests.Session()
token = http.get(f"{MARKETO}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
for _ in range(int(OF_MARKETO)):
    params = {"sinceDatetime": "2026-01-01T00:00:00Z"}
    headers = {"Authorization": f"Bearer {token}"}
    http.get(f"{MARKETO}/rest/v1/activities/pagingtoken.json", params=params, headers=headers).json()
token = http.post(f"{SALESFORCE}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
for _ in range(int(OF_SALESFORCE)):
    query = {"q": "SELECT Id FROM Lead LIMIT 1"}
    http.get(
        f"{SALESFORCE}/services/data/v67.0/query", params=query, headers={"Authorization": f"Bearer {token}"}
    ).json()
