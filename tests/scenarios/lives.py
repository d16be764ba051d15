"""What stories of deleted, merged and converted records share: people on both sides, and what a command told them."""

import json
from typing import Any

from tests.scenarios.filters import FilterUser, filter_user
from tests.scenarios.sandbox_world import KEY, World


def sales(here: World) -> FilterUser:
    """Somebody in the CRM who converts leads and merges records."""
    return filter_user(here.facts.system, here.sandbox)


ACCOUNT = {"salesforce": ("Name", "AccountId"), "dynamics": ("name", "parentcustomerid")}


def an_account(here: World, name: str = "Acme") -> str:
    """Accounts do not sync here."""
    return here.crm.user.create("account", **{ACCOUNT[here.facts.system][0]: name})


def of_account(here: World, account: str, **values: Any) -> str:
    """A contact of this account."""
    names = here.fields["contact"]
    its = {names[name]: value for name, value in {**here.facts.needed["contact"], **values}.items()}
    return here.crm.user.create("contact", **{ACCOUNT[here.facts.system][1]: account}, **its)


def run(here: World, *argv: str, code: int = 0) -> str:
    """What `run-once` prints, five minutes later."""
    here.clock.sleep(300)
    ended = here.command("run-once", *argv)
    assert ended.code == code, (ended.code, ended.out, ended.err)
    return ended.out


def said(out: str, kind: str) -> list[str]:
    """The block that begins with a line that has this in it."""
    lines = out.splitlines()
    start = next((number for number, line in enumerate(lines) if kind in line), None)
    if start is None:
        raise AssertionError(f"nothing about {kind!r}:\n{out}")
    end = lines.index("", start) if "" in lines[start:] else len(lines)
    return lines[start:end]


def lives(here: World) -> list[tuple[str, str, str, str, str]]:
    """(object, what happened, record, person, survivor): as `run-once --json` tells it, five minutes later."""
    report = json.loads(run_json(here))
    return [
        (part["object"], row["kind"], row["record"]["id"], row["record"]["person_id"], row["survivor"])
        for part in report["objects"]
        for row in part["lives"]
    ]


def run_json(here: World) -> str:
    here.clock.sleep(300)
    return here.command("run-once", "--json").out


def person(here: World, id: str, *fields: str) -> tuple[Any, ...]:
    """What somebody in Marketo holds."""
    row = here.marketo.people(KEY, *fields)[id]
    return tuple(row[field] for field in fields)


def record(here: World, object: str, id: str, *fields: str) -> tuple[Any, ...]:
    """What a record of the CRM holds."""
    row = here.crm.records(object, *fields)[id]
    return tuple(row[field] for field in fields)


def everybody(here: World) -> dict[str, str | None]:
    """Every person of Marketo's, and the id of the CRM record that it carries."""
    return {id: row[KEY] for id, row in here.marketo.people(KEY).items()}


def quiet(here: World) -> None:
    """Nothing is left to do, and nothing is written any more."""
    assert here.cycle().quiet
