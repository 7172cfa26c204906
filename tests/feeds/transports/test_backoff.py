"""When a connection is tried again, and what is told of it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.transports.backoff import Backoff, BackoffParams
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.retrying import Attempts, Trouble
from tests.feeds.transports.sinks import SOON, RecordingSink

PARAMS = BackoffParams(first_s=1, factor=2, most_s=30, held_s=30, refused_s=60)


def test_waits_double_up_to_the_longest() -> None:
    """With the largest chance the waits are 1, 2, 4, 8, 16 and then 30 s for ever."""
    backoff = Backoff(PARAMS, lambda: 1.0)
    assert [backoff.failed(0) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_jitter_is_full() -> None:
    """The wait is drawn from nothing up to the limit: half the chance is half the wait, none is none."""
    assert Backoff(PARAMS, lambda: 0.0).failed(0) == 0
    backoff = Backoff(PARAMS, lambda: 0.5)
    assert [backoff.failed(0) for _ in range(3)] == [0.5, 1, 2]


def test_a_connection_that_held_begins_anew() -> None:
    """After 30 s of connection the next failure counts as the first."""
    backoff = Backoff(PARAMS, lambda: 1.0)
    waits = [backoff.failed(0), backoff.failed(0), backoff.failed(0)]
    backoff.connected(100)
    assert [*waits, backoff.failed(130), backoff.failed(131)] == [1, 2, 4, 1, 2]


def test_a_connection_that_falls_at_once_does_not() -> None:
    """A server that takes connections and drops them within 30 s is asked ever more seldom."""
    backoff = Backoff(PARAMS, lambda: 1.0)
    waits = []
    for at_s in range(5):
        backoff.connected(at_s)
        waits.append(backoff.failed(at_s + 0.5))
    assert waits == [1, 2, 4, 8, 16]


def test_time_between_failures_is_no_connection() -> None:
    """Long failing attempts do not count as a connection that held: only `connected` begins one."""
    backoff = Backoff(PARAMS, lambda: 1.0)
    backoff.connected(0)
    assert [backoff.failed(1), backoff.failed(1_000), backoff.failed(2_000)] == [1, 2, 4]


def test_refusals_are_tried_slowly() -> None:
    """What a person must mend is tried again after 30 to 60 s, and does not lengthen other waits."""
    assert Backoff(PARAMS, lambda: 0.0).failed(0, refused=True) == 30
    backoff = Backoff(PARAMS, lambda: 1.0)
    assert [backoff.failed(0, refused=True), backoff.failed(0)] == [60, 1]


@given(st.floats(0, 1), st.integers(1, 2_000))
def test_no_wait_is_longer_than_the_longest(chance: float, failures: int) -> None:
    """However often it failed, and whatever the chance, a wait lies between nothing and 30 s."""
    backoff = Backoff(PARAMS, lambda: chance)
    assert all(0 <= backoff.failed(0) <= 30 for _ in range(failures))


def test_waits_that_make_no_sense_are_refused() -> None:
    """No wait at all, or a longest wait below the first, is an error in one line."""
    with pytest.raises(ValueError, match="above 0"):
        BackoffParams(first_s=0)
    with pytest.raises(ValueError, match="most_s"):
        BackoffParams(first_s=10, most_s=5)


def test_each_state_is_told_once() -> None:
    """Failing twenty times alike is told once, another reason again, and then the end."""
    sink, tries = RecordingSink(), iter([*["no route"] * 20, *["refused"] * 20])

    async def attempt() -> str:
        says = next(tries, None)
        if says is not None:
            raise Trouble(says)
        return "the end"

    asyncio.run(Attempts(sink, SOON).run(attempt))
    assert sink.states == [
        (FeedState.CONNECTING, ""),
        (FeedState.WAITING, "no route"),
        (FeedState.WAITING, "refused"),
        (FeedState.ENDED, "the end"),
    ]


def test_a_refusal_is_another_state() -> None:
    """Trouble that somebody must mend is told as refused."""
    sink, tries = RecordingSink(), iter([True, False])

    async def attempt() -> str:
        if next(tries):
            raise Trouble("wrong key", refused=True)
        return ""

    asyncio.run(Attempts(sink, SOON).run(attempt))
    assert sink.states[1:] == [(FeedState.REFUSED, "wrong key"), (FeedState.ENDED, "")]
