"""What was looked at before a first sync, or when something is wrong: as a table, and as an exit code."""

from collections.abc import Sequence
from dataclasses import asdict

import typer

import mksync.cli.failures as failures
from mksync.cli.console import Console
from mksync.cli.table import Column, Table
from mksync.core.records import Check
from mksync.errors import AccessError, ConfigError, MksyncError, Temporary


def judge(console: Console, checks: Sequence[Check], command: str, *, json: bool) -> None:
    """Print the table of checks. Ends the command with the exit code of the first one that failed."""
    failed = [check for check in checks if not check.passed]
    if not json:
        columns = [Column("check", whole=True), Column(""), Column("finding"), Column("what to do")]
        rows = [(check.name, "ok" if check.passed else "FAILED", check.finding, check.remedy) for check in checks]
        console.table(Table(columns, rows, "Checks"))
        console.data("")
    elif failed:
        found = {"checks": [asdict(check) for check in checks]}
        raise typer.Exit(failures.explain(_as_error(failed[0]), command, found))
    for check in failed:
        raise _as_error(check)


def _as_error(check: Check) -> MksyncError:
    kinds = {kind.exit_code: kind for kind in (ConfigError, Temporary, AccessError)}
    return kinds.get(check.exit_code, AccessError)(f"{check.name}: {check.finding}", hint=check.remedy)
