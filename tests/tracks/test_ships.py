"""Jumps, glitches, and several ships under one MMSI."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyproj import Geod

from seavigil.records import SECOND_US, UNUSABLE_POSITION, Decoded, Flag
from seavigil.tracks import Tracker, TrackParams
from tests.cases.sail import sail, together
from tests.tracks.rows import T0_US, column, one_mmsi, reports, solent, track

SHIP = 219_000_001
GEOD = Geod(ellps="WGS84")
# Above any craft under these numbers, with the slack of 200 m and 5 s (TrackParams).
TOP_MS, SLACK_M, SLACK_S = 65 * 1852 / 3600, 200.0, 5.0


def _glitch(row: int, lat_deg: float, rows: int = 30) -> pa.Table:
    places = [(SHIP, 10.0 * i, 55.0 + i / 2_000, 11.0, 10.8) for i in range(rows)]
    mmsi, t, _, lon, sog = places[row]
    places[row] = (mmsi, t, lat_deg, lon, sog)
    return reports(places)


@pytest.mark.parametrize("row", [1, 15, 29])
def test_one_corrupt_position_is_one_flagged_row(row: int) -> None:
    """A leap of 100 km in one row is one JUMP; the ship's next row is sound again."""
    flags = column(track(_glitch(row, 56.0)), "flags")
    assert [i for i, f in enumerate(flags) if f] == [row]
    assert flags[row] == Flag.JUMP


def test_a_ship_whose_first_row_is_corrupt_recovers() -> None:
    """After a corrupt first row the ship is believed where it goes on to be, still as part 0."""
    released = track(_glitch(0, 56.0))
    assert column(released, "flags") == [0] + [Flag.JUMP] * 6 + [0] * 23
    assert set(column(released, "vessel_part")) == {0}


def test_a_ship_that_is_moved_for_good_stays_one_ship() -> None:
    """A ship whose place leaps 100 km and stays there is followed after three rows and a minute."""
    rows = [(SHIP, 10.0 * i, 55.0 if i < 15 else 56.0, 11.0, 0.0) for i in range(40)]
    released = track(reports(rows))
    assert column(released, "flags") == [0] * 15 + [Flag.JUMP] * 6 + [0] * 19
    assert set(column(released, "vessel_part")) == {0}


def test_two_ships_under_one_mmsi_are_told_apart() -> None:
    """Two ships 50 km apart: the second is part 1 after six rows over five minutes, both are marked."""
    north = [(SHIP, 60.0 * i, 56.0 + i / 500, 11.0, 7.0) for i in range(30)]
    south = [(SHIP, 60.0 * i + 30, 55.0 - i / 500, 11.3, 7.0) for i in range(30)]
    released = track(reports(sorted([*north, *south], key=lambda r: r[1])))
    lat, part = np.array(column(released, "lat_deg")), np.array(column(released, "vessel_part"))
    flags = np.array(column(released, "flags"))
    jumps = np.flatnonzero(flags & int(Flag.JUMP))
    assert set(part[lat > 55.5]) == {0}
    assert jumps.tolist() == [1, 3, 5, 7, 9]
    assert set(part[(lat < 55.5) & (np.arange(60) > 10)]) == {1}
    assert all(flags[11:] == int(Flag.SHARED_MMSI))


def test_a_ship_back_after_a_day_begins_anew() -> None:
    """After 24 hours of silence any place is taken, and no speed is implied over the gap."""
    released = track(reports([(SHIP, 0, 55.0, 11.0, 0.0), (SHIP, 86_401, -35.0, 150.0, 0.0)]))
    assert column(released, "flags") == [0, 0]
    assert column(released, "implied_speed_kn") == [None, None]


