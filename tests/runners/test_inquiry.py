"""Drawn ships through a watch, then a fault: who is found, from what was known at the time and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.assets import Asset, Assets
from seavigil.behaviours import Surroundings
from seavigil.events import Event
from seavigil.fault import Fault
from seavigil.forecast.suspects import Findings, Suspect
from seavigil.normal.depth import Depth
from seavigil.normal.nearest import Points
from seavigil.normal.places import LAND, Place, Places
from seavigil.records import HOUR_US, MINUTE_US, VESSELS, Decoded, Transceiver, parse_time_us, table
from seavigil.runners.inquiry import inquire, look
from seavigil.runners.known import Known
from seavigil.runners.live import Watch
from tests.cases.judge import cable, in_order
from tests.cases.sail import Sail, sail

BEGAN_US = parse_time_us("2025-01-01T00:00:00Z")
#: From south to north along 25 E, 67 km.
LINE = cable((59.5, 25.0), (60.1, 25.0))


def over(lat: float = 59.8, *, at_min: float = 120.0, at_kn: float = 10.0, hours: float = 4.0) -> Sail:
    """Give a ship that crosses the cable going east, so many minutes after midnight."""
    before_m, per_deg_m = at_min * 60.0 * at_kn * 1852 / 3600, 56_000.0
    return sail((lat, 25.0 - before_m / per_deg_m), at_kn=at_kn, every_s=20).on(90.0, for_min=hours * 60)


def traffic(n: int = 5) -> list[pa.Table]:
    """Give ordinary ships that cross half an hour apart, none of them about two o'clock."""
    times_min = [15.0, 45.0, 75.0, 165.0, 195.0, 225.0][:n]
    return [over(59.7 + 0.03 * i, at_min=t).reports(299_100_100 + i) for i, t in enumerate(times_min)]


