"""How every vendor reads the values of its table of mksync.toml. Each raises `ConfigError` that names the key."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from mksync.errors import ConfigError

Table = Mapping[str, object]


def refuse_unknown(table: Table, keys: Sequence[str], where: str) -> None:
    """A misspelt key would change nothing, and nobody would know."""
    for key in table:
        if key in keys:
            continue
        near = get_close_matches(key, keys, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(keys)}."
        raise ConfigError(f"{where}: unknown key `{key}`", hint=hint)


def text_of(table: Table, key: str, where: str) -> str | None:
    """A text without blanks around it; None if the key is not there."""
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where}: `{key}` has to be a text")
    return value.strip()


def required_text(table: Table, key: str, where: str, hint: str = "") -> str:
    """A text that has to be there. `hint`: where an admin finds it."""
    value = text_of(table, key, where)
    if value is None:
        raise ConfigError(f"{where}: `{key}` is missing", hint=hint)
    return value


def reserve(table: Table, where: str, *, told: bool) -> float:
    """The share of the daily quota that is left to others. `told`: whether the vendor tells what that quota is."""
    value = table.get("reserve")
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1:
        raise ConfigError(f"{where}: `reserve` has to be a share from 0 to below 1, as 0.2", hint="0.2 leaves a fifth")
    if not told and value and table.get("daily_calls") is None:
        hint = "Add daily_calls, the calls that the subscription has a day: this vendor does not tell them."
        raise ConfigError(f"{where}: `reserve` is a share of `daily_calls`, which is missing", hint=hint)
    return float(value)


def daily_calls(table: Table, where: str) -> int | None:
    """The most API calls of one day."""
    value = table.get("daily_calls")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ConfigError(f"{where}: `daily_calls` has to be a whole number above zero")
    return value
