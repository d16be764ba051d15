"""What an admin types, and the field pairs it means."""

import pytest

from mksync.core.pairs import Direction
from mksync.core.records import Catalogue, DefaultPair, Field, FieldType, Schema, Side
from mksync.engine.choose import Choice, Chooser, chosen, wish
from mksync.engine.fields import Schemas
from mksync.engine.project import PERSON
from mksync.errors import ConfigError
from mksync.selection import Selected, Selection

TEXT, MOMENT, NUMBER = FieldType.TEXT, FieldType.DATETIME, FieldType.DECIMAL
RESERVED = {"mksyncCrmId": "mksync keeps the CRM record's id in it", "leadPerson": "Marketo's own reference"}
CATALOGUE = Catalogue(
    "lead",
    "Lead",
    pairs=(
        DefaultPair("Description", "mktoPersonNotes"),
        DefaultPair("Title", "title"),
        DefaultPair("Score__c", "leadScore", "to-crm"),
    ),
    not_offered={"SystemModstamp": "a stamp of the system"},
)


def field(name: str, label: str = "", type: FieldType = TEXT, *, writable: bool = True) -> Field:
    return Field(name, label or name, type, custom=name.endswith("__c"), writable=writable)


PEOPLE = [
    field("title", "Job Title"),
    field("mktoPersonNotes", "Person Notes"),
    field("leadScore", "Person Score", NUMBER),
    field("customerTier", "Customer Tier"),
    field("fitScore", "Fit", NUMBER),
    field("lastDemoAt", "Last Demo At", MOMENT),
    field("webPage", "Home Page"),
    field("twinOne", "Twin"),
    field("twinTwo", "Twin"),
    field("createdAt", "Created At", MOMENT, writable=False),
    field("mksyncCrmId", "CRM id"),
    field("leadPerson", "Lead Person"),
]
LEADS = [
    field("Title"),
    field("Description", "Description"),
    field("SystemModstamp", "System Modstamp", MOMENT),
    field("Score__c", "Score", NUMBER),
    field("Customer_Tier__c", "Tier"),
    field("FS__c", "Fit Score", NUMBER),
    field("Last_Demo__c", "Last Demo", MOMENT),
    field("Home__c", "Home Page"),
    field("Twin__c", "Twin"),
    field("Created_At__c", "Created", MOMENT),
    field("Lonely__c", "Lonely"),
]


def schemas(people: list[Field], leads: list[Field]) -> Schemas:
    return {
        (Side.MARKETO, PERSON): Schema(PERSON, "Person", {one.name: one for one in people}),
        (Side.CRM, "lead"): Schema("lead", "Lead", {one.name: one for one in leads}),
    }


@pytest.fixture
def chooser() -> Chooser:
    return Chooser.of(schemas(PEOPLE, LEADS), CATALOGUE, RESERVED)


def pair(crm: str, marketo: str, direction: str = "both") -> Selected:
    return Selected(marketo, crm, Direction(direction))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Title", pair("Title", "title")),
        ("TITLE", pair("Title", "title")),
        ("  title ", pair("Title", "title")),
        ("Job Title", pair("Title", "title")),
        ("Title=title", pair("Title", "title")),
        ("Title = Job Title", pair("Title", "title")),
        ("Title:to-marketo", pair("Title", "title", "to-marketo")),
        ("Title=title:to-crm", pair("Title", "title", "to-crm")),
        ("Title=twinOne", pair("Title", "twinOne")),
        ("Description", pair("Description", "mktoPersonNotes")),  # the catalogue pairs what no name would
        ("mktopersonnotes", pair("Description", "mktoPersonNotes")),
        ("Score__c", pair("Score__c", "leadScore", "to-crm")),  # and knows which way
        ("Score__c:both", pair("Score__c", "leadScore")),
        ("Customer_Tier__c", pair("Customer_Tier__c", "customerTier")),  # by name
        ("customerTier", pair("Customer_Tier__c", "customerTier")),
        ("FS__c", pair("FS__c", "fitScore")),  # its label is the other's name
        ("Home__c", pair("Home__c", "webPage")),  # by label
        ("Last_Demo__c", pair("Last_Demo__c", "lastDemoAt")),  # names of moments end as they like
        ("lastDemoAt", pair("Last_Demo__c", "lastDemoAt")),
        ("Created_At__c", pair("Created_At__c", "createdAt", "to-crm")),  # what the fields allow
        ("Lonely__c=twinTwo", pair("Lonely__c", "twinTwo")),
    ],
)
def test_what_is_typed_means_a_pair(chooser: Chooser, text: str, meant: Selected) -> None:
    assert chooser.pair(wish(text)) == meant