def watched(
    *reports: pa.Table,
    assets: tuple[Asset, ...] = (LINE,),
    until_us: int | None = None,
    pieces: int = 1,
    vessels: pa.Table | None = None,
    **known: Any,
) -> tuple[list[Event], Surroundings]:
    """Give the events that a watch finds in all these reports up to a time, and what it knows at the end."""
    watch = Watch(Assets(assets), known=Known(**known))
    rows = in_order(*reports)
    times_us = rows["time_us"].cast(pa.int64()).to_numpy()
    rows = rows if until_us is None else rows.filter(pa.array(times_us <= until_us))
    events: list[Event] = []
    step = -(-rows.num_rows // pieces)
    for i in range(pieces):
        decoded = Decoded(reports=rows.slice(i * step, step))
        if i == 0 and vessels is not None:
            decoded = replace(decoded, vessels=vessels)
        events += watch.take(decoded, final=i == pieces - 1).events
    return events, watch.surroundings


def broken(at_min: float = 120.0, within_s: float = 60.0, **more: Any) -> Fault:
    """Give a fault of the cable so many minutes after midnight."""
    at_us = BEGAN_US + int(at_min * MINUTE_US)
    given = {"asset_id": "cable", "at_us": at_us, "noticed_us": at_us, "within_s": within_s, **more}
    return Fault("fault", **given)


def asked(*reports: pa.Table, what: Fault | None = None, as_of_min: float = 239.0, **more: Any) -> Findings:
    """Give what is found of a fault once all these ships were watched."""
    events, surroundings = watched(*reports, **more)
    return inquire([what or broken()], events, surroundings, BEGAN_US + int(as_of_min * MINUTE_US))


def ship(found: Findings, mmsi: int) -> Suspect | None:
    """Give one ship's place in the findings."""
    return next((one for one in found.suspects if one.mmsi == mmsi), None)


def test_who_crossed_then_is_first() -> None:
    """Of ships half an hour apart she is first who crossed at the time, with when and where she did."""
    first = asked(over().reports(1), *traffic()).suspects[0]
    assert first.mmsi == 1
    assert abs(first.time_offset_s) < 60
    # 59.8 N is 0.3 deg of 111.4 km north of the first vertex
    assert first.km_along == pytest.approx(33.4, abs=0.2)
    assert first.probability_over > 0.9


def test_conduct_at_the_crossing_is_seen() -> None:
    """A ship that loses a sixth of her speed just after the line fits better than one that keeps it."""
    slowed = over(hours=2.02).slow_to(8.3, for_min=6).slow_to(10.0, for_min=100)
    kept, checked = (ship(asked(one.noisy(3).reports(1), *traffic()), 1) for one in (over(), slowed))
    assert "least_speed_after" in {line.code for line in checked.lines_for}
    assert "least_speed_after" not in {line.code for line in kept.lines_for}
    assert checked.score > kept.score


def test_nothing_later_is_used() -> None:
    """What is found as of a time is the same whether the watch has gone on for hours or ended there."""
    ships = [over(hours=2.02).slow_to(5.0, for_min=100).reports(1), over(59.9, at_min=110).reports(2)]
    as_of_us = BEGAN_US + 150 * MINUTE_US
    whole = inquire([broken()], *watched(*ships, *traffic()), as_of_us)
    cut = inquire([broken()], *watched(*ships, *traffic(), until_us=as_of_us), as_of_us)
    assert whole.as_json() == cut.as_json()


def test_pieces_do_not_matter() -> None:
    """The same is found whether the recording came at once or in seven pieces."""
    ships = [over().reports(1), *traffic()]
    as_of_us = BEGAN_US + 150 * MINUTE_US
    at_once, cut = (inquire([broken()], *watched(*ships, pieces=n), as_of_us) for n in (1, 7))
    assert at_once.as_json() == cut.as_json()


def test_alongside_an_uncertain_route() -> None:
    """Who passed 700 m off a route charted to 1,000 m may have been over it; who passed 9 km off was not."""
    route = cable((59.5, 25.0), (60.1, 25.0), uncertainty_m=1000.0)
    beside, far = (
        sail((59.6, 25.0 + off_deg), at_kn=10, every_s=20).on(0.0, for_min=230) for off_deg in (0.0125, 0.16)
    )
    found = asked(beside.reports(1), far.reports(2), *traffic(), assets=(route,))
    close = ship(found, 1)
    assert close is not None
    # sigma is 1000 / 1.96 = 510 m, so 700 m are 1.37 of them: 1 - Phi(1.37) = 0.085
    assert close.probability_over == pytest.approx(0.085, abs=0.03)
    assert close.distance_m == pytest.approx(700, abs=30)
    assert ship(found, 2) is None


def silent(from_min: float, for_min: float) -> Sail:
    """Give a ship 6 km off the cable and coming nearer that falls silent and goes on silent."""
    start = sail((59.8, 24.55), at_kn=8, every_s=20).on(90.0, for_min=from_min)
    return start.silent(for_min=for_min, at_kn=1.0).on(270.0, for_min=60, at_kn=8)


def test_silent_ship_that_could_have_been_there() -> None:
    """A ship heard neither at the time nor on the line, but near before and after, is listed as silent."""
    heard = [over(59.78 + 0.01 * i, at_min=90 + 12 * i).reports(299_100_200 + i) for i in range(8)]
    found = asked(silent(60, 100).reports(1), *traffic(), *heard)
    dark = ship(found, 1)
    assert dark is not None
    assert dark.dark
    assert "dark_ships" in {note.code for note in found.notes}


def test_silence_at_another_time_says_nothing() -> None:
    """The same silence two hours after the fault is no suspect's."""
    found = asked(silent(150, 60).reports(1), *traffic(), what=broken(60.0))
    assert not any(one.dark for one in found.suspects)


def test_ferry_is_known_by_her_line() -> None:
    """A ship that crosses again and again has that routine against her."""
    ferry = sail((59.8, 24.9), at_kn=15, every_s=20)
    for _ in range(4):
        ferry = ferry.to((59.8, 25.1), (59.8, 24.9)).stop(for_min=70)
    told = ship(asked(ferry.reports(1), what=broken(12.1), as_of_min=500.0), 1)
    assert told is not None
    assert "crosses_routinely" in {line.code for line in told.lines_against}


def test_area_is_come_near() -> None:
    """Of a wind farm she is first who was in it; it has no kilometre."""
    farm = Asset("farm", "Farm", "wind_farm", shapely.box(24.95, 59.78, 25.05, 59.82), 20.0, "given")
    found = asked(over().reports(1), over(59.9).reports(2), what=broken(asset_id="farm"), assets=(farm, LINE))
    assert (found.suspects[0].mmsi, found.suspects[0].km_along) == (1, None)
    assert ship(found, 2) is None


def vessels(mmsi: int, length_m: float) -> pa.Table:
    """Give what a cargo ship says of herself at midnight."""
    said = {
        "mmsi": [mmsi],
        "length_m": [length_m],
        "ship_type": [70],
        "time_us": [BEGAN_US],
        "report_id": [7],
    }
    return table(VESSELS, {**said, "time_source": [1]}, rows=1)


@pytest.mark.parametrize(("depth_m", "against"), [(150.0, True), (30.0, False)])
def test_anchor_that_does_not_reach(depth_m: float, *, against: bool) -> None:
    """In 150 m the anchor of a ship of 100 m under way does not reach the ground; in 30 m it does."""
    depth = Depth(Points(np.array([59.8]), np.array([25.0])), np.array([depth_m]), within_m=5000.0)
    told = ship(asked(over().reports(1), *traffic(), vessels=vessels(1, 100.0), depth=depth), 1)
    assert told is not None
    lines = told.lines_against if against else told.lines_for
    assert "anchor_reach" in {line.code for line in lines}


def test_small_craft_hardly_break_cables() -> None:
    """Class B speaks against a ship that otherwise fits as well as another."""
    both = [over(59.8).reports(1), over(59.82).reports(2, transceiver=Transceiver.CLASS_B)]
    first, second = asked(*both, *traffic()).suspects[:2]
    assert (first.mmsi, second.mmsi) == (1, 2)
    assert "class_b" in {line.code for line in second.lines_against}


def test_nobody_heard_near_the_place() -> None:
    """A fault at the far end of a cable where no ship was ever heard: who was there cannot be known."""
    long = cable((59.5, 25.0), (60.1, 25.0), (64.0, 25.0))
    what = broken(km_along=500.0, km_error=2.0)
    found = asked(over().reports(1), *traffic(), what=what, assets=(long,))
    assert {"hardly_heard_there", "nobody_fits"} <= {note.code for note in found.notes}


def test_fault_on_land() -> None:
    """Where land was given, a fault on it is no ship's doing, and is said to be."""
    ground = Place(LAND, "island", shapely.box(24.9, 59.5, 25.1, 59.55), 0.0)
    places = Places((ground,))
    ashore, afloat = (
        asked(over().reports(1), *traffic(), what=broken(km_along=km, km_error=1.0), places=places)
        for km in (2.0, 33.0)
    )
    assert "on_land" in {note.code for note in ashore.notes}
    assert "on_land" not in {note.code for note in afloat.notes}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (broken(asset_id="pipe"), "no asset has the id or name 'pipe'"),
        (broken(km_along=80.0), "kilometre 80 is beyond cable, which is 66.8 km long"),
        (broken(at_min=-2.0), "is outside of what was heard.*: 60 s before it"),
        (broken(at_min=-600.0), "is outside of what was heard.*: 10 h before it"),
        (broken(at_min=900.0), "is outside of what was heard.*: 11 h after it"),
    ],
)
def test_what_cannot_be_asked(what: Fault, said: str) -> None:
    """An unknown asset, a place beyond the end and a time without data are errors that say so."""
    with pytest.raises(ValueError, match=said):
        asked(over().reports(1), *traffic(), what=what)


