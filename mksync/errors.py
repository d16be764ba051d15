"""Situations that end a command: each class has an exit code; each instance a message and a hint what to type next.

    MksyncError
    ├── ConfigError            2  the command line or mksync.toml is wrong
    ├── Temporary              5  network, rate limit, quota reserve: run again later
    │   └── OutcomeUnknown     5  a write was sent and its answer lost; the next run settles it
    ├── BrakeApplied           6  the plan looks suspicious; nothing was written
    ├── MirrorError            7  the mirror is not to be trusted
    ├── AccessError            8  sign-in or permission
    └── LockHeld               9  another run holds the lock

A record that a vendor refuses is not a situation: it is a value (`core.records.Refusal`), it is logged, and the run
goes on.
"""

from typing import ClassVar


class MksyncError(Exception):
    """A situation the admin must know of. `message` says what is wrong and where, `hint` what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(MksyncError):
    """The command line, `mksync.toml` or the field selection cannot be used as it stands."""

    exit_code = 2


class Temporary(MksyncError):  # noqa: N818 - it names what the admin has to know: run again
    """Network, rate limit, quota reserve or vendor outage: running the same command again later is enough."""

    exit_code = 5


class OutcomeUnknown(Temporary):
    """A call was sent, its answer was lost, and repeating it is not safe. The next run reads and settles it."""


class BrakeApplied(MksyncError):  # noqa: N818
    """The plan looks suspicious as a whole. Nothing was written to either system."""

    exit_code = 6


class MirrorError(MksyncError):
    """The mirror is damaged, or belongs to another organisation."""

    exit_code = 7


class AccessError(MksyncError):
    """Sign-in was refused or a permission is missing."""

    exit_code = 8


class LockHeld(MksyncError):  # noqa: N818
    """Another run is working with this mirror."""

    exit_code = 9


def another_organisation(system: str, pinned: str, found: str) -> MirrorError:
    """A mirror and a system that do not belong together. `system`: as people call it."""
    return MirrorError(
        f"this mirror belongs to another {system} organisation: it was made from {pinned}, and this is {found}",
        hint="point mksync.toml at the old organisation, or start in an empty folder with mksync init",
    )
