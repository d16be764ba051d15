"""What `init` has to know: from flags, or asked on a terminal; and the mksync.toml that is written from it."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from mksync.cli.console import Console
from mksync.core.frozen import dataclass
from mksync.errors import ConfigError

SETTING = "--crm-setting"
FLAGS = {"url": "url", "client_id": "client-id", "client_secret": "secret"}  # keys that have a flag of their own


@dataclass(frozen=True, slots=True)
class Answers:
    """The flags as they were given: of the CRM's name, and of every table of mksync.toml by key."""

    crm: str | None
    tables: Mapping[str, Mapping[str, str]]

    @classmethod
    def of_flags(
        cls, crm: str | None, tables: Mapping[str, Mapping[str, str | None]], more: Iterable[str]
    ) -> "Answers":
        """`more`: settings of the CRM as KEY=VALUE. Raises ConfigError."""
        given = {
            name: {key: value for key, value in table.items() if value is not None} for name, table in tables.items()
        }
        return cls(crm, {**given, "crm": {**given["crm"], **dict(_setting(text) for text in more)}})

    @property
    def given(self) -> bool:
        return self.crm is not None or any(self.tables.values())


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not (equals and key.isidentifier() and key.isascii()):
        raise ConfigError(f"{SETTING}: there is no key and value", hint=f"write {SETTING} KEY=VALUE")
    own = {"system": "--crm", **{key: _flag("crm", key) for key in FLAGS}}
    if key in own:
        raise ConfigError(f"{SETTING} {key}: it has a flag of its own", hint=own[key])
    return key, value


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
    from mksync.config_new import known_system, new_config, systems

    crm = answers.crm
    if crm is None:
        crm = _ask("--crm", f"Which CRM ({', '.join(systems())})", known_system, console)
    known_system(crm)
    return new_config(crm, {name: _completed(name, crm, given, console) for name, given in answers.tables.items()})


def _completed(name: str, crm: str, given: Mapping[str, str], console: Console) -> Mapping[str, str]:
    """The table, with an answer to every question of its vendor."""
    from mksync.config_new import checked, questions

    asked = questions(name, crm)
    found = {
        key: given[key] if key in given else _ask(_flag(name, key), text, partial(checked, key), console)
        for key, text in asked.items()
    }
    return {**found, **given}


def _flag(table: str, key: str) -> str:
    """How an answer is given in advance."""
    return f"--{table}-{FLAGS[key]}" if key in FLAGS else f"--{table}-setting {key}=…"


def _ask(flag: str, question: str, check: Callable[[str], object], console: Console) -> str:
    """Ask until there is an answer that can be right. Raises ConfigError where nobody answers."""
    if not console.prompts:
        raise ConfigError(
            f"there is no mksync.toml here, and {flag} is not given",
            hint=f"{flag}: {question}; or copy one of the sample-configs to mksync.toml",
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
