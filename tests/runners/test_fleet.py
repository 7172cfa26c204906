"""Rows that wait for somebody to look at their ship come out as they went in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seavigil.records import NEVER_US, SECOND_US, parse_time_us
from seavigil.runners.fleet import WaitingRows, last_sound, steps
from seavigil.track import FIELD, Track, Tracks, split
from tests.cases.judge import tracked
from tests.cases.sail import sail

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
SHIPS = 4


def scene() -> pa.Table:
    """Give four ships of different reporting intervals, one of them without a position now and then."""
    drawn = [
        sail((59.0 + i / 10, 20.0), at_kn=10, every_s=7 + 5 * i, start=BEGIN_US).on(90, for_min=8)
        for i in range(SHIPS)
    ]
    reports = [one.reports(299_100_001 + i) for i, one in enumerate(drawn)]
    lat = reports[0]["lat_deg"].to_numpy().copy()
    lat[3::4] = np.nan
    at = reports[0].schema.get_field_index("lat_deg")
    lost = pa.array(lat, from_pandas=True)
    reports[0] = reports[0].set_column(at, reports[0].schema.field("lat_deg"), lost)
    return tracked(*reports)


ROWS = scene()


def pieces(cuts: list[float]) -> list[Tracks]:
    """Cut the scene."""
    edges = sorted({0, ROWS.num_rows, *(int(c * ROWS.num_rows) for c in cuts)})
    return [split(ROWS.slice(a, b - a)) for a, b in pairwise(edges)]


def places(tracks: Tracks) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Give each ship her place: the last digit of her number."""
    return np.array([key // 256 - 299_100_001 for key in tracks.keys.tolist()], dtype=np.int64)


@given(st.lists(st.floats(0, 1), max_size=9), st.lists(st.integers(0, SHIPS - 1), max_size=9))
def test_rows_come_out_by_ship_and_in_order_however_they_came(cuts: list[float], asked: list[int]) -> None:
    """Cut anywhere, and some ships looked at meanwhile: together each row of each ship once, in order."""
    waiting = WaitingRows()
    waiting.make_room(SHIPS)
    got: list[list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]] = [[] for _ in range(SHIPS)]
    for number, piece in enumerate(pieces(cuts)):
        waiting.add(piece, places(piece))
        for place in asked[number : number + 1]:
            got[place].append(waiting.take(place))
    for place in range(SHIPS):
        got[place].append(waiting.take(place))
        assert not len(waiting.take(place))
    for place, track in enumerate(split(ROWS)):
        rows = np.concatenate(got[place])
        assert Track.of((299_100_001 + place) * 256, rows).time_us.tolist() == track.time_us.tolist()
        assert np.array_equal(Track.of(track.mmsi * 256, rows).lat_deg, track.lat_deg, equal_nan=True)


def test_room_is_made_by_letting_go_of_what_nobody_waits_for() -> None:
    """One ship that is never looked at keeps her rows while the others' go, many times the first room."""
    waiting, whole = WaitingRows(), split(ROWS)
    waiting.make_room(SHIPS)
    for _ in range(40):
        waiting.add(whole, places(whole))
        for place in range(1, SHIPS):
            assert len(waiting.take(place)) == whole.begins[place + 1] - whole.begins[place]
    assert len(waiting.take(0)) == 40 * whole.begins[1]
    assert (waiting.since_us() == np.iinfo(np.int64).max).all()


@given(st.lists(st.floats(0, 1), max_size=9))
def test_each_row_is_laid_against_the_last_sound_one(cuts: list[float]) -> None:
    """Cut anywhere, the step of a row is that from the sound row before it in the whole."""
    last, last_us = np.full((SHIPS, len(FIELD)), np.nan), np.full(SHIPS, NEVER_US)
    seen: list[list[tuple[int, int, int]]] = [[] for _ in range(SHIPS)]
    for piece in pieces(cuts):
        at = places(piece)
        found = steps(piece, last[at], last_us[at])
        ship = np.repeat(at, np.diff(piece.begins))
        columns = (found.time_us, found.before_us, found.silent_us)
        for place, *row in zip(ship.tolist(), *(c.tolist() for c in columns), strict=True):
            seen[place].append((row[0], row[1], row[2]))
        last[at], last_us[at] = last_sound(piece, last[at]), found.time_us[piece.begins[1:] - 1]
    for place, track in enumerate(split(ROWS)):
        sound = np.isfinite(track.lat_deg)
        for row, (time_us, before_us, silent_us) in enumerate(seen[place]):
            earlier = np.flatnonzero(sound[:row])
            assert before_us == (track.time_us[earlier[-1]] if len(earlier) else time_us)
            assert silent_us == (time_us - track.time_us[row - 1] if row else 0)
    assert {silent for _, _, silent in seen[1][1:]} == {12 * SECOND_US}
