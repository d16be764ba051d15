"""Query options on metadata, which lies in JSON documents rather than in rows.

`$filter` knows comparisons of primitive values, of enums (whose literals carry the namespace) and of the `Value` of
managed properties, joined by `and`, `or` and `not`; there is no paging, and `MetadataId` always comes along.
Source: "Query table definitions using the Web API".
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mksync.sandbox.dynamics.errors import ODataError, no_property
from mksync.sandbox.dynamics.odata import problems
from mksync.sandbox.dynamics.odata.tree import Comparison, Condition, Junction, Literal_, Not, Operand, Options, Path

Document = Mapping[str, Any]

# Members that are separate resources: they come with $expand only.
NAVIGATIONS = frozenset(
    {
        "Attributes",
        "Keys",
        "ManyToOneRelationships",
        "OneToManyRelationships",
        "ManyToManyRelationships",
        "OptionSet",
        "GlobalOptionSet",
    }
)
_ENUMS = frozenset({"AttributeType", "OwnershipType", "RequiredLevel", "EntityKeyIndexStatus", "RelationshipType"})
_REFUSED = ("$orderby", "$top", "$apply", "$skiptoken", "$deltatoken")
_ORDERED: Mapping[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def collection(documents: Iterable[Document], options: Options, type: str) -> list[dict[str, Any]]:
    """The documents that fit, in order, each with what was asked for. `type` is named in errors: EntityMetadata.

    Raises ODataError for an unknown property, and for anything that metadata cannot be asked.
    """
    for option in _REFUSED:
        if option in options.given:
            raise problems.unsupported(option)
    condition = options.filter
    found = [document for document in documents if condition is None or matches(document, condition, type)]
    return [single(document, options, type) for document in found]


def single(document: Document, options: Options, type: str) -> dict[str, Any]:
    """One document with the selected members and the expanded ones."""
    wanted = options.select
    if wanted is None:
        made = {name: value for name, value in document.items() if name not in NAVIGATIONS}
    else:
        made = {name: document[name] for name in wanted if _has(document, name, type)}
    if "MetadataId" in document:
        made["MetadataId"] = document["MetadataId"]
    for item in options.expand:
        _has(document, item.name, type)
        made[item.name] = _expanded(document[item.name], item.options, item.name)
    return made


def _expanded(value: object, options: Options, name: str) -> object:
    if isinstance(value, Mapping):
        return single(value, options, name)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return collection(value, options, name)
    return value


def _has(document: Document, name: str, type: str) -> bool:
    """True; raises ODataError if there is no such member."""
    if name not in document:
        raise no_property(name, type)
    return True


def matches(document: Document, condition: Condition, type: str) -> bool:
    """Whether a condition holds; a comparison with something absent does not."""
    if isinstance(condition, Not):
        return not matches(document, condition.term, type)
    if isinstance(condition, Junction):
        judge = all if condition.word == "and" else any
        return judge(matches(document, term, type) for term in condition.terms)
    if not isinstance(condition, Comparison):
        raise problems.bad("The query node SingleValueFunctionCall is not supported")
    left, right = (_value(document, side, type) for side in (condition.left, condition.right))
    _check(condition, left, right)
    if condition.operator in ("eq", "ne"):
        return bool((left == right) == (condition.operator == "eq"))
    return left is not None and right is not None and bool(_ORDERED[condition.operator](left, right))


def _check(condition: Comparison, left: object, right: object) -> None:
    """Raises ODataError where the two sides are of different types."""
    kinds = _kind(condition.left, left), _kind(condition.right, right)
    if "null" not in kinds and kinds[0] != kinds[1]:
        raise problems.incompatible(*kinds, condition.operator)


def _kind(operand: Operand, value: object) -> str:
    if isinstance(operand, Literal_) and operand.kind == "enum":
        return "enum"
    if isinstance(operand, Path) and _named(operand) in _ENUMS:
        return "enum"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "Edm.Boolean"
    return "Edm.String" if isinstance(value, str) else "Edm.Int32"


def _named(path: Path) -> str:
    """The last part that says something: of a managed property that is not `Value`."""
    return path.parts[-2] if path.parts[-1] == "Value" and len(path.parts) > 1 else path.parts[-1]


def _value(document: Document, operand: Operand, type: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(operand, Path):
        return _at(document, operand, type)
    if operand.kind == "boolean":
        return operand.text == "true"
    if operand.kind == "number":
        return float(operand.text)
    return None if operand.kind == "null" else operand.text


def _at(document: Document, path: Path, type: str) -> Any:  # noqa: ANN401 - JSON
    value: Any = document
    for name in path.parts:
        if not isinstance(value, Mapping):
            return None
        if name not in value:
            raise no_property(name, type)
        value = value[name]
    if isinstance(value, Mapping | list):
        raise _not_filterable(path)
    return value


def _not_filterable(path: Path) -> ODataError:
    return problems.bad(f"The property '{path}' cannot be used in the $filter query option of metadata.")