def test_implied_speed_is_that_of_the_geodesic() -> None:
    """Over 30 s at 20 kn, and over 3 hours at 15 kn, the implied speed is that sailed."""
    fast = sail((59.9, 25.6), (59.9, 25.0), at_kn=20, every_s=30)
    slow = sail((59.0, 20.0), (57.0, 19.0), at_kn=15, every_s=10_800)
    for way, kn in ((fast, 20.0), (slow, 15.0)):
        implied = column(track(way.reports()), "implied_speed_kn")
        assert implied[0] is None
        assert implied[1:] == pytest.approx([kn] * (len(implied) - 1), rel=1e-4)


@pytest.mark.parametrize("places", [((70.0, 179.9), (70.0, -179.9)), ((89.9, 0.0), (89.95, 179.0))])
def test_nothing_happens_at_the_antimeridian_and_the_pole(places: tuple) -> None:
    """A ship across 180 degrees or beside the pole makes no jump."""
    released = track(sail(*places, at_kn=12).reports())
    assert set(column(released, "flags")) == {0}


def test_the_corrupt_longitude_in_the_solent_is_the_only_jump(shared_data: Path) -> None:
    """245188000 at 13:41:20 is one JUMP; nothing else in the harbour is flagged at all."""
    released = track(solent(shared_data))
    flagged = released.filter(pa.array(released["flags"].to_numpy() != 0))
    assert column(flagged, "mmsi") == [245_188_000]
    assert column(flagged, "flags") == [Flag.JUMP]
    assert str(column(flagged, "time_us")[0]).startswith("2016-01-12 13:41:20")


def _sound(released: pa.Table) -> pa.Table:
    return released.filter(pa.array((released["flags"].to_numpy() & int(UNUSABLE_POSITION)) == 0))


def _impossible_steps(released: pa.Table) -> int:
    """Count steps within each part that no ship could make: an independent measure of the separation."""
    worst = 0
    agrees = (released["flags"].to_numpy() & int(Flag.SPEED_DISAGREES)) == 0
    sound = _sound(released.filter(pa.array(agrees)))
    for part in set(column(sound, "vessel_part")):
        ship = sound.filter(pa.array(sound["vessel_part"].to_numpy() == part))
        lat, lon = ship["lat_deg"].to_numpy(), ship["lon_deg"].to_numpy()
        seconds = np.diff(ship["time_us"].cast(pa.int64()).to_numpy()) / SECOND_US
        metres = np.array(GEOD.line_lengths(lon, lat))
        worst += int((metres > SLACK_M + TOP_MS * (seconds + SLACK_S)).sum())
    return worst


@pytest.mark.parametrize("mmsi", [338_013_000, 263_576_000])
def test_recordings_of_shared_numbers_hold_no_impossible_step(shared_data: Path, mmsi: int) -> None:
    """In what is left of each part after flagging, every step could have been sailed.

    A row within reach but against its own SOG is SPEED_DISAGREES: that it was the error shows only
    when the next row is back, so such rows are left out here.
    """
    released = track(one_mmsi(shared_data, mmsi)[0])
    assert _impossible_steps(released) == 0
    assert len(set(column(released, "vessel_part"))) <= 2


def test_rows_set_aside_are_those_an_outside_hand_set_aside(shared_data: Path) -> None:
    """Of 338013000 nearly all rows in the outside main segment are sound, and few of the odd ones slip in.

    The outside labels put 1,023 of the distinct positions into one segment.
    """
    table, labels = one_mmsi(shared_data, 338_013_000)
    main = Counter(labels.values()).most_common(1)[0][0]
    released = track(table)
    placed = released.filter(pa.array(released["lat_deg"].is_valid()))
    verdicts = Counter(
        (labels[i] == main, bool(f & Flag.JUMP))
        for i, f in zip(column(placed, "report_id"), column(placed, "flags"), strict=True)
    )
    assert verdicts[True, True] <= 0.01 * (verdicts[True, True] + verdicts[True, False])
    assert verdicts[False, True] >= 6


