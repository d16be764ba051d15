"""References to secrets in mksync.toml. Each is resolved late, when a connection needs it, and stored nowhere."""

import os
import re
import subprocess
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, get_args

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError

Kind = Literal["env", "file", "command", "keyring"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COMMAND_TIMEOUT = 60  # seconds; a key store may ask its human
EXAMPLE = '{ env = "…" }, { file = "…" }, { command = ["…"] } or { keyring = "service/user" }'

_SECRET_KEY = re.compile(r"(^|_)(secret|password|passphrase|token|private_key|certificate)$")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is to be found. `at` is the variable, the file, the command's words, or "service/user"."""

    kind: Kind
    at: tuple[str, ...]
    where: str  # "mksync.toml, line 4, [marketo] `client_secret`"
    folder: Path  # relative files and commands start here


def is_secret(key: str) -> bool:
    """Whether a key of mksync.toml, by its name, holds a secret."""
    return _SECRET_KEY.search(key) is not None


def is_reference(value: object) -> bool:
    """Whether a value has the shape of a reference."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in KINDS


def reference(value: Mapping[str, object], where: str, folder: Path) -> Reference:
    """Check a reference. Raises ConfigError."""
    if len(value) != 1:
        raise ConfigError(f"{where} names {len(value)} places; a secret has one", hint=f"write {EXAMPLE}")
    kind, at = next(iter(value.items()))
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"write {EXAMPLE}"
        raise ConfigError(f"{where}: a secret cannot come from `{kind}`", hint=hint)
    words = at if kind == "command" else [at]
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        expected = 'a list of words, like ["pass", "mkto"]' if kind == "command" else "a text"
        raise ConfigError(f"{where}: `{kind}` has to be {expected}")
    return Reference(kind, tuple(words), where, folder)


def file_of(reference: Reference) -> Path:
    """The file that a reference of the kind "file" points to."""
    return reference.folder / Path(reference.at[0]).expanduser()


def resolve(reference: Reference) -> str:
    """The secret itself, without the line end that files and commands add. Raises ConfigError, never quoting it."""
    secret = _SOURCES[reference.kind](reference).rstrip("\r\n")
    if not secret.strip():
        raise ConfigError(f"{reference.where}: {_source(reference)} is empty")
    return secret


def _source(reference: Reference) -> str:
    name = {"env": "the environment variable", "file": "the file", "command": "the output of", "keyring": "the entry"}
    return f"{name[reference.kind]} {reference.at[0]}"


def _from_env(reference: Reference) -> str:
    name = reference.at[0]
    if name not in os.environ:
        raise ConfigError(f"{reference.where}: the environment variable {name} is not set", hint=f"export {name}=…")
    return os.environ[name]


def _from_file(reference: Reference) -> str:
    path = file_of(reference)
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{reference.where}: the file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{reference.where}: the file {path} is not UTF-8 text") from None


def _from_command(reference: Reference) -> str:
    name = reference.at[0]
    try:
        done = subprocess.run(  # noqa: S603 - the admin's own command from the admin's own file, and no shell
            reference.at,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=reference.folder,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )
    except OSError as error:
        raise ConfigError(f"{reference.where}: the command {name} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        text = f"{reference.where}: the command {name} gave no answer within {COMMAND_TIMEOUT} seconds"
        raise ConfigError(text) from None
    if done.returncode:
        raise ConfigError(f"{reference.where}: the command {name} ended with exit code {_ended(done)}")
    try:
        return done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{reference.where}: the output of {name} is not UTF-8 text") from None


def _ended(done: "subprocess.CompletedProcess[bytes]") -> str:
    """The exit code with the first line of stderr. Never stdout: part of a secret may stand there."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"{done.returncode}: {lines[0][:200]}" if lines else str(done.returncode)


def _from_keyring(reference: Reference) -> str:
    service, slash, user = reference.at[0].rpartition("/")
    if not slash or not service or not user:
        raise ConfigError(f'{reference.where}: `keyring` looks like "service/user", not "{reference.at[0]}"')
    try:
        import keyring
    except ImportError:
        text = f"{reference.where}: secrets from the key store need the package keyring"
        raise ConfigError(text, hint="pip install 'mksync[keyring]'") from None
    try:
        secret = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"{reference.where}: the key store does not answer: {error}") from None
    if secret is None:
        text = f"{reference.where}: the key store has no entry for {user} in {service}"
        raise ConfigError(text, hint=f"keyring set {service} {user}")
    return str(secret)


_SOURCES = {"env": _from_env, "file": _from_file, "command": _from_command, "keyring": _from_keyring}
