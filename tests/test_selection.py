"""The field selection's file: what is read back is what was saved, and no field is paired twice."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.core.pairs import Direction
from mksync.errors import ConfigError
from mksync.selection import Custom, Difference, Selected, Selection, add, diff, load, remove, save

EMAIL = Selected("email", "Email")
PHONE = Selected("phone", "Phone", Direction.TO_CRM)
SCORE = Selected("leadScore", "Score__c", Direction.TO_MARKETO)

names = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name.strip())
pairs = st.lists(
    st.builds(
        Selected,
        names,
        names,
        st.sampled_from(Direction),
        st.lists(st.tuples(names, names), max_size=3, unique_by=(lambda row: row[0], lambda row: row[1])).map(tuple),
        st.booleans(),
    ),
    unique_by=(lambda pair: pair.marketo.casefold(), lambda pair: pair.crm.casefold()),
    max_size=4,
).map(tuple)


def read(folder: Path, text: str) -> Selection:
    path = folder / "mksync.fields.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return caught.value.message.removeprefix(f"{folder}/")


def test_the_file_reads_as_an_admin_would_write_it(tmp_path: Path) -> None:
    selection = read(
        tmp_path,
        '[[lead]]\nmarketo = "email"\ncrm = "Email"\n\n'
        '[[lead]]\nmarketo = "phone"\ncrm = "Phone"\ndirection = "to-crm"\n\n'
        '[[contact]]\nmarketo = "email"\ncrm = "Email"\ndirection = "both"\n',
    )
    assert selection == Selection({"lead": (EMAIL, PHONE), "contact": (EMAIL,)})


def test_the_file_is_written_as_an_admin_would_read_it(tmp_path: Path) -> None:
    path = tmp_path / "mksync.fields.toml"
    save(path, Selection({"lead": (PHONE,), "contact": ()}))
    assert path.read_text() == (
        "# The selected fields. Written by `mksync fields`; comments in here do not survive it.\n\n"
        '[[lead]]\nmarketo = "phone"\ncrm = "Phone"\ndirection = "to-crm"\n'
    )


def test_custom_objects_stand_before_the_pairs_a_line_for_each_link(tmp_path: Path) -> None:
    path = tmp_path / "mksync.fields.toml"
    customs = {
        "Visit__c": Custom("visit", 'The "Visit"', ("Contact__c", "Lead__c"), ("Account__c",)),
        "team": Custom("team_c", "Team"),
    }
    kept = Selection({"Visit__c": (EMAIL,)}, customs)
    save(path, kept)
    assert path.read_text().partition("\n\n")[2] == (
        '[custom.Visit__c]\nmarketo = "visit"\nlabel = "The \\"Visit\\""\n'
        'person = ["Contact__c", "Lead__c"]\ncompany = ["Account__c"]\n\n'
        '[custom.team]\nmarketo = "team_c"\nlabel = "Team"\n\n'
        '[[Visit__c]]\nmarketo = "email"\ncrm = "Email"\ndirection = "both"\n'
    )
    assert load(path) == kept


def test_what_changes_the_pairs_keeps_the_custom_objects() -> None:
    custom = {"Visit__c": Custom("visit", "Visit")}
    selection = Selection({"Visit__c": (EMAIL,)}, custom)
    assert add(selection, "Visit__c", PHONE).customs == custom
    assert remove(selection, "Visit__c", "email").customs == custom


def test_a_rule_is_one_line_an_admin_can_read(tmp_path: Path) -> None:
    path = tmp_path / "mksync.fields.toml"
    rating = Selected("rating", "Rating", values=(("Hot", "1"), ("Very cold", 'say "3"')), truncate=True)
    save(path, Selection({"lead": (rating, EMAIL)}))
    assert path.read_text().splitlines()[2:8] == [
        "[[lead]]",
        'marketo = "rating"',
        'crm = "Rating"',
        'direction = "both"',
        'values = { Hot = "1", "Very cold" = "say \\"3\\"" }',
        "truncate = true",
    ]
    assert load(path).of("lead") == (rating, EMAIL)


@given(lead=pairs, contact=pairs)
def test_what_is_saved_is_what_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, lead: tuple[Selected, ...], contact: tuple[Selected, ...]
) -> None:
    path = tmp_path_factory.mktemp("selection") / "mksync.fields.toml"
    save(path, Selection({"lead": lead, "contact": contact}))
    found = load(path)
    assert (found.of("lead"), found.of("contact")) == (lead, contact)


def test_saving_keeps_the_files_mode_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "mksync.fields.toml"
    save(path, Selection({"lead": (EMAIL,)}))
    path.chmod(0o640)
    save(path, Selection({"lead": (PHONE,)}))
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_save_that_fails_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "mksync.fields.toml"
    save(path, Selection({"lead": (EMAIL,)}))
    with pytest.raises(UnicodeEncodeError):
        save(path, Selection({"lead": (Selected("email", "\ud800"),)}))
    assert load(path) == Selection({"lead": (EMAIL,)})
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[lead]\nmarketo = "a"', "mksync.fields.toml, line 1: `lead` has to be written as tables [[lead]]"),
        ('[[lead]]\nmarketo = "a"', "mksync.fields.toml, line 1, [lead]: `crm` is missing"),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\n[[lead]]\nmarketo = "b"\ncrm = 3',
            "mksync.fields.toml, line 6, [lead]: `crm` has to be a text, not a number",
        ),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\ndirection = "to_crm"',
            (
                "mksync.fields.toml, line 4, [lead]: `direction` has to be "
                '"both" or "to-marketo" or "to-crm", not "to_crm"'
            ),
        ),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\ntruncate = "yes"',
            "mksync.fields.toml, line 4, [lead]: `truncate` has to be true or false, not a text",
        ),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\nvalues = { Hot = 1 }',
            "mksync.fields.toml, line 4, [lead.values]: `Hot` has to be a text, not a number",
        ),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\nvalues = { Hot = "1", Warm = "1" }',
            (
                "mksync.fields.toml, line 1, [lead]: lead.a: Hot and Warm of the CRM are both 1 in Marketo, "
                "so that nothing can flow back"
            ),
        ),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\n\n[[lead]]\nmarketo = "b"\ncrm = "a"',
            "mksync.fields.toml, line 5, [lead]: lead: the CRM field A is already paired: a with A",
        ),
        ("[custom.Visit__c]", "mksync.fields.toml, line 1, [custom.Visit__c]: `marketo` is missing"),
        (
            '[custom.Visit__c]\nmarketo = "visit"\nperson = "Lead__c"',
            "mksync.fields.toml, line 3, [custom.Visit__c]: `person` has to be a list of texts, not a text",
        ),
        (
            '[custom.Visit__c]\nmarketo = "visit"\nlead = ["Lead__c"]',
            "mksync.fields.toml, line 3, [custom.Visit__c]: unknown key `lead`",
        ),
        (
            '[[lead]]\nmarketo = "a"\ncrm = "A"\n\n[[lead]]\nmarketo = "a"\ncrm = "B"',
            "mksync.fields.toml, line 5, [lead]: lead: the Marketo field a is already paired: a with A",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_table_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert complaint(tmp_path, text) == message


def test_two_values_may_be_one_where_nothing_flows_back(tmp_path: Path) -> None:
    text = '[[lead]]\nmarketo = "a"\ncrm = "A"\ndirection = "to-marketo"\nvalues = { Hot = "1", Warm = "1" }'
    assert read(tmp_path, text).of("lead")[0].values == (("Hot", "1"), ("Warm", "1"))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "mksync.fields.toml")
    assert caught.value.hint == "mksync init"


def test_adding_and_removing_leave_the_old_selection_as_it_was() -> None:
    old = Selection({"lead": (EMAIL,)})
    assert add(old, "lead", PHONE) == Selection({"lead": (EMAIL, PHONE)})
    assert add(old, "contact", EMAIL) == Selection({"lead": (EMAIL,), "contact": (EMAIL,)})
    assert remove(old, "lead", "email") == Selection({"lead": ()})
    assert old == Selection({"lead": (EMAIL,)})


def test_removing_what_is_not_selected_names_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        remove(Selection({"lead": (EMAIL, PHONE)}), "lead", "fone")
    assert (caught.value.message, caught.value.hint) == ("lead: fone is not selected", "did you mean phone?")


def test_a_difference_tells_added_removed_and_turned_pairs_apart() -> None:
    turned = Selected("email", "Email", Direction.TO_MARKETO)
    old = Selection({"lead": (EMAIL, PHONE), "contact": (EMAIL,)})
    new = Selection({"lead": (turned, SCORE), "contact": (EMAIL,)})
    assert diff(old, new) == Difference(
        added=(("lead", SCORE),), removed=(("lead", PHONE),), turned=(("lead", turned),)
    )
    assert diff(old, old) == Difference((), (), ())
