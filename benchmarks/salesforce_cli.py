"""The Salesforce CLI, signed in to the sandbox: `sf data update record`. It is measured where it is installed."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, run
from benchmarks.server import Server

# It keeps what it knows below HOME, and would look for news of itself on the network.
QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_DISABLE_DNS_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
}
ORG = "sandbox"


class SalesforceCli:
    """`version`: as the CLI tells it."""

    def __init__(self, server: Server, env: Mapping[str, str]) -> None:
        self._server = server
        self._env = env
        self.version = json.loads(self._told("version", "--json"))["cliVersion"].rpartition("/")[2]

    def sign_in(self) -> None:
        """Once: the CLI keeps the token, as mksync does."""
        words = ("org", "login", "access-token", "--instance-url", self._server.urls["salesforce"])
        token = {"SF_ACCESS_TOKEN": self._server.token("salesforce")}
        self._told(*words, "--no-prompt", "--alias", ORG, **token)

    def update(self, lead: str, title: str) -> Cost:
        words = ("data", "update", "record", "--target-org", ORG, "--sobject", "Lead", "--record-id", lead)
        return run(("sf", *words, "--values", f"Title='{title}'"), self._server.pid, env=self._env)

    def _told(self, *words: str, **env: str) -> str:
        whole = {**os.environ, **self._env, **env}
        return subprocess.run(("sf", *words), env=whole, capture_output=True, text=True, check=True).stdout


@contextmanager
def salesforce_cli(server: Server, *, wanted: bool) -> Iterator[SalesforceCli | None]:
    """None where it is not wanted, or there is no `sf`."""
    if not wanted or shutil.which("sf") is None:
        yield None
        return
    with TemporaryDirectory(prefix="mksync-benchmark-", ignore_cleanup_errors=True) as home:
        cli = SalesforceCli(server, {**QUIET, "HOME": str(Path(home))})
        cli.sign_in()
        yield cli
