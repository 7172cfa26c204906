"""What lies ahead of a ship as known at a moment, and what her alerts say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.geodesy import distance_m
from seavigil.normal.places import PORT, Place, Places
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, VESSELS, Decoded, parse_time_us, table
from seavigil.runners import ahead as module
from seavigil.runners.ahead import Ahead
from seavigil.runners.forecast_plays import STRAIGHT
from seavigil.runners.live import Outcome, Watch
from seavigil.tracks import StaticBook
from tests.cases.futures import KN_MS, east_of
from tests.cases.judge import cable, in_order, tracked
from tests.cases.sail import Sail, sail
from tests.normal.logs import FIRST, log_of

BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
ONE, OTHER = FIRST, FIRST + 1
A, B = str(ONE), str(OTHER)
LAT, LON, NM_M = 59.0, 20.0, 1852.0
CORRIDOR_M = 250.0


def minute(minutes: float) -> int:
    """Give a moment."""
    return BEGIN_US + round(minutes * MINUTE_US)


def across(nm: float, name: str) -> Any:
    """Give a cable along the meridian so many miles east of where the ship begins."""
    lon = east_of(LAT, LON, nm * NM_M)
    return cable((58.5, lon), (59.5, lon), asset_id=name)


ASSETS = Assets([across(5, "first"), across(25, "second")])
INDEX = AssetIndex(ASSETS)


def eastward(minutes: float = 60, lat: float = LAT, kn: float = 10.0, every_s: float = 20.0) -> Sail:
    """Draw a ship on course 90."""
    return sail((lat, LON), at_kn=kn, every_s=every_s, start=BEGIN_US).on(90, for_min=minutes)


def seen(*reports: pa.Table, straight: bool = True) -> Ahead:
    """Give a look ahead that has heard reports."""
    ahead = Ahead(INDEX, STRAIGHT if straight else None)
    ahead.heard(tracked(*reports))
    return ahead


def known(**more: Any) -> Surroundings:
    """Give surroundings with the assets and no more than is said."""
    return Surroundings(INDEX, **more)


def likely_us(ahead: Ahead, at_us: int, ship: str = A) -> list[int]:
    """Give when she likely enters each asset ahead."""
    return [one.eta_likely_us for one in ahead.forecast([(ship, at_us)], known())[ship, at_us]]


def reaches_us(nm: float, kn: float = 10.0) -> int:
    """Give when a ship that began then and there enters the corridor of a cable so far on."""
    return BEGIN_US + round((nm * NM_M - CORRIDOR_M) / (kn * KN_MS) * SECOND_US)


def test_the_forecast_goes_on_from_where_she_is_then() -> None:
    """Of one track, asked at 10 and at 50 minutes: the same arrival, and at 50 only the second cable."""
    ahead = seen(eastward().reports(ONE))
    assert likely_us(ahead, minute(10)) == pytest.approx([reaches_us(5), reaches_us(25)], abs=MINUTE_US)
    assert likely_us(ahead, minute(50)) == pytest.approx([reaches_us(25)], abs=MINUTE_US)


def test_what_was_heard_after_the_moment_is_not_used() -> None:
    """Her turn at minute 20 does not change what is said of minute 15; after it nothing lies ahead."""
    turns = eastward(20).on(0, for_min=40)
    ahead = seen(turns.reports(ONE))
    assert likely_us(ahead, minute(15)) == likely_us(seen(eastward(15).reports(ONE)), minute(15))
    assert len(likely_us(ahead, minute(15))) == 2
    assert likely_us(ahead, minute(40)) == []


def test_a_silent_ship_is_taken_to_have_gone_on() -> None:
    """Last heard at minute 20, asked at 80: eleven or so miles on, and the arrival is the same."""
    ahead = seen(eastward(20).reports(ONE))
    look = ahead.look([(A, minute(80))], known())
    expected = LAT, east_of(LAT, LON, 80 / 60 * 10 * NM_M)
    assert distance_m(look.state.lat_deg, look.state.lon_deg, *expected) < 300
    assert likely_us(ahead, minute(80)) == pytest.approx([reaches_us(25)], abs=MINUTE_US)


def test_for_six_hours_at_most() -> None:
    """Asked after nine hours of silence she is where she would be after six."""
    six, nine = (
        seen(eastward(20).reports(ONE)).look([(A, minute(20) + h * HOUR_US)], known()).state for h in (6, 9)
    )
    assert (six.lon_deg, six.lat_deg) == (nine.lon_deg, nine.lat_deg)


def test_nothing_lies_ahead_of_a_ship_not_heard_by_then() -> None:
    """Neither is an error, and the ship asked about with her has her own."""
    ahead = seen(eastward().reports(ONE))
    asked = [(A, minute(10)), (B, minute(10)), (A, BEGIN_US - 1)]
    found = ahead.forecast(asked, known())
    assert [len(found[one]) for one in asked] == [2, 0, 0]


def test_nothing_lies_ahead_of_an_unheard_ship_where_land_is_known_either() -> None:
    """Her place is not a number: the shore is not asked about it."""
    land = Places((Place("land", "land", shapely.box(30.0, 59.0, 31.0, 60.0), 0.0),))
    found = seen(eastward().reports(ONE)).forecast([(B, minute(10))], known(places=land))
    assert found == {(B, minute(10)): ()}


def test_without_assets_nothing_is_kept_or_said() -> None:
    """A look is refused in one line; alerts of a watch without any have nothing ahead."""
    ahead = Ahead(None)
    ahead.heard(tracked(eastward(5).reports(ONE)))
    assert ahead.lines([]) == ()
    with pytest.raises(ValueError, match="no assets are loaded"):
        ahead.look([(A, minute(1))], Surroundings())


def test_two_ships_under_one_number_have_each_her_own() -> None:
    """One goes east to the cables, the other far south: neither's forecast is the other's."""
    south = sail((50.0, LON), at_kn=10, every_s=20, start=BEGIN_US).on(90, for_min=60)
    ahead = seen(eastward().reports(ONE), south.reports(ONE))
    found = ahead.forecast([(A, minute(10)), (f"{A}#2", minute(10))], known())
    assert sorted(len(few) for few in found.values()) == [0, 2]


def statics(**said: Any) -> StaticBook:
    """Give static data that the one ship sent at the begin."""
    book = StaticBook()
    row = {"report_id": [1], "time_us": [BEGIN_US], "time_source": [1], "mmsi": [ONE]}
    book.add(table(VESSELS, row | {name: [value] for name, value in said.items()}))
    return book


NORTH = Place(PORT, "Northport", shapely.Point(LON, 61.0), 5000.0, also=("FINPT",))


@pytest.mark.parametrize(
    ("said", "places", "heeds"),
    [
        ("FINPT", (NORTH,), True),
        ("deham > fi npt", (NORTH,), True),
        ("NORTHPORT", (NORTH,), True),
        ("SOUTHPORT", (NORTH,), False),
        ("FINPT", (NORTH, replace(NORTH, geometry=shapely.Point(10.0, 10.0))), False),
        (None, (NORTH,), False),
    ],
)
def test_a_ship_makes_for_the_one_port_of_the_name_that_she_sends(
    said: str | None, places: tuple[Place, ...], heeds: bool
) -> None:
    """By name or UN/LOCODE; of none or of two ports of that name she is taken to say nothing."""
    ahead = seen(eastward().reports(ONE))
    book = statics(destination=said, length_m=120.0)
    state = ahead.look([(A, minute(30))], known(places=Places(places), statics=book)).state
    assert np.isfinite(state.to_lat_deg).tolist() == [heeds]
    if heeds:
        assert (state.to_lat_deg[0], state.to_lon_deg[0]) == (61.0, LON)


def test_what_she_says_later_is_not_known_yet() -> None:
    """Her destination was sent at the begin: a microsecond before nothing is known of it."""
    said = {"report_id": [1], "time_us": [minute(30)], "time_source": [1], "mmsi": [ONE]}
    book = StaticBook()
    book.add(table(VESSELS, said | {"destination": ["FINPT"]}))
    ahead, around = seen(eastward().reports(ONE)), known(places=Places((NORTH,)), statics=book)
    known_then = [
        np.isfinite(ahead.look([(A, at)], around).state.to_lat_deg[0]) for at in (minute(30) - 1, minute(30))
    ]
    assert known_then == [False, True]


def test_of_ships_under_one_number_nobody_knows_whose_the_static_data_are() -> None:
    """The second is not sent to the first one's port."""
    south = sail((50.0, LON), at_kn=10, every_s=20, start=BEGIN_US).on(90, for_min=60)
    ahead = seen(eastward().reports(ONE), south.reports(ONE))
    around = known(places=Places((NORTH,)), statics=statics(destination="FINPT"))
    state = ahead.look([(A, minute(30)), (f"{A}#2", minute(30))], around).state
    assert np.isfinite(state.to_lat_deg).tolist() == [True, False]


