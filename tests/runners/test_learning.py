"""Recordings to a pattern of life: days add up, nothing counts twice, a bad source stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import shapely

from seavigil.feeds import recordings
from seavigil.feeds.formats import UnreadableInput
from seavigil.normal.pattern_class import ShipClass
from seavigil.normal.places import ANCHORAGE, PORT, Place, Places
from seavigil.records import VESSELS, Decoded, parse_time_us, table
from seavigil.runners.learning import Job, Report, run
from seavigil.runners.pattern_contents import contents
from seavigil.store.patterns import Learned
from tests.cases.judge import in_order
from tests.cases.sail import MOORED, Sail, sail


def day(date: str, ships: int = 4) -> Decoded:
    """Give a UTC day: ships on a lane until a minute before midnight, one moored, all cargo but the last."""
    start = f"2025-01-{date}T20:00:00Z"
    lane = [
        sail((59.525, 24.05 + 0.005 * i), at_kn=12, every_s=60, start=start).on(90, for_min=239)
        for i in range(ships)
    ]
    moored = sail((59.6, 24.5), every_s=120, start=start).stop(for_min=239, nav_status=MOORED)
    return heard([*lane, moored], parse_time_us(start))


def heard(ships: list[Sail], at_us: int) -> Decoded:
    """Give reports of the ships and their types: cargo, the last one a passenger ship."""
    mmsi = [299_100_000 + i for i in range(len(ships))]
    told = {
        "report_id": mmsi,
        "time_us": pa.array([at_us] * len(mmsi), pa.int64()),
        "time_source": [1] * len(mmsi),
        "mmsi": mmsi,
        "ship_type": [70] * (len(mmsi) - 1) + [60],
    }
    reports = in_order(*(s.reports(mmsi=m) for s, m in zip(ships, mmsi, strict=True)))
    return Decoded(reports, table(VESSELS, told))


SOURCES = {"one": day("01"), "two": day("02"), "one again": day("01")}


def read(source: str) -> Iterator[Decoded]:
    """Give the drawn recording of this name; there is none called broken."""
    if source == "broken":
        raise UnreadableInput("broken: matches no format")
    yield SOURCES[source]


def learn(*sources: str, before: Learned | None = None) -> tuple[Learned, Report]:
    """Learn drawn recordings; the name stands for the bytes."""
    return run(Job(sources, digest=lambda source: source), read, before or Learned())


def test_one_day_after_another_is_both_at_once() -> None:
    """Learning day by day, in either order, gives what both together give."""
    both, _ = learn("one", "two")
    for order in (("one", "two"), ("two", "one")):
        first, _ = learn(order[0])
        then, _ = learn(order[1], before=first)
        assert then.history.equals(both.history)
    assert both.summary()["days"] == {"2025-01-01": 5, "2025-01-02": 5}


def test_a_recording_learned_before_is_left_out_and_named() -> None:
    """The same bytes again change nothing, whether learned before or given twice."""
    first, _ = learn("one")
    again, report = learn("one", before=first)
    assert report.known == ("one",)
    assert again.history.equals(first.history)
    assert again.sources == first.sources


def test_the_same_reports_in_another_file_count_once() -> None:
    """Another file with the same day adds no ship-bin, and the report says how many were held."""
    first, _ = learn("one")
    again, report = learn("one again", before=first)
    assert again.history.equals(first.history)
    assert (report.new_ship_bins, len(again.sources)) == (0, 2)
    assert report.ship_bins == 5 * 48  # five ships, four hours of twelve bins


def test_rates_of_another_history_do_not_stay() -> None:
    """Rates were counted on a history; with more learned they are no longer of it."""
    first, _ = learn("one")
    first = Learned(first.history, first.sources, {"urgent": 1})
    assert learn("one again", before=first)[0].rates == {"urgent": 1}
    assert learn("two", before=first)[0].rates is None


def test_a_source_that_cannot_be_read_stops_nothing_but_itself() -> None:
    """The others are learned and the broken one is named; alone it is an error."""
    learned, report = learn("broken", "one")
    assert report.unreadable == {"broken": "broken: matches no format"}
    assert learned.history.equals(learn("one")[0].history)
    with pytest.raises(UnreadableInput):
        learn("broken")


def test_a_lone_report_of_another_year_is_no_day() -> None:
    """One row with a wrong clock makes no day of ordinary traffic."""
    stray = sail((59.5, 24.5), every_s=60, start="2031-05-05T00:00:00Z").on(90, for_min=4).reports()
    SOURCES["stray"] = Decoded(pa.concat_tables([day("01").reports, stray]))
    learned, report = learn("stray")
    assert report.stray_days == 1
    assert list(learned.summary()["days"]) == ["2025-01-01"]


def test_classes_come_from_what_ships_say_of_themselves() -> None:
    """Four cargo ships and a passenger ship, known by the day's static data; she lies at a berth."""
    said = contents(learn("one", "two")[0].history)
    assert said["classes"] == {ShipClass.CARGO.name: 8, ShipClass.PASSENGER.name: 2}
    (berth,) = said["stops"]
    assert (berth["kind"], berth["ships"], berth["visits"]) == ("berth", 1, 2)
    assert berth["lat_deg"] == pytest.approx(59.6, abs=0.0051)
    assert berth["lon_deg"] == pytest.approx(24.5, abs=0.0101)


def test_stops_are_held_against_charted_places() -> None:
    """The berth lies some 2 km from a port and in no anchorage; without places neither is said."""
    port = Place(PORT, "Port", shapely.Point(24.5, 59.62), 5_000.0)
    anchorage = Place(ANCHORAGE, "Roads", shapely.box(24.0, 59.0, 24.1, 59.1), 0.0)
    history = learn("one")[0].history
    (berth,) = contents(history, Places((port, anchorage)))["stops"]
    assert berth["in_charted_anchorage"] is False
    assert berth["port_m"] == pytest.approx(0.02 * 111_400, abs=700)  # a fine cell is 560 m
    (berth,) = contents(history)["stops"]
    assert (berth["in_charted_anchorage"], berth["port_m"]) == (None, None)


def test_cells_on_a_lane_are_named_with_its_course() -> None:
    """A hundred bins and more that all go east are a one-way lane; eight ships are too few."""
    SOURCES["busy"] = day("03", ships=40)
    lanes = contents(learn("busy")[0].history)["lanes"]
    assert lanes
    assert {lane["course_deg"] for lane in lanes} <= {85.0, 95.0}  # east is the edge of two sectors
    assert all(lane["one_way_share"] >= 0.99 and lane["ship_bins"] >= 100 for lane in lanes)
    assert contents(learn("one", "two")[0].history)["lanes"] == []


def test_a_real_network_is_learned(shared_data: Path) -> None:
    """Five minutes of the Danish network: its README counts 1,438 vessels, most of which sent a position."""
    source = str(shared_data / "ais" / "dk-network-20131112.nmea.gz")
    learned, _ = run(
        Job([source], lambda _: None), lambda s: recordings.read(s, received_us=lambda: 0), Learned()
    )
    assert list(learned.summary()["days"]) == ["2013-11-12"]
    assert 1_000 <= learned.history.held.height <= 1_500
