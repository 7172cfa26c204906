"""The demo exercise: deterministic, plainly invented, ordinary but for the ships with a part."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np
import pyais
import pyogrio
import pytest
import shapely
from pyproj import Geod

from seavigil.exercises import Exercise, gulf_of_finland
from seavigil.exercises.gulf import AIDS, STATIONS
from seavigil.records import MINUTE_US, SECOND_US

WGS84 = Geod(ellps="WGS84")


class Heard:
    """The exercise as pyais reads it: rows of station, Unix time and decoded message."""

    def __init__(self, exercise: Exercise) -> None:
        self.rows = []
        self.lines = exercise.nmea.splitlines(keepends=True)
        waiting: dict[tuple[str, str], bytes] = {}
        for line in self.lines:
            tag, sentence = line.strip()[1:].split(b"\\")
            fields = sentence.decode().split(",")
            station, clock = tag.decode().split("*")[0].split(",")
            key = (station, fields[3])
            if fields[1] == "2" and fields[2] == "1":
                waiting[key] = sentence
                continue
            parts = [waiting.pop(key), sentence] if fields[1] == "2" else [sentence]
            self.rows.append((station[2:], int(clock[2:]), pyais.decode(*parts)))
        self.unfinished = len(waiting)
        self.by_mmsi = defaultdict(list)
        for station, clock_s, message in self.rows:
            self.by_mmsi[message.mmsi].append((station, clock_s, message))

    def positions(self, mmsi: int) -> list[tuple[int, object]]:
        """Give a ship's position reports, each once, with the time of a station's clock."""
        once = {}
        for _, clock_s, message in self.by_mmsi[mmsi]:
            if message.msg_type in {1, 3, 18}:
                fix = (message.lat, message.lon, message.speed, message.course, message.second)
                once.setdefault(fix, (clock_s, message))
        return list(once.values())


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    """Give the demo with the seed it has by default."""
    return gulf_of_finland()


@pytest.fixture(scope="module")
def heard(exercise) -> Heard:
    """Give the demo as pyais reads it."""
    return Heard(exercise)


def inject(exercise: Exercise, kind: str):
    """Give the one inject of a kind."""
    (found,) = [one for one in exercise.truth if one.kind == kind]
    return found


def test_the_same_seed_gives_the_same_bytes(exercise):
    """Two runs agree to the byte, and another seed tells another hour with the same parts in it."""
    again, other = gulf_of_finland(seed=1), gulf_of_finland(seed=2)
    assert again == exercise
    assert other.nmea != exercise.nmea
    assert other.truth == exercise.truth


def test_pyais_reads_every_sentence(exercise, heard):
    """Each line is a tag block and a sentence that pyais decodes; no multi-part message is left open."""
    assert 10_000 < len(heard.lines) < 32_000
    assert heard.unfinished == 0
    assert all(line.startswith(b"\\s:EXERCISE-") and line.endswith(b"\r\n") for line in heard.lines)
    assert {m.msg_type for _, _, m in heard.rows} == {1, 3, 4, 5, 18, 21, 24}


def test_nobody_real_is_meant(exercise, heard):
    """MMSIs have digits 299, which the ITU gave to nobody, all names say EXERCISE, and no IMO is sent."""
    shore = {station.mmsi for station in STATIONS} | {aid.mmsi for aid in AIDS}
    assert set(heard.by_mmsi) == {ship.mmsi for ship in exercise.ships} | shore
    assert all(ship.mmsi // 1_000_000 == 299 for ship in exercise.ships)
    assert all(ship.name.startswith("EXERCISE ") and ship.callsign[0] == "Q" for ship in exercise.ships)
    assert {m.imo for _, _, m in heard.rows if m.msg_type == 5} == {0}


def test_no_state_has_the_digits_of_the_exercise(shared_data):
    """The ITU's table of maritime identification digits has no row 299."""
    given = {line.split(",")[0] for line in (shared_data / "mid.csv").read_text().splitlines()}
    assert "265" in given
    assert "299" not in given


def test_both_stations_hear_many_messages_twice(heard):
    """The same payload stands there from both stations, seconds apart by their clocks."""
    heard_by = defaultdict(set)
    for line in heard.lines:
        fields = line.split(b",")
        heard_by[fields[6]].add(line[:18])
    twice = sum(len(stations) == 2 for stations in heard_by.values())
    assert 0.2 < twice / len(heard_by) < 0.8


