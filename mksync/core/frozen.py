"""`dataclasses.dataclass` for frozen classes with slots, whose methods are written when they are first called.

To write them takes 0.4 ms a class, ten times what the rest of it takes. The program has 200 such classes, and a command
uses a few dozen: with all of their methods written at the start, that was a third of the time of `mksync status`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

Field = dataclasses.Field[Any]
Fields = tuple[Field, ...]

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """As `dataclasses.dataclass`."""
        if not (frozen and slots):
            raise TypeError("this makes frozen classes with slots; dataclasses.dataclass makes others")
        return partial(_made, kw_only=kw_only)


def _made(cls: type, *, kw_only: bool) -> type:
    if hasattr(cls, "__post_init__"):
        raise TypeError("this writes no __init__ that calls __post_init__; dataclasses.dataclass does")
    cls.__doc__ = cls.__doc__ or cls.__name__  # else `dataclasses` makes one up, at some cost
    given: dict[str, object] = {name: _Unwritten(text) for name, text in _TEXTS.items()}
    given |= dict.fromkeys(_CHANGES, _refused) | {"__setstate__": _restored}
    for name, method in given.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)
    return dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)


def _refused(_self: object, name: str, *value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _restored(self: object, state: tuple[None, Mapping[str, object]]) -> None:
    """Copying and unpickling set what `__setattr__` refuses."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


class _Unwritten:
    """Stands in a class for a method until it is asked for."""

    def __init__(self, text: Callable[[Fields], str]) -> None:
        self._text = text

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401 - a method of any kind
        fields = dataclasses.fields(self._owner)
        names: dict[str, Any] = {"_UNSET": _UNSET}
        for one in fields:
            slot = getattr(self._owner, one.name)  # to set it takes two thirds of what object.__setattr__ takes
            names |= {_set(one): slot.__set__, _default(one): one.default, _make(one): one.default_factory}
        exec(self._text(fields), names)  # noqa: S102 - as `dataclasses` does
        written = names[self._name]
        written.__qualname__ = f"{self._owner.__qualname__}.{self._name}"
        setattr(self._owner, self._name, written)
        return written.__get__(instance, owner)


_UNSET = object()


def _set(one: Field) -> str:
    return f"_set_{one.name}"


def _default(one: Field) -> str:
    return f"_default_{one.name}"


def _make(one: Field) -> str:
    return f"_make_{one.name}"


def _init(fields: Fields) -> str:
    assert all(one.init for one in fields), "dataclasses.dataclass makes classes with fields that are not given"
    by_name = [_parameter(one) for one in fields if one.kw_only]
    given = ["self", *(_parameter(one) for one in fields if not one.kw_only), *(["*", *by_name] if by_name else [])]
    first = f"def __init__({', '.join(given)}):"
    return "\n".join([first, *map(_assignment, fields), " pass"])


def _parameter(one: Field) -> str:
    if one.default is not dataclasses.MISSING:
        return f"{one.name}={_default(one)}"
    return one.name if one.default_factory is dataclasses.MISSING else f"{one.name}=_UNSET"


def _assignment(one: Field) -> str:
    if one.default_factory is dataclasses.MISSING:
        return f" {_set(one)}(self, {one.name})"
    return f" {_set(one)}(self, {_make(one)}() if {one.name} is _UNSET else {one.name})"


def _eq(fields: Fields) -> str:
    compared = f"{_values('self', fields)} == {_values('other', fields)}"
    return f"def __eq__(self, other):\n return {compared} if other.__class__ is self.__class__ else NotImplemented"


def _hash(fields: Fields) -> str:
    return f"def __hash__(self):\n return hash({_values('self', fields)})"


def _values(of: str, fields: Fields) -> str:
    """Those that are compared, as a tuple."""
    return f"({''.join(f'{of}.{one.name},' for one in fields if one.compare)})"


def _repr(fields: Fields) -> str:
    shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in fields if one.repr)
    return f"def __repr__(self):\n return f'{{self.__class__.__qualname__}}({shown})'"


_TEXTS = {"__init__": _init, "__eq__": _eq, "__hash__": _hash, "__repr__": _repr}
_CHANGES = ("__setattr__", "__delattr__")
