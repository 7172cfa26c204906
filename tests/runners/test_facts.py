"""What is joined to an alert: marks of an exercise, what came late, how much traffic was heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.behaviours import Surroundings
from seavigil.events import Event
from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.depth import Depth
from seavigil.normal.nearest import Points
from seavigil.normal.places import Place, Places
from seavigil.records import DAY_US, MINUTE_US, REPORTS, VESSELS, Decoded, Flag, table
from seavigil.risk import Draft, HeardLate, Knowledge
from seavigil.runners import facts as runners_facts
from seavigil.runners.counted import Counted
from seavigil.runners.facts import Facts, traffic
from seavigil.runners.live import Watch
from seavigil.runners.volume import ShipDays
from tests.cases.judge import tracked
from tests.cases.sail import sail
from tests.normal.logs import learn
from tests.risk.drawn import degraded, event


def draft(**fields: object) -> Draft:
    """Give a draft of a ship adrift at minute 100."""
    drift = event("drifting", 100)
    one = Draft("a", drift.known_at_us, drift.vessel_id, drift.mmsi, "info", (drift,), (), ())
    return replace(one, **fields)


def reports(mmsi: int, *, minutes: int = 10) -> pa.Table:
    """Give tracked reports of a ship from the day's begin on."""
    return tracked(
        sail((59.0, 20.0), at_kn=8, every_s=60, start=0).on(90, for_min=minutes).reports(mmsi=mmsi)
    )


@pytest.mark.parametrize(("mmsi", "marked"), [(299_000_001, True), (265_000_001, False)])
def test_nobodys_number_marks_an_exercise(mmsi: int, marked: bool) -> None:
    """The ITU has assigned the digits 299 to no administration: without a station column they tell."""
    facts = Facts(None)
    facts.learn(reports(mmsi), DAY_US)
    one = draft(mmsi=mmsi, vessel_id=str(mmsi))
    assert facts.alert(one, Surroundings()).exercise is marked


def of_area(area: Event) -> Draft:
    """Give a draft of an area, known at minute 50."""
    known_us = 50 * MINUTE_US
    return draft(vessel_id="area:1", mmsi=None, events=(area,), bounds=area.bounds, known_at_us=known_us)


def around(area: Draft, *mmsis: int, hours: float = 1.0) -> bool:
    """Tell whether an area is marked where these ships were heard, for hours from the day's begin on."""
    ships = [sail((58.8, 20.0), at_kn=1, every_s=60, start=0).on(90, for_min=60 * hours) for _ in mmsis]
    rows = [ship.reports(mmsi=mmsi) for ship, mmsi in zip(ships, mmsis, strict=True)]
    facts, heard = Facts(None), tracked(*rows)
    facts.learn(heard, DAY_US)
    return facts.alert(area, Surroundings(log=learn([heard]))).exercise


def test_an_area_of_an_exercise_is_marked_too() -> None:
    """Jamming made up of invented ships must not leave unmarked; half of the ships there will do."""
    area = degraded(40, 50)
    about = draft(
        vessel_id="area:1", mmsi=None, events=(area,), bounds=area.bounds, known_at_us=50 * MINUTE_US
    )
    assert around(about, 299_000_001)
    assert around(about, 299_000_001, 265_000_001)
    assert not around(about, 265_000_001)
    alert = Facts(None).alert(about, Surroundings())
    assert (alert.exercise, alert.vessel) == (False, None)
    assert alert.area is not None
    assert alert.area.area_id == "area:1"


def test_where_nobody_is_heard_an_area_is_marked_by_all_who_are() -> None:
    """Reception lost in an exercise, an echo on an invented sea where no ship is near."""
    far = replace(degraded(40, 50), bounds=None, lat_deg=30.0, lon_deg=-30.0)
    about = draft(vessel_id="contact:1", mmsi=None, events=(far,), known_at_us=50 * MINUTE_US)
    assert around(about, 299_000_001)
    assert not around(about, 299_000_001, 265_000_001, 265_000_002)


