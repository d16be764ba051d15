"""The calls of pushing one person, and nothing else: read both sides, write the lead, read it back.

python push.py MARKETO-URL SALESFORCE-URL EMAIL LEAD-ID
"""

import sys

import requests

MARKETO, SALESFORCE, EMAIL, LEAD = sys.argv[1:]
SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
lead = f"{SALESFORCE}/services/data/v67.0/sobjects/Lead/{LEAD}"

http = requests.Session()
token = http.get(f"{MARKETO}/identity/oauth/token", params=SIGN_IN).json()["access_token"]
form = {"filterType": "email", "filterValues": EMAIL, "fields": "id,email,title"}
auth = {"Authorization": f"Bearer {token}"}
(person,) = http.get(f"{MARKETO}/rest/v1/leads.json", params=form, headers=auth).json()["result"]
token = http.post(f"{SALESFORCE}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
bearer = {"Authorization": f"Bearer {token}"}
held = http.get(lead, params={"fields": "Title"}, headers=bearer).json()
assert held["Title"] != person["title"]
http.patch(lead, json={"Title": person["title"]}, headers=bearer).raise_for_status()
assert http.get(lead, params={"fields": "Title"}, headers=bearer).json()["Title"] == person["title"]
