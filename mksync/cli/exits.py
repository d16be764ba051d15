"""The exit codes: what scripts and monitors may rely on. They are listed in `mksync --help` and named in `--json`."""

from collections.abc import Mapping

from mksync.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Exit:
    """`name` is stable, for machines; `meaning` is for people."""

    name: str
    meaning: str


EXITS: Mapping[int, Exit] = {
    0: Exit("done", "done, nothing left over"),
    1: Exit("failed", "unexpected failure: a bug, a log file is named"),
    2: Exit("usage", "usage or configuration"),
    3: Exit("leftovers", "done, with records rejected or held"),
    4: Exit("differences", "a dry run with --exit-code, or verify, found differences"),
    5: Exit("temporary", "network, rate limit, quota reserve: just run again"),
    6: Exit("brake", "a brake stopped the run before any write"),
    7: Exit("mirror", "the mirror is not to be trusted"),
    8: Exit("access", "sign-in or permission"),
    9: Exit("locked", "another run holds the lock"),
    130: Exit("interrupted", "interrupted (Ctrl-C); the state is consistent"),
    143: Exit("terminated", "interrupted (SIGTERM); the state is consistent"),
}


def listed() -> str:
    """The table as help shows it."""
    return "\n".join(["Exit codes:", *(f"  {code:<4} {exit.meaning}" for code, exit in EXITS.items())])
