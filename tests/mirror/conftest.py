"""A real mirror file with two objects of a few fields, and a look at its rows that is not the mirror's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from mksync.core.records import Side
from mksync.engine.project import PERSON
from mksync.mirror import Mirror
from tests.mirror.samples import KEY, PAIRS

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    opened = Mirror.open(tmp_path / "mksync.db", create=True)
    opened.shape(PAIRS, [(Side.MARKETO, PERSON, KEY), (Side.MARKETO, PERSON, "email"), (Side.CRM, "lead", "Email")])
    opened.index()
    yield opened
    opened.close()


@pytest.fixture
def rows(mirror: Mirror) -> Rows:
    """`rows("link")`, `rows("write", "id", "status")`: the rows of a table, by its first column."""

    def look(table: str, *columns: str) -> list[dict[str, Any]]:
        found = sqlite_utils.Database(mirror.db).table(table).rows_where(order_by="1")
        return [{name: row[name] for name in columns or row} for row in found]

    return look