HIDDEN = "field {} that its sync user can see"
LIST = "mksync fields list --object lead --all"
MEANT = "name the one that is meant: "
MADE = "or have it made: --create-in-marketo"
UNFIT = "text values of the CRM's Title do not fit Marketo's decimal field fitScore"
WAY = "; what remains is direction 'to-crm'"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "'' names no field", "write Title, or Title=title, or Title=title:to-marketo"),
        ("=title", "'=title' names no field", "write Title, or Title=title, or Title=title:to-marketo"),
        ("Title:sideways", "'Title:sideways': 'sideways' is no direction", "one of both, to-marketo, to-crm"),
        ("Titel", f"lead: the CRM has no {HIDDEN.format('Titel')}", "did you mean Title?"),
        ("customerTeir", f"lead: the CRM has no {HIDDEN.format('customerTeir')}", "did you mean customerTier?"),
        ("Xyzzy", f"lead: the CRM has no {HIDDEN.format('Xyzzy')}", LIST),
        ("Title=titel", f"lead: Marketo has no {HIDDEN.format('titel')}", "did you mean title?"),
        ("Titel=title", f"lead: the CRM has no {HIDDEN.format('Titel')}", "did you mean Title?"),
        ("SystemModstamp", "lead: SystemModstamp is not offered: a stamp of the system", LIST),
        ("Lonely__c", "lead: Marketo has no field like Lonely__c", f"{MEANT}Lonely__c=marketoField, {MADE}"),
        ("Twin__c", "lead: Marketo has no field like Twin__c", f"{MEANT}Twin__c=marketoField, {MADE}"),
        ("twinOne", "lead: no field of the CRM goes with Marketo's twinOne", f"{MEANT}FieldOfTheCRM=twinOne"),
        (
            "Title=mksyncCrmId",
            "lead: Marketo's mksyncCrmId is not offered: mksync keeps the CRM record's id in it",
            "leave it out",
        ),
        ("Title=leadPerson", "lead: Marketo's leadPerson is not offered: Marketo's own reference", "leave it out"),
        (
            "Title=fitScore:to-marketo",
            f"lead: Title cannot be paired with fitScore: {UNFIT}{WAY}",
            "",
        ),
        (
            "Last_Demo__c=createdAt:to-marketo",
            "lead: Last_Demo__c cannot be paired with createdAt: Marketo's createdAt cannot be written by the sync user"
            + WAY,
            "",
        ),
    ],
)
def test_what_means_no_pair_is_told_with_what_would(chooser: Chooser, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chooser.pair(wish(text))
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_names_come_before_labels() -> None:
    """A field that is labelled as another is called does not stand in its way."""
    people = [field("color", "Anything"), field("other", "color")]
    chooser = Chooser.of(schemas(people, [field("Color__c", "Whatever")]), Catalogue("lead", "Lead"), {})
    assert chooser.pair(wish("Color__c")).marketo == "color"


def test_a_text_is_not_taken_for_a_moment() -> None:
    people = [field("demoDate", "Demo Date", MOMENT)]
    chooser = Chooser.of(schemas(people, [field("Demo__c")]), Catalogue("lead", "Lead"), {})
    with pytest.raises(ConfigError, match="no field like"):
        chooser.pair(wish("Demo__c"))


def test_everything_selectable_is_offered_once(chooser: Chooser) -> None:
    selection = Selection({"lead": (pair("Title", "title"),)})
    assert {one.crm: one.marketo for one in chooser.selectable(selection)} == {
        "Description": "mktoPersonNotes",
        "Score__c": "leadScore",
        "Customer_Tier__c": "customerTier",
        "FS__c": "fitScore",
        "Last_Demo__c": "lastDemoAt",
        "Home__c": "webPage",
        "Created_At__c": "createdAt",
    }


def test_two_fields_of_the_crm_never_take_one_of_marketo() -> None:
    twins = [field("Tier__c"), field("TIER"), field("tier")]
    chooser = Chooser.of(schemas([field("tier")], twins), Catalogue("lead", "Lead"), {})
    assert len(list(chooser.selectable(Selection({})))) == 1


def test_all_custom_adds_every_custom_field_and_no_other(chooser: Chooser) -> None:
    before = Selection({"lead": (pair("Title", "title"), pair("FS__c", "fitScore", "to-crm"))})
    after = chosen(chooser, before, Choice(customs=True))
    assert after.of("lead")[:2] == before.of("lead")
    added = {one.crm for one in after.of("lead")[2:]}
    assert added == {"Score__c", "Customer_Tier__c", "Last_Demo__c", "Home__c", "Created_At__c"}


def test_fields_that_are_named_alone_replace_the_others_of_their_object(chooser: Chooser) -> None:
    before = Selection({"lead": (pair("Title", "title"),), "contact": (pair("Title", "title"),)})
    after = chosen(chooser, before, Choice(only=("Description", "FS__c:to-crm")))
    assert after.of("lead") == (pair("Description", "mktoPersonNotes"), pair("FS__c", "fitScore", "to-crm"))
    assert after.of("contact") == before.of("contact")


def test_adding_what_is_there_only_turns_it(chooser: Chooser) -> None:
    before = Selection({"lead": (pair("Title", "title"), pair("Description", "mktoPersonNotes"))})
    after = chosen(chooser, before, Choice(added=("Title:to-crm",)))
    assert after.of("lead") == (pair("Title", "title", "to-crm"), pair("Description", "mktoPersonNotes"))


def test_turning_a_pair_keeps_its_other_rules(chooser: Chooser) -> None:
    mapped = Selected("title", "Title", values=(("Boss", "CEO"),), truncate=True)
    after = chosen(chooser, Selection({"lead": (mapped,)}), Choice(added=("Title:to-crm",)))
    assert after.of("lead") == (Selected("title", "Title", Direction.TO_CRM, (("Boss", "CEO"),), True),)


@pytest.mark.parametrize("name", ["Title", "title", "TITLE", "Title=title", " title "])
def test_a_pair_is_removed_by_either_of_its_names(chooser: Chooser, name: str) -> None:
    before = Selection({"lead": (pair("Title", "title"), pair("Description", "mktoPersonNotes"))})
    after = chosen(chooser, before, Choice(removed=(name,)))
    assert after.of("lead") == (pair("Description", "mktoPersonNotes"),)


def test_a_field_changes_its_partner_in_one_go(chooser: Chooser) -> None:
    before = Selection({"lead": (pair("Title", "title"),)})
    after = chosen(chooser, before, Choice(added=("Title=twinOne",), removed=("Title",)))
    assert after.of("lead") == (pair("Title", "twinOne"),)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(removed=("Descripton",)), "lead: Descripton is not selected"),
        (Choice(added=("Title=twinOne",)), "lead: the CRM field Title is already paired: title with Title"),
        (
            Choice(only=("Title", "Lonely__c=title")),
            "lead: the Marketo field title is already paired: title with Title",
        ),
    ],
)
def test_a_choice_that_cannot_be_is_refused(chooser: Chooser, choice: Choice, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(chooser, Selection({"lead": (pair("Title", "title"),)}), choice)
    assert caught.value.message == message