def without(rows: pa.Table, from_min: float, to_min: float) -> pa.Table:
    """Leave out what was sent between two times, in minutes after midnight."""
    minutes = (rows["time_us"].cast(pa.int64()).to_numpy() - BEGAN_US) / MINUTE_US
    return rows.filter(pa.array((minutes < from_min) | (minutes >= to_min)))


def test_fault_while_nothing_was_recorded() -> None:
    """A feed silent for 25 minutes over the fault: from when to when, no all-clear, and nobody is likely."""
    dragged = over(hours=2.02).slow_to(5.0, for_min=100).reports(1)
    ships = [without(rows, 108.0, 133.0) for rows in (dragged, *traffic())]
    found = asked(*ships, what=broken(121.0))
    (silence,) = [one for one in found.notes if one.code == "nothing_heard"]
    assert (silence.began, silence.ended) == ("2025-01-01T01:47:40Z", "2025-01-01T02:13:00Z")
    assert {one.code for one in found.notes} >= {"nothing_heard", "hardly_heard_there"}
    assert "no_ship_there" not in {one.code for one in found.notes}
    first = ship(found, 1)
    # joined over 25 minutes and 20 s: half of that to either side
    assert first.crossed_within_s == pytest.approx(760.0)
    assert "likely" not in {one.says for one in found.suspects}


