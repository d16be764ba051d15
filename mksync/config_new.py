"""The first mksync.toml of a project, as a person would have written it. After that it belongs to its human."""

from mksync import vendors
from mksync.errors import ConfigError

WHERE = "env:NAME, file:PATH, keyring:NAME or command:WORDS"


def systems() -> tuple[str, ...]:
    """The CRMs to choose from."""
    return vendors.crms()


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
    """The file's text; what is not in it has its default. Secrets are named by where they are. Raises ConfigError."""
    if unknown := vendors.unknown(crm):
        raise unknown
    return (
        f"# A mksync project. Every key is explained in sample-configs/{crm}.toml.\n\n"
        f"[marketo]\nurl = {_text(marketo_url)}\nclient_id = {_text(marketo_client_id)}\n"
        f"client_secret = {_reference(marketo_secret)}\n\n"
        f"[crm]\nsystem = {_text(crm)}\nurl = {_text(crm_url)}\nclient_id = {_text(crm_client_id)}\n"
        f"client_secret = {_reference(crm_secret)}\n"
    )


def _text(value: str) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _reference(text: str) -> str:
    """`env:NAME` as `{ env = "NAME" }`. A secret itself is never taken from a flag."""
    kind, _, value = text.partition(":")
    if kind == "command" and value:
        return "{ command = [" + ", ".join(_text(word) for word in value.split()) + "] }"
    if kind not in ("env", "file", "keyring") or not value:
        raise ConfigError("a secret is named by where it is, and never given itself", hint=WHERE)
    return f"{{ {kind} = {_text(value)} }}"
