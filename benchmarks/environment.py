"""The virtual environment of the programs that mksync is measured beside. It is made once and kept."""

import subprocess
import sys
import tempfile
import venv
from hashlib import sha256
from pathlib import Path

from benchmarks.measure import ROOT

REQUIREMENTS = ROOT / "benchmarks" / "requirements.txt"


def peers() -> Path | None:
    """Its interpreter. None, and a word on stderr, if it cannot be made: without a network, say."""
    key = sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"mksync-benchmarks-{key}"
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            print(
                made.stderr[-2_000:],
                "the programs to compare with cannot be installed; their rows are left out",
                file=sys.stderr,
            )
            return None
        done.touch()
    return python


def versions(python: Path) -> str:
    """The versions of what is in there."""
    told = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    named = {line.split("==")[0].lower() for line in REQUIREMENTS.read_text().splitlines() if line[:1].isalpha()}
    wanted = {"dlt", "simple-salesforce", "sqlite-utils", "requests", "sqlalchemy"} | named
    found = [line.replace("==", " ") for line in told.splitlines() if line.split("==")[0].lower() in wanted]
    return ", ".join(found)
