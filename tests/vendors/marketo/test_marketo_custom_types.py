"""Custom object types: creating, finishing what was interrupted, refusing what is of another shape."""

from dataclasses import replace
from typing import Any

import pytest

from mksync.core.object_types import ObjectLink, ObjectType
from mksync.core.records import Field, FieldType
from mksync.errors import ConfigError, OutcomeUnknown
from mksync.ports import Unavailable
from mksync.vendors.marketo.errors import RequestRefused
from mksync.vendors.marketo.port import MarketoPort
from tests.vendors.marketo.conftest import Instance, failed, ok
from tests.vendors.marketo.object_replies import CAR
from tests.vendors.marketo.type_replies import ADD, APPROVE, EMPTY_DRAFT, TYPE, TYPES, fields_but, posted, raw_type
from tests.wire.scripted import Say


def test_a_type_is_drafted_given_its_fields_and_approved(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, ok([]), ok([]), ok([EMPTY_DRAFT]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    assert marketo.create_object(TYPE) == "car_c"
    drafted, added, approved = posted(instance)
    assert drafted == (
        TYPES,
        {
            "action": "createOnly",
            "apiName": "car_c",
            "displayName": "Car new",
            "description": "Cars of the CRM",
            "showInLeadDetail": True,
        },
    )
    related = {"name": "lead", "field": "id"}
    assert added == (
        ADD,
        {
            "input": [
                {"name": "leadID", "displayName": "leadID", "dataType": "link", "relatedTo": related},
                {"name": "vin", "displayName": "VIN", "dataType": "string", "isDedupeField": True},
                {"name": "color", "displayName": "Colour", "dataType": "string"},
                {"name": "remarks", "displayName": "Remarks", "dataType": "text"},
                {"name": "homepage", "displayName": "homepage", "dataType": "string"},
                {"name": "price", "displayName": "price", "dataType": "float"},
            ]
        },
    )
    assert approved == (APPROVE, {})


def test_marketo_may_add_to_a_name(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, ok([]), ok([]), ok([EMPTY_DRAFT]), ok([raw_type()]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    wanted = replace(TYPE, name="car")
    assert [marketo.create_object(wanted), marketo.create_object(wanted)] == ["car_c", "car_c"]
    assert [called for called, _ in posted(instance)] == [TYPES, ADD, APPROVE]


def test_a_draft_that_is_not_listed_yet_goes_by_the_name_it_was_given(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, ok([]), ok([]), ok([]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    assert marketo.create_object(TYPE) == "car_c"


def test_a_link_can_be_part_of_the_key_and_lead_to_a_company(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, ok([]), ok([]), ok([EMPTY_DRAFT]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    link = ObjectLink("owner", "company", label="Owner")
    marketo.create_object(replace(TYPE, fields=TYPE.fields[:1], links=(link,), dedupe=("vin", "owner")))
    [body] = [body["input"][0] for called, body in posted(instance) if called == ADD]
    assert body == {
        "name": "owner",
        "displayName": "Owner",
        "dataType": "link",
        "isDedupeField": True,
        "relatedTo": {"name": "company", "field": "id"},
    }


@pytest.mark.parametrize(
    ("draft", "calls"),
    [(EMPTY_DRAFT, [ADD, APPROVE]), (raw_type("draft"), [APPROVE])],
    ids=["without fields", "with fields"],
)
def test_a_draft_that_was_left_behind_is_finished(
    instance: Instance, marketo: MarketoPort, draft: dict[str, Any], calls: list[str]
) -> None:
    instance.says(TYPES, ok([draft]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    marketo.create_object(TYPE)
    assert [called for called, _ in posted(instance)] == calls


@pytest.mark.parametrize("left_out", [["color"], ["leadID", "remarks"]])
def test_only_what_a_draft_lacks_is_added(instance: Instance, marketo: MarketoPort, left_out: list[str]) -> None:
    raw = raw_type("draft")
    related = [] if "leadID" in left_out else raw["relationships"]
    fields = [one for one in raw["fields"] if one["name"] not in left_out]
    instance.says(TYPES, ok([{**raw, "fields": fields, "relationships": related}]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    marketo.create_object(TYPE)
    [body] = [body for called, body in posted(instance) if called == ADD]
    assert [one["name"] for one in body["input"]] == left_out


@pytest.mark.parametrize("state", ["approved", "approvedWithDraft"])
def test_an_equal_approved_type_is_left_alone(instance: Instance, marketo: MarketoPort, state: str) -> None:
    extra = {"name": "more", "displayName": "More", "dataType": "string"}
    raw = raw_type(state)
    instance.says(TYPES, ok([{**CAR, "apiName": "other"}, {**raw, "fields": [*raw["fields"], extra]}]))
    marketo.create_object(TYPE)
    assert posted(instance) == []


OTHERS = [
    (raw_type(fields=fields_but("color", dataType="integer")), "its field color is of type integer, not string"),
    (raw_type(fields=[one for one in raw_type()["fields"] if one["name"] != "color"]), "it has no field color"),
    (raw_type(dedupeFields=["color"]), "its field vin does not belong to its key"),
    (raw_type(dedupeFields=["vin", "leadID"]), "its key is vin, leadID"),
    (raw_type(relationships=[]), "its field leadID does not link it to person by id"),
    (
        raw_type(relationships=[{"field": "leadID", "relatedTo": {"name": "company", "field": "id"}}]),
        "its field leadID does not link it to person by id",
    ),
    (raw_type("draft", fields=[{"name": "more", "displayName": "More", "dataType": "text"}]), "it has a field more"),
]


@pytest.mark.parametrize(("raw", "why"), OTHERS, ids=[why for _, why in OTHERS])
def test_a_type_of_another_shape_is_refused_and_not_touched(
    instance: Instance, marketo: MarketoPort, raw: dict[str, Any], why: str
) -> None:
    instance.says(TYPES, ok([raw]))
    with pytest.raises(ConfigError, match=why) as caught:
        marketo.create_object(TYPE)
    assert "car_c" in caught.value.message
    assert caught.value.hint
    assert posted(instance) == []


@pytest.mark.parametrize(
    "type",
    [
        replace(TYPE, name="2cars"),
        replace(TYPE, name="company"),
        replace(TYPE, label="(!)"),
        replace(TYPE, dedupe=()),
        replace(TYPE, dedupe=("nobody",)),
        replace(TYPE, dedupe=("vin", "color", "price", "leadID")),
        replace(TYPE, fields=(*TYPE.fields, Field("createdAt", "Made", FieldType.DATETIME))),
        replace(TYPE, fields=(*TYPE.fields, Field("leadID", "Lead", FieldType.TEXT))),
        replace(TYPE, fields=(*TYPE.fields, Field("a-b", "A", FieldType.TEXT))),
        replace(TYPE, fields=tuple(Field(f"f{n}", "", FieldType.TEXT) for n in range(50)), dedupe=("f1",)),
    ],
)
def test_what_marketo_cannot_hold_is_said_before_anything_is_done(
    instance: Instance, marketo: MarketoPort, type: ObjectType
) -> None:
    with pytest.raises(ConfigError, match="cannot hold"):
        marketo.create_object(type)
    assert instance.server.heard == []


def test_the_most_that_marketo_holds_is_not_too_much(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, ok([]), ok([]), ok([EMPTY_DRAFT]))
    instance.says(ADD, ok([]))
    instance.says(APPROVE, ok([]))
    fields = tuple(Field(f"f{n}", "", FieldType.TEXT) for n in range(49))
    marketo.create_object(replace(TYPE, fields=fields, dedupe=("f1", "f2", "leadID")))
    [body] = [body for called, body in posted(instance) if called == ADD]
    assert len(body["input"]) == 50


@pytest.mark.parametrize("lost", [TYPES, ADD, APPROVE])
def test_a_step_whose_answer_is_lost_is_not_sent_again_but_finished_by_the_next_call(
    instance: Instance, marketo: MarketoPort, lost: str
) -> None:
    steps = [TYPES, ADD, APPROVE]
    before = steps[: steps.index(lost)]
    instance.says(TYPES, ok([]))
    for step in before:
        instance.says(step, *([ok([]), ok([EMPTY_DRAFT])] if step == TYPES else [ok([])]))
    instance.says(lost, Say(reset=True))
    with pytest.raises(OutcomeUnknown):
        marketo.create_object(TYPE)
    assert [called for called, _ in posted(instance)] == [*before, lost]

    left = {TYPES: EMPTY_DRAFT, ADD: raw_type("draft"), APPROVE: raw_type()}[lost]
    instance.says(TYPES, ok([left]))
    for step in steps:
        instance.queued.setdefault(step, []).append(ok([]))
    done = len(instance.server.heard)
    marketo.create_object(TYPE)
    later = [call.path for call in instance.server.heard[done:] if call.method == "POST"]
    assert later == steps[steps.index(lost) + 1 :]


def test_what_marketo_refuses_of_a_type_is_told(instance: Instance, marketo: MarketoPort) -> None:
    instance.says(TYPES, ok([]), failed("1003", "Display name 'Car new' is in use"))
    with pytest.raises(RequestRefused, match="is in use"):
        marketo.create_object(TYPE)


@pytest.mark.parametrize(
    ("code", "remedy"), [("603", "Read-Write Custom Object Type"), ("616", "Admin"), ("1026", "enable")]
)
def test_an_instance_without_types_is_told_with_a_remedy(
    instance: Instance, marketo: MarketoPort, code: str, remedy: str
) -> None:
    instance.says(TYPES, failed(code, "no"))
    with pytest.raises(Unavailable) as caught:
        marketo.create_object(TYPE)
    assert remedy in caught.value.remedy
