"""Truth and alerts in, figures out: every figure of the scorecard on cases small enough to do by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.exercises import scorecard_pages
from seavigil.exercises.forecast_scoring import Forecasts
from seavigil.exercises.scoring import Case, Ordinary, Raised, Rate, Share, case, hits_us, one_alarm
from seavigil.exercises.traffic import Crossing, Inject
from seavigil.records import HOUR_US, MINUTE_US

SHIP = 299_000_001


def crossing(asset: str, at_us: int) -> Crossing:
    """Give a crossing of an asset at a time."""
    return Crossing(SHIP, asset, at_us, 59.0, 20.0, 9.0, True)


DRAG = Inject(
    kind="eagle-s",
    mmsi=SHIP,
    name="EXERCISE ALDER",
    says="drags",
    began_us=HOUR_US,
    ended_us=8 * HOUR_US,
    expects=("anchor_drag_under_way",),
    assets=("one", "two"),
    crossings=(crossing("one", 2 * HOUR_US), crossing("one", 3 * HOUR_US), crossing("two", 7 * HOUR_US)),
    incident="eagle-s",
    slows_by=0.2,
    drag_began_us=HOUR_US,
)


def raised(at_us: int, priority: str = "advisory", mmsi: int | None = SHIP, **said: object) -> Raised:
    """Give one alert at one priority."""
    return Raised(mmsi, {priority: at_us}, priority, ("anchor_drag_under_way",), **said)  # type: ignore[arg-type]


def test_hits_are_the_first_asset_and_the_next_other_one() -> None:
    """Crossing the first line again is no second hit; what was crossed before the drag is none at all."""
    assert hits_us(DRAG.crossings, HOUR_US) == (2 * HOUR_US, 7 * HOUR_US)
    assert hits_us(DRAG.crossings, 4 * HOUR_US) == (7 * HOUR_US, None)
    assert hits_us((), 0) == (None, None)


def test_two_lines_in_one_trench_are_one_hit() -> None:
    """The shortest documented interval between two hits is five minutes; closer ones cannot be parted."""
    near = (crossing("one", 0), crossing("two", 4 * MINUTE_US), crossing("three", HOUR_US))
    assert hits_us(near, 0) == (0, HOUR_US)


@pytest.mark.parametrize(
    ("at_us", "before_first", "at_first", "before_second"),
    [
        (2 * HOUR_US - 1, True, True, True),
        (2 * HOUR_US, False, True, True),
        (2 * HOUR_US + 11 * MINUTE_US, False, False, True),
        (7 * HOUR_US, False, False, False),
    ],
)
def test_an_alert_counts_from_when_it_stood(
    at_us: int, before_first: bool, at_first: bool, before_second: bool
) -> None:
    """Each moment asks whether the alert stood by then, at advisory or higher."""
    found = case(DRAG, 1, [raised(at_us)])
    assert (found.before_first, found.at_first, found.before_second) == (
        before_first,
        at_first,
        before_second,
    )
    assert found.found
    assert found.early


def test_what_is_no_alert_about_the_incident_does_not_count() -> None:
    """Another ship's alert, one below advisory, and one that stood before it began find nothing."""
    others = [raised(2 * HOUR_US, mmsi=5), raised(2 * HOUR_US, "info"), raised(HOUR_US - 1)]
    found = case(DRAG, 1, others)
    assert not found.found
    assert found.before_second is False
    assert found.lead_s is None


def test_what_led_up_to_the_drag_counts() -> None:
    """Who is told while she zigzags beside the cable, before her anchor goes down, is told in time."""
    found = case(replace(DRAG, began_us=0), 1, [raised(HOUR_US - 1)])
    assert found.found
    assert found.before_first


def test_lead_is_the_time_to_the_next_hit() -> None:
    """Found after the first hit, the lead is what is left until the second."""
    assert case(DRAG, 1, [raised(HOUR_US)]).lead_s == 3600.0
    assert case(DRAG, 1, [raised(3 * HOUR_US)]).lead_s == 4 * 3600.0


def test_either_ship_of_a_swap_counts() -> None:
    """Where one hull sends under two numbers, an alert on the second finds it as well."""
    swap = replace(DRAG, other_mmsis=(7,))
    assert case(swap, 1, [raised(2 * HOUR_US, mmsi=7)]).found


def test_ordinary_traffic_gives_rates_by_priority_and_behaviour() -> None:
    """A rate is alerts over ship-days; a warning counts among the advisories; areas count apart."""
    calm = Ordinary()
    calm.add(400.0, [raised(1, "warning"), raised(1), raised(1, mmsi=None)])
    calm.add(600.0, [raised(1, "info")])
    assert {p: r.alerts for p, r in calm.by_priority().items()} == {
        "info": 3,
        "advisory": 2,
        "warning": 1,
        "urgent": 0,
    }
    assert calm.by_priority()["advisory"] == Rate(2, 1000.0)
    assert calm.by_priority()["advisory"].per_1000 == 2.0
    assert calm.by_behaviour("info")["anchor_drag_under_way"].alerts == 4


def test_calibration_holds_stated_against_observed() -> None:
    """Of 1,000 ship-days with two alerts that stated 2 or less, 2 per 1,000 were observed."""
    calm = Ordinary()
    calm.add(1000.0, [raised(1, expected=0.5), raised(1, expected=2.0), raised(1, expected=9.0)])
    rows = {row["stated"]: row for row in calm.calibration([1.0, 2.0, 10.0])}
    assert rows[1.0]["observed_to_stated"] == 1.0
    assert rows[2.0]["observed"] == 2.0
    assert rows[10.0]["observed_to_stated"] == pytest.approx(0.3)


