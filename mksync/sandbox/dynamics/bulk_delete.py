"""BulkDelete: rows that fit a query are deleted by a job of the organisation.

The job has run when the answer arrives; what it may not delete it passes by. Of QueryExpression it knows the operators
Equal and In, joined by And.
Source: "Delete data in bulk", "BulkDelete Action".
"""

import uuid
from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.errors import ODataError, bad_payload, no_property
from mksync.sandbox.dynamics.odata.annotations import Wanted
from mksync.sandbox.dynamics.odata.reader import Reader
from mksync.sandbox.dynamics.odata.scope import Setting
from mksync.sandbox.dynamics.odata.tree import Condition, Function, Junction, Options, Path
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.records import save_of
from mksync.sandbox.dynamics.tables import Table
from mksync.sandbox.dynamics.writes import Writer

NAME = "BulkDelete"
_TYPE = "Microsoft.Dynamics.CRM.BulkDeleteResponse"


def run(org: Org, writer: Writer, call: Call) -> Answer:
    """Answer `POST BulkDelete`. Raises ODataError for a query it cannot read, and without the right to delete."""
    queries = call.json(NAME).get("QuerySet")
    if not isinstance(queries, list) or not queries:
        raise bad_payload(NAME, "The parameter 'QuerySet' must hold a query.")
    for query in queries:
        table = _table(org, query)
        org.access.require(call.user, table, "Delete")
        for id in _found(org, call, table, _condition(table, query)):
            _delete(org, writer, call, table, id)
    job = str(uuid.uuid4())
    return Answer(200, {"@odata.context": f"{call.root}/$metadata#{_TYPE}", "JobId": job})


def _table(org: Org, query: Any) -> Table:  # noqa: ANN401 - JSON
    found = org.catalogue.find(str(query.get("EntityName"))) if isinstance(query, Mapping) else None
    if found is None:
        raise bad_payload(NAME, "The query names no entity.")
    return found


def _condition(table: Table, query: Mapping[str, Any]) -> Condition:
    criteria = query.get("Criteria") or {}
    conditions = criteria.get("Conditions") or []
    if not conditions or criteria.get("FilterOperator", "And") != "And" or criteria.get("Filters"):
        raise bad_payload(NAME, "Of the criteria, conditions joined by And are known here.")
    return Junction("and", tuple(_one(table, condition) for condition in conditions))


def _one(table: Table, condition: Mapping[str, Any]) -> Condition:
    column = table.columns.get(str(condition.get("AttributeName")))
    if column is None:
        raise no_property(str(condition.get("AttributeName")), table.name)
    values = [value.get("Value") if isinstance(value, Mapping) else value for value in condition.get("Values") or []]
    if condition.get("Operator") not in ("In", "Equal") or not values:
        raise bad_payload(NAME, f"The operator {condition.get('Operator')} is not known here.")
    return Function("In", Path((column.property,)), tuple(str(value) for value in values))


def _found(org: Org, call: Call, table: Table, condition: Condition) -> list[str]:
    read = Reader(Setting(org, call.user, org.clock.now()), Wanted(), call.root)
    compiled = read.compile(table, Options(select=(table.primary_id,), filter=condition))
    return [str(record[table.primary_id]) for record in read.records(compiled, read.run(compiled.select(-1)))]


def _delete(org: Org, writer: Writer, call: Call, table: Table, id: str) -> None:
    try:
        with org.savepoint():
            writer.delete(table, id, save_of(org, call))
    except ODataError:
        return  # the job notes the failure and goes on
