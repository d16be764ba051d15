"""A new table takes no library, columns of one in use do, and not what that library would load beside it."""

import subprocess
import sys

SCRIPT = """
import importlib.util, sqlite3, sys
from mksync.core.records import Field, FieldType
from mksync.mirror.schema import ensure_base
db = sqlite3.connect(":memory:")
title, age = Field("title", "Title", FieldType.TEXT, "string"), Field("age", "Age", FieldType.INTEGER, "int")
more = Field("TITLE", "Title", FieldType.TEXT), Field("met", "Met", FieldType.DATE)
for fields in ([title, age], [title, age, *more]):
    ensure_base(db, "base", fields)
    print(*(f"{name} {kind}" for _, name, kind, *_ in db.execute("PRAGMA table_info(base)")), sep=", ")
    print(*sorted({"numpy", "pandas", "sqlite_utils"} & sys.modules.keys()))
print(all(importlib.util.find_spec(name) for name in ("numpy", "pandas")))
"""


def test_columns_are_made_without_loading_pandas_which_others_may_still_load() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    columns, loaded, more_columns, loaded_then, there = done.stdout.splitlines()
    assert (columns, loaded) == ("_link INTEGER, title TEXT, age INTEGER", "")
    assert (more_columns, loaded_then) == ("_link INTEGER, title TEXT, age INTEGER, met TEXT", "sqlite_utils")
    assert there == "True", "the development environment has them, or this test shows nothing"
