"""Short words for the columns that tables are written down with. A piece is a column or a relationship."""

# ruff: noqa: ANN401 - `more` is whatever else a Column has

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mksync.sandbox.dynamics.standard.display_names import NAMES
from mksync.sandbox.dynamics.tables import Column, Kind, ManyToMany, Option, Relationship, Table

Piece = Column | Relationship | ManyToMany
READ_ONLY: Mapping[str, Any] = {"create": False, "update": False}
LARGEST = 1_000_000_000_000.0


def text(name: str, length: int, format: str = "Text", **more: Any) -> Column:
    return Column(name, Kind.STRING, length=length, format=format, **more)


def texts(names: str, length: int, format: str = "Text") -> list[Piece]:
    return [text(name, length, format) for name in names.split()]


def memo(name: str, length: int = 2_000, **more: Any) -> Column:
    return Column(name, Kind.MEMO, length=length, format="TextArea", **more)


def whole(name: str, minimum: int = -2_147_483_648, maximum: int = 2_147_483_647, **more: Any) -> Column:
    return Column(name, Kind.INTEGER, minimum=minimum, maximum=maximum, format="None", **more)


def number(name: str, precision: int = 2, kind: Kind = Kind.DECIMAL, **more: Any) -> Column:
    limits = {"minimum": -100_000_000_000.0, "maximum": 100_000_000_000.0, **more}
    return Column(name, kind, precision=precision, **limits)


def money(name: str, **more: Any) -> list[Piece]:
    """An amount in the row's currency and its companion in the organisation's."""
    amount = Column(name, Kind.MONEY, precision=4, **{"minimum": 0.0, "maximum": LARGEST, **more})
    base: dict[str, Any] = {"minimum": -922_337_203_685_477.0, "maximum": 922_337_203_685_477.0}
    return [amount, Column(f"{name}_base", Kind.MONEY, precision=4, can_be_secured=False, **READ_ONLY, **base)]


def flag(name: str, default: int | None = 0, labels: tuple[str, str] = ("No", "Yes"), **more: Any) -> Column:
    options = (Option(0, labels[0]), Option(1, labels[1]))
    return Column(name, Kind.BOOLEAN, options=options, default=default, **more)


def flags(names: str, labels: tuple[str, str] = ("No", "Yes")) -> list[Piece]:
    return [flag(name, labels=labels) for name in names.split()]


def choice(name: str, labels: Mapping[int, str], **more: Any) -> Column:
    return Column(name, Kind.PICKLIST, options=tuple(Option(*pair) for pair in labels.items()), **more)


def choices(name: str, labels: Mapping[int, str], **more: Any) -> Column:
    return replace(choice(name, labels, **more), kind=Kind.MULTI)


def numbered(labels: str, start: int = 1) -> dict[int, str]:
    """Labels set apart by `|`, numbered on from `start`."""
    return dict(enumerate(labels.split("|"), start))


def moment(name: str, behavior: str = "UserLocal", **more: Any) -> Column:
    return Column(name, Kind.DATE_TIME, behavior=behavior, format="DateAndTime", **more)


def day(name: str, behavior: str = "DateOnly", **more: Any) -> Column:
    return Column(name, Kind.DATE_TIME, behavior=behavior, format="DateOnly", **more)


def identity(name: str, **more: Any) -> Column:
    required = {"required": "SystemRequired", "update": False, "can_be_secured": False}
    return Column(name, Kind.UNIQUEIDENTIFIER, **{**required, **more})


def lookup(name: str, target: str, collection: str = "", navigation: str = "", **more: Any) -> list[Piece]:
    """A lookup of one target; `on_delete` and `on_merge` are the relationship's."""
    how = {key: more.pop(key) for key in ("on_delete", "on_merge") if key in more}
    column = Column(name, Kind.LOOKUP, targets=(target,), **more)
    return [column, Relationship(name, target, navigation or name, collection or f"*_{name}", **how)]


