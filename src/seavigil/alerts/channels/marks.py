"""Marks of exercises and tests, and text made safe to send."""

from __future__ import annotations

import re

#: Three times, at the beginning and at the end: as exercises are marked on the radio.
EXERCISE = "EXERCISE EXERCISE EXERCISE"
TEST = "TEST TEST TEST"

#: Longest subject: a headline of CAP 1.2 should fit on 160 characters (3.2.2), the marks with it.
MAX_SUBJECT = 160 - 2 * (len(EXERCISE) + 1)

#: What no text may carry on: control characters (but new lines), what turns the direction of writing, and
#: what XML 1.0 has no place for. Names come from ships, and ships may send anything.
_UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Give the text without what could break a line, a header or a screen.

    >>> clean("A\\r\\nB\\x1b[2J")
    'A \\nB [2J'
    """
    return _UNFIT.sub(" ", text)


def one_line(text: str, most: int) -> str:
    """Give the text in one line of at most ``most`` characters.

    >>> one_line("drifting near\\n  Link 1", 16)
    'drifting near...'
    """
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def marked(text: str, mark: str, between: str) -> str:
    """Let the text begin and end with the mark; one that does already stays as it is.

    >>> marked("Ship adrift", "TEST", " ")
    'TEST Ship adrift TEST'
    """
    return f"{mark}{between}{unmarked(text, mark)}{between}{mark}" if mark else text


def unmarked(text: str, mark: str) -> str:
    """Give the text between the marks."""
    return text.removeprefix(mark).removesuffix(mark).strip() if mark else text
