"""A parsed SOQL statement. `at` is always the 0-based offset in the text, which error messages point at."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Path:
    """`Owner.Profile.Name` as its parts, the last of which is the field."""

    parts: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function: an aggregate such as COUNT(Id), a date function, or toLabel. `argument` is None in `COUNT()`."""

    function: str  # upper case
    argument: Path | None
    at: int


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or function of the SELECT list, with its alias if it has one."""

    what: Path | Call
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class AllFields:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)`, `FIELDS(CUSTOM)`."""

    kind: str  # upper case
    at: int


@dataclass(frozen=True, slots=True)
class Children:
    """A sub-select over a child relationship."""

    query: "Query"


Kind = Literal["text", "number", "boolean", "null", "date", "datetime", "relative"]


@dataclass(frozen=True, slots=True)
class Literal_:  # noqa: N801 - `Literal` is taken by typing
    """A constant. `raw` keeps the spelling: a quoted string without its quotes, escapes still in place."""

    kind: Kind
    raw: str
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator value`, the operator in upper case: = != < <= > >= LIKE IN, NOT IN, INCLUDES, EXCLUDES."""

    left: Path | Call
    operator: str
    values: tuple[Literal_, ...]
    at: int


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`left IN (SELECT …)`, or NOT IN."""

    left: Path
    negated: bool
    query: "Query"


@dataclass(frozen=True, slots=True)
class Not:
    term: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by one word, AND or OR."""

    word: str
    terms: tuple["Condition", ...]


Condition = Comparison | SemiJoin | Not | Junction


@dataclass(frozen=True, slots=True)
class Order:
    by: Path | Call
    descending: bool
    nulls_last: bool | None


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT. `source` is the object's name, or the child relationship's in a sub-select."""

    text: str
    select: tuple[Selected | AllFields | Children, ...]
    source: Path
    alias: str | None
    where: Condition | None
    group: tuple[Path, ...]
    order: tuple[Order, ...]
    limit: int | None
    offset: int
    offset_at: int
