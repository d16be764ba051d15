"""A mirror is looked over once a day, and after a run that did not close it; what is wrong is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mksync.core.records import PERSON, Record, Side
from mksync.errors import MirrorError
from mksync.mirror import Mirror
from mksync.mirror.soundness import DAY, check, faults
from tests.mirror.samples import PAIRS

NOW = 1_795_000_000.0
LINK = "UPDATE link SET {} = 99"


@pytest.fixture
def linked(mirror: Mirror) -> Mirror:
    """One lead with a person, in step."""
    mirror.snapshots.stage(Side.MARKETO, PERSON, [], [Record(PERSON, "1", {})], 1)
    mirror.snapshots.stage(Side.CRM, "lead", [], [Record("lead", "L1", {})], 1)
    link = mirror.links.add("lead", 1, 1, "email", 1)
    name = PAIRS["lead"][1].name
    for side in Side:
        mirror.links.rebase(link, "lead", side, {PAIRS["lead"][1].fields[side].name: None})
    assert name
    return mirror


def test_a_sound_mirror_has_no_faults(linked: Mirror) -> None:
    assert list(faults(linked.db)) == []


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE link SET person = 99", "1 links of lead lead to no row of marketo_person"),
        ("UPDATE link SET record = 99", "1 links of lead lead to no row of crm_lead"),
        ("DELETE FROM link", None),
        ("UPDATE crm_lead_base SET _link = 99", "1 rows of crm_lead_base belong to no link"),
        ("DROP TABLE crm_lead", "the table crm_lead is missing"),
        ("DROP TABLE marketo_lead_base", "the table marketo_lead_base is missing"),
        ("UPDATE link_count SET links = 7", "link_count says 7 links of lead in the state live; there are 1"),
        ("DELETE FROM link_count", "link_count says 0 links of lead in the state live; there are 1"),
    ],
)
def test_what_must_never_be_true_of_its_tables_is_named(linked: Mirror, harm: str, told: str | None) -> None:
    linked.db.execute(harm)
    assert list(faults(linked.db)) == ([told] if told else [])


def test_a_fault_says_what_to_do(linked: Mirror, tmp_path: Path) -> None:
    linked.db.execute("UPDATE link SET person = 99")
    with pytest.raises(MirrorError, match="is damaged: 1 links of lead") as failure:
        check(linked.db, tmp_path / "mksync.db")
    assert (failure.value.exit_code, failure.value.hint.endswith("mksync mirror rebuild")) == (7, True)


def checked(path: Path, *, after: float) -> bool:
    """Whether this opening of a faulty mirror, seconds after it was last looked over, finds out."""
    mirror = Mirror.open(path)
    try:
        mirror.look_over(NOW + after)
    except MirrorError:
        return True
    finally:
        mirror.close()
    return False


@pytest.fixture
def faulty(linked: Mirror, tmp_path: Path) -> Path:
    """Looked over at NOW, harmed since, and closed."""
    linked.look_over(NOW)
    linked.db.execute("UPDATE link SET person = 99")
    linked.close()
    return tmp_path / "mksync.db"


@pytest.mark.parametrize(("after", "finds_out"), [(DAY - 1, False), (DAY, True), (-1, True)])
def test_it_is_looked_over_once_a_day(faulty: Path, after: float, finds_out: bool) -> None:
    assert checked(faulty, after=after) is finds_out


def test_it_is_looked_over_after_a_run_that_did_not_close_it(faulty: Path) -> None:
    killed = Mirror.open(faulty)
    killed.project.set("a", "1")
    copies: Callable[[str], Path] = lambda end: faulty.with_name(f"copy.db{end}")  # noqa: E731
    for end in ("", "-wal"):  # as a power cut leaves it
        copies(end).write_bytes(faulty.with_name(faulty.name + end).read_bytes())
    killed.close()
    assert checked(faulty, after=1) is False
    assert checked(copies(""), after=1) is True
