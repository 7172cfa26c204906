"""One message heard by several stations is one row."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seavigil.records import Decoded, Flag
from seavigil.tracks import Tracker, TrackParams
from tests.tracks.rows import T0_US, column, danish, reports, track

SHIP = 219_000_001


def test_stations_that_hear_one_message_make_one_row() -> None:
    """Of three stations within a second the first by time is kept, and a second ship's is no repeat."""
    rows = [(SHIP, 0.9, 55.0, 11.0, 0.0), (SHIP, 0.1, 55.0, 11.0, 0.0), (SHIP, 1.4, 55.0, 11.0, 0.0)]
    table = reports([*rows, (SHIP + 1, 0.5, 55.0, 11.0, 0.0)], payload=[7, 7, 7, 7])
    out = Tracker().add(Decoded(table), final=True)
    times = [round(t.timestamp() - T0_US / 1e6, 1) for t in out.reports["time_us"].to_pylist()]
    assert (times, out.counts["duplicates"]) == ([0.1, 0.5], 2)


def test_a_moored_ship_that_repeats_itself_is_heard_again() -> None:
    """Equal payloads three minutes apart, the interval of a moored ship, are messages of their own."""
    table = reports([(SHIP, t, 55.0, 11.0, 0.0) for t in (0, 180, 360)], payload=[7, 7, 7])
    assert track(table).num_rows == 3


def _kept_one_by_one(rows: list[tuple[float, int]], window_s: float) -> list[float]:
    kept: dict[int, float] = {}
    out = []
    for t, payload in rows:
        if payload not in kept or t - kept[payload] > window_s:
            kept[payload] = t
            out.append(t)
    return out


@given(
    rows=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2)), max_size=50),
    cuts=st.sets(st.integers(0, 50)),
)
def test_the_window_counts_from_the_row_kept(rows: list[tuple[int, int]], cuts: set[int]) -> None:
    """Row by row, a message is kept when the last kept of its payload is more than 30 s back."""
    rows = sorted(set(rows))
    table = reports([(SHIP, t, 55.0, 11.0, 0.0) for t, _ in rows], payload=[p for _, p in rows])
    out = track(table, params=TrackParams(clock_rows=1), cuts={c for c in cuts if c <= len(rows)})
    times = sorted(t.timestamp() - T0_US / 1e6 for t in out["time_us"].to_pylist())
    assert times == _kept_one_by_one(rows, 30)


def test_danish_network_has_1438_ships_and_24518_fixes(shared_data: Path) -> None:
    """The recording's stated figures: ships with a position, and fixes distinct in all that was measured."""
    released = track(danish(shared_data, "dk-network-20131112.nmea.gz").reports)
    flags = released["flags"].to_numpy()
    ships = released.filter(pa.array((flags & int(Flag.NOT_A_SHIP | Flag.NO_POSITION)) == 0))
    assert len(set(column(ships, "mmsi"))) == 1_438
    assert ships.num_rows == 24_688
    fix = ["mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "utc_second"]
    assert ships.group_by(fix).aggregate([]).num_rows == 24_518


def test_five_minutes_of_danish_traffic_raise_no_flag(shared_data: Path) -> None:
    """Ordinary traffic of 1,438 ships is all sound: no jump, no odd speed, nothing late."""
    counts = Tracker().add(danish(shared_data, "dk-network-20131112.nmea.gz"), final=True).counts
    flagged = {name: n for name, n in counts.items() if n and name != "reports"}
    assert set(flagged) <= {"not_a_ship", "wrong_clock"}


def test_repeats_in_the_frio_recording(shared_data: Path) -> None:
    """Every payload heard again within 3 s is dropped, the ten echoes 1,016 s late are flagged."""
    out = Tracker().add(danish(shared_data, "dk-frio-20140928.nmea.gz"), final=True)
    assert len(set(column(out.reports, "payload_id"))) == 906
    assert (out.counts["reports"], out.counts["jump"], out.counts["shared_mmsi"]) == (916, 10, 0)
    jumps = out.reports.filter(pa.array((out.reports["flags"].to_numpy() & int(Flag.JUMP)) != 0))
    assert set(column(jumps, "station")) == {"992190923"}
