"""A connection is two rows: whoever reads the connections of either end finds one that begins there.

Source: Microsoft Learn, "Connection entities", "Connection table/entity reference" (ismaster, relatedconnectionid).
"""

from mksync.sandbox.dynamics.rows import Row

_ENDS = ("id", "idtype", "roleid")
_ALIKE = ("description", "effectivestart", "effectiveend", "statecode", "statuscode", "ownerid", "owneridtype")


def counterpart(row: Row, id: str, version: int) -> Row:
    """The other row of a new connection, seen from its other end."""
    related: Row = {"connectionid": id, "relatedconnectionid": row["connectionid"], "ismaster": 0}
    return {**row, **_turned(row), **related, "versionnumber": version}


def followed(row: Row) -> Row:
    """What the other row of a connection holds once this one was changed."""
    return {**_turned(row), **{name: row[name] for name in _ALIKE if name in row}}


def _turned(row: Row) -> Row:
    return {f"record{one}{part}": row.get(f"record{3 - one}{part}") for one in (1, 2) for part in _ENDS}
