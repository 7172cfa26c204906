"""Innocent readings: each has a case in which it fits and a near miss in which it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seavigil.events import Event, Reason
from seavigil.records import MINUTE_US
from seavigil.risk import Knowledge
from seavigil.risk.innocent import _READINGS, Innocent, readings
from seavigil.risk.trades import TRADES
from tests.risk.drawn import event

AT_ANCHOR = (Reason("status_at_anchor", 1, None, "", 1.0),)
LONG = {"known_at_us": 120 * MINUTE_US}

#: Reading, events, what fits, what does not: the smallest change that makes the difference.
CASES: list[tuple[str, list[Event], Knowledge, Knowledge]] = [
    (
        "pilot_boarding",
        [event("slow_crossing", 0, asset="a")],
        Knowledge(in_pilot_area=True),
        Knowledge(in_pilot_area=False),
    ),
    (
        "pilot_boarding",
        [event("sudden_stop", 0)],
        Knowledge(pilot_boat_near=True),
        Knowledge(pilot_boat_near=False),
    ),
    (
        "weather",
        [event("anchor_drag_under_way", 0)],
        Knowledge(peers=3, peers_speed_share=0.8),
        Knowledge(peers=2, peers_speed_share=0.8),
    ),
    (
        "weather",
        [event("slow_crossing", 0)],
        Knowledge(sea_speed_share=0.8),
        Knowledge(sea_speed_share=0.8, peers=5, peers_speed_share=1.0),
    ),
    (
        "waiting_for_berth",
        [event("loitering", 0, asset="a")],
        Knowledge(port_m=9_000.0),
        Knowledge(port_m=float("inf")),
    ),
    (
        "anchorage",
        [event("anchored_near", 0, asset="a", reasons=AT_ANCHOR)],
        Knowledge(in_anchorage=True),
        Knowledge(in_anchorage=False),
    ),
    ("fishing", [event("trawling_over", 0, asset="a")], Knowledge(ship_type=30), Knowledge(ship_type=80)),
    (
        "work_at_sea",
        [event("asset_following", 0, asset="a")],
        Knowledge(ship_type=33),
        Knowledge(ship_type=70),
    ),
    ("ferry_schedule", [event("repeated_crossing", 0)], Knowledge(ship_type=60), Knowledge(ship_type=89)),
    ("usual_here", [event("slow_crossing", 0)], Knowledge(slow_share=0.6), Knowledge(slow_share=0.4)),
    (
        "degraded_gnss",
        [event("position_spoofed", 0)],
        Knowledge(gnss_degraded=True),
        Knowledge(gnss_degraded=False),
    ),
]


def reading(code: str, events: list[Event], known: Knowledge) -> Innocent | None:
    """Give one reading of the events, if it is listed."""
    return {i.code: i for i in readings(events, known)}.get(code)


@pytest.mark.parametrize(
    ("code", "events", "fits", "fits_not"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_it_fits_and_nearly_does_not(
    code: str, events: list[Event], fits: Knowledge, fits_not: Knowledge
) -> None:
    """What makes it fit is listed as speaking for it; the near miss does not fit."""
    innocent = reading(code, events, fits)
    assert innocent is not None
    assert innocent.fits is True
    assert innocent.as_json()["for"]
    missed = reading(code, events, fits_not)
    assert missed is None or missed.fits is not True


def test_a_ship_that_makes_nine_knots_has_an_engine() -> None:
    """Not under command and drifting, or under way at 9 kn: then her engine has not stopped."""
    says = (Reason("status_not_under_command", 2, None, "", 2.0),)
    adrift, under_way = (event("anchor_drag_under_way", 0, reasons=says, sog_kn=kn) for kn in (3.0, 9.0))
    fits = [reading("engine_stopped", [e], Knowledge()).fits for e in (adrift, under_way)]  # type: ignore[union-attr]
    assert fits == [True, None]


def test_a_boarding_does_not_last_for_hours() -> None:
    """At the pilot place for two hours: what speaks for it is outweighed."""
    known = Knowledge(in_pilot_area=True)
    short, long = event("loitering", 0, asset="a"), replace(event("loitering", 0, asset="a"), **LONG)
    assert [reading("pilot_boarding", [e], known).fits for e in (short, long)] == [True, None]  # type: ignore[union-attr]


def test_a_trawler_over_one_cable_again_and_again_is_not_just_fishing() -> None:
    """One trawler crossed the Svalbard cable many times before it failed: that reading no longer fits."""
    trawls = [event("trawling_over", 0, asset="a"), event("repeated_crossing", 0, asset="a")]
    assert reading("fishing", trawls[:1], Knowledge(ship_type=30)).fits is True  # type: ignore[union-attr]
    assert reading("fishing", trawls, Knowledge(ship_type=30)).fits is None  # type: ignore[union-attr]


def test_weather_does_not_come_and_go_at_a_charted_line() -> None:
    """In a gale that slows all, a dip just where she crossed is not cleared; a slow hour is, not strongly."""
    gale = Knowledge(peers=3, peers_speed_share=0.8, sea_speed_share=0.8)
    dip = (Reason("dip_at_crossing", 0.1, 0.0, "1", 2.0),)
    slow = (Reason("slower_than_usual", 7.0, 9.0, "kn", 2.0),)
    dipped, slowed, plain = (
        reading("weather", [event("anchor_drag_under_way", 0, reasons=r)], gale) for r in (dip, slow, ())
    )
    assert dipped is not None
    assert dipped.fits is None
    assert slowed is not None
    assert (slowed.fits, slowed.strongly) == (True, False)
    assert plain is not None
    assert plain.strongly


def test_without_anything_known_no_reading_fits() -> None:
    """Ignorance clears nobody, of whatever she did."""
    for kind in sorted({b for r in _READINGS for b in r.behaviours}):
        assert not any(i.fits for i in readings([event(kind, 0, asset="a")], Knowledge()))


def test_every_trade_is_a_reading() -> None:
    """What is discounted as a trade is also said to be one."""
    assert set(TRADES) <= {r.code for r in _READINGS}


def test_what_speaks_for_comes_before_what_nobody_knows() -> None:
    """A trawler at work: fishing, for which her type speaks, before readings of which nothing is known."""
    seen = [event("trawling_over", 0, asset="a"), event("loitering", 0, asset="a")]
    listed = readings(seen, Knowledge(ship_type=30))
    assert listed[0].code == "fishing"
    unsure = [i.says for i in listed if i.fits is None]
    assert unsure == sorted(unsure, reverse=True)


def test_no_port_at_all_is_no_measured_distance() -> None:
    """Ports are known and none is near enough to measure: beyond fifty nautical miles is all that is said."""
    berth = reading("waiting_for_berth", [event("loitering", 0, asset="a")], Knowledge(port_m=float("inf")))
    assert berth is not None
    assert [(s.code, s.observed) for s in berth.speaks_against] == [("port_far", 92_600)]
