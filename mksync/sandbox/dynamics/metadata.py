"""Calls on the metadata: `EntityDefinitions`, its attributes, keys and relationships, and `RetrieveMetadataChanges`.

Source: Microsoft Learn, "Query table definitions using the Web API", "Query schema definitions".
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from mksync.sandbox.dynamics import ids
from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.describe import entity
from mksync.sandbox.dynamics.describe_columns import type_of
from mksync.sandbox.dynamics.errors import ODataError, bad_request, no_resource
from mksync.sandbox.dynamics.expressions import criteria, projected
from mksync.sandbox.dynamics.labels import Document
from mksync.sandbox.dynamics.odata import documents, options
from mksync.sandbox.dynamics.odata.tree import Options
from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.tables import Kind, Table

SET = "EntityDefinitions"
_NAMESPACE = "Microsoft.Dynamics.CRM."
_KEYED = re.compile(r"(\w+)\((.*)\)")
_NAMED = re.compile(r"\s*LogicalName\s*=\s*'([^']*)'\s*")
_LISTS = {
    "Attributes": "AttributeMetadata",
    "Keys": "EntityKeyMetadata",
    "ManyToOneRelationships": "OneToManyRelationshipMetadata",
    "OneToManyRelationships": "OneToManyRelationshipMetadata",
    "ManyToManyRelationships": "ManyToManyRelationshipMetadata",
}
_CASTS = frozenset(type_of(kind) for kind in Kind)
# Members that belong to one type of attribute: they show behind a cast only.
_TYPED = frozenset(
    {
        "MaxLength",
        "Format",
        "FormatName",
        "DatabaseLength",
        "DateTimeBehavior",
        "CanChangeDateTimeBehavior",
        "MinSupportedValue",
        "MaxSupportedValue",
        "MinValue",
        "MaxValue",
        "Precision",
        "PrecisionSource",
        "IsBaseCurrency",
        "CalculationOf",
        "Targets",
        "OptionSet",
        "GlobalOptionSet",
        "DefaultFormValue",
        "DefaultValue",
        "FormulaDefinition",
        "SourceTypeMask",
        "ImeMode",
    }
)


class Metadata:
    def __init__(self, org: Org) -> None:
        self._org = org
        self._made: dict[str, tuple[Table, Document]] = {}

    def answer(self, call: Call) -> Answer:
        """Answer a GET whose first segment is EntityDefinitions, with or without a key."""
        first, *rest = call.segments
        keyed = _KEYED.fullmatch(first)
        asked = options.read(call.query)
        if keyed is None:
            found = documents.collection([self._document(t) for t in self._org.catalogue], asked, "EntityMetadata")
            return _collection(call, SET + _context(asked.select), found)
        document = self._find(keyed.group(2))
        context = f"{SET}('{document['LogicalName']}')"
        if not rest:
            body = documents.single(document, asked, "EntityMetadata")
            where = f"{call.root}/$metadata#{SET}{_context(asked.select)}/$entity"
            return Answer(200, {"@odata.context": where, **body})
        return self._below(call, document, context, rest, asked)

    def changes(self, call: Call) -> Answer:
        """`RetrieveMetadataChanges(Query=@p1,…)?@p1={…}`: an EntityQueryExpression on tables and their attributes."""
        given = {name: value for name, value in options.pairs(call.query) if name.startswith("@")}
        named = dict(re.findall(r"(\w+)=(@?[^,()]+)", call.segments[0]))
        query = _parameter(given, named.get("Query"))
        self._check_stamp(_parameter(given, named.get("ClientVersionStamp")))
        found = [self._document(table) for table in self._org.catalogue]
        try:
            wanted = criteria(query.get("Criteria"))
            chosen = [projected(one, query) for one in found if wanted(one)]
        except (AttributeError, TypeError):  # lists where objects should be, and the like
            raise bad_request("The parameter 'Query' is not a valid EntityQueryExpression.") from None
        return Answer(
            200,
            {
                "@odata.context": f"{call.root}/$metadata#{_NAMESPACE}RetrieveMetadataChangesResponse",
                "ServerVersionStamp": f"{self._org.catalogue.stamp}!{self._org.now}",
                "EntityMetadata": chosen,
                "DeletedMetadata": None,
            },
        )

    def _below(self, call: Call, document: Document, context: str, rest: list[str], asked: Options) -> Answer:
        keyed = _KEYED.fullmatch(rest[0])
        name = keyed.group(1) if keyed else rest[0]
        if name not in _LISTS:
            raise no_resource(name)
        listed = document[name]
        cast = rest[1].removeprefix(_NAMESPACE) if len(rest) > 1 and rest[1].startswith(_NAMESPACE) else None
        if len(rest) > 1 + (cast is not None) or (cast is not None and cast not in _CASTS):
            raise no_resource(rest[-1])
        kind = cast or _LISTS[name]
        if cast is not None:
            listed = [one for one in listed if one["@odata.type"] == f"#{_NAMESPACE}{cast}"]
        where = f"{context}/{name}{f'/{_NAMESPACE}{cast}' if cast else ''}"
        if keyed is None:
            found = [_shaped(one, cast) for one in listed]
            return _collection(call, where + _context(asked.select), documents.collection(found, asked, kind))
        one = _shaped(_chosen(listed, keyed.group(2)), cast)
        body = documents.single(one, asked, kind)
        return Answer(200, {"@odata.context": f"{call.root}/$metadata#{where}/$entity", **body})

    def _document(self, table: Table) -> Document:
        known = self._made.get(table.name)
        if known is None or known[0] is not table:
            known = (table, entity(table, self._org.catalogue))
            self._made[table.name] = known
        return known[1]

    def _find(self, key: str) -> Document:
        named = _NAMED.fullmatch(key)
        id = ids.read(key.strip())
        for table in self._org.catalogue:
            if named and table.name == named.group(1):
                return self._document(table)
            if id and self._document(table)["MetadataId"] == id:
                return self._document(table)
        if not named and not id:
            raise bad_request(f"Bad Request - Error in query syntax: '{key}'.")
        message = f"Could not find an entity with name {key} in the metadata cache."
        raise ODataError(404, "0x80040217", message)

    def _check_stamp(self, stamp: Any) -> None:  # noqa: ANN401
        if not stamp:
            return
        days = int(self._org.settings.get("subscription_days"))
        _, _, moment = str(stamp).partition("!")
        if not moment or moment < self._org.ago(days * 86_400):
            message = "Version stamp associated with the client has expired. Please perform a full sync."
            raise ODataError(400, "0x80044352", message)


def _collection(call: Call, context: str, found: list[Document]) -> Answer:
    return Answer(200, {"@odata.context": f"{call.root}/$metadata#{context}", "value": found})


def _context(select: tuple[str, ...] | None) -> str:
    return f"({','.join(select)})" if select else ""


def _shaped(document: Document, cast: str | None) -> Document:
    """An attribute as its type shows it: the members of its own type only behind a cast, its type only without one."""
    if "AttributeTypeName" not in document:
        return document
    if cast is not None:
        return {name: value for name, value in document.items() if name != "@odata.type"}
    return {name: value for name, value in document.items() if name not in _TYPED}


def _chosen(listed: list[Document], key: str) -> Document:
    named = _NAMED.fullmatch(key)
    id = ids.read(key.strip())
    for one in listed:
        if (named and one["LogicalName"] == named.group(1)) or (id and one["MetadataId"] == id):
            return one
    raise ODataError(404, "0x80040217", f"Could not find metadata with {key}.")


def _parameter(given: Mapping[str, str], text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    raw = given.get(text, "") if text and text.startswith("@") else text
    if not raw:
        return {}
    try:
        return json.loads(raw) if raw[:1] in '{["' else raw.strip("'")
    except ValueError:
        raise bad_request(f"The parameter value '{raw}' is not valid JSON.") from None
