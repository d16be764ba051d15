"""Edits, collisions and a refusal, made and looked at by clients that are not ours; then both systems agree."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mksync.core.report import RunReport
from tests.scenarios.foreign_clients import CLIENTS, ByMarketoRestPython, Client
from tests.scenarios.meaning import meaning
from tests.scenarios.sandbox_world import World

LOOKED_AT = ("firstName", "lastName", "email", "title", "phone", "customerTier", "unsubscribed", "fitScore")


@pytest.fixture
def crm(here: World) -> Iterator[Client]:
    with CLIENTS[here.facts.system](here.sandbox) as client:
        yield client


@pytest.fixture
def marketo(here: World) -> ByMarketoRestPython:
    return ByMarketoRestPython(here.sandbox)


def its(here: World, object: str, **values: Any) -> dict[str, Any]:
    """By the CRM's names, as its API takes them."""
    return {here.fields[object][name]: here.facts.wired(name, value) for name, value in values.items()}


def person(here: World, marketo: ByMarketoRestPython, id: str) -> Mapping[str, Any]:
    found = marketo.read(id, [*LOOKED_AT])
    return {name: meaning(name, found[name]) for name in LOOKED_AT}


def record(here: World, crm: Client, object: str, id: str) -> Mapping[str, Any]:
    names = here.fields[object]
    found = crm.read(object, id, [names[name] for name in LOOKED_AT])
    return {name: meaning(name, here.facts.read(name, found[names[name]])) for name in LOOKED_AT}


def happened(report: RunReport, object: str) -> list[tuple[str, str, str | None]]:
    """(field, value that lost, who won) of every collision."""
    part = next(part for part in report.objects if part.object == object)
    return [
        (row.field, str(row.crm if row.winner == "marketo" else row.marketo), row.winner) for row in part.collisions
    ]


@pytest.mark.parametrize(("object", "winner"), [("lead", "marketo"), ("contact", "crm")])
def test_edits_on_both_sides_meet_and_both_systems_agree(
    here: World, crm: Client, marketo: ByMarketoRestPython, object: str, winner: str
) -> None:
    new = {**here.facts.needed[object], "lastName": "O'Hara", "email": "o'hara@example.com", "customerTier": "Gold"}
    id = crm.create(object, its(here, object, **new, firstName="Zoë", title="CTO"))
    here.cycle()
    known = marketo.find("o'hara@example.com")
    assert person(here, marketo, known)["customerTier"] == "Gold"

    crm.update(object, id, its(here, object, title="of the CRM", phone="+1 555 0100 200"))
    marketo.update(known, {"title": "of Marketo", "fitScore": 12.5, "unsubscribed": True})
    report = here.cycle()
    lost = "of the CRM" if winner == "marketo" else "of Marketo"
    assert (report.exit_code, happened(report, object)) == (0, [("title", lost, winner)])
    found = person(here, marketo, known)
    assert found == record(here, crm, object, id)
    assert found["title"] == ("of Marketo" if winner == "marketo" else "of the CRM")
    assert (found["phone"], found["unsubscribed"]) == ("+1 555 0100 200", True)

    quiet = here.cycle()
    assert (quiet.exit_code, [part.changes_total for part in quiet.objects]) == (0, [0] * len(quiet.objects))


def test_what_a_rule_of_the_crm_refuses_is_listed_until_somebody_mends_it(
    here: World, crm: Client, marketo: ByMarketoRestPython
) -> None:
    id = crm.create("lead", its(here, "lead", **here.facts.needed["lead"], email="roe@example.com", phone="555 0100"))
    here.cycle()
    known = marketo.find("roe@example.com")
    marketo.update(known, {"phone": "12"})
    report = here.cycle()
    (refused,) = next(part for part in report.objects if part.object == "lead").rejected
    assert (report.exit_code, refused.record.id, refused.code) == (3, id, here.facts.refusal.code)
    assert refused.message == here.facts.refusal.message
    assert record(here, crm, "lead", id)["phone"] == "555 0100"
    assert person(here, marketo, known)["phone"] == "12"

    crm.update("lead", id, its(here, "lead", title="edited meanwhile"))
    marketo.update(known, {"phone": "555 0199"})
    assert here.cycle().exit_code == 0
    assert person(here, marketo, known) == record(here, crm, "lead", id)
    assert record(here, crm, "lead", id)["phone"] == "555 0199"
    assert person(here, marketo, known)["title"] == "edited meanwhile"
