"""Order, late rows, wrong clocks; and that no cut of the input changes anything."""

from __future__ import annotations

import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.records import END_OF_DATA_US, NEVER_US, SECOND_US, Decoded, Flag, TimeSource
from seavigil.tracks import Tracker, TrackParams
from seavigil.tracks.order import in_order
from tests.tracks.rows import T0_US, column, reports, track

SHIP, OTHER = 219_000_001, 219_000_002

# Few places, times and ships, so that repeats, jumps, ties, gaps and late rows all come up.
ROWS = st.lists(
    st.tuples(
        st.sampled_from([SHIP, OTHER, 992_190_001]),
        st.one_of(st.integers(0, 200), st.integers(0, 4_000), st.sampled_from([90_000, 10**9])),
        st.sampled_from([55.0, 55.001, 55.002, 56.5, None, 0.0]),
        st.sampled_from([11.0, 11.001, 0.0]),
        st.sampled_from([0.0, 12.0, 102.2, None]),
    ),
    max_size=60,
)


def _by_id(tracked: pa.Table) -> list[tuple[object, ...]]:
    names = ("report_id", "time_us", "vessel_part", "flags")
    return sorted(zip(*(column(tracked, name) for name in names), strict=True))


def _speeds(tracked: pa.Table) -> dict[object, object]:
    return dict(zip(column(tracked, "report_id"), column(tracked, "implied_speed_kn"), strict=True))


@given(rows=ROWS, cuts=st.sets(st.integers(0, 60)), clock_rows=st.sampled_from([1, 3, 20]))
def test_any_cut_gives_what_the_whole_gives(rows: list, cuts: set[int], clock_rows: int) -> None:
    """Rows, order, parts, flags and implied speeds do not depend on how the input was cut."""
    table, params = reports(rows), TrackParams(clock_rows=clock_rows)
    whole = track(table, params=params)
    cut = track(table, params=params, cuts={c for c in cuts if c <= len(rows)})
    assert _by_id(cut) == _by_id(whole)
    for report_id, speed in _speeds(whole).items():
        assert _speeds(cut)[report_id] == (None if speed is None else pytest.approx(speed, rel=1e-9))


@given(rows=ROWS, cuts=st.sets(st.integers(0, 60)))
def test_rows_in_time_come_in_one_order(rows: list, cuts: set[int]) -> None:
    """Over all calls, what is neither late nor of a wrong clock is sorted by time and report id."""
    released = track(reports(rows), cuts={c for c in cuts if c <= len(rows)})
    aside = np.array(column(released, "flags"), dtype=np.int64) & int(Flag.LATE | Flag.WRONG_CLOCK)
    inside = released.filter(pa.array(aside == 0))
    keys = list(zip(column(inside, "time_us"), column(inside, "report_id"), strict=True))
    assert keys == sorted(keys)


@given(rows=ROWS)
def test_nothing_vanishes_but_repeats(rows: list) -> None:
    """Every report comes out once, or is counted as a duplicate."""
    out = Tracker().add(Decoded(reports(rows)), final=True)
    assert out.reports.num_rows + out.counts["duplicates"] == len(rows)


@given(
    steps=st.lists(st.integers(0, 30), min_size=1, max_size=60),
    delays=st.lists(st.floats(0, 59), min_size=60, max_size=60),
)
def test_disorder_within_the_delay_changes_nothing(steps: list[int], delays: list[float]) -> None:
    """Rows shuffled by less than the reordering delay give the same as rows in order."""
    times = np.cumsum(steps)
    rows = [(SHIP, int(t), 55 + t / 20_000, 11.0, 10.0) for t in times]
    arrival = np.argsort(times + np.array(delays[: len(times)]), kind="stable")
    table = reports(rows)
    assert track(table.take(pa.array(arrival))).equals(track(table))


