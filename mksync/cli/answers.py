"""What `init` has to know: from flags, or asked on a terminal; and the mksync.toml that is written from it."""

import os
import sys
from dataclasses import dataclass, fields
from pathlib import Path

from mksync.cli.console import Console
from mksync.config_new import WHERE, new_config, systems
from mksync.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Answers:
    """The flags as they were given."""

    crm: str | None = None
    marketo_url: str | None = None
    marketo_client_id: str | None = None
    marketo_secret: str | None = None
    crm_url: str | None = None
    crm_client_id: str | None = None
    crm_secret: str | None = None

    @property
    def given(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))


QUESTIONS = {
    "crm": f"Which CRM ({', '.join(systems())})",
    "marketo_url": "Marketo's REST endpoint, without /rest (https://123-ABC-456.mktorest.com)",
    "marketo_client_id": "Client id of Marketo's custom service",
    "marketo_secret": f"Where its client secret is ({WHERE})",
    "crm_url": "The CRM's address (https://acme.my.salesforce.com)",
    "crm_client_id": "Client id of the CRM's connected app",
    "crm_secret": f"Where its client secret is ({WHERE})",
}


def write_config(path: Path, answers: Answers, console: Console) -> None:
    """Ask for what the flags leave open, and write mksync.toml. Raises ConfigError off a terminal."""
    found = {name: getattr(answers, name) or _ask(name, question, console) for name, question in QUESTIONS.items()}
    text = new_config(**found)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}", hint="choose another folder: --project"
        ) from None


def _ask(name: str, question: str, console: Console) -> str:
    flag = "--" + name.replace("_", "-")
    if not console.prompts:
        raise ConfigError(
            f"there is no mksync.toml here, and {flag} is not given",
            hint="give the flags of mksync init --help, or copy one of the sample-configs to mksync.toml",
        )
    while True:
        console.say(f"{question}:")
        answer = sys.stdin.readline()
        if not answer:
            raise ConfigError(f"no answer for {flag}")
        if answer.strip():
            return answer.strip()
