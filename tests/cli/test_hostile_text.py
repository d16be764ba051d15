"""Text that breaks syncs, logs and terminals: it survives the way through both systems, and prints as what it is."""

import json
import re
import unicodedata
from typing import Any

import pytest

from tests.cli.desk import run_once, state
from tests.scenarios.sandbox_world import World

HOSTILE = {
    "quotes": "O'Hara \"Q\" `x` ''",
    "backslashes": "C:\\new\\table \\\\ \\' \\x1b",
    "percent signs": "100% sure %s %d %(x)s %41 %",
    "braces": "{x} {0} {{}} ${HOME} $(id)",
    "emoji": "party 🎉 👩‍👩‍👧 🇩🇪",
    "right to left": "שלום עולם مرحبا",
    "markup": "[red]bold[/red] [link=file:///] <b>&amp;</b>",
    "commas": "a,b;c,,;\t|",
    "SQL": "'; DROP TABLE lead; -- \" OR 1=1",
    "SOQL": "' OR Name LIKE '%' \\' _ %",
    "a spreadsheet formula": "=cmd|'/c calc'!A0",
    "JSON": '","x":null,{"a":[1]}',
    "nulls": "null",
    "combining": "Zoe\u0308 ſ ß İ",
    "joiners": "می\u200cخواهم a\u200db",
}
# What a terminal would act on, and what a line would be reordered or hidden by.
ACTING = {
    "ANSI": ("\x1b[31mred\x1b[2J\x1b]0;owned\x07", "\\x1b[31mred\\x1b[2J\\x1b]0;owned\\x07"),
    "override": ("abc\u202edcba", "abc\\u202edcba"),
    "zero width": ("pay\u200bpal \ufeff", "pay\\u200bpal \\ufeff"),
    "C1": ("a\x9b2Jb", "a\\u009b2Jb"),
    "line separators": ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
}
TEXTS = {**HOSTILE, **{name: text for name, (text, _) in ACTING.items()}}
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff]")


def composed(text: str) -> str:
    """What both sides mean by it: NFC, without blanks at the ends."""
    return unicodedata.normalize("NFC", text).strip(" \t\n\r\v\f")


def kept(here: World, text: str) -> str:
    """What the sandbox's CRM keeps of it."""
    return here.facts.kept(composed(text))


def prints_harmlessly(here: World) -> str:
    """Everything that can be printed about the people, as text and JSON; checked, and given back."""
    told = ""
    commands = [["log", "--collisions"], ["log", "--rejected"], ["log"], ["run-once", "--dry-run"]]
    with here.mirror() as mirror:
        commands += [["log", "--cycle", str(cycle.id)] for cycle in mirror.history.cycles(limit=100)]
        commands += [["log", "--person", row["id"]] for row in [{"id": id} for id in here.marketo.people()]]
        assert mirror.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for command in commands:
        for form in ([], ["--json"]):
            ended = here.command(*command, *form)
            assert FORBIDDEN.findall(ended.out + ended.err) == [], command
            if form:
                json.loads(ended.out)
            told += ended.out
    return told


