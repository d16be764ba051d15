"""What `init` has to know: from flags, or asked on a terminal; and the mksync.toml that is written from it."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from mksync.cli.console import Console
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
        return any(value is not None for value in asdict(self).values())


def make_config(path: Path, answers: Answers, console: Console) -> bool:
    """Write mksync.toml from flags and answers, if there is none. Says whether it did.

    Raises ConfigError: off a terminal, if a flag is missing; if a value cannot be right; if there is another file.
    """
    if path.exists() and not answers.given:
        return False
    text = _text(answers, console)
    if not path.exists():
        _write(path, text)
        return True
    if path.read_text(encoding="utf-8-sig") != text:
        text = f"{path} is there already, and says something else; mksync does not rewrite it"
        raise ConfigError(text, hint="edit it, or leave these flags out")
    return False


def _text(answers: Answers, console: Console) -> str:
    from mksync.config_new import new_config

    questions = _questions()
    found = {
        name: given if given is not None else _ask(name, *questions[name], console)
        for name, given in asdict(answers).items()
    }
    return new_config(**found)


def _questions() -> Mapping[str, tuple[str, Callable[[str], object]]]:
    """What is asked for each flag that is not given, and what finds fault with an answer."""
    from mksync.config_new import WHERE, known_system, reference, systems

    return {
        "crm": (f"Which CRM ({', '.join(systems())})", known_system),
        "marketo_url": ("Marketo's REST endpoint, without /rest (https://123-ABC-456.mktorest.com)", str),
        "marketo_client_id": ("Client id of Marketo's custom service", str),
        "marketo_secret": (f"Where its client secret is ({WHERE})", reference),
        "crm_url": ("The CRM's address (https://acme.my.salesforce.com)", str),
        "crm_client_id": ("Client id of the CRM's connected app", str),
        "crm_secret": (f"Where its client secret is ({WHERE})", reference),
    }


def _ask(name: str, question: str, check: Callable[[str], object], console: Console) -> str:
    """Ask until there is an answer that can be right. Raises ConfigError where nobody answers."""
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
        try:
            check(answer.strip())
        except ConfigError as error:
            console.say(f"{error.message}: {error.hint}")
        else:
            if answer.strip():
                return answer.strip()


def _write(path: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}", hint="choose another folder: --project"
        ) from None
