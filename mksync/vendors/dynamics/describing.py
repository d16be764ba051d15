"""What the sync user sees of an object: its fields, or why there is nothing to be had of it."""

from mksync.core.records import Schema
from mksync.ports import Unavailable
from mksync.vendors.dynamics import metadata, roles
from mksync.vendors.dynamics.client import Client
from mksync.vendors.dynamics.codes import Act
from mksync.vendors.dynamics.errors import raised
from mksync.vendors.dynamics.metadata import Description
from mksync.vendors.dynamics.objects import TABLES as PEOPLE
from mksync.vendors.dynamics.objects import Table
from mksync.vendors.dynamics.odata import query
from mksync.vendors.dynamics.security import Security
from mksync.vendors.dynamics.tables import ROLE, Tables

_TRACK = ("odata.track-changes", "odata.maxpagesize=1")


def describe(client: Client, tables: Tables, object: str, security: Security) -> Description:
    """Raises `Unavailable` for an object other than people that is not there, or that may not be read as a whole."""
    if object == ROLE:
        return Description(_roles(client), {})
    table = tables.of(object)
    found = metadata.describe(client, table, security)
    if object not in PEOPLE:
        _check_reach(client, table)
        _check_followed(client, table, found.schema)
    return found


def _roles(client: Client) -> Schema:
    for table in (roles.Customers.table, roles.Connections.table):
        metadata.definition(client, table, ("LogicalName",))
        _check_reach(client, table)
    return roles.SCHEMA


def _check_reach(client: Client, table: Table) -> None:
    """Metadata is for everybody; a table's changes are told only to whoever may read the whole organisation's rows."""
    answer = client.get(query(table.set, select=[table.key]), _TRACK)
    if answer.problem and answer.problem.act is not Act.ACCESS and answer.status < 500:
        answer = client.get(query(table.set, select=[table.key], top="1"))  # one that does not track changes
    if answer.problem is None:
        return
    if answer.problem.act in (Act.ACCESS, Act.SCHEMA) or answer.status == 403:
        raise Unavailable(
            f"the sync user may not read Dynamics' {table.name} of the whole organisation",
            f"Give its security role Read on the table {table.name}, at organisation depth.",
        )
    raise raised(answer.problem)


def _check_followed(client: Client, table: Table, schema: Schema) -> None:
    """Whether its changes can be read: by tracking, else by when a record was modified."""
    if "modifiedon" in schema.fields:
        return
    if not metadata.definition(client, table, ("ChangeTrackingEnabled",)).get("ChangeTrackingEnabled"):
        raise Unavailable(
            f"Dynamics does not tell what changes in {table.name}",
            f"Switch on Track changes in the settings of the table {table.name}.",
        )
