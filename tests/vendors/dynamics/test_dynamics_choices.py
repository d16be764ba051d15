"""What choices are called, and which integer a label is: by an earlier run's word, or asked for; a scripted server.

In the description leadsourcecode is 1 Advertisement, 8 Web; new_interests 1 Events, 9 Product, and 10, whose label is
a list.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from mksync.core.records import Outcome, Record, Value, Write
from mksync.vendors.dynamics.port import DynamicsPort
from tests.vendors.dynamics.scripted_org import LEAD, Org, lead, options, rows

SOURCE, INTERESTS = "leadsourcecode", "new_interests"
LABEL = "OData.Community.Display.V1.FormattedValue"
ASKED_FOR = f'odata.include-annotations="{LABEL}"'
DEFINITIONS = r"/EntityDefinitions\(LogicalName='lead'\)/Attributes/Microsoft.Dynamics.CRM."
SWAPPED = {"_1": "Web", "_8": "Advertisement"}
KINDS = {SOURCE: "Picklist", INTERESTS: "MultiSelectPicklist"}


@pytest.fixture
def recalled(org: Org, port: DynamicsPort) -> DynamicsPort:
    """A port that goes by the description of an earlier run."""
    port.recall(port.describe("lead"))
    org.calls.clear()
    org.asked.clear()
    return port


def now_called(org: Org, field: str = SOURCE, **labels: str) -> None:
    """The options of a column, as they are called from now on."""
    row = {"LogicalName": field, "OptionSet": options(**labels), "GlobalOptionSet": None}
    org.on("GET", f"{DEFINITIONS}{KINDS[field]}AttributeMetadata", rows(row))


def read(org: Org, port: DynamicsPort, value: object, label: str | None, field: str = SOURCE) -> Value:
    """What the port makes of a row that holds this value and says that it is called so."""
    told: Mapping[str, Any] = {field: value} | ({f"{field}@{LABEL}": label} if label else {})
    org.on("GET", "/leads", rows(lead(**told)))
    (found,) = port.fetch("lead", [LEAD], [field])
    assert isinstance(found, Record)
    return found.values[field]


def write(port: DynamicsPort, value: str, field: str = SOURCE) -> Outcome:
    (outcome,) = port.write("lead", [Write(1, "lead", LEAD, {field: value}, 'W/"7"')], [field])
    return outcome


def takes_all(org: Org) -> None:
    org.on("PATCH", r"/leads\(.*\)", lambda asked: (200, lead(LEAD, 8, **(asked.body or {}))))


def definitions(org: Org) -> int:
    """How often option sets were asked for."""
    return sum("/Attributes/Microsoft.Dynamics.CRM." in call for call in org.calls)


@pytest.mark.parametrize(
    ("field", "value", "label", "read_as"),
    [
        (SOURCE, 8, "Web", "Web"),
        (SOURCE, 8, " Web ", "Web"),
        (INTERESTS, "1,9", "Events; Product", "Events;Product"),
        (INTERESTS, "9,1", "Product; Events", "Events;Product"),
        (INTERESTS, "9", "Product", "Product"),
        (SOURCE, None, None, None),
    ],
)
def test_a_row_that_calls_its_choice_as_the_description_does_takes_no_call(
    org: Org, recalled: DynamicsPort, field: str, value: object, label: str | None, read_as: str | None
) -> None:
    assert read(org, recalled, value, label, field) == read_as
    assert len(org.calls) == 1
    assert ASKED_FOR in org.asked[0].prefer


@pytest.mark.parametrize(
    ("field", "labels", "value", "label", "read_as"),
    [
        (SOURCE, SWAPPED, 8, "Advertisement", "Advertisement"),
        (SOURCE, SWAPPED, 1, "Web", "Web"),
        (SOURCE, {"_1": "Advertisement", "_8": "web"}, 8, "web", "web"),
        (SOURCE, {"_1": "Advertisement", "_8": "Web", "_77": "Fair"}, 77, "Fair", "Fair"),
        (INTERESTS, {"_1": "Events", "_9": "Goods"}, "1,9", "Events; Goods", "Events;Goods"),
        (INTERESTS, {"_1": "Product", "_9": "Events"}, "9", "Events", "Events"),
        (INTERESTS, {"_1": "Events", "_9": "Product", "_11": "Fair"}, "1,11", "Events; Fair", "Events;Fair"),
    ],
)
def test_a_row_that_calls_its_choice_otherwise_has_all_names_asked_for_once(
    org: Org, recalled: DynamicsPort, field: str, labels: dict[str, str], value: object, label: str, read_as: str
) -> None:
    now_called(org, field, **labels)
    assert [read(org, recalled, value, label, field) for _ in range(3)] == [read_as] * 3
    assert definitions(org) == 1
    assert [ASKED_FOR in asked.prefer for asked in org.parts("GET", "/leads")] == [True, False, False]


def test_a_row_that_does_not_say_what_its_choice_is_called_is_no_proof(org: Org, recalled: DynamicsPort) -> None:
    now_called(org, **SWAPPED)
    assert read(org, recalled, 8, None) == "Advertisement"


def test_a_choice_whose_label_is_a_list_goes_by_its_integer(org: Org, recalled: DynamicsPort) -> None:
    assert read(org, recalled, "10", "Events; more", INTERESTS) == "10"
    assert definitions(org) == 1, "its label tells nothing about its name"


def test_a_first_read_asks_once_instead_of_having_a_label_in_every_row(org: Org, recalled: DynamicsPort) -> None:
    now_called(org, **SWAPPED)
    org.on("GET", "/leads", rows(lead(leadsourcecode=8), delta="leads?$deltatoken=1"))
    pages = list(recalled.changes({"lead": [SOURCE]}, None))
    assert [record.values for page in pages for record in page.records] == [{SOURCE: "Advertisement"}]
    (asked,) = org.parts("GET", "/leads")
    assert ASKED_FOR not in asked.prefer
    assert definitions(org) == 1


@pytest.mark.parametrize(("label", "number"), [("Web", 1), ("web", 1), ("Advertisement", 8), ("8", 8)])
def test_labels_that_changed_places_are_written_as_they_are_now(
    org: Org, recalled: DynamicsPort, label: str, number: int
) -> None:
    now_called(org, **SWAPPED)
    takes_all(org)
    assert write(recalled, label).kind == "written"
    (sent,) = org.parts("PATCH", r"/leads\(.*\)")
    assert sent.body == {SOURCE: number}


def test_a_label_that_an_option_lost_is_refused_with_the_labels_of_now(org: Org, recalled: DynamicsPort) -> None:
    now_called(org, _1="Advertisement", _8="Online")
    outcome = write(recalled, "Web")
    assert outcome.kind == "refused"
    assert outcome.refusal
    assert "There are: Advertisement, Online." in outcome.refusal.remedy
    assert org.parts("PATCH", ".*") == []


def test_a_choice_that_was_added_meanwhile_is_written(org: Org, recalled: DynamicsPort) -> None:
    now_called(org, _1="Advertisement", _8="Web", _77="Fair")
    takes_all(org)
    assert write(recalled, "Fair").kind == "written"
    assert org.asked[-1].body == {SOURCE: 77}


def test_options_are_asked_for_once_a_run_that_writes_choices(org: Org, port: DynamicsPort) -> None:
    takes_all(org)
    schema = port.describe("lead")
    org.calls.clear()
    write(port, "Web")
    assert definitions(org) == 0, "it was described in this very run"
    for run in (1, 2):
        port.recall(schema)
        assert [write(port, label).kind for label in ("Web", "Advertisement")] == ["written"] * 2
        assert definitions(org) == run


def test_other_fields_and_emptied_choices_are_written_without_asking(org: Org, recalled: DynamicsPort) -> None:
    takes_all(org)
    values: dict[str, Value] = {"jobtitle": "CTO", SOURCE: None}
    (outcome,) = recalled.write("lead", [Write(1, "lead", LEAD, values, 'W/"7"')], ["jobtitle"])
    assert outcome.kind == "written"
    assert definitions(org) == 0
