"""What is a statement and what is not, and where the error message points."""

import pytest

from mksync.sandbox.salesforce.errors import ApiError
from mksync.sandbox.salesforce.soql.lexer import like_pattern, unescape
from mksync.sandbox.salesforce.soql.parser import parse
from mksync.sandbox.salesforce.soql.tree import Comparison, Junction, Not, Order, Path, Selected


def test_every_clause_of_a_statement_is_read() -> None:
    query = parse(
        "SELECT Id, Owner.Name FROM Lead l WHERE l.Email != null ORDER BY SystemModstamp DESC NULLS LAST, Id "
        "LIMIT 5 OFFSET 3"
    )
    assert [str(item.what) for item in query.select if isinstance(item, Selected)] == ["Id", "Owner.Name"]
    assert (str(query.source), query.alias, query.limit, query.offset) == ("Lead", "l", 5, 3)
    assert isinstance(query.where, Comparison)
    assert [(str(o.by), o.descending, o.nulls_last) for o in query.order] == [
        ("SystemModstamp", True, True),
        ("Id", False, None),
    ]
    assert all(isinstance(o, Order) for o in query.order)


def test_keywords_are_read_in_any_case_and_across_lines() -> None:
    query = parse("select id\nfrom lead\nwhere not (lastname = 'x' or email = null)\nlimit 1")
    assert isinstance(query.where, Not)
    assert isinstance(query.where.term, Junction)
    assert query.where.term.word == "OR"


def test_parentheses_decide_what_belongs_together() -> None:
    where = parse("SELECT Id FROM Lead WHERE A = 1 AND (B = 2 OR C = 3)").where
    assert isinstance(where, Junction)
    assert where.word == "AND"
    assert isinstance(where.terms[1], Junction)
    assert where.terms[1].word == "OR"


@pytest.mark.parametrize(
    ("statement", "column", "token"),
    [
        ("SELECT Id FORM Lead", 16, "Lead"),
        ("SELECT FROM Lead", 8, "FROM"),
        ("SELECT Id FROM Lead WHERE", 26, "<EOF>"),
        ("SELECT Id FROM Lead WHERE A = 1 AND B = 2 OR C = 3", 43, "OR"),
        ("SELECT Id FROM Lead WHERE A = 1 OR B = 2 AND C = 3", 42, "AND"),
        ("SELECT Id FROM Lead WHERE A 1", 29, "1"),
        ("SELECT Id FROM Lead WHERE A IN ()", 33, ")"),
        ("SELECT Id FROM Lead LIMIT x", 27, "x"),
        ("SELECT Id FROM Lead LIMIT -1", 27, "-1"),
        ("SELECT Id FROM Lead ALL ROWS", 21, "ALL"),
        ("SELECT Id FROM Lead; DROP", 20, None),
        ("SELECT Id FROM Lead WHERE Name = 'it's'", 39, None),
        ("DELETE FROM Lead", 1, "DELETE"),
    ],
)
def test_a_syntax_error_names_the_token_and_its_place(statement: str, column: int, token: str | None) -> None:
    with pytest.raises(ApiError) as raised:
        parse(statement)
    (complaint,) = raised.value.complaints
    assert complaint.code == "MALFORMED_QUERY"
    assert f"ERROR at Row:1:Column:{column}\n" in complaint.message
    assert token is None or complaint.message.endswith(f"unexpected token: '{token}'")


def test_the_caret_stands_below_the_place_and_lines_are_counted() -> None:
    with pytest.raises(ApiError) as raised:
        parse("SELECT Id\nFROM Lead\nWHERE A ! 1")
    _, excerpt, caret, place, _ = raised.value.complaints[0].message.split("\n")
    assert excerpt[caret.index("^")] == "!"
    assert place == "ERROR at Row:3:Column:9"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"O\'Brien", "O'Brien"),
        (r"a\\b", "a\\b"),
        (r"line\nline\ttab\r\f\b", "line\nline\ttab\r\f\b"),
        (r"say \"hi\"", 'say "hi"'),
        ("Łukasz 🚀", "Łukasz 🚀"),
    ],
)
def test_escapes_in_quoted_strings(written: str, meant: str) -> None:
    assert unescape(written) == meant


@pytest.mark.parametrize(
    ("written", "pattern"),
    [("a%", "a%"), (r"100\%", r"100\%"), (r"a\_b", r"a\_b"), (r"a\\b", r"a\\b"), (r"O\'%", "O'%")],
)
def test_wildcards_keep_their_meaning_unless_escaped(written: str, pattern: str) -> None:
    assert like_pattern(written) == pattern


@pytest.mark.parametrize("bad", [r"\q", r"\x41", r"\u0041", r"\0"])
def test_an_unknown_escape_is_refused(bad: str) -> None:
    with pytest.raises(ApiError, match="Illegal character sequence"):
        parse(f"SELECT Id FROM Lead WHERE Name = '{bad}'")


def test_too_long_statements_and_strings_are_refused() -> None:
    with pytest.raises(ApiError, match="100000"):
        parse("SELECT Id FROM Lead WHERE Name = 'x'" + " " * 100_000)
    with pytest.raises(ApiError, match="4000"):
        parse(f"SELECT Id FROM Lead WHERE Name = '{'x' * 4001}'")


def test_a_path_keeps_its_parts() -> None:
    (item,) = parse("SELECT Account.Owner.Name FROM Contact").select
    assert isinstance(item, Selected)
    assert item.what == Path(("Account", "Owner", "Name"), 7)
