"""Records as JSON that SQLite itself writes: a page takes a third of the time that it takes in Python.

What this cannot write (sub-selects, very many fields) is left to `shape`, whose answers mean the same.
"""

# SQL is put together here: table and column names come from the catalogue, values are always bound.

from collections.abc import Sequence

from mksync.sandbox.salesforce.soql.shape import Address, Cell, Node

_MOST_ARGUMENTS = 120  # SQLite takes 127 arguments of one function


def text_of(node: Node, columns: Sequence[str]) -> str | None:
    """The SQL expression of a record, whose cells are these columns; None if it cannot be written."""
    arguments = ["'attributes'", _attributes(node, columns)]
    for key, member in node.members.items():
        value = _value(member, columns)
        if value is None:
            return None
        arguments += [f"'{key}'", value]
    return f"json_object({', '.join(arguments)})" if len(arguments) <= _MOST_ARGUMENTS else None


def _value(member: object, columns: Sequence[str]) -> str | None:
    if isinstance(member, Cell):
        return _cell(member, columns)
    if isinstance(member, Address):
        return _address(member, columns)
    if not isinstance(member, Node):
        return None
    inner = text_of(member, columns)
    # Only the outermost function tells that its text is JSON.
    return inner and f"json(CASE WHEN {_id(member, columns)} IS NULL THEN NULL ELSE {inner} END)"


def _cell(cell: Cell, columns: Sequence[str]) -> str:
    sql = columns[cell.index]
    if cell.kind == "boolean":
        return f"json(CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
    return f"json(sf_number({sql}))" if cell.kind == "fraction" else sql


def _address(address: Address, columns: Sequence[str]) -> str:
    cells = [(key, _cell(cell, columns)) for key, cell in address.parts.items()]
    filled = " OR ".join(f"{columns[cell.index]} IS NOT NULL" for cell in address.parts.values()) or "0"
    inner = ", ".join(f"'{key}', {sql}" for key, sql in cells)
    return f"json(CASE WHEN {filled} THEN json_object({inner}) END)"


def _attributes(node: Node, columns: Sequence[str]) -> str:
    whens = " ".join(f"WHEN {columns[index]} IS NOT NULL THEN '{view.name}'" for view, index in node.objects)
    type = f"'{node.objects[0][0].name}'" if len(node.objects) == 1 else f"CASE {whens} END"
    return f"json_object('type', {type}, 'url', '{node.path}' || {type} || '/' || {_id(node, columns)})"


def _id(node: Node, columns: Sequence[str]) -> str:
    ids = [columns[index] for _, index in node.objects]
    return ids[0] if len(ids) == 1 else f"COALESCE({', '.join(ids)})"


def number_text(value: float | None) -> str | None:
    """As few digits as tell the number from its neighbours, never with an exponent."""
    if value is None:
        return None
    text = repr(value)
    return f"{value:.0f}.0" if "e+" in text else f"{value:.18f}".rstrip("0") if "e-" in text else text
