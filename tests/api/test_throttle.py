"""How often somebody may try: waits that double, and buckets that fill again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.api.throttle import FREE, MOST_WAIT_S, USER_WAIT_S, Buckets, Keys, Refusals, Throttle
from tests.api.house import Clock

KAI, OTHER = Keys("kai", "192.0.2.7"), Keys("kai", "192.0.2.8")


def test_each_failure_beyond_the_first_doubles_the_wait() -> None:
    """1, 2, 4... seconds, never more than a quarter of an hour."""
    clock = Clock()
    throttle = Throttle(clock)
    waits = []
    for _ in range(40):
        waits.append(throttle.begin(KAI))
        clock.at_s += waits[-1]
    assert waits[:8] == [0, 0, 0, 0, 0, 1, 0, 2]
    told = [wait for wait in waits if wait]
    assert told[:4] == [1, 2, 4, 8]
    assert told[-1] == max(told) == MOST_WAIT_S


def test_one_address_locks_nobody_out() -> None:
    """It tries at every moment it may, for two days: whoever is meant comes in from elsewhere at once."""
    clock = Clock()
    throttle = Throttle(clock)
    while clock.at_s < 2 * 86_400:
        clock.at_s += throttle.begin(KAI)
    assert throttle.begin(OTHER) == 0


def test_many_addresses_together_have_to_wait() -> None:
    """A hundred failures wherever from; then who is meant waits half a minute at most."""
    clock = Clock()
    throttle = Throttle(clock)
    waits = [throttle.begin(Keys("kai", f"198.51.100.{n}")) for n in range(101)]
    assert waits == [0] * 100 + [1]
    for n in range(100):
        clock.at_s += throttle.begin(Keys("kai", f"203.0.113.{n}"))
    assert 0 < throttle.begin(OTHER) <= USER_WAIT_S


def test_a_success_forgets_the_name_and_takes_one_from_the_address() -> None:
    """Somebody with a password of their own cannot go on trying others' for free."""
    clock = Clock()
    throttle = Throttle(clock)
    for n in range(FREE["address"] - 1):
        assert throttle.begin(Keys(f"u{n}", KAI.address)) == 0
    assert throttle.begin(KAI) == 0
    throttle.succeeded(KAI)
    assert throttle.begin(Keys("x", KAI.address)) == 0
    assert throttle.begin(Keys("y", KAI.address)) == 1


def test_what_was_long_ago_is_forgotten() -> None:
    """After half an hour without a try the first ones are free again."""
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(FREE["pair"]):
        throttle.begin(KAI)
    clock.at_s += 2 * MOST_WAIT_S + 1
    assert [throttle.begin(KAI) for _ in range(FREE["pair"])] == [0] * FREE["pair"]


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    """Ten thousand names: whoever sends more makes it forget, and costs no memory."""
    throttle = Throttle(Clock())
    for n in range(6_000):
        throttle.begin(Keys(str(n), str(n)))
    assert len(throttle._tries) == 10_000


@given(st.lists(st.floats(0, 5), max_size=60), st.floats(0.5, 20), st.integers(1, 8))
def test_nobody_gets_more_than_rate_and_burst(pauses: list[float], per_s: float, burst: int) -> None:
    """However the requests lie, over any time: no more than the burst and what the rate gives in it."""
    clock = Clock()
    buckets = Buckets(per_s, burst, clock)
    let = 0
    for pause in pauses:
        clock.at_s += pause
        wait_s = buckets.spend("kai")
        let += not wait_s
        assert 0 <= wait_s <= 1 / per_s + 1e-9
        assert let <= burst + clock.at_s * per_s + 1e-6


def test_who_waits_as_told_gets_through() -> None:
    """The wait that is told suffices."""
    clock = Clock()
    buckets = Buckets(3.0, 1, clock)
    assert buckets.spend("kai") == 0
    wait_s = buckets.spend("kai")
    clock.at_s += wait_s + 1e-9
    assert buckets.spend("kai") == 0


def test_many_addresses_do_not_fill_the_trail() -> None:
    """A day of a refusal a second, each of another address: 200 and one a minute are written."""
    clock = Clock()
    refusals = Refusals(clock)
    found = []
    for n in range(86_400):
        clock.at_s = float(n)
        found.append(refusals.left_out(f"address {n}"))
    written = [one for one in found if one is not None]
    assert len(written) == pytest.approx(200 + 1440, abs=5)
    assert sum(written) + len(written) == pytest.approx(86_400, abs=60)
