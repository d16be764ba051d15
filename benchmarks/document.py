"""docs/benchmarks.md: a section a benchmark, each of which can be written anew without the others."""

import os
import platform
import re
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import mksync
from benchmarks.scale import Scale
from benchmarks.table import Table

HEAD = """\
# Benchmarks

What mksync costs, beside the least that the same work can cost and beside programs that do a part of it. Written by
`python -m benchmarks`; [benchmarks/README.md](../benchmarks/README.md) tells how each figure is measured.

Read the figures as ratios: everything in one table was measured in the same run, in turns, in processes of their own,
on the machine named below it. The server's share is the part of the wall time in which the sandbox was computing.
"""
LIBRARIES = ("typer", "rich", "requests", "urllib3", "sqlite-utils", "werkzeug")


def section(scale: Scale, tables: Sequence[Table], took: float) -> str:
    """The tables, and how and where they were measured."""
    lines = [line for table in tables for line in (*table.lines(), "")]
    day = datetime.now(UTC).date().isoformat()
    lines.append(f"*{scale.name} sizes, {day}, {took / 60:.1f} minutes; {machine()}; {versions()}.*")
    return "\n".join(lines)


def put(path: Path, name: str, text: str, order: Iterable[str]) -> None:
    """Write one section, and leave the others as they are."""
    old = path.read_text() if path.exists() else ""
    sections = dict(re.findall(r"<!-- ([\w-]+) -->\n(.*?)(?=\n*<!-- [\w-]+ -->|\Z)", old, re.DOTALL)) | {name: text}
    parts = [HEAD.rstrip(), *(f"<!-- {one} -->\n{sections[one].strip()}" for one in order if one in sections)]
    path.write_text("\n\n".join(parts) + "\n")


def machine() -> str:
    """The machine in a few words."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs ({_processor()})"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found[1].strip() if found else platform.processor() or "unknown"


def versions() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    python = ".".join(map(str, sys.version_info[:3]))
    return f"mksync {mksync.__version__}, Python {python}, SQLite {sqlite3.sqlite_version}, {libraries}"
