"""Rules of writing that hold for every object, over random writes to a shelf in memory."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.records import Field, FieldType, Outcome, Schema, Write
from mksync.vendors.marketo.client import BATCH
from mksync.vendors.marketo.errors import RequestRefused
from mksync.vendors.marketo.reader import Reader
from mksync.vendors.marketo.writes import LARGEST_BODY, Form, Payload, Result, Writer
from mksync.wire import jsontext

SCHEMA = Schema(
    "box",
    "Box",
    {name: Field(name, name, FieldType.TEXT) for name in ("id", "key", "text")},
    id="id",
    dedupe=("key",),
)
BAD = "bad"


class Shelf(Form):
    """Takes every write whose text is not bad, else refuses the record, or the whole batch."""

    single = frozenset({"718"})

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.held: dict[str, dict[str, object]] = {}
        self.sent: list[list[Payload]] = []

    @property
    def id(self) -> str:
        return "id"

    def takes(self, write: Write) -> bool:
        return write.id is None

    def payload(self, write: Write) -> Payload:
        return dict(write.values)

    def key(self, payload: Payload) -> str:
        return str(payload["key"])

    def send(self, payloads: Sequence[Payload]) -> Sequence[Result]:
        self.sent.append(list(payloads))
        if self.whole and any(payload["text"] == BAD for payload in payloads):
            raise RequestRefused("718", "somebody is not found")
        return [self._take(payload) for payload in payloads]

    def read(self, filter: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        assert filter == "id"
        yield from ({name: self.held[id].get(name) for name in fields} for id in values if id in self.held)

    def _take(self, payload: Payload) -> Result:
        if payload["text"] == BAD:
            return {"status": "skipped", "reasons": [{"code": "718", "message": "somebody is not found"}]}
        id = str(payload["key"]).casefold()
        status = "updated" if id in self.held else "created"
        self.held[id] = {**payload, "id": id}
        return {"status": status, "id": id}


def _written(shelf: Shelf, writes: Sequence[Write]) -> dict[int, Outcome]:
    outcomes = list(Writer(Reader(lambda: SCHEMA, shelf.read), [shelf]).write(writes, ["text"]))
    assert sorted(one.ref for one in outcomes) == [write.ref for write in writes], "one outcome each"
    return {one.ref: one for one in outcomes}


def _new(ref: int, key: str, text: str) -> Write:
    return Write(ref, "box", None, {"key": key, "text": text})


BOXES = st.lists(st.tuples(st.sampled_from("aAbBcCdDeEfF"), st.sampled_from(["x", "y", BAD])), max_size=20)


@given(boxes=BOXES, whole=st.booleans())
def test_only_what_is_bad_is_refused_and_the_rest_is_as_it_was_written_last(
    boxes: list[tuple[str, str]], whole: bool
) -> None:
    shelf = Shelf(whole=whole)
    outcomes = _written(shelf, [_new(ref, key, text) for ref, (key, text) in enumerate(boxes)])
    expected: dict[str, str] = {}
    for ref, (key, text) in enumerate(boxes):
        assert outcomes[ref].kind == ("refused" if text == BAD else "written")
        if text == BAD:
            continue
        assert outcomes[ref].created is (key.casefold() not in expected)
        record = outcomes[ref].record
        assert record is not None
        assert record.values == {"text": text}
        expected[key.casefold()] = text
    assert {id: one["text"] for id, one in shelf.held.items()} == expected


@given(boxes=BOXES)
def test_no_batch_holds_a_key_twice_and_keys_keep_their_order(boxes: list[tuple[str, str]]) -> None:
    shelf = Shelf(whole=False)
    _written(shelf, [_new(ref, key, text) for ref, (key, text) in enumerate(boxes)])
    for batch in shelf.sent:
        keys = [str(one["key"]).casefold() for one in batch]
        assert len(keys) == len(set(keys))
    assert [(one["key"], one["text"]) for batch in shelf.sent for one in batch] == boxes
    for earlier, later in pairwise(shelf.sent):  # no batch ends before it has to
        assert str(later[0]["key"]).casefold() in {str(one["key"]).casefold() for one in earlier}


@given(sizes=st.lists(st.integers(1, 400_000), max_size=12))
def test_no_body_is_larger_than_marketo_takes(sizes: list[int]) -> None:
    shelf = Shelf(whole=False)
    _written(shelf, [_new(ref, f"k{ref}", "t" * size) for ref, size in enumerate(sizes)])
    assert all(len(jsontext.dumps(batch)) <= LARGEST_BODY + 2 for batch in shelf.sent)


@pytest.mark.parametrize("bad", [0, 150, 299])
def test_one_bad_record_of_a_batch_costs_some_calls_more_not_hundreds(bad: int) -> None:
    shelf = Shelf(whole=True)
    _written(shelf, [_new(ref, f"k{ref}", BAD if ref == bad else "x") for ref in range(BATCH)])
    assert len(shelf.held) == BATCH - 1
    assert len(shelf.sent) <= 1 + 2 * 9  # 2**9 is above 300
