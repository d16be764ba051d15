"""dlt's REST source, with pages that are followed by their link, merged into SQLite.

python dlt_pull.py URL FOLDER OBJECT=FIELD,FIELD… …
"""

import os
import sys

URL, FOLDER, *WANTED = sys.argv[1:]
os.environ |= {"DLT_DATA_DIR": FOLDER, "RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt
import requests
from dlt.destinations import sqlalchemy
from dlt.sources.rest_api import rest_api_source

SIGN_IN = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}


def resource(wanted: str) -> dict[str, object]:
    name, _, fields = wanted.partition("=")
    query = f"SELECT {fields.replace(',', ', ')} FROM {name} ORDER BY SystemModstamp, Id"
    endpoint = {
        "path": "/services/data/v67.0/query",
        "params": {"q": query},
        "data_selector": "records",
        "paginator": {"type": "json_link", "next_url_path": "nextRecordsUrl"},
    }
    return {"name": name.lower(), "primary_key": "Id", "write_disposition": "merge", "endpoint": endpoint}


token = requests.post(f"{URL}/services/oauth2/token", data=SIGN_IN).json()["access_token"]
client = {"base_url": URL, "auth": {"type": "bearer", "token": token}}
source = rest_api_source({"client": client, "resources": [resource(wanted) for wanted in WANTED]})
pipeline = dlt.pipeline(
    pipeline_name="peer",
    pipelines_dir=f"{FOLDER}/pipelines",
    destination=sqlalchemy(f"sqlite:///{FOLDER}/peer.db"),
    dataset_name="main",
)
pipeline.run(source)
