"""Time of receipt goes on when somebody sets the clock, and says so."""

from hypothesis import given
from hypothesis import strategies as st

from seavigil.records import SECOND_US
from seavigil.runners.wall import WallClock


class Clocks:
    def __init__(self) -> None:
        self.steady, self.wall = 5_000_000, 1_700_000_000_000_000

    def pass_s(self, seconds: float, set_by_s: float = 0.0) -> None:
        self.steady += round(seconds * SECOND_US)
        self.wall += round((seconds + set_by_s) * SECOND_US)

    def clock(self) -> WallClock:
        return WallClock(lambda: self.wall, lambda: self.steady)


def test_a_clock_set_forward_is_told_at_once_and_followed_after_a_minute() -> None:
    """Somebody sets the clock an hour ahead."""
    clocks = Clocks()
    clock = clocks.clock()
    began = clock.now_us()
    clocks.pass_s(1, set_by_s=3600)
    assert clock.now_us() == began + SECOND_US
    assert clock.tell() == ["the system's clock was set forward by 3,600 s"]
    clocks.pass_s(59)
    assert clock.now_us() == began + 60 * SECOND_US
    clocks.pass_s(1)
    assert clock.now_us() == began + 3661 * SECOND_US
    assert clock.tell() == ["times of receipt leap forward by 3,600 s with the clock"]


def test_a_clock_set_back_is_told_and_not_followed() -> None:
    """Somebody sets the clock an hour back."""
    clocks = Clocks()
    clock = clocks.clock()
    began = clock.now_us()
    clocks.pass_s(1, set_by_s=-3600)
    clock.now_us()
    clocks.pass_s(600)
    assert clock.now_us() == began + 601 * SECOND_US
    assert clock.tell() == ["the system's clock was set back by 3,600 s"]


def test_a_leap_that_is_taken_back_within_the_minute_leaves_no_trace_but_words() -> None:
    """Somebody sets the clock wrong, and right again."""
    clocks = Clocks()
    clock = clocks.clock()
    began = clock.now_us()
    clocks.pass_s(1, set_by_s=86_400)
    clock.now_us()
    clocks.pass_s(10, set_by_s=-86_400)
    assert clock.now_us() == began + 11 * SECOND_US
    assert clock.tell()[-1] == "the system's clock is back where it was"


def test_slow_drift_is_followed_without_a_word() -> None:
    """What a time server corrects bit by bit is no leap."""
    clocks = Clocks()
    clock = clocks.clock()
    for _ in range(1000):
        clocks.pass_s(1, set_by_s=0.01)
        now = clock.now_us()
    assert now == clocks.wall
    assert clock.tell() == []


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-1e6, 1e6))))
def test_time_never_goes_back_whatever_is_done_to_the_clock(steps) -> None:
    """Nothing may come before what came before it."""
    clocks = Clocks()
    clock = clocks.clock()
    last = clock.now_us()
    for seconds, set_by_s in steps:
        clocks.pass_s(seconds, set_by_s)
        now = clock.now_us()
        assert now >= last
        last = now