@pytest.mark.parametrize(("for_min", "quiet_min"), [(60, 60), (9, 0)])
def test_hours_in_which_nobody_was_heard_are_no_hours_of_comparison(for_min: int, quiet_min: int) -> None:
    """Nothing recorded from minute 20 to 80: of 239 minutes 179 are left; nine minutes are a pause."""
    events, known = watched(without(in_order(over().reports(1), *traffic()), 20, 20 + for_min))
    seen = look(broken(), events, known, BEGAN_US + 239 * MINUTE_US)
    assert seen.hours_s == pytest.approx((239 - quiet_min) * 60, abs=90)


def test_notice_that_comes_in_while_nothing_is_recorded() -> None:
    """Looked into at its own time, in a silence that the watch has since got over: told up to that time."""
    ships = [without(rows, 108.0, 133.0) for rows in (over().reports(1), *traffic())]
    found = asked(*ships, what=broken(121.0), as_of_min=122.0)
    (silence,) = [one for one in found.notes if one.code == "nothing_heard"]
    assert (silence.began, silence.ended) == ("2025-01-01T01:47:40Z", "2025-01-01T02:02:00Z")
    assert "hardly_heard_there" in {one.code for one in found.notes}


def test_fault_whose_hour_goes_on_after_the_data() -> None:
    """What of the fault's time lies after the last report was not listened to: half of it here."""
    events, surroundings = watched(over().reports(1), *traffic())
    found = inquire([broken(240.0, 3600.0)], events, surroundings, BEGAN_US + 6 * HOUR_US)
    assert "nothing_heard" in {one.code for one in found.notes}
    (last,) = [one for one in found.notes if one.code == "nothing_heard"]
    assert last.ended == "2025-01-01T06:00:00Z"


@pytest.mark.parametrize(("at_min", "silent"), [(106.0, False), (109.0, True), (136.0, False)])
def test_only_silence_about_the_fault_is_told(at_min: float, *, silent: bool) -> None:
    """The same silence is told of a fault that may fall into it and of no other."""
    ships = [without(rows, 108.0, 133.0) for rows in (over().reports(1), *traffic())]
    found = asked(*ships, what=broken(at_min))
    assert ("nothing_heard" in {one.code for one in found.notes}) is silent


def lying(n: int) -> list[pa.Table]:
    """Give ships that lie still by the line and send on."""
    start = [(59.80 + 0.003 * i, 25.02) for i in range(n)]
    return [
        sail(at, at_kn=0.0, every_s=20).stop(for_min=240).reports(299_100_300 + i)
        for i, at in enumerate(start)
    ]


