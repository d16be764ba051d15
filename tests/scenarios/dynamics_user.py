"""Somebody who works in Dynamics: a choice is typed and read by its label, as forms do it."""

import re
from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.server import Sandbox
from tests.scenarios.outsiders import PACE, Caller, Row

# Columns that hold numbers and show labels, and the numbers of the labels.
LABELS: Mapping[str, Mapping[str, int]] = {
    "new_tier": {"bronze": 100_000_000, "silver": 100_000_001, "gold": 100_000_002},
    "new_interests": {
        "analytics": 100_000_000,
        "automation": 100_000_001,
        "events": 100_000_002,
        "mobile": 100_000_003,
    },
    "industrycode": {"technology": 100_000_000, "finance": 100_000_003},
}
SEVERAL = {"new_interests"}
NOBODYS = 999_999_999  # no option has this number
TABLES = {"user": "systemuser", "role": "connection"}  # the others are called as their objects are
SETS = {"opportunity": "opportunities"}
LOOKUPS = {"ownerid", "parentcustomerid", "customerid", "record1id", "record2id", "record2roleid"}
FORMATTED = "OData.Community.Display.V1.FormattedValue"


class DynamicsUser:
    """The organisation's administrator, who edits leads, contacts and what hangs on them. Reads go by plain HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._org = sandbox.dynamics
        self._clock = sandbox.clock
        url = self._url = sandbox.dynamics_url
        self._api = Caller(sandbox, url, "/sandbox/oauth2/v2.0/token", scope=f"{url}/.default")
        self._bin: dict[tuple[str, str], Row] = {}

    def create(self, object: str, **values: Any) -> str:
        self._clock.advance(PACE)
        return self._org.edit("create", _table(object), None, **self._named(_numbered(values)))

    def edit(self, object: str, id: str, **values: Any) -> bool:
        """Whether Dynamics took it."""
        self._clock.advance(PACE)
        try:
            self._org.edit("update", _table(object), id, **self._named(_numbered(values)))
        except ODataError:
            return False
        return True

    def delete(self, object: str, id: str) -> None:
        self._clock.advance(PACE)
        row = self._org.row(_table(object), id)
        assert row is not None
        kept = {name: row[name] for name in KEPT if name in row and row[name] is not None}
        self._bin[object, id] = {name: bool(value) if name in FLAGS else value for name, value in kept.items()}
        self._org.edit("delete", _table(object), id)

    def undelete(self, object: str, id: str) -> None:
        """Dataverse restores a deleted row as it was, under its id."""
        self._clock.advance(PACE)
        kept = self._bin[object, id]
        flags = {name: bool(kept[name]) for name in FLAGS if name in kept}
        self._org.edit("create", object, id, **kept | flags)

    def qualify(self, lead: str) -> str:
        """The contact that the lead became."""
        wish = {"CreateAccount": False, "CreateContact": True, "CreateOpportunity": False, "Status": -1}
        made = self._api.call("POST", f"/api/data/v9.2/leads({lead})/Microsoft.Dynamics.CRM.QualifyLead", wish)
        return next(str(row["contactid"]) for row in made["value"] if "contactid" in row)

    def records(self, object: str, *fields: str) -> dict[str, Row]:
        """Every record, by id."""
        key, table = f"{_table(object)}id", _table(object)
        asked = ",".join(dict.fromkeys([key, *map(_column, fields)]))
        link, rows = f"/api/data/v9.2/{SETS.get(table, f'{table}s')}?$select={asked}", []
        while link:
            found = self._api.call("GET", link, Prefer=f'odata.include-annotations="{FORMATTED}"')
            rows += found["value"]
            link = found.get("@odata.nextLink", "").removeprefix(self._url)
        return {row[key]: {name: _shown(row, name) for name in fields} for row in rows}

    def _named(self, values: Row) -> Row:
        """With the id of the role that somebody plays in a connection; one that is not there yet is made."""
        name = values.get("record2roleid")
        if name is None:
            return values
        known = {row["name"]: str(row["connectionroleid"]) for row in self._org.rows("connectionrole")}
        return {**values, "record2roleid": known.get(name) or self._org.edit("create", "connectionrole", name=name)}

    def drop_the_phone_rule(self) -> None:
        self.control("rules", name="Lead_Phone_Digits", remove=True)

    def hide(self, object: str, field: str) -> None:
        self.control("security", table=object, column=field)

    def show(self, object: str, field: str) -> None:
        self.control("security", table=object, column=field, secured=False)

    def forbid_edits(self, object: str) -> None:
        self.control("privileges", table=object, rights=["Write"], depth="None")

    def conceal(self, object: str) -> None:
        self.control("privileges", table=_table(object), rights=["Read"], depth="None")

    def demand_titles(self, object: str, length: int, message: str) -> None:
        self.control(
            "rules", name="Title_Length", kind="reject", table=object, field="jobtitle", check={"min_length": length},
            message=message,
        )  # fmt: skip

    def make_text_field(self, object: str, name: str, label: str) -> None:
        self.control("columns", table=object, name=name, label=label)

    def control(self, endpoint: str, **wish: Any) -> None:
        """What an administrator of the sandbox does: rules, access, columns."""
        self._api.call("POST", f"/__sandbox__/dynamics/{endpoint}", wish)


FLAGS = ("donotbulkemail",)
KEPT = (
    "firstname", "lastname", "emailaddress1", "jobtitle", "telephone1", "description", "donotbulkemail", "new_tier",
    "new_interests", "new_lastdemo", "new_fitscore", "companyname", "numberofemployees", "birthdate", "subject",
)  # fmt: skip


FLAGS = ("donotbulkemail",)


def _table(object: str) -> str:
    return TABLES.get(object, object)


def _column(name: str) -> str:
    return f"_{name}_value" if name in LOOKUPS else name


def _numbered(values: Row) -> Row:
    """With the numbers of the labels that somebody picks; what is no label is a number that no option has."""
    found: Row = {}
    for name, value in values.items():
        if name in SEVERAL and isinstance(value, str):
            picked = [_number(name, part) for part in value.split(";") if part.strip()]
            found[name] = ",".join(map(str, sorted(set(picked)))) or None
        elif name in LABELS and isinstance(value, str):
            found[name] = _number(name, value) if value.strip() else None
        else:
            found[name] = value
    return found


def _number(name: str, label: str) -> int:
    return LABELS[name].get(label.strip().lower(), NOBODYS)


def _shown(row: Row, name: str) -> Any:
    if name not in LABELS:
        return row[_column(name)]
    label = row.get(f"{name}@{FORMATTED}")
    return label and re.sub(r"; ", ";", label)
