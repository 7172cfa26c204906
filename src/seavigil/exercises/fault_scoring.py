"""What naming suspects was worth: faults whose cause is known, and faults without a ship.

Pure: answers in, figures out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seavigil.exercises.scoring import Share, share

#: How surely the time of a fault was given, and how the pages call it.
MINUTE, HOUR = "minute", "hour"
_WORDS = {MINUTE: "to the minute", HOUR: "within an hour"}
LIKELY = "likely"


@dataclass(frozen=True)
class Answer:
    """What was found about one fault.

    ``rank``, ``says``: of the ship that did it, None where she was not listed, or no ship did it
    (``kind`` None). ``named``: how many ships that did not do it were called likely.
    """

    known: str
    kind: str | None
    rank: int | None
    says: str | None
    named: int


@dataclass
class Suspected:
    """The answers of one or many plays."""

    answers: list[Answer] = field(default_factory=list)

    def add(self, other: Suspected) -> None:
        """Take those of another play."""
        self.answers += other.answers


def figures(suspected: Suspected) -> dict[str, Any]:
    """Give everything as plain values."""
    kinds = dict.fromkeys(a.kind for a in suspected.answers if a.kind is not None)
    return {
        "by_kind": {
            kind: {known: _row(_of(suspected, known, kind)) for known in (MINUTE, HOUR)} for kind in kinds
        },
        "no_ship": {
            known: share(a.named > 0 for a in _of(suspected, known, None)).as_json()
            for known in (MINUTE, HOUR)
        },
        "wrong_named": {
            known: share(a.named > 0 for a in _caused(suspected, known)).as_json() for known in (MINUTE, HOUR)
        },
    }


def _of(suspected: Suspected, known: str, kind: str | None) -> list[Answer]:
    return [a for a in suspected.answers if a.known == known and a.kind == kind]


def _caused(suspected: Suspected, known: str) -> list[Answer]:
    return [a for a in suspected.answers if a.known == known and a.kind is not None]


def _row(answers: Iterable[Answer]) -> dict[str, Any]:
    all_answers = list(answers)
    return {
        "first": _within(all_answers, 1).as_json(),
        "first_three": _within(all_answers, 3).as_json(),
        "likely": share(a.says == LIKELY for a in all_answers).as_json(),
    }


def _within(answers: Iterable[Answer], most: int) -> Share:
    return share(a.rank is not None and a.rank <= most for a in answers)


def must_hold(suspected: Suspected) -> list[dict[str, Any]]:
    """Give the promises about suspects: what is wanted, what was reached, and whether it holds."""
    minute, hour = (_caused(suspected, known) for known in (MINUTE, HOUR))
    innocent = [a for a in suspected.answers if a.kind is None]
    return [
        _at_least("fault known to the minute: the ship that did it first", _within(minute, 1), 0.95),
        _at_least("fault known to the minute: she is among the first three", _within(minute, 3), 0.99),
        _at_least("fault known within an hour: she is among the first three", _within(hour, 3), 0.90),
        _at_most("fault without a ship: some ship called likely", share(a.named > 0 for a in innocent), 0.02),
    ]


def _at_least(what: str, reached: Share, wanted: float) -> dict[str, Any]:
    holds = reached.share is not None and reached.share >= wanted
    return {"what": what, "wanted": f">= {wanted:.0%}", "reached": reached.as_json(), "holds": holds}


def _at_most(what: str, reached: Share, wanted: float) -> dict[str, Any]:
    holds = reached.share is not None and reached.share <= wanted
    return {"what": what, "wanted": f"<= {wanted:.0%}", "reached": reached.as_json(), "holds": holds}


Table = tuple[str, str, list[str], list[list[str]]]


def tables(card: Mapping[str, Any]) -> list[Table]:
    """Give title, note, header and rows of the tables about suspects."""
    rows = [
        [
            kind,
            _WORDS[known],
            *(_said(row[known][what]) for what in ("first", "first_three", "likely")),
        ]
        for kind, row in card["by_kind"].items()
        for known in (MINUTE, HOUR)
    ]
    nobody = [
        [_WORDS[known], _said(card["no_ship"][known]), _said(card["wrong_named"][known])]
        for known in (MINUTE, HOUR)
    ]
    head = ["time known", "no ship did it: one called likely", "a ship did it: another called likely"]
    return [
        (
            "Suspects for a fault: where the ship that did it stands",
            "The first hits of each incident, each as a fault of which only asset and time are known.",
            ["incident", "time known", "first", "first three", "called likely"],
            rows,
        ),
        ("Suspects for a fault: who was named wrongly", "", head, nobody),
    ]


def _said(row: Mapping[str, Any]) -> str:
    return "-" if row["share"] is None else f"{row['share']:.0%} ({row['hits']}/{row['of']})"
