"""A TOML file of the project as tables that know where they stand: every complaint names file, line, table and key."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from mksync.core.frozen import dataclass
from mksync.errors import ConfigError
from mksync.secrets import is_secret

_POSITION = r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$"
_HEADER = r"^\s*(?P<open>\[\[?)(?P<name>[^\[\]]+)\]"
_KEY = r"""^\s*(?P<name>[A-Za-z0-9_.\-"' ]+?)\s*="""
_LONG_WORD = 16  # a line without a key and with a word this long may be part of a pasted secret

_KINDS = {
    "str": "a text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "list": "a list",
    "dict": "a table",
}
_REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file. `path` leads to it from the top: ("policy", "fields", "lead"), or ("lead", "0")."""

    file: Path
    path: tuple[str, ...]
    values: Mapping[str, object] = field(repr=False)  # may hold a secret
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        """As it is written in the file, without the brackets."""
        return ".".join(part for part in self.path if not part.isdecimal())

    def where(self, key: str | None = None) -> str:
        """File, line and table; of a key of it, of the table itself, or of what comes nearest."""
        line = line_of(self.text, self.path if key is None else (*self.path, key))
        parts = [str(self.file), f"line {line}" if line else "", f"[{self.name}]" if self.name else ""]
        return ", ".join(part for part in parts if part)

    def error(self, key: str, problem: str, hint: str = "") -> ConfigError:
        return ConfigError(f"{self.where(key)}: `{key}` {problem}", hint=hint)

    def only(self, *known: str) -> None:
        """Raise ConfigError if there is a key beyond these."""
        for key in self.values:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(known)}"
                raise ConfigError(f"{self.where(key)}: unknown key `{key}`", hint=hint)

    def string(self, key: str, default: object = _REQUIRED, example: str = "…") -> str:
        value = self._get(key, default, f'"{example}"')
        if not isinstance(value, str):
            raise self.error(key, f"has to be a text, not {kind(value)}")
        if not value.strip():
            raise self.error(key, "is empty", f'write {key} = "{example}"')
        return value

    def string_or_false(self, key: str, example: str) -> str | Literal[False]:
        """A text; or false, which says that there is none."""
        value = self.values.get(key, _REQUIRED)
        if value is False:
            return False
        if value is True:
            raise self.error(key, "has to be a text or false, not true", f'write {key} = "{example}"')
        return self.string(key, example=example)

    def choice(self, key: str, choices: tuple[str, ...], default: object = _REQUIRED) -> str:
        value = self.string(key, default, choices[0])
        if value not in choices:
            near = get_close_matches(value, choices, n=1)
            hint = f'did you mean "{near[0]}"?' if near else ""
            raise self.error(key, f'has to be {_one_of(choices)}, not "{value}"', hint)
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"has to be true or false, not {kind(value)}")
        return value

    def share(self, key: str, default: float) -> float:
        """A part of a whole, from 0 to 1."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"has to be a number from 0 to 1, not {kind(value)}")
        if not 0 <= value <= 1:
            raise self.error(key, f"has to be a number from 0 to 1, not {value}", "a quarter is 0.25")
        return float(value)

    def count(self, key: str, default: int) -> int:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"has to be a whole number, not {kind(value)}")
        if value < 0:
            raise self.error(key, f"has to be 0 or more, not {value}")
        return value

    def seconds(self, key: str, default: float, least: int = 0) -> float:
        """A time, as a whole number of seconds."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise self.error(key, f"has to be a whole number of seconds, not {kind(value)}", f"write {key} = 300")
        if value < least:
            raise self.error(key, f"has to be {least} or more, not {value}")
        return float(value)

    def strings(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self.values.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"has to be a list of texts, not {kind(value)}")
        return tuple(value)

    def plain(self, key: str) -> str | int | bool:
        """A text, a whole number, or true or false."""
        value = self.values[key]
        if not isinstance(value, str | int):
            raise self.error(key, f"has to be a text, a whole number, or true or false, not {kind(value)}")
        return value

    def table(self, key: str) -> "Table":
        """A table below this one; an empty one if it is not there."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"has to be a table, not {kind(value)}")
        return Table(self.file, (*self.path, key), value, self.text)

    def tables(self, key: str) -> "Iterator[Table]":
        """The tables of an array: every [[key]]."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"has to be written as tables [[{key}]]")
        for place, item in enumerate(value):
            yield Table(self.file, (*self.path, key, str(place)), item, self.text)

    def _get(self, key: str, default: object, example: str) -> object:
        value = self.values.get(key, default)
        if value is _REQUIRED:
            raise ConfigError(f"{self.where()}: `{key}` is missing", hint=f"add {key} = {example}")
        return value


def read(path: Path) -> Table:
    """The whole file. Raises ConfigError if it cannot be read or is no TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors put a mark at the front
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None
    try:
        return Table(path, (), tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(path, text, str(error)) from None


def _broken(path: Path, text: str, message: str) -> ConfigError:
    lines = text.split("\n")
    found = re.search(_POSITION, message)
    line, column = len(lines), len(lines[-1]) + 1
    if found and found["line"]:
        line, column = int(found["line"]), int(found["column"])
    problem = re.sub(_POSITION, "", message)
    shown = _without_secret(lines[line - 1])
    quoted = f"\n    {shown}" if shown else ""
    return ConfigError(f"{path}, line {line}, column {column}: this is not TOML: {problem}{quoted}")


def _without_secret(line: str) -> str:
    """The line as far as it may be shown on a terminal or in a log."""
    for found in re.finditer(r"""([A-Za-z0-9_]+)["']?\s*=""", line):
        if is_secret(found[1]):
            return line[: found.end()].strip() + " …"
    if re.match(_HEADER, line) or re.match(_KEY, line):
        return line.strip()
    return "" if any(len(word) >= _LONG_WORD for word in line.split()) else line.strip()


def line_of(text: str, target: tuple[str, ...]) -> int | None:
    """The line, counted from 1, where a table or key stands; else that of the innermost table around it."""
    best, best_depth = None, 0
    for number, path in _marks(text):
        depth = len(target) if path[: len(target)] == target else len(path) if target[: len(path)] == path else 0
        if depth > best_depth:
            best, best_depth = number, depth
    return best


def _marks(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every header and key with the path it stands for. tomllib keeps no positions, so the lines are looked through."""
    table: tuple[str, ...] = ()
    seen: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if header := re.match(_HEADER, line):
            table = _parts(header["name"])
            if header["open"] == "[[":
                seen[table] = seen.get(table, -1) + 1
                table = (*table, str(seen[table]))
            yield number, table
        elif key := re.match(_KEY, line):
            yield number, (*table, *_parts(key["name"]))


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _one_of(choices: tuple[str, ...]) -> str:
    return " or ".join(f'"{choice}"' for choice in choices)


def kind(value: object) -> str:
    """What a TOML value is, in words."""
    return _KINDS.get(type(value).__name__, "a date or time")
