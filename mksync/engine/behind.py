"""A mirror that is older than the last cycle: somebody put a copy back.

Bases and cursors of such a copy are of the past: what was synced since is the same on both sides and settles by itself,
but an edit that was not synced yet may lose to what the other side has held for long. So somebody has to say that it is
meant; then everything is read afresh.
"""

from mksync.core.records import Side
from mksync.errors import BrakeApplied
from mksync.mirror import Mirror
from mksync.mirror.last import Missing, forget
from mksync.mirror.project import Cursor


def check_not_behind(mirror: Mirror, confirm: int | None = None, *, dry: bool = False) -> list[str]:
    """Stop unless the admin repeated the number of missing cycles. Returns warnings. Raises BrakeApplied."""
    missing = mirror.last.missing()
    if missing is None:
        return []
    if dry:
        return [f"a brake would stop this run: {_message(mirror, missing)}"]
    if confirm != missing.cycles:
        raise BrakeApplied(_message(mirror, missing), hint=_hint(missing))
    with mirror.transaction():
        for side in Side:
            mirror.project.move_cursor(side, Cursor(None, mirror.project.cursor(side).generation, False))
    forget(mirror.path)
    return [f"the mirror is an older copy, which does not know of {_cycles(missing)}: everything was read afresh"]


def _message(mirror: Mirror, missing: Missing) -> str:
    return (
        f"the mirror at {mirror.path} is older than the last run, as if a copy had been put back:"
        f" it does not know of {_cycles(missing)}"
    )


def _cycles(missing: Missing) -> str:
    number = "1 cycle" if missing.cycles == 1 else f"{missing.cycles} cycles"
    return f"{number}, made {f'between {missing.since} and' if missing.since else 'until'} {missing.until}"


def _hint(missing: Missing) -> str:
    return (
        "put the newer mirror back if there is one; if this one is meant, mksync run-once --confirm"
        f" {missing.cycles} reads everything afresh, and mksync log --collisions keeps each value that loses"
    )
