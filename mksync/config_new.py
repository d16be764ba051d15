"""The first mksync.toml of a project, as a person would have written it. After that it belongs to its human."""

import shlex

from mksync import vendors
from mksync.errors import ConfigError

WHERE = "env:NAME, file:PATH, keyring:SERVICE/USER or command:WORDS"
NOT_READ_YET = "not read yet"


def systems() -> tuple[str, ...]:
    """The CRMs to choose from."""
    return vendors.crms()


def known_system(name: str) -> None:
    """Raises ConfigError unless there is such a CRM."""
    if unknown := vendors.unknown(name):
        raise unknown


def new_config(
    *,
    crm: str,
    marketo_url: str,
    marketo_client_id: str,
    marketo_secret: str,
    crm_url: str,
    crm_client_id: str,
    crm_secret: str,
) -> str:
    """The file's text; what is not in it has its default. Secrets are named by where they are.

    Raises ConfigError for what the vendors would not take.
    """
    known_system(crm)
    secrets = reference(marketo_secret), reference(crm_secret)
    _check(vendors.MARKETO, "[marketo]", {"url": marketo_url, "client_id": marketo_client_id})
    _check(crm, "[crm]", {"system": crm, "url": crm_url, "client_id": crm_client_id})
    return (
        f"# A mksync project. Every key is explained in sample-configs/{crm}.toml.\n\n"
        f"[marketo]\nurl = {_text(marketo_url)}\nclient_id = {_text(marketo_client_id)}\n"
        f"client_secret = {secrets[0]}\n\n"
        f"[crm]\nsystem = {_text(crm)}\nurl = {_text(crm_url)}\nclient_id = {_text(crm_client_id)}\n"
        f"client_secret = {secrets[1]}\n"
    )


def _check(vendor: str, where: str, table: dict[str, object]) -> None:
    vendors.load(vendor).settings({**table, "client_secret": NOT_READ_YET}, where)


def _text(value: str) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


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