def test_near_miss_one_invented_ship_does_not_make_an_area_an_exercise() -> None:
    """Whoever has a transmitter could hide real jamming by one message, then and for good."""
    area = degraded(40, 50)
    about = draft(
        vessel_id="area:1", mmsi=None, events=(area,), bounds=area.bounds, known_at_us=50 * MINUTE_US
    )
    assert not around(about, 299_000_001, 265_000_001, 265_000_002)
    late = replace(degraded(180, 200), began_us=180 * MINUTE_US)
    long_after = replace(about, events=(late,), known_at_us=200 * MINUTE_US)
    facts = Facts(None)
    invented = sail((58.8, 20.0), at_kn=1, every_s=60, start=0).on(90, for_min=30).reports(mmsi=299_000_001)
    real = sail((58.8, 20.0), at_kn=1, every_s=60, start=0).on(90, for_min=240).reports(mmsi=265_000_001)
    heard = tracked(invented, real)
    facts.learn(heard, DAY_US)
    assert not facts.alert(long_after, Surroundings(log=learn([heard]))).exercise


@pytest.mark.parametrize("cut", [0, 31, 95])
def test_a_real_number_is_marked_as_long_as_it_is_heard_so(cut: int) -> None:
    """One tag block of an exercise does not mark a ship for good; its marks last an hour beyond the last."""
    rows = reports(265_000_001, minutes=180)
    minute = rows["time_us"].cast(pa.int64()).to_numpy() // MINUTE_US
    station = pa.array(["EXERCISE-1" if 30 <= m < 40 else "shore" for m in minute])
    rows = rows.set_column(rows.schema.get_field_index("station"), "station", station)
    facts = Facts(None)
    for piece in (rows.slice(0, cut), rows.slice(cut)):
        facts.learn(piece, DAY_US)
    marked = [
        facts.alert(draft(known_at_us=at * MINUTE_US, mmsi=265_000_001), Surroundings()).exercise
        for at in (29, 30, 60, 98, 99, 180)
    ]
    assert marked == [False, True, True, True, False, False]


def test_other_ships_are_described_like_the_first() -> None:
    """The partner of a meeting has her name and flag; a name that is no ship has not."""
    facts = Facts(None)
    facts.hold(table(VESSELS, {"time_us": [0], "mmsi": [265_000_009], "name": ["OTHER"]}))
    facts.learn(reports(265_000_001), DAY_US)
    alert = facts.alert(draft(others=("265000009", "contact:7")), Surroundings())
    assert [(v.mmsi, v.name, v.flag) for v in alert.other_vessels] == [(265_000_009, "OTHER", "SE")]


def test_half_a_day_of_ships_taking_turns_in_one_number_is_remembered() -> None:
    """What is known at its first minute does not depend on how much of the half day came at once."""
    turns = [("ONE", "OTHER")[i % 2] for i in range(720)]
    said = {"time_us": [i * MINUTE_US for i in range(720)], "mmsi": [265_000_001] * 720, "name": turns}
    facts = Facts(None)
    facts.hold(table(VESSELS, said | {"report_id": range(720), "time_source": [1] * 720}))
    facts.learn(reports(265_000_001), DAY_US)
    assert facts.statics.known(265_000_001, 0).name == "ONE"
    assert facts.statics.known(265_000_001, 719 * MINUTE_US).name == "OTHER"


def _static(minute: int, mmsi: int = 265_000_001, name: str = "ONE") -> pa.Table:
    said = {"time_us": [minute * MINUTE_US], "mmsi": [mmsi], "name": [name]}
    return table(VESSELS, said | {"report_id": [minute], "time_source": [1]})


def test_static_data_of_a_wrong_clock_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows from ten years ahead are let go of and counted; the ship with a clock is known as before."""
    monkeypatch.setattr(runners_facts, "_MAX_TO_COME", 50)
    facts, nothing = Facts(None), reports(265_000_001).slice(0, 0)
    dropped = 0
    for minute in range(400):
        dropped += facts.hold(_static(minute + 5_000_000, 265_000_002, "WRONG"))
        dropped += facts.hold(_static(minute + 1, name=f"NAME {minute}"))
        facts.learn(nothing, minute * MINUTE_US)
        assert facts._to_come.num_rows <= 60
    assert dropped > 300
    facts.learn(nothing, 400 * MINUTE_US)
    assert facts.statics.known(265_000_001, 400 * MINUTE_US).name == "NAME 399"


def test_near_miss_one_large_piece_waits_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording given at once is all ahead of the watch at first; none of it may be lost."""
    monkeypatch.setattr(runners_facts, "_MAX_TO_COME", 50)
    facts, nothing = Facts(None), reports(265_000_001).slice(0, 0)
    dropped = facts.hold(pa.concat_tables([_static(m, 265_000_000 + m, f"NAME {m}") for m in range(200)]))
    for as_of_min in (0, 100, 199):
        facts.learn(nothing, as_of_min * MINUTE_US)
    known = {facts.statics.known(265_000_000 + m, DAY_US).name for m in range(200)}
    assert (len(known), dropped) == (200, 0)


