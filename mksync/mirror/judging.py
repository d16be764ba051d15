"""How everything that `decide` needs to know of a link is selected, and read from a row."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from mksync.core.pairs import FieldPair
from mksync.core.plan import Linked
from mksync.core.records import Side, Sides
from mksync.mirror.schema import base_table, quoted, reader, snapshot_table


def judging(object: str, counterpart: str, pairs: Sequence[FieldPair], links: str) -> str:
    """Everything `decide` needs to know of these links, one row each; a condition may follow."""
    names = tuple((pair.fields.marketo.name, pair.fields.crm.name) for pair in pairs)
    return f"{_selected(names)} FROM {links}{_joined(object, counterpart)}"


@lru_cache
def _selected(names: tuple[tuple[str, str], ...]) -> str:
    columns = ["link.id", "link.settled", "p._id", "r._id", "p._pid", "r._pid", "r._version"]
    for table, at in (("p", 0), ("r", 1), ("bm", 0), ("bc", 1)):
        columns += [f"{table}.{quoted(name[at])}" for name in names]
    return f"SELECT {', '.join(columns)}"


@lru_cache
def _joined(object: str, counterpart: str) -> str:
    return (
        f" JOIN {quoted(snapshot_table(Side.MARKETO, counterpart))} AS p ON p._pid = link.person"
        f" JOIN {quoted(snapshot_table(Side.CRM, object))} AS r ON r._pid = link.record"
        f" LEFT JOIN {quoted(base_table(Side.MARKETO, object))} AS bm ON bm._link = link.id"
        f" LEFT JOIN {quoted(base_table(Side.CRM, object))} AS bc ON bc._link = link.id"
    )


Row = Sequence[str | int | None]


def linking(object: str, pairs: Sequence[FieldPair]) -> Callable[[Row], Linked]:
    """How a row of these pairs is read, made once for many rows."""
    marketo, crm = (reader([pair.fields[side] for pair in pairs]) for side in Side)
    width = len(pairs)

    def linked(row: Row) -> Linked:
        link, settled, person_id, record_id, person, record, version, *values = row
        parts = [values[at : at + width] for at in range(0, 4 * width, width)]
        return Linked(
            link=int(link or 0),
            object=object,
            settled=bool(settled),
            ids=Sides(str(person_id), str(record_id)),
            keys=Sides(int(person or 0), int(record or 0)),
            version=str(version) if version is not None else None,
            now=Sides(marketo(parts[0]), crm(parts[1])),
            base=Sides(marketo(parts[2]), crm(parts[3])),
        )

    return linked
