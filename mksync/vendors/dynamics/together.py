"""Definitions of several tables in one call, the columns of all types among them.

Sources: Power Apps developer documentation, "Query schema definitions"; Web API reference, "RetrieveMetadataChanges".

Every call asks for everything. With the stamp of an earlier answer it would tell only what changed since, in as many
calls; but whether a change of a choice that several columns share counts as one of theirs is not documented, and one
that was not told would never be seen.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mksync.vendors.dynamics.choices import OptionSet, OptionSets, labels_of
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.definitions import COLUMNS, EXTRAS, TABLE, WAYS, Definition, Wire, is_column, type_name
from mksync.vendors.dynamics.kinds import CHOICES

# Without these nothing is known of a column, or a hidden one would be taken for an empty one.
_FLAGS = ("IsValidForRead", "IsValidForCreate", "IsValidForUpdate", "IsSecured", "IsCustomAttribute")
_TYPED = dict.fromkeys(name for names in EXTRAS.values() for name in names)


class Together:
    """Remembers, for as long as a port is, that this environment refused the call, or what it did not tell whole."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._refused = False
        self._partly: set[str] = set()

    def definitions(self, tables: Sequence[str]) -> Mapping[str, Definition]:
        """By table. One that is missing here is not there, or has to be asked for in another way."""
        wanted = [table for table in tables if table not in self._partly]
        if self._refused or not wanted:
            return {}
        answer = self._client.get(f"RetrieveMetadataChanges(Query=@p1)?@p1={quote(_query(wanted), safe='')}")
        if answer.problem and answer.problem.act in (Act.WAIT, Act.QUOTA, Act.AGAIN):
            answer.checked()
        told = None if answer.problem else answer.body.get("EntityMetadata")
        self._refused = told is None
        named = {str(table.get("LogicalName")): table for table in told or ()}
        self._partly |= {name for name, table in named.items() if not _is_whole(table)}
        return {name: _definition(named[name]) for name in wanted if name in named and name not in self._partly}


def _query(tables: Iterable[str]) -> str:
    """An EntityQueryExpression as JSON."""
    expression = {
        "Properties": _properties(*TABLE, "Attributes", "ManyToOneRelationships"),
        "Criteria": {"FilterOperator": "Or", "Conditions": [_equals("LogicalName", table) for table in tables]},
        "AttributeQuery": {"Properties": _properties(*COLUMNS, *_TYPED, "OptionSet")},
        "RelationshipQuery": {"Properties": _properties(*WAYS)},
    }
    return json.dumps(expression, separators=(",", ":"))


def _properties(*names: str) -> dict[str, Any]:
    return {"AllProperties": False, "PropertyNames": list(names)}


def _equals(name: str, value: str) -> dict[str, Any]:
    return {"PropertyName": name, "ConditionOperator": "Equals", "Value": {"Type": "System.String", "Value": value}}


def _is_whole(table: Wire) -> bool:
    """Whether everything is there that was asked for: what is not told comes as null, or not at all."""
    columns, ways = table.get("Attributes"), table.get("ManyToOneRelationships")
    return bool(columns) and isinstance(ways, list) and all(map(_is_told, columns or ()))


def _is_told(row: Wire) -> bool:
    if not row.get("LogicalName") or not type_name(row) or any(row.get(flag) is None for flag in _FLAGS):
        return False
    if not is_column(row):
        return True
    if any(row.get(name) is None for name in EXTRAS.get(type_name(row), ())):
        return False
    return type_name(row) not in CHOICES or isinstance((row.get("OptionSet") or {}).get("Options"), list)


def _definition(table: Wire) -> Definition:
    columns = [row for row in table["Attributes"] if is_column(row)]

    def options(kinds: Iterable[str]) -> OptionSets:
        of = set(kinds)
        return {row["LogicalName"]: OptionSet.of(labels_of(row)) for row in columns if type_name(row) in of}

    return Definition(table, columns, options)
