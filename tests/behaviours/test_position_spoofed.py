"""Position spoofed: leaps, circles and contradictions, and the odd rows every recording has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.behaviours import position_spoofed
from seavigil.events import Event
from seavigil.feeds import recordings
from seavigil.normal.places import LAND, Place, Places
from seavigil.records import Decoded
from tests.cases.judge import in_order, judge
from tests.cases.sail import Sail, sail

BEHAVIOUR = position_spoofed.BEHAVIOUR


def passing(for_min: float = 60, at_kn: float = 10.0) -> Sail:
    """Give a ship on her way east."""
    return sail((59.5, 22.0), at_kn=at_kn, course_deg=90).keep_on(for_min=for_min)


def put(reports: pa.Table, **columns: np.ndarray) -> pa.Table:
    """Give the reports with other values."""
    for name, values in columns.items():
        at = reports.schema.get_field_index(name)
        kind = reports.schema.field(name)
        reports = reports.set_column(at, kind, pa.array(values, type=kind.type, from_pandas=True))
    return reports


def column(reports: pa.Table, name: str) -> np.ndarray:
    """Give one column to change."""
    return reports[name].to_numpy().copy()


def leaping(places: list[tuple[float, float]], every: int = 20) -> pa.Table:
    """Give a ship of which one row after another lies in one of the places."""
    reports = passing().reports()
    lat, lon = column(reports, "lat_deg"), column(reports, "lon_deg")
    for number, (to_lat, to_lon) in enumerate(places):
        lat[60 + number * every], lon[60 + number * every] = to_lat, to_lon
    return put(reports, lat_deg=lat, lon_deg=lon)


def codes(events: list[Event]) -> set[str]:
    """Give the codes of all reasons."""
    return {reason.code for event in events for reason in event.reasons}


def test_leaps_to_different_places_fire() -> None:
    """Single rows at the airport, then the harbour, then the open sea: nothing floats so fast."""
    events = judge(BEHAVIOUR, leaping([(60.3, 25.0), (59.4, 24.8), (58.5, 20.0)]))
    assert codes(events) == {"leaps"}
    assert events[0].reasons[0].observed == 3


def test_there_and_back_fires() -> None:
    """Ten minutes elsewhere and back where she would be by then: a leap and its end, twice over."""
    reports = passing().reports()
    lat = column(reports, "lat_deg")
    lat[120:180] += 2.0
    assert codes(judge(BEHAVIOUR, put(reports, lat_deg=lat))) == {"leaps"}


@pytest.mark.parametrize(
    "places", [[(60.3, 25.0)], [(60.3, 25.0), (60.31, 25.0), (60.3, 25.01), (60.29, 25.0)]]
)
def test_near_miss_one_stray_place(places: list[tuple[float, float]]) -> None:
    """One bogus fix, or several in one place (a second ship's, say), are one leap."""
    assert not judge(BEHAVIOUR, leaping(places))


def test_near_miss_two_ships_on_one_number() -> None:
    """Two tracks that each hold together are two ships: whose number it is, is another behaviour's matter."""
    other = sail((58.0, 20.0), at_kn=12, course_deg=180).keep_on(for_min=60)
    assert not judge(BEHAVIOUR, in_order(passing().reports(), other.reports()))


def test_near_miss_old_messages_heard_again() -> None:
    """Positions of a quarter of an hour ago, sent on late, lie on her own track."""
    reports = passing(at_kn=30).reports()
    lat, lon = column(reports, "lat_deg"), column(reports, "lon_deg")
    for at in (120, 150, 180, 210):
        lat[at], lon[at] = lat[at - 100], lon[at - 100]
    assert not judge(BEHAVIOUR, put(reports, lat_deg=lat, lon_deg=lon))


def test_a_perfect_circle_fires_and_a_drifting_one_does_not() -> None:
    """Two turns of 300 m radius to the metre fire; set to the east at half a knot meanwhile, they do not."""
    ship = sail((59.5, 22.0), at_kn=5, course_deg=90).keep_on(for_min=5).circle(300, for_min=40)
    reports = ship.noisy().reports()
    assert codes(judge(BEHAVIOUR, reports)) == {"perfect_circle"}
    set_deg = np.linspace(0, 0.5 * 0.75 / 60 / np.cos(np.radians(59.5)), reports.num_rows)
    assert not judge(BEHAVIOUR, put(reports, lon_deg=column(reports, "lon_deg") + set_deg))


def test_near_miss_swinging_at_anchor() -> None:
    """A ship goes round her anchor with the tides, on a circle of chain: she makes no way."""
    ship = sail((59.5, 22.0), at_kn=8, course_deg=90).keep_on(for_min=10).anchor(250, for_min=120)
    assert not judge(BEHAVIOUR, ship.noisy().reports())


@pytest.mark.parametrize("off_deg", [180.0, 90.0])
def test_a_course_against_the_way_fires(off_deg: float) -> None:
    """Positions that go east while she says west or south: one of the two is made up."""
    reports = passing().reports()
    turned = (column(reports, "cog_deg") + off_deg) % 360
    assert codes(judge(BEHAVIOUR, put(reports, cog_deg=turned))) == {"course_against_way"}


@pytest.mark.parametrize(("told_kn", "made_kn"), [(12.0, 0.0), (0.3, 10.0)])
def test_a_speed_against_the_way_fires(told_kn: float, made_kn: float) -> None:
    """She says 12 knots and does not stir, or goes ten miles and says she hardly moves."""
    ship = passing(at_kn=max(made_kn, 0.01)).reports()
    told = put(ship, sog_kn=np.full(ship.num_rows, told_kn))
    assert "speed_against_way" in codes(judge(BEHAVIOUR, told))


@pytest.mark.parametrize("column_name", ["cog_deg", "sog_kn"])
def test_near_miss_a_set_that_sends_nought_for_nothing(column_name: str) -> None:
    """A set without a course or speed sends exactly 0 (338013000 does): it says nothing, so nothing false."""
    reports = passing().reports()
    assert not judge(BEHAVIOUR, put(reports, **{column_name: np.zeros(reports.num_rows)}))


@pytest.mark.parametrize("why", ["slows", "crabs", "zigzags", "sparse", "noisy"])
def test_near_miss_ordinary_passages(why: str) -> None:
    """Manoeuvres, leeway, thin reception and noise contradict nothing."""
    ship = {
        "slows": passing(20).slow_to(2, for_min=30, over_min=5).slow_to(14, for_min=20),
        "crabs": passing(10).drift(3, 90, for_min=50),
        "zigzags": passing(5).on(40, for_min=4).on(140, for_min=4).on(40, for_min=4).on(140, for_min=4),
        "sparse": sail((59.5, 22.0), at_kn=10, course_deg=90, every_s=360).keep_on(for_min=200),
        "noisy": sail((59.5, 22.0), at_kn=0.2, course_deg=90, every_s=4).keep_on(for_min=60),
    }[why]
    assert not judge(BEHAVIOUR, ship.noisy(position_m=8, sog_kn=0.3, cog_deg=5).reports())


def test_inland_after_one_leap_fires() -> None:
    """Five minutes on an airfield: one leap is enough then, but not for a row or two."""
    land = Places([Place(LAND, "field", shapely.box(24.5, 60.2, 25.5, 60.6), 0.0)])
    reports = passing().reports()
    lat, lon = column(reports, "lat_deg"), column(reports, "lon_deg")
    for rows, fires in ((slice(300, 330), True), (slice(300, 302), False)):
        there_lat, there_lon = lat.copy(), lon.copy()
        there_lat[rows], there_lon[rows] = 60.4, 25.0
        moved = put(reports, lat_deg=there_lat, lon_deg=there_lon).slice(0, 331)
        assert ("lay_inland_for" in codes(judge(BEHAVIOUR, moved, places=land))) == fires


@pytest.mark.parametrize(
    "recording",
    [
        "uk-solent-20160112-1302.csv.gz",
        "dk-lotus-20141005.nmea",
        "dk-frio-20140928.nmea.gz",
        "shared-mmsi/tests_data_338013000.json",
        "shared-mmsi/tests_data_263576000.json",
    ],
)
def test_real_recordings_raise_nothing(recording: str, shared_data: Path) -> None:
    """A corrupt longitude (245188000, Solent), a bogus speed, late repeats, shared numbers: no spoofing."""
    parts = list(recordings.read(str(shared_data / "ais" / recording), received_us=0))
    reports = pa.concat_tables([part.reports for part in parts])
    assert isinstance(parts[0], Decoded)
    for mmsi in sorted(set(reports["mmsi"].to_pylist())):
        own = reports.filter(pa.array(reports["mmsi"].to_numpy() == mmsi))
        if own["lat_deg"].null_count != own.num_rows:
            assert not judge(BEHAVIOUR, own), mmsi
