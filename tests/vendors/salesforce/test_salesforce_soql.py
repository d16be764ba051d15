"""Queries cannot be broken out of, and fit where they have to go."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mksync.errors import ConfigError
from mksync.vendors.salesforce import soql

# As the SOQL reference reads a string: what a backslash stands for, and nothing unescaped that could end it.
_TOKEN = re.compile(r"\\[nrtbf\"'\\]|[^\\'\"\n\r\t]", re.DOTALL)
_MEANING = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}

hostile = st.text(st.sampled_from("'\"\\nrtbf %_+&?\n\r\t\b\f()OR=;--\u2028é😀")) | st.text()


def understood(literal: str) -> str:
    """What Salesforce reads. Fails if the literal ends early or holds something that has to be escaped."""
    assert literal[0] == literal[-1] == "'"
    inside, at, text = literal[1:-1], 0, ""
    while at < len(inside):
        found = _TOKEN.match(inside, at)
        assert found, f"unescaped {inside[at]!r}"
        token = found[0]
        text += _MEANING.get(token[1], token[1]) if token[0] == "\\" else token
        at = found.end()
    return text


@given(hostile)
@example("' OR Name != '")
@example("\\")
@example("\\' OR Id != null OR Name = '")
def test_a_literal_stands_for_exactly_its_text(text: str) -> None:
    assert understood(soql.literal(text)) == text


@given(hostile.filter(soql.expressible))
def test_a_value_arrives_unchanged_through_the_address(text: str) -> None:
    query = soql.Query("Lead", ("Id",), (soql.one_of("Email", (soql.literal(text),)),))
    assert query.encoded.isascii()
    assert not set(query.encoded) & set("+&#? ")
    arrived = unquote(query.encoded, errors="strict")
    assert arrived.startswith("SELECT Id FROM Lead WHERE Email IN (")
    assert understood(arrived[len("SELECT Id FROM Lead WHERE Email IN (") : -1]) == text


@pytest.mark.parametrize("text", ["", "a\x00b", "\x1b[2J", "\ud800", "x" * 4_001, "é" * 700])
def test_what_no_record_can_hold_is_not_asked_for(text: str) -> None:
    assert not soql.expressible(text)


@pytest.mark.parametrize("name", ["", "Id FROM User", "Name'", "a b", "a,b", "1a", "Owner.", "Émail", "Id\n"])
def test_only_names_pass_for_names(name: str) -> None:
    with pytest.raises(ConfigError):
        soql.Query("Lead", ("Id", name)).text  # noqa: B018


def test_a_query_reads_as_written() -> None:
    query = soql.Query("Lead", ("Id", "Owner.Name"), ("A = 1", "B = 2"), ("SystemModstamp", "Id"))
    assert query.text == "SELECT Id, Owner.Name FROM Lead WHERE A = 1 AND B = 2 ORDER BY SystemModstamp, Id"


@given(st.lists(hostile.filter(soql.expressible), max_size=400))
@example(["x" * 1_000] * 50)
def test_chunks_ask_for_every_value_once_and_fit_an_address(values: list[str]) -> None:
    literals = [soql.literal(value) for value in values]
    asked: list[str] = []

    def build(some: object) -> soql.Query:
        assert isinstance(some, list | tuple)
        return soql.Query("Lead", ("Id",), (soql.one_of("Email", some),))

    for query in soql.chunks(literals, build):
        assert len(query.encoded) + 100 < 16_384
        asked += re.findall(r"'(?:\\.|[^'\\])*'", query.text, re.DOTALL)
    assert asked == literals


def test_many_values_take_few_queries() -> None:
    literals = [soql.literal(f"person{number:05}@example.com") for number in range(1_000)]
    queries = list(soql.chunks(literals, lambda some: soql.Query("Lead", ("Id",), (soql.one_of("Email", some),))))
    assert len(queries) == 3
