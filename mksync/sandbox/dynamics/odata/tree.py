"""Parsed query options. `at` is the 0-based offset in the text of the option, which error messages name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "boolean", "null", "date", "datetime", "guid", "enum"]


@dataclass(frozen=True, slots=True)
class Path:
    """`parentcustomerid_account/name` as its parts; a managed property ends in `Value`."""

    parts: tuple[str, ...]
    at: int = 0

    def __str__(self) -> str:
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Literal_:  # noqa: N801 - `Literal` is taken by typing
    """A constant. `text` is what it says: a string without its quotes, the member of an enum, a GUID in lower case."""

    kind: Kind
    text: str
    at: int = 0


Operand = Path | Literal_


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left eq right`, with eq ne gt ge lt le."""

    left: Operand
    operator: str
    right: Operand
    at: int = 0


@dataclass(frozen=True, slots=True)
class TextTest:
    """`contains(left,right)`, startswith or endswith."""

    function: str
    left: Operand
    right: Operand
    at: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """`Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=[…])`; `name` is without the namespace."""

    name: str
    property: Path
    values: tuple[str, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Lambda:
    """`path/any(variable:condition)` or `all`; `any()` without a condition asks for anything at all."""

    path: Path
    word: str
    variable: str
    condition: "Condition | None"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Not:
    term: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by one word, `and` or `or`."""

    word: str
    terms: tuple["Condition", ...]


Condition = Comparison | TextTest | Function | Lambda | Not | Junction


@dataclass(frozen=True, slots=True)
class Order:
    by: Path
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Expand:
    """One item of `$expand`. `reference` is `$ref` behind it."""

    name: str
    options: "Options"
    reference: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`path with method as alias`; `$count as alias` has no path."""

    path: Path | None
    method: str
    alias: str


@dataclass(frozen=True, slots=True)
class Apply:
    """`filter(…)/groupby((…),aggregate(…))`, each part optional."""

    filter: Condition | None = None
    group: tuple[Path, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """The query options of a request, or of one `$expand` item.

    `select` is None where everything is meant. `given` names every option that was sent; `custom` holds options
    without a dollar, and the parameter aliases as they were written.
    """

    select: tuple[str, ...] | None = None
    filter: Condition | None = None
    order: tuple[Order, ...] = ()
    expand: tuple[Expand, ...] = ()
    top: int | None = None
    count: bool = False
    apply: Apply | None = None
    skip_token: str | None = None
    delta_token: str | None = None
    given: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