def test_the_assets_are_marked_and_sound(exercise, tmp_path):
    """The GeoJSON opens in GDAL, its shapes are valid, and each says that it is an exercise."""
    path = tmp_path / "assets.geojson"
    path.write_text(exercise.assets_geojson)
    info, table = pyogrio.read_arrow(path)
    shapes = shapely.from_wkb(table[info["geometry_name"] or "wkb_geometry"].to_numpy())
    assert shapely.is_valid(shapes).all()
    assert {shape.geom_type for shape in shapes} == {"LineString", "Polygon"}
    for feature in json.loads(exercise.assets_geojson)["features"]:
        assert feature["properties"]["name"].startswith("Demo ")
        assert feature["properties"]["exercise"] is True
        assert feature["properties"]["position_uncertainty_m"] > 0


def test_true_crossings_lie_on_the_lines(exercise):
    """Each crossing's place is on the charted line, as shapely sees it, to within ten metres."""
    lines = {
        f["properties"]["name"]: shapely.from_geojson(json.dumps(f["geometry"]))
        for f in json.loads(exercise.assets_geojson)["features"]
    }
    assert len(exercise.crossings) >= 15
    for crossing in exercise.crossings:
        off_deg = lines[crossing.asset].distance(shapely.Point(crossing.lon_deg, crossing.lat_deg))
        assert off_deg * 111_000 < 10
        assert exercise.began_us <= crossing.crossed_at_us <= exercise.ended_us


def test_the_dragging_ship_meets_the_drift_rule_and_crosses_two_cables(exercise, heard):
    """SOG 1 to 5 kn with the bow over 45 degrees off the course, for over ten minutes on end.

    The rule is the Danish Maritime Authority's for drifting ships (AisAbnormal). Her status stays
    "under way using engine", and she comes in at about 10 kn.
    """
    drag = inject(exercise, "anchor_drag")
    reports = heard.positions(drag.mmsi)
    assert {int(m.status) for _, m in reports} == {0}
    before = [m.speed for clock_s, m in reports if clock_s * SECOND_US < drag.began_us]
    assert np.median(before) == pytest.approx(10.0, abs=0.2)
    off = [(t, m, abs((m.course - m.heading + 180) % 360 - 180)) for t, m in reports]
    drifting = [1 <= m.speed <= 5 and angle > 45 for _, m, angle in off]
    longest, run_began = 0, None
    for (clock_s, _, _), inside in zip(off, drifting, strict=True):
        run_began = (run_began or clock_s) if inside else None
        longest = max(longest, clock_s - run_began) if inside else longest
    assert longest > 20 * 60
    assert [c.asset for c in drag.crossings] == ["Demo Link 1", "Demo Fibre 2"]
    assert drag.crossings[0].sog_kn > 5 > drag.crossings[1].sog_kn


def test_no_other_ship_with_a_heading_meets_the_drift_rule(exercise, heard):
    """Among all the others no report under way at 1 to 5 kn has the bow over 45 degrees off the course."""
    drag = inject(exercise, "anchor_drag")
    for ship in exercise.ships:
        if ship.mmsi == drag.mmsi or not ship.has_compass:
            continue
        for _, m in heard.positions(ship.mmsi):
            angle = abs((m.course - m.heading + 180) % 360 - 180)
            anchored = m.msg_type != 18 and int(m.status) in {1, 5}
            assert anchored or not (1 <= m.speed <= 5 and angle > 45), (ship.name, m)