def test_a_row_is_late_when_its_time_was_settled() -> None:
    """A row more than 60 s behind the latest before it is LATE, one exactly 60 s behind is not."""
    rows = [(SHIP, t, 55.0, 11.0, 0.0) for t in (0, 1, 2, 100, 40, 39.5)]
    flags = dict(zip(*(column(track(reports(rows)), name) for name in ("time_us", "flags")), strict=True))
    late = [t.timestamp() - T0_US / SECOND_US for t, f in flags.items() if f & Flag.LATE]
    assert late == [39.5]


def test_rows_wait_until_the_watermark_has_passed_them() -> None:
    """Before the end, rows within 60 s of the latest are held, and the watermark says so."""
    tracker = Tracker(TrackParams(clock_rows=1))
    out = tracker.add(Decoded(reports([(SHIP, t, 55.0, 11.0, 0.0) for t in (0, 50, 100)])))
    assert out.reports.num_rows == 1
    assert out.watermark_us == T0_US + 40 * SECOND_US - 1
    last = tracker.add(Decoded(), final=True)
    assert (last.reports.num_rows, last.watermark_us) == (2, T0_US + 100 * SECOND_US)


def test_a_receiver_in_the_year_2099_does_not_make_the_rest_late() -> None:
    """Rows far ahead of all others are flagged WRONG_CLOCK, from the first row on; the rest is sound."""
    far_s = 85 * 365 * 86_400
    rows = [(SHIP, far_s, 55.0, 11.0, 0.0)]
    for t in range(0, 600, 10):
        rows += [(SHIP, t, 55.0, 11.0, 0.0), (OTHER, far_s + t, 55.0, 11.0, 0.0)]
    out = Tracker().add(Decoded(reports(rows)), final=True)
    assert out.counts["wrong_clock"] == 61
    assert out.counts["late"] == 0
    assert out.watermark_us == T0_US + 590 * SECOND_US


def test_a_gap_in_the_recording_is_believed() -> None:
    """After hours without data the rows go on as sound, however many there are."""
    rows = [(SHIP, t, 55.0, 11.0, 0.0) for t in (0, 10, 20, 9_000, 9_010, 20_000)]
    out = Tracker().add(Decoded(reports(rows)), final=True)
    assert (out.counts["wrong_clock"], out.counts["late"], out.reports.num_rows) == (0, 0, 6)


def test_time_of_receipt_cannot_lead_rows_that_have_a_clock() -> None:
    """In an old recording, sentences without a clock, received today, do not move the end of the data."""
    own = reports([(SHIP, t, 55.0, 11.0, 0.0) for t in range(0, 300, 10)])
    today = reports([(OTHER, 4e8 + t, 56.0, 11.0, 0.0) for t in range(30)], time_source=TimeSource.RECEIVED)
    out = Tracker().add(Decoded(pa.concat_tables([own, today])), final=True)
    assert out.counts["wrong_clock"] == 30
    assert out.watermark_us == T0_US + 290 * SECOND_US


def test_rows_later_than_their_receipt_when_that_can_be_trusted() -> None:
    """With ``max_ahead_of_receipt_s`` a time after the receive time is a wrong clock at once."""
    table = reports([(SHIP, t, 55.0, 11.0, 0.0) for t in (0, 500)])
    received = pa.array([T0_US + SECOND_US] * 2).cast(table.schema.field("received_us").type)
    table = table.set_column(table.schema.get_field_index("received_us"), "received_us", received)
    params = TrackParams(max_ahead_of_receipt_s=60)
    assert Tracker(params).add(Decoded(table), final=True).counts["wrong_clock"] == 1


def test_many_small_calls_leave_one_chunk() -> None:
    """A live feed of one row a call does not grow a table of as many chunks, slow to take from."""
    tracker = Tracker()
    for t in range(100):
        tracker.add(Decoded(reports([(SHIP, t / 2, 55.0, 11.0, 0.0)])))
    assert tracker.held_rows == 100
    assert tracker._held.column("mmsi").num_chunks == 1


def test_the_state_can_be_pickled_between_calls() -> None:
    """A tracker restored from a pickle goes on as if nothing had happened."""
    table = reports([(SHIP, t * 10, 55 + t / 2_000, 11.0, 10.0) for t in range(60)])
    tracker = Tracker()
    first = tracker.add(Decoded(table.slice(0, 37)))
    rest = pickle.loads(pickle.dumps(tracker)).add(Decoded(table.slice(37)), final=True)
    assert pa.concat_tables([first.reports, rest.reports]).equals(track(table))