def test_reports_that_came_late_are_handed_on_once() -> None:
    """A report behind the reordering delay is no part of the track, but it may explain a silence."""
    whole = sail((59.0, 20.0), at_kn=8, every_s=60, start=0).on(90, for_min=60).reports(mmsi=265_000_001)
    facts, watch = Facts(None), Watch()
    rows = [
        watch.take(Decoded(reports=r)).reports
        for r in (whole.slice(0, 10), whole.slice(30), whole.slice(20, 1))
    ]
    assert sum(int(np.count_nonzero(r["flags"].to_numpy() & int(Flag.LATE))) for r in rows) == 1
    for released in rows:
        facts.learn(released, 60 * MINUTE_US)
    assert facts.late() == [HeardLate("265000001", 20 * MINUTE_US, 60 * MINUTE_US)]
    assert facts.late() == []


def test_what_is_known_around_an_event() -> None:
    """Places and depth that were given are looked up; those that were not are not known."""
    shoal = Surroundings(
        places=Places((Place("anchorage", "Roads", shapely.Point(20.0, 59.0), 500.0),)),
        depth=Depth(Points(np.array([59.0]), np.array([20.0])), np.array([30.0])),
    )
    facts = Facts(None)
    facts.hold(
        table(VESSELS, {"time_us": [0], "mmsi": [299_100_001], "length_m": [180.0], "ship_type": [70]})
    )
    facts.learn(reports(299_100_001), DAY_US)
    there = facts.knowledge(event("drifting", 100), shoal)
    assert (there.in_anchorage, there.depth_m, there.anchor_reaches) == (True, 30.0, True)
    assert (there.port_m, there.in_pilot_area, there.wave_m) == (None, None, None)
    nothing = facts.knowledge(event("drifting", 100), Surroundings())
    assert nothing == Knowledge(ship_type=70, anchor_reach_m=there.anchor_reach_m)


def test_ship_days_are_ships_times_days() -> None:
    """Three ships heard for two hours are a quarter of a ship-day, however the stream is cut."""
    ships = [
        sail((59.0 + i, 20.0), at_kn=8, every_s=60, start=0).on(90, for_min=120).reports(mmsi=265_000_001 + i)
        for i in range(3)
    ]
    rows = tracked(*ships)
    whole, cut = ShipDays(), ShipDays()
    whole.add(rows)
    for at in range(0, rows.num_rows, 7):
        cut.add(rows.slice(at, 7))
    assert whole.ship_days == cut.ship_days == pytest.approx(0.25, rel=0.05)


def test_a_history_is_counted_by_the_greatest_strength_of_each_alert() -> None:
    """One ship adrift in two hours of one ship: one alert, whatever its revisions, per ship heard."""
    drift = sail((59.0, 20.0), at_kn=8, every_s=60, start=0).on(90, for_min=60).drift(3, 60, for_min=60)
    counted, watch = Counted(), Watch()
    assert counted.rates() is None
    for piece, final in ((drift.reports(mmsi=265_000_001), False), (REPORTS.empty_table(), True)):
        counted.take(watch.take(Decoded(reports=piece), final=final))
    rates = counted.rates()
    assert rates is not None
    assert sum(rates.counts) == 1
    assert rates.ship_days == pytest.approx(2 / 24, rel=0.1)


def test_traffic_counts_the_ships_of_each_bin() -> None:
    """Three ships: three in each closed five minutes."""
    learner = CoverageLearner()
    ships = [
        sail((59.05 + i, 20.05), at_kn=1, every_s=60, start=0)
        .on(90, for_min=60)
        .reports(mmsi=265_000_001 + i)
        for i in range(3)
    ]
    learner.add(tracked(*ships))
    heard = traffic(learner.learned()[0])
    assert set(heard.ships.tolist()) == {3}
    assert heard.ship_days_a_day(DAY_US) == 3.0
