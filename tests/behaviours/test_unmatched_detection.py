"""Unmatched detections: echoes of nobody, and echoes of ships between two reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.assets import Asset, AssetIndex
from seavigil.behaviours import Surroundings, unmatched_detection
from seavigil.events import Event
from seavigil.normal.contacts import SAR, Contact, Contacts
from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.log import LogLearner
from seavigil.records import END_OF_DATA_US, MINUTE_US, NEVER_US, VESSELS, parse_time_us, table
from seavigil.tracks import StaticBook
from tests.cases.judge import cable, tracked
from tests.cases.sail import sail

BEHAVIOUR = unmatched_detection.BEHAVIOUR
BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
AT_US = BEGIN_US + 62 * MINUTE_US
SHIP = 230_100_001


def contact(lat: float = 59.58, lon: float = 22.3, **more: Any) -> Contact:
    """Give a contact of a radar picture at 01:02."""
    told: dict[str, Any] = {"error_m": 200.0, "sensor": SAR, **more}
    return Contact("c1", AT_US, lat, lon, **told)


def surroundings(*ships: pa.Table, assets: list[Asset] | None = None, **more: Any) -> Surroundings:
    """Give what is known at the end of the ships' reports."""
    rows = tracked(*ships)
    learner, log = CoverageLearner(), LogLearner()
    learner.add(rows)
    coverage, clock = learner.learned()
    log.add(rows, coverage)
    index = AssetIndex(assets) if assets else None
    return Surroundings(index, coverage, clock, log.learned(), **more)


def seen(one: Contact, *ships: pa.Table, **more: Any) -> list[Event]:
    """Give the events about one contact."""
    around = surroundings(*ships, contacts=Contacts((one,)), **more)
    told = BEHAVIOUR.detect(around, BEHAVIOUR.params, settled_until_us=NEVER_US, as_of_us=END_OF_DATA_US)
    return told.events


def passing(every_s: float = 10, at_kn: float = 12.0) -> pa.Table:
    """Give a ship eastbound along 59.5 N."""
    return sail((59.5, 22.0), at_kn=at_kn, course_deg=90, every_s=every_s).keep_on(for_min=120).reports(SHIP)


def where(reports: pa.Table, at_us: int) -> tuple[float, float]:
    """Give the place of a ship at a time by her drawn track."""
    time_us = reports["time_us"].cast(pa.int64()).to_numpy()
    return tuple(float(np.interp(at_us, time_us, reports[n].to_numpy())) for n in ("lat_deg", "lon_deg"))


def test_an_echo_where_nobody_is_fires_and_names_the_cable() -> None:
    """9 km north of the only ship, on a cable: told when the five minutes after it are complete."""
    line = cable((59.0, 22.3), (60.0, 22.3))
    (event,) = seen(contact(), passing(), assets=[line])
    assert (event.vessel_id, event.mmsi, event.asset_id) == ("contact:c1", None, "cable")
    assert event.began_us == event.ended_us == AT_US
    assert 8 <= (event.known_at_us - AT_US) / MINUTE_US <= 10
    assert {r.code for r in event.reasons} >= {"no_ship_at_contact", "nearest_ship"}


@pytest.mark.parametrize("every_s", [10, 180, 1200])
def test_near_miss_a_ship_between_two_reports(every_s: float) -> None:
    """Her echo is between where she reported before and after, be that seconds or 20 minutes apart."""
    ship = passing(every_s)
    lat, lon = where(passing(), AT_US)
    assert not seen(contact(lat, lon), ship)


def test_an_echo_she_had_no_time_to_reach_is_not_hers() -> None:
    """Five kilometres ahead of a ship that reports every ten seconds."""
    ship = passing()
    lat, lon = where(ship, AT_US)
    assert seen(contact(lat, lon + 0.09), ship)
    assert not seen(contact(lat, lon + 0.09, error_m=5_000.0), ship)


def test_a_moving_ship_is_shifted_on_radar_only() -> None:
    """1,300 m off her place at 12 kn the radar's shift may explain, a picture has none."""
    ship = passing(every_s=10)
    lat, lon = where(ship, AT_US)
    lat += 1300 / 111_400
    assert not seen(contact(lat, lon), ship)
    assert seen(contact(lat, lon, sensor="optical"), ship)


@pytest.mark.parametrize(("length_m", "fires"), [(230.0, True), (100.0, False), (None, False)])
def test_an_echo_of_another_length_is_not_hers(length_m: float | None, fires: bool) -> None:
    """A coaster of 90 m does not look like 230 m; 100 m is within what a radar can tell."""
    ship = passing()
    book = StaticBook()
    said = {"report_id": [1], "time_us": [BEGIN_US], "time_source": [1], "mmsi": [SHIP], "length_m": [90.0]}
    book.add(table(VESSELS, said))
    events = seen(contact(*where(ship, AT_US), length_m=length_m), ship, statics=book)
    assert bool(events) == fires
    if fires:
        assert "length_of_no_ship_there" in {r.code for r in events[0].reasons}


def test_near_miss_a_charted_platform() -> None:
    """A structure on the chart echoes and carries no AIS."""
    rig = Asset("rig", "rig", "platform", shapely.Point(22.3, 59.58), 50.0, "given")
    assert not seen(contact(), passing(), assets=[rig])


def test_without_coverage_it_says_just_that() -> None:
    """80 km from any ship heard nothing is said of who is missing."""
    (event,) = seen(contact(lat=60.3), passing())
    assert {r.code for r in event.reasons} >= {"nobody_heard_around"}
    assert "no_ship_at_contact" not in {r.code for r in event.reasons}
    assert max(r.weight for r in event.reasons if r.code != "nearest_ship") < 1


def test_nothing_is_told_before_its_time_nor_twice() -> None:
    """Cut at any bin: the event comes once, with the bin after the contact, the same as from the whole."""
    ship = passing()
    whole = seen(contact(), ship)
    time_us = ship["time_us"].cast(pa.int64()).to_numpy()
    told, settled_us = [], NEVER_US
    for minutes in range(5, 125, 5):
        until_us = BEGIN_US + minutes * MINUTE_US
        around = surroundings(ship.filter(pa.array(time_us <= until_us)), contacts=Contacts((contact(),)))
        found = BEHAVIOUR.detect(around, BEHAVIOUR.params, settled_until_us=settled_us, as_of_us=until_us)
        assert all(e.known_at_us <= until_us for e in found.events)
        told += found.events
        settled_us = found.settled_until_us
    assert told == whole
