"""What strangers wrote is printed as text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mksync.cli.text import json_safe, printable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\u009b31m"),
        ("a\nb\r\nc\rd", "a⏎b⏎c\\rd"),
        ("tab\there", "tab\\there"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066x\u2069\u200f", "\\u2066x\\u2069\\u200f"),
        ("in\u200bvisible\ufeff", "in\\u200bvisible\\ufeff"),
        ("half \ud83d", "half \\ud83d"),
        ("a\u2028b\u0085c", "a\\u2028b\\u0085c"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 👍🏽", "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 👍🏽"),
        ("می‌خواهم", "می‌خواهم"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
    ],
)
def test_what_would_act_is_written_out_and_what_reads_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_message_of_ours_keeps_its_lines() -> None:
    assert printable("one\n\x1b[2Jtwo") == "one\n\\x1b[2Jtwo"


@given(st.text(st.characters()))
def test_nothing_printed_can_act_on_a_terminal(text: str) -> None:
    shown = visible(text)
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(st.dictionaries(st.text(st.characters()), st.text(st.characters())))
def test_json_made_safe_says_the_same(data: dict[str, str]) -> None:
    document = json_safe(json.dumps(data, ensure_ascii=False, indent=2))
    assert json.loads(document) == data
    assert not any((ord(char) < 0x20 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in document)
    document.encode("utf-8")