def test_her_own_wavering_is_that_of_her_last_half_hour() -> None:
    """Nine and eleven knots by turns, five minutes each: a knot; steady: none; after one bin: not known."""
    wavers = sail((LAT, LON), at_kn=10, every_s=20, start=BEGIN_US)
    for i in range(24):
        wavers = wavers.on(90, for_min=5, at_kn=9 if i % 2 else 11)
    steady = eastward(120, lat=59.3)
    rows = tracked(wavers.reports(ONE), steady.reports(OTHER))
    ahead = Ahead(INDEX, STRAIGHT)
    ahead.heard(rows)
    around = known(log=log_of(wavers, steady))
    swing_kn = ahead.look([(A, minute(110)), (B, minute(110))], around).state.swing_kn
    assert swing_kn == pytest.approx([1.0, 0.0], abs=0.05)
    early = ahead.look([(A, minute(12)), (B, minute(12))], around).state
    assert np.isnan(early.swing_kn).all()


def test_a_long_ship_must_be_called_sooner() -> None:
    """300 m instead of 100 m: 15 times 200 m more, at 10 of 15 kn a share of (10 / 15) squared of it."""
    ahead = seen(eastward().reports(ONE))
    needs = []
    for length_m in (100.0, 300.0):
        (one, _) = ahead.forecast([(A, minute(1))], known(statics=statics(length_m=length_m)))[A, minute(1)]
        needs.append((one.eta_earliest_us - one.call_by_us) / SECOND_US)
    assert needs[1] - needs[0] == pytest.approx(15 * 200 * (10 / 15) ** 2 / (10 * KN_MS), abs=3)


