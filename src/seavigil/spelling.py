"""Names that people type: what there is not, and which one may be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

#: So alike is a slip of the finger (own choice: half of the letters in their order).
_ALIKE = 0.5
#: So many names can be read in a line; of more only the number is told.
_MOST_NAMED = 30


def nearest(name: str, known: Collection[str]) -> str:
    """Say which known name may be meant, else which there are.

    >>> nearest("crosing", ["crossing", "drifting"])
    "; did you mean 'crossing'?"
    >>> nearest("x", ["crossing", "drifting"])
    '; there are crossing, drifting'
    """
    near = get_close_matches(name, list(known), n=1, cutoff=_ALIKE)
    if near:
        return f"; did you mean {near[0]!r}?"
    if len(known) > _MOST_NAMED:
        return f"; there are {len(known):,} others"
    return f"; there are {', '.join(known)}" if known else "; there is none"


def check_names(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise ``ValueError`` for the first name that there is not, with the one that may be meant.

    >>> check_names("behaviour", ["crossing"], ["crossing", "drifting"])
    """
    for name in given:
        if name not in known:
            raise ValueError(f"there is no {what} {name!r}{nearest(name, known)}")
