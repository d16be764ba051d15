"""Query options as text: both encodings, what belongs together, and where the error message points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.sandbox.dynamics.errors import ODataError
from mksync.sandbox.dynamics.odata import options, patterns
from mksync.sandbox.dynamics.odata.parser import Parser
from mksync.sandbox.dynamics.odata.tree import (
    Aggregate,
    Comparison,
    Condition,
    Function,
    Junction,
    Lambda,
    Literal_,
    Not,
    Path,
    TextTest,
)

GUID = "1a1a0000-0000-4000-8000-00000000000f"


def read_filter(text: str) -> Condition:
    return Parser(text).filter()


def refused(text: str) -> str:
    with pytest.raises(ODataError) as raised:
        read_filter(text)
    assert raised.value.status == 400
    return raised.value.message


def test_plus_percent_and_plain_spelling_of_a_query_string_mean_the_same() -> None:
    plain = options.read("$filter=firstname eq 'A B'&$select=firstname,lastname")
    encoded = options.read("%24filter=firstname+eq+%27A+B%27&%24select=firstname%2Clastname")
    percent = options.read("$filter=firstname%20eq%20'A%20B'&$select=firstname,lastname")
    assert plain == encoded == percent
    assert plain.select == ("firstname", "lastname")


def test_an_encoded_plus_stays_a_plus() -> None:
    condition = options.read("$filter=emailaddress1+eq+'a%2Bb@example.test'").filter
    assert isinstance(condition, Comparison)
    assert condition.right == Literal_("text", "a+b@example.test", 17)


def test_and_binds_stronger_than_or() -> None:
    condition = read_filter("a eq 1 or b eq 2 and c eq 3")
    assert isinstance(condition, Junction)
    assert condition.word == "or"
    assert isinstance(condition.terms[1], Junction)
    assert condition.terms[1].word == "and"


def test_parentheses_and_not_decide_what_belongs_together() -> None:
    condition = read_filter("not (a eq 1 or b eq 2) and c eq 3")
    assert isinstance(condition, Junction)
    assert condition.word == "and"
    assert isinstance(condition.terms[0], Not)
    assert isinstance(condition.terms[0].term, Junction)


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [
        ("'O''Brian'", "text", "O'Brian"),
        ("''", "text", ""),
        ("-12.5", "number", "-12.5"),
        ("12L", "number", "12"),
        ("true", "boolean", "true"),
        ("null", "null", "null"),
        (GUID.upper(), "guid", GUID),
        ("2026-03-04", "date", "2026-03-04"),
        ("2026-03-04T10:11:12Z", "datetime", "2026-03-04T10:11:12Z"),
        ("2026-03-04T10:11:12.5+02:00", "datetime", "2026-03-04T10:11:12.5+02:00"),
        ("Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'", "enum", "Picklist"),
    ],
)
def test_literals(written: str, kind: str, meant: str) -> None:
    condition = read_filter(f"x eq {written}")
    assert isinstance(condition, Comparison)
    assert isinstance(condition.right, Literal_)
    assert (condition.right.kind, condition.right.text) == (kind, meant)


def test_a_path_leads_through_single_valued_navigations() -> None:
    condition = read_filter("parentcustomerid_account/primarycontactid/fullname eq 'X'")
    assert isinstance(condition, Comparison)
    assert condition.left == Path(("parentcustomerid_account", "primarycontactid", "fullname"))


def test_a_boolean_column_alone_is_a_condition_and_a_test_may_be_compared_with_false() -> None:
    assert read_filter("donotemail") == Comparison(Path(("donotemail",)), "eq", Literal_("boolean", "true"))
    assert isinstance(read_filter("contains(a,'b') eq false"), Not)
    assert isinstance(read_filter("contains(a,'b') eq true"), TextTest)


def test_a_lambda_names_its_variable_and_any_may_be_empty() -> None:
    condition = read_filter("contact_customer_accounts/any(c:c/lastname eq 'X')")
    assert isinstance(condition, Lambda)
    assert (str(condition.path), condition.word, condition.variable) == ("contact_customer_accounts", "any", "c")
    empty = read_filter("contact_customer_accounts/any()")
    assert isinstance(empty, Lambda)
    assert empty.condition is None


def test_functions_take_arrays_in_either_quotes_and_by_alias() -> None:
    text = "Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=[\"O'Brian\",'x'])"
    expected = ("In", ("lastname",), ("O'Brian", "x"))
    direct = read_filter(text)
    aliased = options.read(
        "$filter=Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)&@p1='lastname'&@p2=[\"O'Brian\",'x']"
    ).filter
    for found in (direct, aliased):
        assert isinstance(found, Function)
        assert (found.name, found.property.parts, found.values) == expected


def test_a_parameter_alias_stands_for_its_literal_in_a_filter() -> None:
    condition = options.read("$filter=sdkmessageid/name eq @m and t eq @t&@m='CreateMultiple'&@t='lead'").filter
    assert isinstance(condition, Junction)
    assert [term.right.text for term in condition.terms if isinstance(term, Comparison)] == [  # type: ignore[union-attr]
        "CreateMultiple",
        "lead",
    ]


def test_a_parameter_alias_stands_for_a_column_in_an_order() -> None:
    (order,) = options.read("$orderby=@c desc&@c=parentaccountid/name").order
    assert (str(order.by), order.descending) == ("parentaccountid/name", True)


def test_aliases_mean_nothing_inside_an_expansion() -> None:
    (item,) = options.read("$expand=a($filter=b eq @p)&@p='x'").expand
    assert isinstance(item.options.filter, Comparison)
    assert item.options.filter.right == Literal_("null", "null")


def test_expanded_properties_have_options_of_their_own() -> None:
    first, second = options.read(
        "$expand=a($select=x,y;$filter=z eq ')';$orderby=x desc;$top=2;$expand=b($select=c)),d/$ref"
    ).expand
    assert (first.name, first.options.select, first.options.top) == ("a", ("x", "y"), 2)
    assert isinstance(first.options.filter, Comparison)
    assert [item.name for item in first.options.expand] == ["b"]
    assert first.options.order[0].descending
    assert (second.name, second.reference) == ("d", True)


def test_aggregates_are_read() -> None:
    apply = options.read("$apply=filter(a eq 1)/groupby((b,c/d),aggregate(e with sum as s,$count as n))").apply
    assert apply is not None
    assert [str(path) for path in apply.group] == ["b", "c/d"]
    total, number = apply.aggregates
    assert (str(total.path), total.method, total.alias) == ("e", "sum", "s")
    assert number == Aggregate(None, "count", "n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("firstname eq 'x", "There is an unterminated string literal at position 13 in 'firstname eq 'x'."),
        ("a eq", "Expression expected at position 4 in 'a eq'."),
        ("a in (1,2)", "Syntax error at position 2 in 'a in (1,2)'."),
        ("a eq 1 b", "Syntax error at position 7 in 'a eq 1 b'."),
        ("(a eq 1", "')' expected at position 7 in '(a eq 1'."),
        ("a add 1 eq 2", "Syntax error at position 2 in 'a add 1 eq 2'."),
        ("a eq 1 and", "Expression expected at position 10 in 'a eq 1 and'."),
        ("a eq #", "Syntax error at position 5 in 'a eq #'."),
    ],
)
def test_a_syntax_error_says_where(text: str, message: str) -> None:
    assert refused(text) == message


def test_functions_of_other_odata_services_are_unknown() -> None:
    assert "unknown function with name 'tolower'" in refused("tolower(a) eq 'x'")


def test_apostrophes_in_a_single_quoted_array_are_told_as_the_service_tells_them() -> None:
    message = refused("Microsoft.Dynamics.CRM.In(PropertyName='a',PropertyValues=['O' 'x'])")
    assert message.startswith("Invalid JSON. A comma character ',' was expected in scope 'Array'.")


def test_too_deep_a_filter_is_refused_and_not_a_crash() -> None:
    assert "nested too deeply" in refused("(" * 20_000 + "a eq 1" + ")" * 20_000)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("$skip=5", "Skip Clause is not supported in CRM"),
        ("$search=x", "The query parameter $search is not supported."),
        ("$format=json", "The query parameter $format is not supported."),
        ("$compute=x", "The query parameter $compute is not supported."),
        ("$top=-1", "Invalid value '-1' for $top query option found. "),
        ("$count=yes", "Invalid value 'yes' for $count query option found. "),
        ("$top=1&%24top=2", "Query option '$top' was specified more than once"),
    ],
)
def test_options_that_dataverse_has_not_are_refused(query: str, message: str) -> None:
    with pytest.raises(ODataError) as raised:
        options.read(query)
    assert raised.value.status == 400
    assert raised.value.message.startswith(message)


def test_options_without_a_dollar_do_not_matter_to_the_query() -> None:
    assert options.read("tag=mksync&$select=a").custom == {"tag": "mksync"}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_survives_quoting(text: str) -> None:
    condition = read_filter("x eq '" + text.replace("'", "''") + "'")
    assert isinstance(condition, Comparison)
    assert isinstance(condition.right, Literal_)
    assert condition.right.text == text


@given(st.text("ab eqandornotin'()/,:0123456789-@$[]\";=.", max_size=40))
def test_whatever_is_written_is_read_or_refused_with_400(text: str) -> None:
    statuses = []
    for option in ("$filter", "$expand", "$orderby", "$apply"):
        try:
            options.read(f"{option}={text}")
        except ODataError as error:
            statuses.append(error.status)
    assert set(statuses) <= {400}


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("a%", ["a", "Abc"], ["ba"]),
        ("a_c", ["abc", "AXC"], ["ac", "abbc"]),
        ("[a-c]x", ["ax", "CX"], ["dx", "-x"]),
        ("[^a]x", ["bx"], ["ax", "AX"]),
        ("50[%]", ["50%"], ["500"]),
        ("a[b", ["a[b"], ["ab"]),
        ("%\n%", ["x\ny"], ["xy"]),
        ("É%", ["éa"], ["ea"]),
    ],
)
def test_wildcards_are_those_of_sql_server(pattern: str, fitting: list[str], other: list[str]) -> None:
    assert [text for text in fitting + other if patterns.like(text, pattern)] == fitting
