import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.sandbox.salesforce import ids

# Pairs that Salesforce's own documentation and recorded answers show.
KNOWN = [
    ("0015g00000QqRrS", "0015g00000QqRrSAAV"),
    ("00Q5g00000AbCdE", "00Q5g00000AbCdEEAV"),
    ("0035g00000ZzYyX", "0035g00000ZzYyXAAV"),
    ("012000000000000", "012000000000000AAA"),
]
CHARACTERS = st.text(alphabet=ids.ALPHABET, min_size=15, max_size=15)


def suffix_by_the_rule(id15: str) -> str:
    """The rule of the Object Reference, spelled out bit by bit."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    bits = ["1" if char.isupper() else "0" for char in id15]
    return "".join(letters[int("".join(reversed(bits[start : start + 5])), 2)] for start in (0, 5, 10))


@pytest.mark.parametrize("short", [short for short, _ in KNOWN])
def test_the_suffix_tells_the_case_of_every_letter(short: str) -> None:
    assert ids.widen(short) == short + suffix_by_the_rule(short)


def test_the_master_record_types_id_is_the_documented_one() -> None:
    assert ids.widen("012000000000000") == "012000000000000AAA"


@given(CHARACTERS)
def test_an_id_widens_to_itself_and_no_other_suffix_is_accepted(short: str) -> None:
    wide = short + suffix_by_the_rule(short)
    assert ids.widen(short) == wide
    assert ids.widen(wide) == wide
    assert ids.widen(wide[:-1] + ("A" if wide[-1] != "A" else "B")) is None


@given(st.lists(st.integers(0, 62**6), min_size=2, unique=True))
def test_ids_sort_as_their_numbers_do(numbers: list[int]) -> None:
    made = [ids.make("00Q", number) for number in sorted(numbers)]
    assert made == sorted(made)
    assert len(set(made)) == len(numbers)


@pytest.mark.parametrize("text", ["", "00Q", "00Q5g00000AbCd!", "00Q5g00000AbCdEEA", "00Q5g00000AbCdEEAVX"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert ids.widen(text) is None
