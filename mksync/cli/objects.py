"""Objects as people call them: Marketo says person and lead for the same thing, so both words are taken everywhere."""

from collections.abc import Iterable

from mksync.errors import ConfigError

OBJECT = "lead (also: person), contact, account, user, opportunity, …"
ALSO = {"person": "lead", "people": "lead", "persons": "lead", "leads": "lead", "contacts": "contact"}


def named(asked: str, known: Iterable[str]) -> str:
    """The object that is meant, one of `known`. Raises ConfigError."""
    names = tuple(known)
    object = find(asked, names)
    if object is None:
        raise ConfigError(f"--object {asked}: there is no such object", hint=f"one of {', '.join(names)}")
    return object


def chosen(asked: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The objects that are meant, each once, in the order of `known`. Raises ConfigError."""
    names = tuple(known)
    meant = {named(one, names) for one in asked}
    return tuple(object for object in names if object in meant)


def find(asked: str, known: Iterable[str]) -> str | None:
    """The same; None if it is none of them."""
    word = asked.strip().casefold()
    return {name.casefold(): name for name in known}.get(ALSO.get(word, word))
