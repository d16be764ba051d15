"""Whatever is asked, the compiled query finds the rows that a plain reading of the condition finds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mksync.sandbox.dynamics.errors import ODataError
from tests.sandbox.dynamics.rows import Asked

TEXTS = (None, "Ada", "ada ", "ADAM", "Éva", "éva", "O'Brian", "a b", "Zoë", "b+c&d")
NUMBERS = (None, 0, 3, 250)
FLAGS = (None, 0, 1)
STAMPS = (None, "2026-03-01T00:00:00Z", "2026-03-04T10:11:12Z")
AMOUNTS = (None, 0.0, 1200.5)
ACCOUNTS = (None, "Acme", "acme corp", "Zeta")

Row = dict[str, Any]
Test = Callable[[Row], bool]


def fold(text: str) -> str:
    return text.rstrip(" ").casefold()


@dataclass(frozen=True)
class World:
    asked: Asked
    rows: list[Row]  # in the order of creation


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    asked, rows = Asked(), list[Row]()
    accounts = {name: None if name is None else asked.add("account", name=name) for name in ACCOUNTS}
    for text, number, flag, stamp, amount, account in list(product(TEXTS, NUMBERS, FLAGS, STAMPS, AMOUNTS, ACCOUNTS))[
        ::37
    ]:
        row: Row = {
            "firstname": text,
            "lastname": TEXTS[len(rows) * 7 % len(TEXTS)],
            "numberofemployees": number,
            "donotemail": flag,
            "modifiedon": stamp,
            "estimatedamount": amount,
            "parentaccountid": accounts[account],
        }
        rows.append({**row, "leadid": asked.add("lead", **row), "account": account})
    yield World(asked, rows)
    asked.org.store.close()


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


def compared(name: str, written: str, operator: str, value: Any, spelt: str) -> tuple[str, Test]:
    """`written` is the property, `name` the key of the row, `spelt` the literal."""

    def key(found: Any) -> Any:
        return fold(found) if isinstance(found, str) else found

    def test(row: Row) -> bool:
        held = row[name]
        if operator in ("eq", "ne"):
            same = held is None if value is None else held is not None and key(held) == key(value)
            return same == (operator == "eq")
        return held is not None and value is not None and ORDER[operator](key(held), key(value))

    return f"{written} {operator} {spelt}", test


def searched(function: str, name: str, part: str) -> tuple[str, Test]:
    how: dict[str, Callable[[str, str], bool]] = {
        "contains": lambda text, part: part in text,
        "startswith": str.startswith,
        "endswith": str.endswith,
    }

    def test(row: Row) -> bool:
        held = row[name]
        return held is not None and how[function](held.casefold(), part.casefold())

    return f"{function}({name},{quoted(part)})", test


OPERATORS = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
SAYABLE = [text for text in TEXTS if text is not None]


@st.composite
def leaves(draw: st.DrawFn) -> tuple[str, Test]:
    operator = draw(OPERATORS)
    kind = draw(st.sampled_from(["text", "number", "flag", "stamp", "amount", "account", "part", "column", "in"]))
    if kind == "text":
        text = draw(st.sampled_from(TEXTS))
        return compared("firstname", "firstname", operator, text, "null" if text is None else quoted(text))
    if kind == "number":
        number = draw(st.sampled_from([*NUMBERS, 2, 1000]))
        return compared("numberofemployees", "numberofemployees", operator, number, _spelt(number))
    if kind == "flag":
        flag = draw(st.sampled_from(FLAGS))
        return compared("donotemail", "donotemail", operator, flag, "null" if flag is None else str(bool(flag)).lower())
    if kind == "stamp":
        stamp = draw(st.sampled_from(STAMPS))
        return compared("modifiedon", "modifiedon", operator, stamp, stamp or "null")
    if kind == "amount":
        amount = draw(st.sampled_from([*AMOUNTS, 7.25]))
        return compared("estimatedamount", "estimatedamount", operator, amount, _spelt(amount))
    if kind == "account":
        name = draw(st.sampled_from(ACCOUNTS))
        spelt = "null" if name is None else quoted(name)
        return compared("account", "parentaccountid/name", operator, name, spelt)
    if kind == "part":
        part = draw(st.sampled_from(["a", "A", " ", "é", "'", "da", "zoë"]))
        return searched(draw(st.sampled_from(["contains", "startswith", "endswith"])), "firstname", part)
    if kind == "in":
        chosen = draw(st.lists(st.sampled_from(SAYABLE), min_size=1, max_size=3))
        listed = ",".join(f'"{text}"' for text in chosen)
        wanted = {fold(text) for text in chosen}
        text = f"Microsoft.Dynamics.CRM.In(PropertyName='firstname',PropertyValues=[{listed}])"
        return text, lambda row: row["firstname"] is not None and fold(row["firstname"]) in wanted
    return (
        "firstname eq lastname",
        lambda row: (
            row["firstname"] is not None
            and row["lastname"] is not None
            and fold(row["firstname"]) == fold(row["lastname"])
        ),
    )


def _spelt(number: float | None) -> str:
    return "null" if number is None else str(number)


def _joined(parts: list[tuple[str, Test]], word: str) -> tuple[str, Test]:
    tests = [test for _, test in parts]
    judge = all if word == "and" else any
    return f" {word} ".join(f"({text})" for text, _ in parts), lambda row: judge(test(row) for test in tests)


def _negated(part: tuple[str, Test]) -> tuple[str, Test]:
    return f"not ({part[0]})", lambda row: not part[1](row)


CONDITIONS = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(_negated),
        st.tuples(st.lists(inner, min_size=2, max_size=3), st.sampled_from(["and", "or"])).map(lambda p: _joined(*p)),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_a_filter_finds_what_it_says(world: World, condition: tuple[str, Test]) -> None:
    text, test = condition
    expected = [row["leadid"] for row in world.rows if test(row)]
    body = world.asked.get("leads", f"$select=leadid&$filter={quote(text)}").body
    assert [record["leadid"] for record in body["value"]] == expected


SORTABLE = ["numberofemployees", "donotemail", "modifiedon", "estimatedamount"]
ORDERS = st.lists(st.tuples(st.sampled_from(SORTABLE), st.booleans()), max_size=3, unique_by=lambda pair: pair[0])


@given(ORDERS, st.sampled_from([3, 7, 50, 5_000]))
def test_pages_hold_every_row_once_and_in_order(world: World, order: list[tuple[str, bool]], size: int) -> None:
    expected = list(world.rows)
    for name, descending in reversed(order):
        # What is empty is lowest, as in SQL Server.
        expected.sort(key=lambda row: (row[name] is not None, row[name] or 0), reverse=descending)
    text = "$select=leadid"
    if order:
        text += "&$orderby=" + ",".join(f"{name} {'desc' if descending else 'asc'}" for name, descending in order)
    found = [record["leadid"] for record in world.asked.pages("leads", text, size)]
    assert found == [row["leadid"] for row in expected]


@given(CONDITIONS)
def test_any_and_all_on_the_far_side_agree_with_the_condition_on_the_near_side(
    world: World, condition: tuple[str, Test]
) -> None:
    text, test = condition
    inside = text.replace("parentaccountid/", "l/parentaccountid/")
    for name in (*SORTABLE, "firstname", "lastname"):
        inside = re.sub(rf"(?<![\w'/]){name}(?!')", f"l/{name}", inside)
    if "PropertyName" in inside:
        return  # functions know no variables
    holders = {row["account"] for row in world.rows if test(row)} - {None}
    keepers = {name for name in ACCOUNTS if all(test(row) for row in world.rows if row["account"] == name)} - {None}
    for word, expected in (("any", holders), ("all", keepers)):
        query = f"$select=name&$filter={quote(f'lead_parent_account/{word}(l:{inside})')}"
        assert {record["name"] for record in world.asked.get("accounts", query).body["value"]} == expected


PROPERTIES = st.sampled_from(
    [
        "firstname",
        "leadid",
        "_ownerid_value",
        "ownerid/ownerid",
        "parentaccountid/name",
        "statecode",
        "donotemail",
        "estimatedamount",
        "modifiedon",
        "estimatedclosedate",
        "versionnumber",
        "nope",
        "owneridtype",
    ]
)
LITERALS = st.one_of(
    st.sampled_from(
        [
            "null",
            "true",
            "'x'",
            "'[a-'",
            "''",
            "1",
            "-1.5",
            "99999999999999999999",
            "1e400",
            "2026-03-04",
            "2026-02-30",
            "0001-01-01T00:00:00%2B14:00",
            "9999-12-31T23:59:59-14:00",
            "1a1a0000-0000-4000-8000-000000000001",
            "firstname",
            "statecode",
        ]
    ),
    st.text("a%_[]^-\\'é\x00", max_size=8).map(lambda text: quote(quoted(text))),
)
FUNCTIONS = st.sampled_from(
    [
        "In",
        "Between",
        "ContainValues",
        "LastXDays",
        "NextXYears",
        "OlderThanXMonths",
        "On",
        "Today",
        "EqualUserId",
        "Nope",
    ]
)


@st.composite
def anything(draw: st.DrawFn) -> str:
    """A condition that a parser can read, sensible or not."""
    property, literal = draw(PROPERTIES), draw(LITERALS)
    form = draw(st.sampled_from(["compare", "test", "function", "any"]))
    if form == "compare":
        return f"{property} {draw(OPERATORS)} {literal}"
    if form == "test":
        return f"{draw(st.sampled_from(['contains', 'startswith', 'endswith']))}({property},{literal})"
    if form == "any":
        return f"{property}/any(x:x/{property} eq {literal})"
    values = ",".join(draw(st.lists(LITERALS.filter(lambda text: text not in ("firstname", "statecode")), max_size=2)))
    return f"Microsoft.Dynamics.CRM.{draw(FUNCTIONS)}(PropertyName='{property}',PropertyValues=[{values}])"


@settings(max_examples=400)
@given(anything(), PROPERTIES)
def test_whatever_is_asked_is_answered_or_refused_with_400(world: World, condition: str, order: str) -> None:
    try:
        status = world.asked.get("leads", f"$select=leadid&$filter={condition}&$orderby={order}").status
    except ODataError as refusal:
        status = refusal.status
    assert status in (200, 400)
