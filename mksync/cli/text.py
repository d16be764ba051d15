"""Text of strangers made safe to print: nothing that a record holds acts on the terminal or hides in it.

Emoji and right-to-left writing stay as they are. What would move the cursor, change colours, reorder the line or not
show at all is written out: a line end as ⏎, the rest by its code, as in \\x1b.
"""

import re

# C0, DEL and C1; soft hyphen; marks, overrides and isolates of writing direction; zero-width space, word joiner and
# the like; line and paragraph separators; halves of surrogate pairs. Joiners (U+200C, U+200D) make emoji and Persian.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text on one line, with everything in it to be seen."""
    return printable(text.replace("\r\n", "⏎").replace("\n", "⏎"))


def printable(text: str) -> str:
    """The text on its own lines, with everything else in it to be seen."""
    return _HOSTILE.sub(_written_out, text)


def json_safe(document: str) -> str:
    """A JSON document that says the same and is safe to print."""
    return _HOSTILE.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", document)


def _written_out(found: re.Match[str]) -> str:
    char = found[0]
    if char == "\n":
        return char
    return {"\t": "\\t", "\r": "\\r"}.get(char) or (f"\\x{ord(char):02x}" if char < "\x80" else f"\\u{ord(char):04x}")
