"""One run at a time, and no lock that outlives its process."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mksync.errors import LockHeld, MirrorError
from mksync.mirror.lock import Lock

HOLD = """
import sys
from pathlib import Path
from mksync.mirror.lock import Lock
lock = Lock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_once_and_names_its_holder_until_it_is_released(tmp_path: Path) -> None:
    mirror = tmp_path / "mksync.db"
    with Lock(mirror), pytest.raises(LockHeld, match=r"mksync\.db\.lock \(process \d+\)"), Lock(mirror):
        pass
    with Lock(mirror):
        pass
    assert stat.S_IMODE((tmp_path / "mksync.db.lock").stat().st_mode) == 0o600


def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    mirror = tmp_path / "mksync.db"
    command = (sys.executable, "-c", HOLD, str(mirror))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld, match=str(holder.pid)):
            Lock(mirror).acquire()
        holder.kill()
    with Lock(mirror):
        pass


def test_where_no_lock_can_be_made_the_mirror_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(MirrorError, match="cannot be locked: No such file or directory"):
        Lock(tmp_path / "nowhere" / "mksync.db").acquire()
