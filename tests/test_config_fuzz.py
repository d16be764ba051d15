"""Whatever stands in the project's files, reading them ends in a configuration or in an error that names the file."""

import copy
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mksync
from mksync import selection
from mksync.config import load_config
from mksync.core.records import Side
from mksync.errors import ConfigError

SAMPLES = Path(mksync.__file__).parent.parent / "sample-configs"
TEXTS = st.sampled_from(["", " ", "x", "http://127.0.0.1:1", "https://example.com/a?b#c", "\x00", "é\u202e", "9" * 300])
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.dates(), st.datetimes()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)
SELECTION = {
    "lead": [{"marketo": "title", "crm": "Title", "direction": "both", "values": {"a": "1"}, "truncate": True}]
}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of a document, by what holds it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


def complaint(read: Callable[[], object]) -> str | None:
    """What is said of a file that cannot be used; None of one that can."""
    try:
        read()
    except ConfigError as error:
        return error.message
    return None


@st.composite
def spoilt(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with one value that is another, missing, or beside one nobody knows."""
    document = copy.deepcopy(document)
    holder, key = draw(st.sampled_from(list(places(document))))
    match draw(st.sampled_from(["other", "missing", "more"])):
        case "other":
            holder[key] = draw(VALUES)
        case "missing":
            del holder[key]
        case _ if isinstance(holder, dict):
            holder[draw(TEXTS)] = draw(VALUES)
    return document


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.toml")), ids=lambda path: path.stem)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_spoilt_configuration_is_an_error_of_ours(sample: Path, data: st.DataObject, tmp_path: Path) -> None:
    document = data.draw(spoilt(tomllib.loads(sample.read_text())))
    path = tmp_path / "mksync.toml"
    path.write_text(tomli_w.dumps(document), encoding="utf-8")
    told = complaint(lambda: [load_config(path).settings(side) for side in Side])
    assert told is None or str(path) in told


@given(text=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_configuration_of_any_text_is_an_error_of_ours(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mksync.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError):
        load_config(path)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_spoilt_selection_is_an_error_of_ours(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "mksync.fields.toml"
    path.write_text(tomli_w.dumps(data.draw(spoilt(SELECTION))), encoding="utf-8")
    told = complaint(lambda: selection.load(path))
    assert told is None or str(path) in told
