"""`$filter`: who is found, and which comparisons are refused."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mksync.sandbox.dynamics import query
from mksync.sandbox.dynamics.call import User
from mksync.sandbox.dynamics.errors import ODataError
from tests.sandbox.dynamics.rows import SYSTEM, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.org.store.close()


def test_strings_compare_without_case_and_trailing_blanks(world: World) -> None:
    assert world.ids("firstname eq 'ADA  '") == [world.first]


def test_ne_finds_the_empty_ones_too_unless_switched(world: World) -> None:
    assert world.ids("firstname ne 'Ada'") == [world.second, world.third]
    other = World("ne_skips_null")
    assert other.ids("firstname ne 'Ada'") == [other.second]


def test_wildcards_count_in_contains_and_by_switch_in_eq(world: World) -> None:
    assert world.ids("contains(emailaddress1,'a_a%25test')") == [world.first]
    assert world.ids("startswith(lastname,'100[%25]')") == [world.third]
    assert world.ids("emailaddress1 eq 'ada_example.test'") == []
    other = World("eq_wildcards")
    assert other.ids("emailaddress1 eq 'ada_example.test'") == [other.first]


def test_trailing_blanks_count_by_switch() -> None:
    other = World("trailing_blanks_count")
    assert other.ids("firstname eq 'ADA '") == []
    assert other.ids("firstname eq 'ADA'") == [other.first]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("_parentcustomerid_value eq {acme}", ["Ann", "Bob"]),
        ("_parentcustomerid_value eq '{acme}'", ["Ann", "Bob"]),
        ("parentcustomerid_account/name eq 'acme'", ["Ann", "Bob"]),
        ("parentcustomerid_contact/fullname eq 'Ann'", ["Cid"]),
        ("parentcustomerid_contact/parentcustomerid_account/name eq 'Acme'", ["Cid"]),
        ("parentcustomerid_account/name eq null", ["Cid"]),
        ("firstname eq fullname and firstname gt 'b'", ["Bob", "Cid"]),
    ],
)
def test_paths_lead_through_lookups_of_the_right_kind(world: World, condition: str, names: list[str]) -> None:
    found = world.found("contacts", f"$select=fullname&$filter={condition.format(acme=world.acme)}")
    assert [record["fullname"] for record in found] == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("contact_customer_accounts/any(c:c/firstname eq 'bob')", ["Acme"]),
        ("contact_customer_accounts/any()", ["Acme"]),
        ("not contact_customer_accounts/any()", ["Zeta"]),
        ("contact_customer_accounts/all(c:c/firstname ne 'Ann')", ["Zeta"]),
        ("contact_customer_accounts/any(c:c/firstname eq 'Ann' or c/parentcustomerid_account/name eq 'x')", ["Acme"]),
    ],
)
def test_lambdas_look_at_the_rows_of_a_collection(world: World, condition: str, names: list[str]) -> None:
    found = world.found("accounts", f"$select=name&$filter={condition}")
    assert [record["name"] for record in found] == names


FUNCTION = "Microsoft.Dynamics.CRM.{}(PropertyName='{}'{})"


@pytest.mark.parametrize(
    ("function", "property", "values", "found"),
    [
        ("In", "firstname", ",PropertyValues=['ada','x']", ["first"]),
        ("NotIn", "firstname", ",PropertyValues=['ada','x']", ["second", "third"]),
        ("In", "statecode", ',PropertyValues=["1"]', ["second"]),
        ("Between", "numberofemployees", ',PropertyValues=["5","12000"]', ["first"]),
        ("NotBetween", "numberofemployees", ',PropertyValues=["5","12000"]', ["second", "third"]),
        ("On", "modifiedon", ",PropertyValue='2026-03-04'", ["first"]),
        ("OnOrAfter", "modifiedon", ",PropertyValue='2026-03-05'", ["third"]),
        ("OnOrBefore", "estimatedclosedate", ",PropertyValue='2026-03-04'", ["first"]),
        ("NextXDays", "modifiedon", ",PropertyValue=2", ["first"]),
        ("NextXDays", "modifiedon", ",PropertyValue=3", ["first", "third"]),
        ("Next7Days", "modifiedon", "", ["first", "third"]),
        ("ThisWeek", "modifiedon", "", ["first", "third"]),
        ("LastMonth", "modifiedon", "", []),
        ("ThisMonth", "modifiedon", "", ["first", "third"]),
        ("Tomorrow", "modifiedon", "", []),
        ("OlderThanXMinutes", "modifiedon", ",PropertyValue=1", []),
    ],
)
def test_functions_of_dataverse(world: World, function: str, property: str, values: str, found: list[str]) -> None:
    condition = FUNCTION.format(function, property, values)
    assert world.ids(condition) == [getattr(world, name) for name in found]


def test_a_thousand_ids_can_be_asked_for_at_once(world: World) -> None:
    ids = [f"ffff{number:04x}-0000-4000-8000-000000000001" for number in range(1_000)] + [world.second]
    values = ",".join(f"'{id}'" for id in ids)
    assert world.ids(FUNCTION.format("In", "leadid", f",PropertyValues=[{values}]")) == [world.second]


def test_the_caller_is_known_to_functions(world: World) -> None:
    caller = User(world.user, system=True)
    condition = FUNCTION.format("EqualUserId", "ownerid", "")
    call = replace(world.call("leads", f"$select=leadid&$filter={condition}"), user=caller)

    assert [record["leadid"] for record in query.answer(world.org, call).body["value"]] == [world.second]


def test_chosen_values_of_a_multiple_choice() -> None:
    world = World()
    lead = world.org.catalogue.named("lead")
    multi = next(column for column in lead.columns.values() if column.kind == "MultiSelectPicklistType")
    one, two, *_ = (option.value for option in multi.options)
    both, single = (world.add("lead", **{multi.name: text}) for text in (f"{one},{two}", f"{two}"))
    contains = FUNCTION.format("ContainValues", multi.name, f",PropertyValues=['{one}']")
    assert world.ids(contains) == [both]
    assert set(world.ids(contains.replace("ContainValues", "DoesNotContainValues"))) >= {single, world.first}
    assert world.ids(f"{multi.name} eq '{two}, {one}'") == [both]


def test_instants_may_be_written_with_offsets_and_fractions(world: World) -> None:
    assert world.ids("modifiedon eq 2026-03-04T12:11:12%2B02:00") == [world.first]
    assert world.ids("modifiedon gt 2026-03-04T10:11:11.5Z and modifiedon lt 2026-03-04T10:11:12.5Z") == [world.first]
    assert world.ids("modifiedon eq 2026-03-04T10:11:12.5Z") == []
    assert world.ids("modifiedon ge 2026-03-05") == [world.third]


@pytest.mark.parametrize(
    ("condition", "left", "right"),
    [
        ("firstname eq 3", "Edm.String", "Edm.Int32"),
        ("leadsourcecode eq 'Web'", "Edm.Int32", "Edm.String"),
        ("donotemail eq 1", "Edm.Boolean", "Edm.Int32"),
        ("modifiedon gt 'x'", "Edm.DateTimeOffset", "Edm.String"),
        ("estimatedclosedate eq 2026-03-04T00:00:00Z", "Edm.Date", "Edm.DateTimeOffset"),
        ("_ownerid_value eq 'x'", "Edm.Guid", "Edm.String"),
        ("firstname eq numberofemployees", "Edm.String", "Edm.Int32"),
    ],
)
def test_types_must_go_together(world: World, condition: str, left: str, right: str) -> None:
    status, code, message = world.refusal("leads", f"$filter={condition}")
    assert (status, code) == (400, "0x80060888")
    assert f"Found operand types '{left}' and '{right}'" in message


def test_text_functions_are_for_text(world: World) -> None:
    assert (
        "No function signature for the function with name 'contains'"
        in world.refusal("leads", "$filter=contains(numberofemployees,'1')")[2]
    )


class Secured(World):
    """The e-mail address of leads is secured, and `reader` may read leads but not it."""

    def __init__(self, *quirks: str) -> None:
        super().__init__(*quirks)
        lead = self.org.catalogue.named("lead")
        self.org.catalogue.put_column("lead", replace(lead.columns["emailaddress1"], secured=True))
        self.org.access.grant("r", "lead", ("Read",))
        self.org.rows.insert("systemuserroles", {"systemuserid": self.user, "roleid": "r"})
        self.reader = User(self.user)

    def asked_by(self, user: User, text: str) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = query.answer(self.org, replace(self.call("leads", text), user=user)).body["value"]
        return value


def test_a_hidden_column_reads_as_null_and_fits_no_condition() -> None:
    world = Secured()
    text = "$select=emailaddress1,firstname&$filter=firstname eq 'Ada'"
    assert world.asked_by(SYSTEM, text)[0]["emailaddress1"] == "ada@example.test"
    assert world.asked_by(world.reader, text)[0]["emailaddress1"] is None
    condition = "$filter=startswith(emailaddress1,'ada')"
    assert len(world.asked_by(SYSTEM, condition)) == 1
    assert world.asked_by(world.reader, condition) == []


@pytest.mark.parametrize("use", ["$filter=emailaddress1 ne null", "$orderby=emailaddress1"])
def test_a_hidden_column_in_a_condition_or_an_order_is_refused_by_switch(use: str) -> None:
    world = Secured("secured_filter_refused")
    with pytest.raises(ODataError) as raised:
        world.asked_by(world.reader, use)
    assert (raised.value.status, raised.value.code) == (403, "0x8004F506")
    assert world.asked_by(SYSTEM, use)