def pieces(reports: pa.Table, count: int) -> list[pa.Table]:
    """Cut reports into so many pieces."""
    return [reports.take(pa.array(part)) for part in np.array_split(np.arange(reports.num_rows), count)]


def watched(reports: pa.Table, count: int = 1, vessels: pa.Table | None = None) -> list[Outcome]:
    """Watch reports in so many pieces."""
    one = Watch(ASSETS)
    said = [Decoded(vessels=vessels)] if vessels is not None else []
    told = [*said, *(Decoded(reports=piece) for piece in pieces(reports, count))]
    return [*map(one.take, told), one.take(Decoded(), final=True)]


def alerts(outcomes: Sequence[Outcome], mmsi: int = ONE) -> list[Alert]:
    """Give one ship's revisions."""
    return [a for o in outcomes for a in o.alerts if a.vessel is not None and a.vessel.mmsi == mmsi]


#: Both go over the first cable; ten miles from one another.
SCENE = in_order(
    eastward(70, every_s=30).reports(ONE), eastward(70, lat=59.2, kn=8.0, every_s=30).reports(OTHER)
)
KEYS = {"asset_id", "name", "kind", "eta_earliest", "eta_likely", "eta_latest", "probability", "call_by"}


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Give what a watch over the scene found."""
    found = watched(SCENE)
    assert not [f for o in found for f in o.faults]
    return found


def test_her_alert_names_the_cable_she_comes_to_next(outcomes: list[Outcome]) -> None:
    """Over the first of two: the second alone, probable, its 90 % interval about the arithmetic."""
    crossed = [a for a in alerts(outcomes) if a.revised_at_us >= minute(30)]
    assert crossed
    for alert in crossed:
        second = next(n for n in alert.next_assets if n["asset_id"] == "second")
        assert alert.next_assets[0] == second
        assert "first" not in {n["asset_id"] for n in alert.next_assets if n["probability"] > 0.25}
        assert set(second) == KEYS
        earliest, likely, latest, call_by = (
            parse_time_us(second[name]) for name in ("eta_earliest", "eta_likely", "eta_latest", "call_by")
        )
        assert earliest <= reaches_us(25) <= latest
        assert likely == pytest.approx(reaches_us(25), abs=15 * MINUTE_US)
        assert call_by < earliest
        assert 0.5 < second["probability"] <= 1.0


def test_the_line_of_an_alert_has_them_as_design_says(outcomes: list[Outcome]) -> None:
    """In `as_json`, with the keys of DESIGN, section 6, times in RFC 3339."""
    for alert in alerts(outcomes):
        for one in alert.as_json()["next_assets"]:
            assert set(one) == KEYS
            assert one["eta_likely"].endswith("Z")
            assert (one["kind"], one["name"]) == ("telecom_cable", one["asset_id"])


def test_a_forecast_alone_makes_no_revision(outcomes: list[Outcome]) -> None:
    """Of one alert every revision differs from the one before in more than what lies ahead."""
    by_alert: dict[str, list[Alert]] = {}
    for alert in (a for o in outcomes for a in o.alerts):
        by_alert.setdefault(alert.alert_id, []).append(alert)
    assert any(len(few) > 1 for few in by_alert.values())
    for few in by_alert.values():
        plain = [replace(a, next_assets=(), revision=0, revised_at_us=0) for a in few]
        assert all(a != b for a, b in pairwise(plain))


def test_the_watch_makes_the_same_revisions_with_and_without_a_forecast(
    outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing looked up ahead comes back into the alerts' own course."""
    monkeypatch.setattr(Ahead, "told", lambda self, found, *_: list(found))
    plain = [a for o in watched(SCENE) for a in o.alerts]
    assert [replace(a, next_assets=()) for o in outcomes for a in o.alerts] == plain


