"""EntityQueryExpression: which tables, and which of their members, `RetrieveMetadataChanges` is asked for.

Source: Microsoft Learn, "Query schema definitions", "EntityQueryExpression ComplexType".
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mksync.sandbox.dynamics.errors import bad_request
from mksync.sandbox.dynamics.labels import Document

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, given: value == given,
    "NotEquals": lambda value, given: value != given,
    "In": lambda value, given: value in given,
    "NotIn": lambda value, given: value not in given,
}


def criteria(filter: Mapping[str, Any] | None) -> Callable[[Document], bool]:
    """A MetadataFilterExpression as a test of documents."""
    if not filter:
        return lambda _: True
    tests = [_condition(one) for one in filter.get("Conditions") or ()]
    tests += [criteria(one) for one in filter.get("Filters") or ()]
    judge = any if filter.get("FilterOperator") in ("Or", 1) else all
    return lambda document: judge(test(document) for test in tests)


def _condition(condition: Mapping[str, Any]) -> Callable[[Document], bool]:
    name = str(condition.get("PropertyName"))
    test = _TESTS.get(str(condition.get("ConditionOperator")))
    if test is None:
        raise bad_request(f"The condition operator '{condition.get('ConditionOperator')}' is not supported.")
    given = _plain(condition.get("Value"))
    return lambda document: test(_flat(document.get(name)), given)


def _plain(value: Any) -> Any:  # noqa: ANN401 - `{"Value": "lead", "Type": "System.String"}` or the value itself
    inner = value.get("Value") if isinstance(value, Mapping) else value
    if isinstance(inner, str) and inner in ("true", "false", "True", "False"):
        return inner.lower() == "true"
    if isinstance(inner, str) and inner.startswith("["):
        return json.loads(inner)
    return inner


def _flat(value: Any) -> Any:  # noqa: ANN401 - a managed property or a type name counts as its value
    return value["Value"] if isinstance(value, Mapping) and "Value" in value else value


def projected(document: Document, query: Mapping[str, Any]) -> Document:
    """A table with the properties asked for; its attributes, keys and relationships by queries of their own."""
    lists = {
        "AttributeQuery": ("Attributes",),
        "KeyQuery": ("Keys",),
        "RelationshipQuery": ("ManyToOneRelationships", "OneToManyRelationships", "ManyToManyRelationships"),
    }
    properties = query.get("Properties") or {}
    found = _members(document, properties, [name for names in lists.values() for name in names])
    for key, names in lists.items():
        for name in names:
            wanted = bool(properties.get("AllProperties")) or name in (properties.get("PropertyNames") or ())
            if not wanted:
                continue
            inner = query.get(key) or {"Properties": {"AllProperties": True}}
            test = criteria(inner.get("Criteria"))
            found[name] = [_members(one, inner.get("Properties") or {}, ()) for one in document[name] if test(one)]
    return found


def _members(document: Document, properties: Mapping[str, Any], apart: Any) -> Document:  # noqa: ANN401
    always = ("@odata.type", "MetadataId", "LogicalName", "SchemaName", "HasChanged")
    wanted = set(always) | set(properties.get("PropertyNames") or ())
    everything = bool(properties.get("AllProperties"))
    return {name: value for name, value in document.items() if name not in apart and (everything or name in wanted)}