def test_one_trawler_alone_is_not_split(shared_data: Path) -> None:
    """263576000 sails one unbroken track in this recording: one part, and no jump."""
    released = track(one_mmsi(shared_data, 263_576_000)[0])
    assert set(column(released, "vessel_part")) == {0}
    assert not any(f & Flag.JUMP for f in column(released, "flags"))


def test_real_ships_put_under_one_number_are_told_apart(shared_data: Path) -> None:
    """Pairs of Solent ships that never come within 1 km, given one MMSI, are separated without an error."""
    harbour = solent(shared_data)
    busy = [ship for ship, _ in Counter(column(harbour, "mmsi")).most_common(10)]
    checked = 0
    for pair in combinations(busy, 2):
        mixed = harbour.filter(pa.array(np.isin(harbour["mmsi"].to_numpy(), pair)))
        if _nearest_m(mixed, pair) < 1_000:
            continue
        checked += 1
        truth = dict(zip(column(mixed, "report_id"), column(mixed, "mmsi"), strict=True))
        number = mixed.schema.get_field_index("mmsi")
        one = pa.array(np.full(mixed.num_rows, SHIP, dtype=np.uint32))
        released = _sound(track(mixed.set_column(number, mixed.schema.field(number), one)))
        found = zip(column(released, "vessel_part"), column(released, "report_id"), strict=True)
        assert len({(part, truth[i]) for part, i in found}) == 2, pair
    assert checked >= 10


def _nearest_m(mixed: pa.Table, pair: tuple[int, int]) -> float:
    """Give the least distance of consecutive rows of the two ships."""
    rows = zip(*(column(mixed, name) for name in ("mmsi", "lat_deg", "lon_deg")), strict=True)
    ways = [GEOD.inv(a[2], a[1], b[2], b[1])[2] for a, b in pairwise(rows) if a[0] != b[0]]
    return min(ways, default=0.0)


def test_many_ships_under_one_number_stay_bounded() -> None:
    """Twenty ships under one MMSI are at most eight parts; the others' rows are JUMP, none is lost."""
    rows = [(SHIP, 30.0 * i + s, -40.0 + 4 * s, 11.0, 0.0) for i in range(60) for s in range(20)]
    released = track(reports(rows))
    assert released.num_rows == len(rows)
    assert max(column(released, "vessel_part")) < TrackParams().max_parts
    assert _impossible_steps(released) == 0


def test_memory_stays_bounded() -> None:
    """Ships come and go for days: what is remembered follows those of the last day, not all."""
    tracker = Tracker(TrackParams(forget_after_s=3_600))
    for hour in range(48):
        rows = [(200_000_000 + 500 * hour + i, 3_600 * hour + i, 55.0, 11.0, 0.0) for i in range(500)]
        tracker.add(Decoded(reports(rows)))
    state = tracker._ships
    assert len(state.vessels) <= 1_500
    assert tracker.held_rows < 500
    assert sum(len(times) for _, times in state.echoes.blocks) <= 2 * 4_096 + 500


def test_beyond_the_limit_the_longest_silent_are_forgotten() -> None:
    """With more MMSIs than allowed the number remembered stays below the limit."""
    tracker = Tracker(TrackParams(max_vessels=100))
    tracker.add(Decoded(reports([(200_000_000 + i, i, 55.0, 11.0, 0.0) for i in range(1_000)])), final=True)
    assert len(tracker._ships.vessels) <= 100


def test_ships_drawn_together_are_all_sound() -> None:
    """Ships that slow, stop, circle and fall silent keep clean rows: near misses of every flag."""
    ships = together(
        sail((59.9, 25.6), (59.9, 25.2), at_kn=18).slow_to(3, for_min=10).stop(for_min=30).reports(SHIP),
        sail((59.5, 24.0), (59.6, 24.4), at_kn=35).silent(for_min=45).reports(SHIP + 1),
        sail((59.2, 23.0), at_kn=8).circle(400, for_min=40).reports(SHIP + 2),
    )
    assert set(column(track(ships), "flags")) == {0}
    assert T0_US > 0