@pytest.mark.parametrize("count", [2, 7])
def test_cut_anywhere_is_the_whole(outcomes: list[Outcome], count: int) -> None:
    """In two pieces or in seven: the same lines, forecasts and all."""
    whole = [a.as_json() for o in outcomes for a in o.alerts]
    assert [a.as_json() for o in watched(SCENE, count) for a in o.alerts] == whole


def test_the_recording_cut_at_a_revision_gives_the_same_line(outcomes: list[Outcome]) -> None:
    """What lies ahead is what could be known then: later reports of anybody change nothing."""
    time_us = SCENE["time_us"].cast(pa.int64()).to_numpy()
    lines = [a for o in outcomes for a in o.alerts if a.next_assets and a.revised_at_us <= minute(69)]
    for alert in lines[:: max(1, len(lines) // 4)]:
        cut = SCENE.filter(pa.array(time_us <= alert.revised_at_us))
        again = [a.as_json() for o in watched(cut) for a in o.alerts]
        assert alert.as_json() in again


def test_a_forecast_that_fails_for_one_ship_leaves_the_others(
    outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her alerts stand with nothing ahead, the step is told; the other's lines are what they were."""
    whole = module._said

    def broken(ship: str, at_us: int, surroundings: Surroundings) -> Any:
        if ship == A:
            raise RuntimeError("cannot be")
        return whole(ship, at_us, surroundings)

    monkeypatch.setattr(module, "_said", broken)
    found = watched(SCENE)
    steps = {(f.vessel_id, f.step, f.error) for o in found for f in o.faults}
    assert (A, "forecast", "RuntimeError: cannot be") in steps
    assert B not in {ship for ship, *_ in steps}
    assert alerts(found)
    assert all(a.next_assets == () for a in alerts(found))
    assert [a.as_json() for a in alerts(found, OTHER)] == [a.as_json() for a in alerts(outcomes, OTHER)]


def test_ways_are_those_known_at_the_full_hour() -> None:
    """Asked at 01:59 what ships showed until 01:00 counts, at 02:00 an hour more."""
    long = in_order(*(eastward(170, lat=LAT + 0.2 * i).reports(ONE + i) for i in range(2)))
    one = Watch(ASSETS)
    for piece in pieces(long, 3):
        one.take(Decoded(reports=piece))
    one.take(Decoded(), final=True)
    heard = [
        one.ahead.ways_heard(BEGIN_US + h * HOUR_US + m * MINUTE_US, one.surroundings)
        for h, m in ((1, 0), (1, 59), (2, 0))
    ]
    assert heard[0] == heard[1] > 0
    assert heard[2] == heard[0] + 2 * 12  # two ships, twelve bins more