def test_alarms_of_an_hour_are_one() -> None:
    """A rule that flickers is one alarm to whoever gets it; after more than an hour it is a new one."""
    times_us = {SHIP: [0, 50 * MINUTE_US, 100 * MINUTE_US, 161 * MINUTE_US]}
    assert [r.reached_us["advisory"] for r in one_alarm(times_us, "rule")] == [0, 161 * MINUTE_US]


def test_share_carries_wilsons_interval() -> None:
    """8 of 10: 0.490 to 0.943 (Wilson score interval without continuity correction, Newcombe 1998)."""
    low, high = Share(8, 10).interval or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)
    assert Share(0, 0).share is None


@given(st.integers(0, 50), st.integers(1, 50))
def test_a_share_lies_in_its_interval(hits: int, misses: int) -> None:
    """The interval holds the share and keeps within 0 and 1."""
    one = Share(hits, hits + misses)
    low, high = one.interval or (1, 0)
    assert 0.0 <= low <= hits / (hits + misses) <= high <= 1.0


def card() -> dict[str, object]:
    """Give a small scorecard: one drag found in time, one not, one ordinary alert."""
    late = case(DRAG, 2, [])
    found: list[Case] = [case(DRAG, 1, [raised(HOUR_US)]), late]
    calm = Ordinary(1000.0, [raised(1, expected=5.0)])
    said = {"says": "Invented <ships>.", "rules_say": "Rules of others."}
    rules = {"seavigil": found, "rule": [late, late]}
    return said | scorecard_pages.figures(rules, {"seavigil": calm, "rule": Ordinary(1000.0)}, "seavigil")


def test_the_pages_tell_what_holds_and_what_does_not() -> None:
    """Half of the drags found in time is short of 95 %, and both pages say so in plain sight."""
    text, page = scorecard_pages.markdown(card()), scorecard_pages.html(card())
    assert "| drags that slow by 15 % or more: before the second hit | >= 95% | 50% (1/2) | **no** |" in text
    assert "| seavigil | 50% (1/2) |" in text
    assert '<td class="no">no</td>' in page
    assert "Invented &lt;ships&gt;." in page
    assert "http" not in page


def test_a_promise_about_nothing_does_not_hold() -> None:
    """Without a single case of its kind a promise is not kept: nothing was shown."""
    promises = scorecard_pages.must_hold([], Ordinary())
    assert not any(p["holds"] for p in promises[:3])
    empty = {**card(), "must_hold": promises}
    assert scorecard_pages.markdown(empty).count("| - | no case of it |") == 3


def test_a_rule_is_beaten_only_at_every_moment_and_in_false_alarms() -> None:
    """One that finds nothing but raises nothing either is not beaten; nor is one that finds as much."""
    promised = {p["what"].split()[0]: p for p in card()["must_hold"]}  # type: ignore[union-attr,attr-defined]
    assert promised["rule"]["reached"] == {**promised["rule"]["reached"], "hits": 4, "of": 5}
    assert not promised["rule"]["holds"]
    noisy = Ordinary(1000.0, [raised(1), raised(2)])
    found, late = case(DRAG, 1, [raised(HOUR_US)]), case(DRAG, 2, [])
    calm = Ordinary(1000.0, [raised(1, expected=5.0)])
    figures = scorecard_pages.figures(
        {"seavigil": [found], "rule": [late]}, {"seavigil": calm, "rule": noisy}, "seavigil"
    )
    beaten = [p for p in figures["must_hold"] if p["what"].startswith("rule beaten")]
    assert [p["holds"] for p in beaten] == [True]


def test_rates_that_mean_twice_as_much_do_not_hold() -> None:
    """Ten alerts in 1,000 ship-days that all stated 1: more than twice as many came."""
    calm = Ordinary(1000.0, [raised(i, expected=1.0) for i in range(10)])
    promised = scorecard_pages.figures({"seavigil": []}, {"seavigil": calm}, "seavigil")["must_hold"]
    stated = next(p for p in promised if p["what"].startswith("stated"))
    assert not stated["holds"]
    assert stated["reached"]["hits"] < stated["reached"]["of"]


def test_the_page_draws_what_was_stated_against_what_came() -> None:
    """One forecast of 0.75 that came: a dot three quarters along and at the top; without any, no diagram."""
    forecasts = Forecasts()
    forecasts.forecast[7], forecasts.stated[7], forecasts.came[7] = 1, 0.75, 1
    whole = {"says": "x", "rules_say": "y", "reports": 1, "faults": {}}
    page = scorecard_pages.html(
        whole | scorecard_pages.figures({}, {"seavigil": Ordinary()}, "seavigil", forecasts)
    )
    left, top, side = (float(n) for n in re.search(r'<rect x="(.+?)" y="(.+?)" width="(.+?)"', page).groups())  # type: ignore[union-attr]
    assert f'<circle cx="{left + 0.75 * side:.1f}" cy="{top:.1f}"' in page
    assert "<svg" not in scorecard_pages.html(
        whole | scorecard_pages.figures({}, {"seavigil": Ordinary()}, "seavigil")
    )


@pytest.mark.parametrize(("ship_days", "says"), [(99.0, None), (100.0, True)])
def test_a_rate_needs_traffic_in_which_one_alert_was_to_be_expected(
    ship_days: float, says: bool | None
) -> None:
    """At most ten in 1,000 ship-days: a hundred ship-days without any show it, fewer show nothing."""
    promise = scorecard_pages.must_hold([], Ordinary(ship_days))[4]
    assert promise["wanted"] == "<= 10"
    assert promise["holds"] is says
