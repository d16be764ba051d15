"""`mksync.core.frozen.dataclass` makes what `dataclasses.dataclass` makes, later."""

import dataclasses
import pickle
import re
from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, asdict, astuple, field, fields, replace
from inspect import signature
from pathlib import Path
from threading import Barrier, Thread
from types import FunctionType
from typing import Any, ClassVar, Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core import frozen
from mksync.core.records import Ref

T = TypeVar("T")
MAKERS: dict[str, Callable[..., Any]] = {"ours": frozen.dataclass, "theirs": dataclasses.dataclass}


def point(made_by: Callable[..., Any]) -> Any:
    @made_by(frozen=True, slots=True)
    class Point:
        """A place."""

        kind: ClassVar[str] = "place"
        x: int
        y: float | None = None
        names: list[str] = field(default_factory=list)
        secret: str = field(default="", repr=False)
        note: str = field(default="", compare=False)

        def moved(self) -> Any:
            return replace(self, x=self.x + 1)  # type: ignore[type-var]

    return Point


OURS, THEIRS = point(frozen.dataclass), point(dataclasses.dataclass)
GIVEN = st.fixed_dictionaries(
    {"x": st.integers(0, 2)},
    optional={
        "y": st.sampled_from([None, 1.5]),
        "names": st.lists(st.just("a"), max_size=1),
        "secret": st.sampled_from(["", "s"]),
        "note": st.sampled_from(["", "n"]),
    },
)


@given(GIVEN, GIVEN)
def test_instances_look_and_compare_as_those_of_a_dataclass(one: dict[str, Any], other: dict[str, Any]) -> None:
    ours, theirs = OURS(**one), THEIRS(**one)
    assert repr(ours) == repr(theirs)
    assert (asdict(ours), astuple(ours)) == (asdict(theirs), astuple(theirs))
    assert asdict(replace(ours, **other)) == asdict(replace(theirs, **other))
    assert (ours == OURS(**other)) is (theirs == THEIRS(**other))
    assert ours != theirs


@pytest.mark.parametrize("maker", MAKERS)
def test_what_is_same_has_the_same_hash(maker: str) -> None:
    made = point(MAKERS[maker])
    assert len({made(1, names=(), note="a"), made(1, names=(), note="b"), made(2, names=())}) == 2
    assert hash(made(1, names=())) == hash((1, None, (), ""))


def test_the_class_shows_as_that_of_a_dataclass() -> None:
    assert [(one.name, one.type, one.default, one.compare) for one in fields(OURS)] == [
        (one.name, one.type, one.default, one.compare) for one in fields(THEIRS)
    ]
    assert list(signature(OURS).parameters) == list(signature(THEIRS).parameters)
    assert (OURS.__slots__, OURS.__match_args__) == (THEIRS.__slots__, THEIRS.__match_args__)
    assert (OURS.__doc__, OURS.kind, OURS.__qualname__) == (THEIRS.__doc__, THEIRS.kind, THEIRS.__qualname__)
    assert OURS(1).moved() == OURS(2)


@given(GIVEN)
def test_a_copy_is_the_same_and_has_values_of_its_own(one: dict[str, Any]) -> None:
    ours = OURS(**one)
    copied, deep = copy(ours), deepcopy(ours)
    assert copied == deep == ours
    assert (asdict(copied), asdict(deep)) == (asdict(ours), asdict(ours))
    assert copied.names is ours.names
    assert deep.names is not ours.names


def test_instances_can_be_pickled() -> None:
    ref = Ref("lead", "00Q")
    assert pickle.loads(pickle.dumps(ref)) == ref


@pytest.mark.parametrize("maker", MAKERS)
def test_nothing_of_an_instance_changes(maker: str) -> None:
    there = point(MAKERS[maker])(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        there.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del there.x
    assert there.x == 1


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("arguments", [(), (1, 2, [], "", "", 6)])
def test_too_few_and_too_many_arguments_are_refused(maker: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="__init__"):
        point(MAKERS[maker])(*arguments)


def test_each_instance_gets_a_default_of_its_own() -> None:
    one, other = OURS(1), OURS(1)
    one.names.append("a")
    assert other.names == []


def judged(made_by: Any) -> tuple[Any, Any, Any]:
    """A class, one that inherits from it, and one that inherits from that and is no dataclass."""

    @made_by(frozen=True, slots=True, kw_only=True)
    class Base(Generic[T]):
        counted: bool = True

    @made_by(frozen=True, slots=True)
    class Wait(Base[int]):
        seconds: float
        reason: str = "busy"

        def __repr__(self) -> str:
            return "waits"

    class Told(Wait):
        def __init__(self) -> None:
            super().__init__(2, counted=False)  # type: ignore[call-arg]

    return Base, Wait, Told


@pytest.mark.parametrize("maker", MAKERS)
def test_a_class_that_inherits_has_the_fields_of_both(maker: str) -> None:
    Base, Wait, Told = judged(MAKERS[maker])  # noqa: N806
    assert astuple(Wait(1, "limit", counted=False)) == (False, 1, "limit")
    assert astuple(Told()) == (False, 2, "busy")
    assert Wait(1) != Base()
    assert Base() == Base(counted=True)


@pytest.mark.parametrize("maker", MAKERS)
def test_methods_that_a_class_has_are_kept(maker: str) -> None:
    assert repr(judged(MAKERS[maker])[1](1)) == "waits"


def test_a_method_is_written_once_it_is_called() -> None:
    made = point(frozen.dataclass)
    written = ["__init__", "__repr__", "__eq__", "__hash__"]

    def there() -> list[str]:
        return [name for name in written if isinstance(vars(made)[name], FunctionType)]

    assert there() == []
    one = made(1)
    assert there() == ["__init__"]
    assert repr(one).endswith("Point(x=1, y=None, names=[], note='')")
    assert there() == ["__init__", "__repr__"]


def test_threads_that_meet_over_a_new_class_all_get_instances() -> None:
    for _ in range(20):
        made, together = point(frozen.dataclass), Barrier(4)
        found: list[Any] = []

        def make(made: Any = made, together: Barrier = together, found: list[Any] = found) -> None:
            together.wait()
            found.append(made(1))

        threads = [Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [made(1)] * 4


def test_what_it_does_not_make_is_refused() -> None:
    with pytest.raises(TypeError, match="frozen classes with slots"):
        frozen.dataclass(frozen=True, slots=False)
    with pytest.raises(TypeError, match="__post_init__"):

        @frozen.dataclass(frozen=True, slots=True)
        class Checked:
            x: int

            def __post_init__(self) -> None: ...


def test_every_frozen_class_of_the_program_is_made_so() -> None:
    package = Path(frozen.__file__).parents[1]
    made = [path for path in package.rglob("*.py") if "@dataclass(frozen=True, slots=True" in path.read_text()]
    theirs = [path for path in made if re.search("^from dataclasses import .*\\bdataclass\\b", path.read_text(), re.M)]
    assert len(made) > 100
    assert [str(path.relative_to(package)) for path in theirs if "sandbox" not in path.parts] == []
