"""A connection is two rows: whoever reads the connections of either end finds one that begins there.

Source: Microsoft Learn, "Connection entities", "Connection table/entity reference" (ismaster, relatedconnectionid).
"""

from mksync.sandbox.dynamics.rows import Row

_ENDS = ("id", "idtype", "roleid")


def counterpart(row: Row, id: str, version: int) -> Row:
    """The other row of a connection, seen from its other end."""
    turned: Row = {f"record{one}{part}": row.get(f"record{3 - one}{part}") for one in (1, 2) for part in _ENDS}
    related: Row = {"connectionid": id, "relatedconnectionid": row["connectionid"], "ismaster": 0}
    return {**row, **turned, **related, "versionnumber": version}
