"""Answers about faults in, figures and promises out."""

from __future__ import annotations

from typing import Any

import pytest

from seavigil.exercises.fault_scoring import (
    HOUR,
    LIKELY,
    MINUTE,
    Answer,
    Suspected,
    figures,
    must_hold,
    tables,
)


def answers(*ranks: int | None, known: str = MINUTE, kind: str | None = "drag", named: int = 0) -> Suspected:
    """Give one answer for each rank of the ship that did it."""
    return Suspected([Answer(known, kind, rank, LIKELY if rank == 1 else None, named) for rank in ranks])


def promise(suspected: Suspected, words: str) -> dict[str, Any]:
    """Give the one promise with these words in it."""
    (one,) = (row for row in must_hold(suspected) if words in row["what"])
    return one


@pytest.mark.parametrize(("firsts", "holds"), [(95, True), (94, False)])
def test_first_in_95_of_100(firsts: int, *, holds: bool) -> None:
    """The ship that did it must stand first in 95 of 100 faults known to the minute."""
    told = promise(answers(*[1] * firsts, *[2] * (100 - firsts)), "did it first")
    assert (told["reached"]["hits"], told["reached"]["of"], told["holds"]) == (firsts, 100, holds)


@pytest.mark.parametrize(("rank", "holds"), [(3, True), (4, False), (None, False)])
def test_first_three_of_an_hour(rank: int | None, *, holds: bool) -> None:
    """Known within an hour she must be among the first three; not listed is not among them."""
    assert promise(answers(rank, known=HOUR), "within an hour")["holds"] is holds


@pytest.mark.parametrize(("named", "holds"), [(2, True), (3, False)])
def test_nobody_named_for_nothing(named: int, *, holds: bool) -> None:
    """Of a hundred faults without a ship at most two may get one called likely."""
    suspected = answers(*[None] * named, kind=None, named=1)
    suspected.add(answers(*[None] * (100 - named), kind=None))
    assert promise(suspected, "without a ship")["holds"] is holds


def test_without_a_case_nothing_is_shown() -> None:
    """Where nothing was asked no promise holds, and no figure pretends to one."""
    assert not any(row["holds"] for row in must_hold(Suspected()))
    assert figures(Suspected())["no_ship"][MINUTE]["share"] is None


def test_tables_tell_kinds_apart() -> None:
    """Each kind of incident has a row for each way its time was known."""
    suspected = answers(1, 2, kind="drag")
    suspected.add(answers(1, known=HOUR, kind="zigzag", named=1))
    by_kind, wrong = tables(figures(suspected))
    assert by_kind[3] == [
        ["drag", "to the minute", "50% (1/2)", "100% (2/2)", "50% (1/2)"],
        ["drag", "within an hour", "-", "-", "-"],
        ["zigzag", "to the minute", "-", "-", "-"],
        ["zigzag", "within an hour", "100% (1/1)", "100% (1/1)", "100% (1/1)"],
    ]
    assert wrong[3] == [["to the minute", "-", "0% (0/2)"], ["within an hour", "-", "100% (1/1)"]]