@pytest.mark.parametrize(("from_min", "to_min", "heard"), [(300.0, 300.0, True), (108.0, 133.0, False)])
def test_place_unheard_while_others_are_heard(from_min: float, to_min: float, *, heard: bool) -> None:
    """Where three ships usually lie and none is heard for 25 minutes, that place is not covered then."""
    far = sail((61.5, 20.0), at_kn=8, every_s=20).on(0.0, for_min=239).reports(299_100_400)
    near = [without(rows, from_min, to_min) for rows in lying(4)]
    found = asked(far, *near, what=broken(120.0, km_along=33.4, km_error=1.0))
    told = {one.code for one in found.notes}
    assert ("hardly_heard_there" not in told) is heard
    assert "nothing_heard" not in told


def test_thin_traffic_is_no_lack_of_coverage() -> None:
    """At a lonely place one ship ten minutes before the fault shows that it is listened to."""
    once = over(at_min=110.0, hours=2.0).reports(1)
    far = sail((61.5, 20.0), at_kn=8, every_s=20).on(0.0, for_min=239).reports(299_100_400)
    for at_min, covered in ((125.0, True), (170.0, False)):
        found = asked(once, far, what=broken(at_min, km_along=33.4, km_error=1.0))
        assert ("hardly_heard_there" not in {one.code for one in found.notes}) is covered


def test_where_she_was_last_heard() -> None:
    """Each suspect comes with her last known place as of the inquiry, and nothing later."""
    found = asked(over().reports(1), *traffic(), as_of_min=150.0)
    last = ship(found, 1).last
    assert BEGAN_US + 140 * MINUTE_US < last.at_us <= BEGAN_US + 150 * MINUTE_US
    # at 10 kn she is 25 minutes, 7.7 km, past the line at the end of the last bin that has closed
    assert last.lon_deg == pytest.approx(25.0 + 7_700 / 56_000, abs=0.03)
    assert last.sog_kn == pytest.approx(10.0, abs=0.1)


def test_recording_too_short_to_rank() -> None:
    """Of three minutes no time bin has closed: it is too short, and that is said."""
    with pytest.raises(ValueError, match="too short, heard is only"):
        asked(over(at_min=1.0, hours=0.05).reports(1), what=broken(1.0), as_of_min=3.0)


def test_two_notices_of_one_outage_count_once() -> None:
    """The same outage told twice, five seconds apart, names nobody more surely than told once."""
    events, surroundings = watched(over().reports(1), *traffic())
    as_of_us = BEGAN_US + 4 * HOUR_US - MINUTE_US
    twice = [broken(), replace(broken(120.0 + 5 / 60), fault_id="again")]
    once, both = (inquire(what, events, surroundings, as_of_us) for what in (twice[:1], twice))
    assert both.suspects[0].score == pytest.approx(once.suspects[0].score, abs=0.3)
    assert both.suspects[0].says == once.suspects[0].says
    assert next((n.code, n.observed, n.fault_id) for n in both.notes) == ("told_twice", 2.0, "fault + again")


def test_two_faults_are_one_ships_doing() -> None:
    """Who crossed both cables at their times stands before those who crossed one of them then."""
    second = cable((59.5, 25.3), (60.1, 25.3), asset_id="second")
    # 0.3 deg of longitude at 59.8 N are 16.9 km: 54.6 minutes at 10 kn
    ships = [
        over().reports(1),
        over(59.9, at_min=120, hours=2.2).on(180.0, for_min=100).reports(2),
        over(59.7, at_min=80).reports(3),
    ]
    events, surroundings = watched(*ships, *traffic(), assets=(LINE, second))
    faults = [broken(), replace(broken(174.6, asset_id="second"), fault_id="other")]
    found = inquire(faults, events, surroundings, BEGAN_US + 4 * HOUR_US - MINUTE_US)
    assert found.suspects[0].mmsi == 1
    assert found.suspects[0].fits == ("fault", "other")
    assert ship(found, 2).fits == ("fault",)
