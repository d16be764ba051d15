"""The first mksync.toml of a project, as a person would have written it. After that it belongs to its human."""

import shlex
from collections.abc import Mapping

from mksync import vendors
from mksync.errors import ConfigError
from mksync.secrets import is_secret

WHERE = "env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS"
NOT_READ_YET = "not read yet"
MARKETO, CRM = "marketo", "crm"  # the tables that `init` asks about
BUILT_IN: Mapping[str, str] = vendors.BUILT_IN_CRMS  # the CRMs that come with mksync, and an address of each


def systems() -> tuple[str, ...]:
    """The CRMs to choose from."""
    return vendors.crms()


def known_system(name: str) -> None:
    """Raises ConfigError unless there is such a CRM."""
    if unknown := vendors.unknown(name):
        raise unknown


def questions(table: str, crm: str) -> Mapping[str, str]:
    """What has to be known for a table: its keys, each with the question to an admin."""
    asked = vendors.load(_vendor(table, crm)).questions
    return {key: f"{text} ({WHERE})" if is_secret(key) else text for key, text in asked.items()}


def new_config(crm: str, tables: Mapping[str, Mapping[str, str]]) -> str:
    """The file's text; what is not in it has its default. Secrets are named by where they are.

    Raises ConfigError for what the vendors would not take.
    """
    known_system(crm)
    explained = f" Every key is explained in sample-configs/{crm}.toml." if crm in BUILT_IN else ""
    written = [_written(name, crm, answers) for name, answers in tables.items()]
    return "\n".join([f"# A mksync project.{explained}\n", *written])


def _vendor(table: str, crm: str) -> str:
    return vendors.MARKETO if table == MARKETO else crm


def _written(name: str, crm: str, answers: Mapping[str, str]) -> str:
    """A table of the file, after its vendor has looked at it."""
    values = {"system": crm, **answers} if name == CRM else answers
    lines = [f"{key} = {reference(value) if is_secret(key) else _text(value)}\n" for key, value in values.items()]
    unread = {key: NOT_READ_YET if is_secret(key) else value for key, value in values.items()}
    vendors.load(_vendor(name, crm)).settings(unread, f"[{name}]")
    return f"[{name}]\n{''.join(lines)}"


def _text(value: str) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def checked(key: str, answer: str) -> None:
    """Raises ConfigError for an answer that cannot be right, whatever the vendor."""
    if is_secret(key):
        reference(answer)


def reference(text: str) -> str:
    """`env:NAME` as `{ env = "NAME" }`. A secret itself is never taken: raises ConfigError, without quoting it."""
    kind, _, value = text.partition(":")
    value = value.strip()
    if kind == "command" and value:
        return "{ command = [" + ", ".join(_text(word) for word in _words(value)) + "] }"
    if kind not in ("env", "file", "keyring") or not value:
        raise ConfigError("a secret is named by where it is, and never given itself", hint=f"write {WHERE}")
    return f"{{ {kind} = {_text(value)} }}"


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"the command of a secret cannot be read: {error}", hint=f"write {WHERE}") from None
