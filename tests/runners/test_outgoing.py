"""What goes to a channel now: grouped, limited, nothing left out, the same again after a crash."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.runners.outgoing import HOUR_US, Outgoing, Pace, Turns, outgoing
from seavigil.store.rows import OutboxItem
from tests.alerts.channels.letters import CREATED_US
from tests.runners.telling import SECOND_US, letter


def goes(*due: OutboxItem, free: int = 99, now_s: float = 0.0, **pace: float) -> list[Outgoing]:
    """Give what goes now."""
    return outgoing(due, Pace(**pace), free, CREATED_US + round(now_s * SECOND_US))  # type: ignore[arg-type]


def ids(found: list[Outgoing]) -> list[list[str]]:
    """Name what goes by its alerts."""
    return [sorted(item.alert_id for item in one.items) for one in found]


def test_alerts_of_one_group_wait_for_each_other() -> None:
    """Two ships over one cable within the wait are one message; the third, over another, is its own."""
    due = [letter("a", assets="link"), letter("b", assets="link", at_s=20), letter("c", at_s=25)]
    assert ids(goes(*due, now_s=29, group_wait_s=30)) == []
    assert ids(goes(*due, now_s=30, group_wait_s=30)) == [["a", "b"]]
    assert ids(goes(*due, now_s=55, group_wait_s=30)) == [["a", "b"], ["c"]]


def test_an_urgent_alert_waits_for_nobody() -> None:
    """It goes at once, and takes along what waits in its group."""
    due = [letter("a", assets="link"), letter("b", assets="link", priority="urgent"), letter("c")]
    assert ids(goes(*due, now_s=0, group_wait_s=30)) == [["a", "b"]]


def test_of_an_alert_the_newest_revision_is_told() -> None:
    """Both rows are settled by one message that tells the newer."""
    (one,) = goes(letter("a"), letter("a", revision=2))
    assert len(one.items) == 2
    assert [item.revision for item in one.told] == [2]
    assert one.message().keys == ("a:2:mail",)


def test_what_is_beyond_the_limit_goes_as_one_digest() -> None:
    """Five alerts and two turns: one by itself, four in brief; none is left out."""
    due = [letter(f"a{n}", at_s=n) for n in range(5)]
    alone, rest = goes(*due, free=2, now_s=10)
    assert (ids([alone]), alone.digest) == ([["a0"]], False)
    assert (ids([rest]), rest.digest) == ([["a1", "a2", "a3", "a4"]], True)
    text = rest.message().text
    assert all(f"[a{n}]" in text for n in range(1, 5))


def test_without_a_turn_only_urgent_alerts_go() -> None:
    """What is not urgent waits; what is does not, unless that is asked for."""
    due = [letter("a"), letter("b", priority="urgent")]
    assert ids(goes(*due, free=0)) == [["b"]]
    assert ids(goes(*due, free=0, hold_urgent=True)) == []


def test_exercises_are_never_in_a_digest_with_real_alerts() -> None:
    """The real ones go first; the exercises wait for the next turn."""
    due = [letter(f"{kind}{n}", exercise=kind == "e") for n in range(3) for kind in "er"]
    assert ids(goes(*due, free=1)) == [["r0", "r1", "r2"]]
    exercises = [one for one in due if one.alert_id.startswith("e")]
    (drill,) = goes(*exercises, free=1)
    assert drill.message().status == "exercise"


def test_what_was_noted_together_goes_together_again() -> None:
    """After a crash the same rows make the same message, whatever has come since, limit or not."""
    first = [letter("a", assets="link"), letter("b", assets="link")]
    (before,) = goes(*first)
    noted = [_noted(one, 5) for one in first]
    again = goes(*noted, letter("c", assets="link", at_s=3), free=0, now_s=60)
    assert ids(again) == [["a", "b"]]
    assert again[0].message() == before.message()


def test_a_digest_that_was_noted_is_the_same_digest_again() -> None:
    """In brief as before, under the same key."""
    due = [letter(f"a{n}") for n in range(3)]
    (before,) = goes(*due, free=1)
    (again,) = goes(*(_noted(one, 5) for one in due), now_s=60)
    assert again.digest
    assert again.message() == before.message()


def test_two_messages_noted_at_two_moments_stay_two() -> None:
    """Near miss: rows of one group that were sent one after the other."""
    due = [_noted(letter("a", assets="link"), 5), _noted(letter("b", assets="link"), 6)]
    assert ids(goes(*due, now_s=60)) == [["a"], ["b"]]


def test_what_an_operator_wants_tried_is_new() -> None:
    """A letter taken out of the dead ones is due at once, and grouped with what waits."""
    back = replace(letter("a", assets="link"), attempts=4, next_us=0)
    assert ids(goes(back, now_s=60)) == [["a"]]


def _noted(item: OutboxItem, at_s: float) -> OutboxItem:
    return replace(item, next_us=CREATED_US + round(at_s * SECOND_US))


@pytest.mark.parametrize(
    ("failures", "chance", "wait_s"),
    [(1, 1.0, 5.0), (1, 0.0, 2.5), (2, 1.0, 10.0), (4, 0.5, 30.0), (7, 1.0, 300.0), (5_000, 1.0, 300.0)],
)
def test_waits_double_up_to_a_limit_and_are_spread(failures: int, chance: float, wait_s: float) -> None:
    """5 s, 10, 20, 40... up to 300, times a half to one: min(300, 5 * 2^(n-1)) * (0.5 + 0.5 * chance)."""
    assert Pace().delay_s(failures, chance) == wait_s


def test_half_of_the_turns_come_at_once_and_half_spread_over_the_hour() -> None:
    """Of 60 an hour 30 may go at once, then one each 3600 / 30 = 120 s."""
    turns = Turns(60)
    assert turns.free(0) == 30
    for _ in range(30):
        turns.took(0)
    assert turns.free(119 * SECOND_US) == 0
    assert turns.free(120 * SECOND_US) == 1
    turns.took(120 * SECOND_US)
    assert turns.free(239 * SECOND_US) == 0
    assert turns.free(HOUR_US + 1) == 29  # the 30 of the beginning are over an hour ago, one is not


@given(st.integers(1, 20), st.lists(st.integers(0, 900), max_size=120))
def test_never_more_than_the_limit_within_any_hour(most: int, waits_s: list[int]) -> None:
    """However greedily turns are taken: a window of an hour holds so many at most."""
    turns, sent_us, now_us = Turns(most), list[int](), 0
    for wait_s in waits_s:
        now_us += wait_s * SECOND_US
        for _ in range(turns.free(now_us)):
            turns.took(now_us)
            sent_us.append(now_us)
    for end_us in sent_us:
        assert sum(end_us - HOUR_US < at <= end_us for at in sent_us) <= most


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=30), st.integers(0, 5))
def test_no_row_is_left_out_and_none_goes_twice(rows: list[tuple[int, bool, bool]], free: int) -> None:
    """With enough turns one after the other every row goes, once, and never an exercise with a real alert."""
    due = [
        letter(f"a{n}", assets=f"link {group}", exercise=exercise, priority="urgent" if urgent else "info")
        for n, (group, exercise, urgent) in enumerate(rows)
    ]
    left, gone, rounds = {item.key: item for item in due}, list[str](), 0
    while left:
        rounds += 1
        assert rounds <= len(rows) + 2
        for one in goes(*left.values(), free=free if rounds == 1 else free + 1):
            one.message()
            gone += one.keys
            for key in one.keys:
                del left[key]
    assert sorted(gone) == sorted(item.key for item in due)
