"""The report of a cycle, to the letter. Off a terminal, so as wide as it needs to be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mksync.cli.console import Console
from mksync.cli.render import show, to_json
from mksync.core.quota import Quota
from mksync.core.records import Side, Sides
from mksync.core.report import Change, Collision, Held, ObjectReport, RecordName, Rejected, RunReport

TITLES = Sides("Marketo", "Salesforce")
ANA = RecordName("lead", "00Q5g00000AbCdEAAX", "1042", "Ana Ruiz <ana@example.com>")
EVE = RecordName("lead", "00Q5g00000AbCdFAAX", "1043", "Eve \x1b[8m\u202e <eve@example.com>")
NOBODY = RecordName("lead", "00Q5g00000AbCdGAAX", None, "")
PERSON = RecordName("lead", None, "1044", "")
AT = ("2026-11-20T10:00:00Z", "2026-11-20T10:00:05Z")
CALLS = {"Marketo": 12, "Salesforce": 4}


def change(record: RecordName, field: str, was: object, now: object, to: Side, **more: str) -> Change:
    told = {"kind": "one-sided", "state": "written", **more}
    return Change("lead", record, field, field.title(), was, now, to, **told)  # type: ignore[arg-type]


def run(*parts: ObjectReport, dry: bool = False, warnings: tuple[str, ...] = ()) -> RunReport:
    return RunReport(7, dry, *AT, objects=parts, calls=CALLS, warnings=warnings)


def printed(report: RunReport, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    show(report, TITLES, Console())
    out, err = capsys.readouterr()
    return out, err


FULL = ObjectReport(
    "lead",
    "Lead",
    created=1,
    updated=2,
    changes=(
        change(ANA, "phone", "+1 555 0100", "+1 555 0199", Side.MARKETO),
        change(ANA, "doNotCall", False, True, Side.CRM, kind="collision"),
        change(EVE, "notes", None, "one\ntwo \x9b2J 😀 שלום [b]", Side.CRM, state="refused"),
        change(PERSON, "leadScore", None, 5, Side.CRM, kind="created", state="moved"),
    ),
    changes_total=4,
    collisions=(
        Collision(ANA, "title", "Title", "CEO", "CTO", "COO", "COO", Side.MARKETO, "leads: Marketo wins"),
        Collision(NOBODY, "title", "Title", None, "CTO", "COO", "COO", None, "hold"),
    ),
    collisions_total=2,
    rejected=(
        Rejected(
            EVE, Side.CRM, ("Phone", "Fax"), "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Phone must\nstart with +",
            "a validation rule refused it", "change the value", "2026-11-20T10:00:00Z",
        ),
    ),
    rejected_total=1,
    held=(
        Held(NOBODY, None, "two people have this e-mail", None, None, "merge the duplicates"),
        Held(ANA, "title", "policy hold", "CEO", None, "make both sides agree"),
    ),
    held_total=2,
)  # fmt: skip


def test_a_full_report_reads_like_this(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = printed(run(FULL, warnings=("lead.fax is suspended",)), capsys)
    assert out == (Path(__file__).parent / "report.txt").read_text(encoding="utf-8")
    assert err == "warning: lead.fax is suspended\n"


def test_a_cycle_that_found_nothing_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = run(ObjectReport("lead", "Lead"), ObjectReport("contact", "Contact"))
    assert quiet.quiet
    assert printed(quiet, capsys) == (
        "cycle 7: nothing to do, both sides agree · API calls: Marketo 12, Salesforce 4\n",
        "",
    )


@pytest.mark.parametrize(
    ("quota", "told"),
    [
        (Quota(880, 50_000), "Marketo 12 (49,120 of 50,000 left), Salesforce 4"),
        (Quota(880, 50_000, 0.2), "Marketo 12 (39,120 of 50,000 left beside 10,000 for others), Salesforce 4"),
        (Quota(45_000, 50_000, 0.2), "Marketo 12 (0 of 50,000 left beside 10,000 for others), Salesforce 4"),
    ],
)
def test_what_is_left_of_a_quota_that_is_known_is_told(
    capsys: pytest.CaptureFixture[str], quota: Quota, told: str
) -> None:
    quiet = replace(run(ObjectReport("lead", "Lead")), quota={"Marketo": quota})
    assert printed(quiet, capsys)[0] == f"cycle 7: nothing to do, both sides agree · API calls: {told}\n"


def test_a_dry_run_says_what_it_would_do_and_points_to_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    part = ObjectReport(
        "lead", "Lead", created=1, updated=3,
        changes=(change(ANA, "phone", "1", "2", Side.CRM, state="planned"),), changes_total=313,
    )  # fmt: skip
    assert printed(run(part, dry=True), capsys)[0] == (
        "Lead: 313 changes\n"
        "record                      field  was  now  direction             why\n"
        "──────────────────────────────────────────────────────────────────────────\n"
        "Ana Ruiz <ana@example.com>  phone  1    2    Marketo → Salesforce  changed\n"
        "… 312 more\n"
        "\n"
        "dry run, nothing written: 1 to create, 3 to update · API calls: Marketo 12, Salesforce 4\n"
    )


@pytest.mark.parametrize(("dry", "verb", "more"), [(False, "are", ": mksync log --cycle 7"), (True, "would be", "")])
def test_what_the_filter_did_is_told_with_the_first_names(
    capsys: pytest.CaptureFixture[str], dry: bool, verb: str, more: str
) -> None:
    part = ObjectReport("lead", "Lead", filtered=(ANA,) * 12, filtered_total=313, started=(PERSON,), started_total=1)
    ana = "  Ana Ruiz <ana@example.com> (00Q5g00000AbCdEAAX, person 1042)\n"
    head = "dry run, nothing written" if dry else "cycle 7"
    assert printed(run(part, dry=dry), capsys)[0] == (
        f"Lead: 313 filtered: Salesforce says No, and they {verb} left as they are\n"
        f"{ana * 10}"
        f"… 303 more{more}\n"
        "\n"
        "Lead: 1 sync started: Salesforce no longer says No\n"
        "  person 1044\n"
        "\n"
        f"{head}: 313 filtered, 1 sync started · API calls: Marketo 12, Salesforce 4\n"
    )


def test_many_changes_of_one_kind_do_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    scores = tuple(change(ANA, "leadScore", n, n + 1, Side.CRM) for n in range(150))
    part = ObjectReport(
        "lead", "Lead", updated=151, changes=(*scores, change(ANA, "phone", "1", "2", Side.MARKETO)), changes_total=323
    )
    lines = printed(run(part), capsys)[0].splitlines()
    assert sum("leadScore" in line for line in lines) == 10
    assert sum("phone" in line for line in lines) == 1
    assert "… 312 more: mksync log --cycle 7" in lines


def test_tables_that_carry_only_their_first_rows_say_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    part = ObjectReport("lead", "Lead", held=FULL.held, held_total=40)
    out, _ = printed(run(part), capsys)
    assert out.startswith("Lead: 40 held\n")
    assert "… 38 more: mksync log --cycle 7\n" in out
    assert out.endswith("cycle 7: 40 held · API calls: Marketo 12, Salesforce 4\n")


@pytest.mark.parametrize(
    ("part", "quiet"),
    [
        (ObjectReport("lead", "Lead"), True),
        (ObjectReport("lead", "Lead", created=1), False),
        (ObjectReport("lead", "Lead", updated=1), False),
        (ObjectReport("lead", "Lead", changes_total=1), False),
        (ObjectReport("lead", "Lead", collisions_total=1), False),
        (ObjectReport("lead", "Lead", rejected_total=1), False),
        (ObjectReport("lead", "Lead", held_total=1), False),
        (ObjectReport("lead", "Lead", filtered_total=1), False),
        (ObjectReport("lead", "Lead", started_total=1), False),
    ],
)
def test_a_report_is_quiet_only_if_there_is_nothing_to_tell(part: ObjectReport, quiet: bool) -> None:
    assert run(part).quiet is quiet
    assert run(part, warnings=("something",)).quiet is False


def test_machines_get_every_value_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Console().json("run-once", to_json(run(FULL)), 3)
    document = json.loads(capsys.readouterr().out)
    assert document["mksync"]["exit"] == {"code": 3, "name": "leftovers"}
    assert document["calls"] == CALLS
    lead = document["objects"][0]
    assert lead["changes"][2] == {
        "object": "lead",
        "record": {
            "object": "lead",
            "id": "00Q5g00000AbCdFAAX",
            "person_id": "1043",
            "label": "Eve \x1b[8m\u202e <eve@example.com>",
        },
        "field": "notes",
        "crm_field": "Notes",
        "was": None,
        "now": "one\ntwo \x9b2J 😀 שלום [b]",
        "to": "crm",
        "kind": "one-sided",
        "state": "refused",
    }
    assert lead["collisions"][1]["winner"] is None
    assert lead["rejected"][0]["fields"] == ["Phone", "Fax"]
