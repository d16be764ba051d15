"""The systems mksync can talk to: folders beside this file, and entry points in the group `mksync.systems`.

A folder is loaded when it is asked for, so that a command pays for no vendor it does not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from mksync.errors import ConfigError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from mksync.ports import Vendor

MARKETO = "marketo"
# With what an address of each looks like, so that help can tell without loading them.
BUILT_IN_CRMS = {
    "salesforce": "https://acme.my.salesforce.com",
    "dynamics": "https://contoso.crm.dynamics.com",
}
GROUP = "mksync.systems"


def load(name: str) -> "Vendor":
    """The vendor that mksync.toml calls `name`. Raises ConfigError if there is none, or if it cannot be loaded."""
    if name == MARKETO or name in BUILT_IN_CRMS:
        return cast("Vendor", import_module(f"mksync.vendors.{name}").VENDOR)
    return _plugged_in(name)


def crms() -> tuple[str, ...]:
    """Every CRM there is: the built-in ones first, then those that other packages bring."""
    return (*BUILT_IN_CRMS, *sorted(_entry_points().keys() - {MARKETO, *BUILT_IN_CRMS}))


def unknown(name: str) -> ConfigError | None:
    """What is wrong with calling a CRM `name`, if anything. Loads nothing for a built-in one."""
    if name in BUILT_IN_CRMS:
        return None
    known = crms()
    if name in known:
        return None
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known)}"
    return ConfigError(f'there is no CRM called "{name}"', hint=hint)


def _plugged_in(name: str) -> "Vendor":
    if error := unknown(name):
        raise error
    point = _entry_points()[name]
    try:
        return cast("Vendor", point.load())
    except Exception as error:
        text = f'the system "{name}" ({point.value}) cannot be loaded: {type(error).__name__}: {error}'
        raise ConfigError(text, hint="install that package again, or ask its author") from error


def _entry_points() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points  # 27 ms, and needed for systems of other packages only

    return {point.name: point for point in entry_points(group=GROUP)}