@pytest.fixture(params=["lead", "contact"])
def object(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def named(object: str, name: str, number: int) -> dict[str, Any]:
    more = {"company": name or "x"} if object == "lead" else {}
    return {"lastName": name, "email": f"p{number}@example.com", **more}


def test_it_survives_from_the_crm_to_marketo_and_back(here: World, object: str) -> None:
    ids = {
        name: here.crm.create(object, **named(object, text, number), title=text, mktoPersonNotes=text)
        for number, (name, text) in enumerate(TEXTS.items())
    }
    assert run_once(here).code == 0
    people = here.marketo.people("lastName", "title", "mktoPersonNotes", "mksyncCrmId")
    for name, id in ids.items():
        person = people[here.person_of(id)]
        expected = kept(here, TEXTS[name])
        assert [person[field] for field in ("lastName", "title", "mktoPersonNotes")] == [expected] * 3, name
    # And back: Marketo's title is changed to the same text with something behind it.
    for name, id in ids.items():
        here.marketo.edit(here.person_of(id), title=kept(here, TEXTS[name]) + "!")
    ended = run_once(here)
    assert ended.code == 0, ended.out
    titles = here.crm.records(object, "title")
    assert {name: titles[id]["title"] for name, id in ids.items()} == {
        name: kept(here, text) + "!" for name, text in TEXTS.items()
    }
    before = state(here)
    assert "nothing to do" in run_once(here).out
    assert state(here) == before
    told = prints_harmlessly(here)
    for _, written in [*ACTING.values()][1:]:
        assert written in told
    for text in ("[red]bold[/red]", "O'Hara", "DROP TABLE lead", "🎉", "שלום", "100% sure %s"):
        assert text in told


def test_a_new_record_with_a_hostile_e_mail_or_name_is_matched_and_not_doubled(here: World) -> None:
    """Look-ups by e-mail carry the text into addresses, SOQL and SQL."""
    mails = ["o'hara+x@example.com", "a%41b@example.com", "am&per=sand@example.com"]
    people = [here.marketo.create(email=mail, lastName="Known") for mail in mails]
    made = [here.crm.named("lead", lastName="Known", email=mail) for mail in mails]
    assert run_once(here).code in (0, 3)
    linked = [here.marketo.people("mksyncCrmId")[person]["mksyncCrmId"] for person in people]
    assert linked == made
    for mail, id in zip(mails, made, strict=True):
        assert f"{here.facts.title} {id}" in here.command("log", "--person", mail).out


def test_a_collision_keeps_a_hostile_loser_to_the_letter(here: World, object: str) -> None:
    losers = list(TEXTS.values())
    ids = [here.crm.create(object, **named(object, "Roe", number), title="xx") for number in range(len(losers))]
    run_once(here)
    for id, text in zip(ids, losers, strict=True):
        here.crm.edit(object, id, title=f"sales {text}")
        here.marketo.edit(here.person_of(id), title=f"marketing {text}")
    run_once(here)
    document = json.loads(here.command("log", "--collisions", "--json", "--limit", "100").out)
    logged = {(row["marketo"], row["crm"]) for row in document["collisions"]}
    assert logged == {(composed(f"marketing {text}"), kept(here, f"sales {text}")) for text in losers}
    told = prints_harmlessly(here)
    for _, written in ACTING.values():
        assert f"marketing {written}" in told


def test_several_lines_survive_and_print_on_one(here: World) -> None:
    lead = here.crm.named("lead", email="roe@example.com", mktoPersonNotes="one\r\ntwo\n\nthree")
    assert run_once(here).code == 0
    notes = here.marketo.people("mktoPersonNotes")[here.person_of(lead)]["mktoPersonNotes"]
    assert notes.replace("\r\n", "\n") == "one\ntwo\n\nthree"
    here.marketo.edit(here.person_of(lead), mktoPersonNotes="uno\n\n[red]due\\n")
    ended = run_once(here)
    told = here.crm.records("lead", "mktoPersonNotes")[lead]["mktoPersonNotes"]
    assert told.replace("\r\n", "\n") == "uno\n\n[red]due\\n"
    assert "one⏎two⏎⏎three  uno⏎⏎[red]due\\n" in ended.out
    assert "nothing to do" in run_once(here).out


def test_a_vendors_refusal_that_quotes_hostile_text_prints_harmlessly(here: World) -> None:
    lead = here.crm.named("lead", lastName="\x1b[31mRoe\u202e", email="roe@example.com")
    run_once(here)
    message = "No \x1b[2J such [bold]title[/bold]: \u202e"
    here.crm.user.demand_titles("lead", 9, message)
    here.marketo.edit(here.person_of(lead), title="\x9bshort")
    ended = run_once(here)
    assert ended.code == 3
    assert "No \\x1b[2J such [bold]title[/bold]: \\u202e" in ended.out
    assert "[31mRoe\\u202e <roe@example.com>" in ended.out
    assert "\\u009bshort" in ended.out
    prints_harmlessly(here)


def test_what_is_typed_on_the_command_line_prints_harmlessly(here: World) -> None:
    for command in (
        ["log", "--person", "\x1b[31mx\u202e"],
        ["log", "--since", "\x1b[31m"],
        ["run-once", "--object", "\x1b[2Jlead"],
        ["fields", "select", "--object", "lead", "--add", "\x1b[31mTitle"],
        ["fields", "select", "--object", "lead", "--from", "/no/\x1b[31m"],
    ):
        for form in ([], ["--json"]):
            ended = here.command(*command, *form)
            assert ended.code == 2
            assert FORBIDDEN.findall(ended.out + ended.err) == [], command


def test_field_labels_of_a_stranger_print_harmlessly(here: World) -> None:
    here.crm.user.make_text_field("lead", here.facts.custom("Odd"), "\x1b[31m[b]Odd\u202e")
    ended = here.command("fields", "list")
    assert "\\x1b[31m[b]Odd\\u202e" in ended.out
    assert FORBIDDEN.findall(ended.out) == []