def test_the_silent_ship_is_silent_among_neighbours_who_are_heard(exercise, heard):
    """Nothing from her for over 35 minutes, while within ten kilometres of her way others are heard."""
    dark = inject(exercise, "gone_dark")
    assert dark.ended_us - dark.began_us > 35 * MINUTE_US
    last_s = max(clock_s for _, clock_s, _ in heard.by_mmsi[dark.mmsi])
    assert dark.began_us / SECOND_US - 30 < last_s <= dark.began_us / SECOND_US + 2
    assert [c.heard for c in dark.crossings] == [False, False]
    where = dark.crossings[0]
    for began_s in range(last_s, exercise.ended_us // SECOND_US - 600, 600):
        near = {
            m.mmsi
            for _, clock_s, m in heard.rows
            if began_s <= clock_s < began_s + 600 and m.msg_type in {1, 3} and _off_m(m, where) < 10_000
        }
        assert len(near - {dark.mmsi}) >= 3


def _off_m(message, crossing) -> float:
    return WGS84.inv(message.lon, message.lat, crossing.lon_deg, crossing.lat_deg)[2]


def test_the_anchored_ship_lies_300_m_from_the_pipeline(exercise, heard):
    """Status at anchor, and between 200 and 400 m from the line in every report."""
    anchored = inject(exercise, "anchored_near")
    (pipe,) = [
        f["geometry"]["coordinates"]
        for f in json.loads(exercise.assets_geojson)["features"]
        if f["properties"]["name"] == anchored.assets[0]
    ]
    fine = [(lon, lat) for (a, b) in pairwise(pipe) for lon, lat in np.linspace(a, b, 2000)]
    lons, lats = np.array(fine).T
    for _, m in heard.positions(anchored.mmsi):
        near = (np.abs(lats - m.lat) < 0.02) & (np.abs(lons - m.lon) < 0.04)
        n = int(near.sum())
        off_m = WGS84.inv(np.full(n, m.lon), np.full(n, m.lat), lons[near], lats[near])[2].min()
        assert int(m.status) == 1
        assert 200 < off_m < 400


def test_the_circling_ship_stays_near_the_cable_without_crossing_it(exercise, heard):
    """From 04:12 on she keeps within two kilometres of one place at about 3 kn, and crosses nothing."""
    circling = inject(exercise, "loitering")
    after_s = circling.began_us / SECOND_US + 600
    fixes = [(m.lon, m.lat, m.speed) for t, m in heard.positions(circling.mmsi) if t > after_s]
    lons, lats, speeds = np.array(fixes).T
    width_m = WGS84.inv(lons.min(), lats.min(), lons.max(), lats.max())[2]
    assert width_m < 2_000
    assert np.median(speeds) == pytest.approx(3.0, abs=0.2)
    assert not circling.crossings
    assert after_s + 40 * 60 < exercise.ended_us / SECOND_US


def test_near_misses_expect_nothing_but_crossings(exercise):
    """The ships that only look odd are in the truth with nothing to find but ordinary crossings."""
    near_misses = {one.kind: one for one in exercise.truth if set(one.expects) <= {"crossing"}}
    assert set(near_misses) == {"slowing_to_port", "angler", "slow_tow", "crabbing"}
    for one in near_misses.values():
        assert bool(one.crossings) == ("crossing" in one.expects)


def test_ships_keep_to_the_water(exercise, heard, shared_data):
    """No ship under way or at anchor is on land as Natural Earth draws it, harbours and skerries left out."""
    land = shapely.STRtree(
        shapely.get_parts(
            shapely.from_geojson((shared_data / "assets" / "ne_countries_50m.geojson").read_text())
        )
    )
    places = [
        shapely.Point(m.lon, m.lat)
        for ship in exercise.ships
        for _, m in heard.positions(ship.mmsi)[::20]
        if m.msg_type == 18 or int(m.status) in {0, 1, 7}
    ]
    inside, _ = land.query(places, predicate="within")
    assert [places[i].wkt for i in inside if 59.5 < places[i].y < 60.08] == []


def test_a_ship_does_not_jump(exercise, heard):
    """Between two reports a minute or less apart a ship goes no faster than 1.3 times her SOG, and 40 m."""
    for ship in exercise.ships:
        reports = sorted(heard.positions(ship.mmsi), key=lambda row: row[0])
        for (t_a, a), (t_b, b) in pairwise(reports):
            if t_b - t_a <= 60:
                gone_m = WGS84.inv(a.lon, a.lat, b.lon, b.lat)[2]
                assert gone_m < 1.3 * max(a.speed, b.speed) * 0.5144 * (t_b - t_a + 2) + 40


def test_all_ships_are_different(exercise):
    """Names, callsigns and MMSIs are given once."""
    for one, other in combinations(exercise.ships, 2):
        assert one.mmsi != other.mmsi
        assert one.name != other.name
        assert one.callsign != other.callsign