def test_without_rows_nothing_is_complete() -> None:
    """An empty input gives no rows and no watermark, and nothing may follow its end."""
    tracker = Tracker()
    out = tracker.add(Decoded(), final=True)
    assert (out.reports.num_rows, out.watermark_us) == (0, NEVER_US)
    with pytest.raises(RuntimeError, match="after final"):
        tracker.add(Decoded())


@given(
    rows=st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 2**64 - 1) | st.integers(0, 3)), max_size=50)
)
def test_the_order_is_that_of_numpy(rows: list[tuple[int, int]]) -> None:
    """The short sort gives what numpy.lexsort gives, ties and all."""
    times, ids = (
        np.array([r[0] for r in rows], dtype=np.int64),
        np.array([r[1] for r in rows], dtype=np.uint64),
    )
    assert in_order(times, ids).tolist() == np.lexsort((ids, times)).tolist()


@pytest.mark.parametrize("name", ["reorder_delay_s", "clock_rows", "max_parts"])
def test_settings_below_zero_are_refused(name: str) -> None:
    """A setting that makes no sense is named in the error."""
    with pytest.raises(ValueError, match=name):
        TrackParams(**{name: -1})


def test_no_limit_is_magic() -> None:
    """Times at both ends of what is allowed pass without overflow."""
    assert NEVER_US < 0 < END_OF_DATA_US
    assert track(reports([(SHIP, -1.3e9, 55.0, 11.0, 0.0), (SHIP, 6e9, 55.0, 11.0, 0.0)])).num_rows == 2


def live(rows: list[tuple[int, float]], *, off_s: float = 0.0) -> dict[str, int]:
    """Track rows of one ship, each of a time and received at another (s); gives the counts."""
    table = reports([(SHIP, t, 55.0, 11.0, 0.0) for t, _ in rows])
    received = pa.array([T0_US + round(at * SECOND_US) for _, at in rows])
    at = table.schema.get_field_index("received_us")
    table = table.set_column(at, "received_us", received.cast(table.schema.field(at).type))
    tracker, off_us = Tracker(), round(off_s * SECOND_US)
    pieces = [Decoded(table.slice(row, 1)) for row in range(table.num_rows)]
    out = [tracker.add(piece, receipt_off_us=off_us) for piece in pieces]
    out.append(tracker.add(Decoded(), final=True))
    return {name: sum(part.counts[name] for part in out) for name in ("wrong_clock", "late")}


def both(off_s: int) -> list[tuple[int, float]]:
    """Two feeds by turns, a row a second each: one a second late, the other off its clock."""
    return [row for t in range(0, 400, 2) for row in ((t + off_s, t + 0.5), (t, t + 1.0))]


def test_a_live_feed_whose_clock_is_ahead_harms_no_other() -> None:
    """Its rows come before they were sent; those of the other are in time, every one."""
    for off_s in (90, 3600):
        assert live(both(off_s)) == {"wrong_clock": 200, "late": 0}


def test_a_live_feed_whose_clock_is_behind_harms_no_other() -> None:
    """However few rows come between its own; its very first, before any other was heard, is refuted."""
    assert live(both(-3600)) == {"wrong_clock": 1, "late": 199}


def test_a_clock_a_little_off_is_within_what_order_allows() -> None:
    """A few seconds ahead or behind are nothing."""
    for off_s in (-20, 20):
        assert live(both(off_s)) == {"wrong_clock": 0, "late": 0}


def test_where_our_own_clock_is_behind_all_is_as_it_would_be() -> None:
    """Feeds that are right, received by a clock an hour behind."""
    rows = [(t, t - 3599.0) for t in range(0, 600, 10)]
    assert live(rows)["wrong_clock"] == 60
    assert live(rows, off_s=3600) == {"wrong_clock": 0, "late": 0}
