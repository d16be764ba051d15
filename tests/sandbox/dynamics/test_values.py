"""What a column takes, what it refuses and with which code, and how it gives a value back."""

from typing import Any

import pytest

from tests.sandbox.dynamics.answers import NOBODY, done, message
from tests.sandbox.dynamics.api import Api, error
from tests.sandbox.dynamics.conftest import Start


def lead(api: Api, **values: Any) -> str:
    return api.create("leads", **{"lastname": "Roe", **values})


@pytest.mark.parametrize(
    "wish",
    [
        {"nonsense": 1},
        {"FirstName": "Ann"},
        {"parentCustomerId@odata.bind": f"/accounts({NOBODY})"},
        {"_ownerid_value": NOBODY},
        {"firstname": 5},
        {"donotphone": "yes"},
        {"leadsourcecode": "Web"},
        {"numberofemployees": 1.5},
        {"estimatedclosedate": "2026-03-04T00:00:00Z"},
        {"new_lastdemo": "yesterday"},
        {"new_tier": True},
    ],
)
def test_what_the_table_has_not_or_not_like_this_is_a_payload_error(api: Api, wish: dict[str, Any]) -> None:
    answer = api.post("leads", {"lastname": "Roe", **wish})
    assert error(answer) == (400, "0x80048d19")
    assert message(answer).startswith("Error identified in Payload provided by the user for Entity :'leads'")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"firstname": "x" * 51}, "0x80044331"),
        ({"leadsourcecode": 77}, "0x8004431A"),
        ({"new_interests": "100000000,5"}, "0x8004431A"),
        ({"numberofemployees": 1_000_001}, "0x8004432F"),
        ({"estimatedamount": -1}, "0x80044330"),
        ({"new_lastdemo": "1752-12-31T23:59:59Z"}, "0x80040239"),
        ({"statuscode": 3}, "0x80048408"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_by_its_code(api: Api, wish: dict[str, Any], code: str) -> None:
    assert error(api.post("leads", {"lastname": "Roe", **wish})) == (400, code)
    id = lead(api)
    assert error(api.patch(f"leads({id})", wish)) == (400, code)


def test_the_message_of_a_long_text_and_of_a_strange_choice_is_dataverses(api: Api) -> None:
    assert message(api.post("leads", {"firstname": "x" * 51})) == (
        "A validation error occurred.  The length of the 'firstname' attribute of the 'lead' entity exceeded the "
        "maximum allowed length of '50'."
    )
    assert message(api.post("leads", {"leadqualitycode": 9})) == (
        "A validation error occurred. The value 9 of 'leadqualitycode' on record of type 'lead' is outside the valid "
        "range. Accepted Values: 1,2,3"
    )


@pytest.mark.parametrize(
    ("column", "sent", "held"),
    [
        ("jobtitle", "", None),
        ("jobtitle", " CEO ", " CEO "),
        ("description", "one\ntwo", "one\ntwo"),
        ("new_interests", "100000002, 100000000", "100000000,100000002"),
        ("new_interests", "", None),
        ("new_fitscore", 12.345, 12.35),
        ("estimatedvalue", 47.639583, 47.64),
        ("new_lastdemo", "2026-03-04T10:11:12", "2026-03-04T10:11:12Z"),
        ("new_lastdemo", "2026-03-04T10:11:12.987+02:00", "2026-03-04T08:11:12Z"),
        ("new_visit", "2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z"),
        ("new_renewal", "2026-03-04", "2026-03-04"),
        ("new_newsletter", True, True),
        ("new_newsletter", None, False),
        ("leadsourcecode", None, None),
        ("firstname", "x" * 50, "x" * 50),
        ("websiteurl", "no url at all", "no url at all"),
    ],
)
def test_a_value_comes_back_as_dataverse_keeps_it(api: Api, column: str, sent: object, held: object) -> None:
    assert api.read("leads", lead(api, **{column: sent}))[column] == held


def test_a_switch_that_was_never_set_may_be_null(api: Api) -> None:
    api.control("columns", table="lead", name="new_synctomkto", kind="BooleanType")
    id = lead(api)
    assert api.read("leads", id)["new_synctomkto"] is None
    done(api.patch(f"leads({id})", {"new_synctomkto": True}))
    assert api.read("leads", id)["new_synctomkto"] is True
    api.control("columns", table="lead", name="new_synctomkto", remove=True)
    assert "new_synctomkto" not in api.read("leads", id)
    assert error(api.get("leads?$select=new_synctomkto"))[0] == 400


def test_switches_of_what_the_documents_leave_open(start: Start) -> None:
    kept = start("keep_empty_text", "trim_text", "date_accepts_time", "null_boolean_refused")
    id = lead(kept, jobtitle=" CEO ", firstname="", estimatedclosedate="2026-03-04T00:00:00Z")
    row = kept.read("leads", id)
    assert (row["jobtitle"], row["firstname"], row["estimatedclosedate"]) == ("CEO", "", "2026-03-04")
    assert error(kept.patch(f"leads({id})", {"new_newsletter": None})) == (400, "0x80048d19")