def polymorphic(name: str, collections: Mapping[str, str], kind: Kind = Kind.LOOKUP, **more: Any) -> list[Piece]:
    """A lookup of several targets, one navigation `<name>_<target>` for each; `collections` by target."""
    how = {key: more.pop(key) for key in ("on_delete", "on_merge") if key in more}
    column = Column(name, kind, targets=tuple(collections), **more)
    ways = [Relationship(name, target, f"{name}_{target}", back, **how) for target, back in collections.items()]
    return [column, _target_name(column), *ways]


def states(default: int = 0, **labels: Sequence[tuple[int, str]]) -> list[Piece]:
    """`statecode` and `statuscode`; each state's statuses in order, its default status first."""
    named = enumerate(labels.items())
    reasons = tuple(Option(v, label, state=s) for s, (_, rows) in named for v, label in rows)
    kinds = tuple(Option(s, label, default_status=rows[0][0]) for s, (label, rows) in enumerate(labels.items()))
    fixed: dict[str, Any] = {"can_be_secured": False}
    state = Column("statecode", Kind.STATE, options=kinds, create=False, required="SystemRequired", **fixed)
    return [
        replace(state, default=default),
        Column("statuscode", Kind.STATUS, options=reasons, default=reasons[0].value, **fixed),
    ]


def active_states() -> list[Piece]:
    return states(Active=((1, "Active"),), Inactive=((2, "Inactive"),))


def system(*, owned: bool) -> list[Piece]:
    """What every table has: stamps, version, import number and, of a user-owned table, owners."""
    fixed: dict[str, Any] = {**READ_ONLY, "can_be_secured": False}
    pieces: list[Piece] = [
        moment("createdon", **fixed),
        moment("modifiedon", **fixed),
        day("overriddencreatedon", "UserLocal", update=False, can_be_secured=False),
        whole("importsequencenumber", update=False, can_be_secured=False),
        Column("versionnumber", Kind.BIG_INT, **fixed),
    ]
    for name in ("createdby", "modifiedby", "createdonbehalfby", "modifiedonbehalfby"):
        pieces += lookup(name, "systemuser", on_delete="NoCascade", on_merge=False, **fixed)
    return [*pieces, *(_owners(fixed) if owned else [])]


def table(name: str, set_name: str, schema_name: str, code: int, pieces: Iterable[Piece], **more: Any) -> Table:
    """A table of these pieces; labels and schema names that are not given are derived."""
    found = list(pieces)
    label = str(more.pop("label", "") or schema_name)
    columns = {p.name: _named(p, name) for p in found if isinstance(p, Column)}
    ways = tuple(replace(p, collection=p.collection.replace("*", name)) for p in found if isinstance(p, Relationship))
    many = tuple(p for p in found if isinstance(p, ManyToMany))
    primary = {"primary_id": f"{name}id", "primary_name": "name", **more}
    return Table(
        name, set_name, schema_name, label, code, columns=columns, relationships=ways, many_to_many=many, **primary
    )


def _owners(fixed: Mapping[str, Any]) -> list[Piece]:
    owner = Column(
        "ownerid", Kind.OWNER, targets=("systemuser", "team"), required="SystemRequired", can_be_secured=False
    )
    restrict: Mapping[str, Any] = {"on_delete": "Restrict", "on_merge": False}
    ways = [Relationship("ownerid", to, "ownerid", f"*_owner_{to}", **restrict) for to in owner.targets]
    pieces: list[Piece] = [owner, _target_name(owner), *ways]
    for name, to in (("owninguser", "systemuser"), ("owningteam", "team"), ("owningbusinessunit", "businessunit")):
        pieces += lookup(name, to, **restrict, **fixed)
    return pieces


def _target_name(column: Column) -> Column:
    fixed = {**READ_ONLY, "can_be_secured": False, "read": False, "odata": False}
    return Column(f"{column.name}type", Kind.ENTITY_NAME, attribute_of=column.name, **fixed)


def _named(column: Column, table: str) -> Column:
    custom = column.custom or column.name.startswith("new_")
    plain = column.name.removeprefix("new_")
    return replace(
        column,
        custom=custom,
        schema_name=column.schema_name or (f"new_{plain.title()}" if custom else plain.title()),
        label=column.label or NAMES.get(f"{table}.{column.name}") or NAMES.get(column.name) or _spoken(plain),
    )


def _spoken(name: str) -> str:
    return name.replace("_", " ").title()
