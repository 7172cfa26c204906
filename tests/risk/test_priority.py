"""Priority: harm is its ground, rarity its ceiling, an innocent reading takes it down."""

from __future__ import annotations

import numpy as np
import pytest

from seavigil.events import Event, Passage, Reason
from seavigil.records import DAY_US, MINUTE_US
from seavigil.risk import Assessor, Draft, Knowledge, Policy, Traffic
from seavigil.risk.priority import ADVISORY_PER_1000_SHIP_DAYS, WARNING_PER_1000_SHIP_DAYS, rarity
from seavigil.risk.rates import Rates, count
from tests.risk.drawn import ended, event

#: Nothing stronger than 1 was ever seen in 100,000 ship-days; the opposite: everything was seen daily.
RARE, COMMON = count([0.5] * 1000, 100_000), count([100.0] * 1000, 1_000)


def assess(
    *events: tuple[Event, Knowledge] | Event, policy: Policy | None = None, **more: object
) -> list[Draft]:
    """Assess events that all are known from the start."""
    known = [e if isinstance(e, tuple) else (e, Knowledge()) for e in events]
    return Assessor(policy or Policy()).assess(known, **more)  # type: ignore[arg-type]


def hits(*, rates: Rates, **fields: object) -> list[Draft]:
    """Give the drafts of a ship that drifts over two cables."""
    known = Knowledge(**fields)  # type: ignore[arg-type]
    events = [event("drifting", 0), *(event("crossing", m, asset=str(m)) for m in (10, 20))]
    return assess(*((e, known) for e in events), policy=Policy(rates))


def test_what_ordinary_traffic_never_does_may_be_urgent() -> None:
    """Two hits, and the like of it rare: as pressing as can be."""
    drafts = hits(rates=RARE)
    assert [d.priority for d in drafts] == ["info", "warning", "urgent"]
    assert drafts[-1].expected_per_1000_ship_days is not None
    assert drafts[-1].expected_per_1000_ship_days <= WARNING_PER_1000_SHIP_DAYS
    assert drafts[-1].expected_from == {"normal": "learned", "ship_days": 100_000}


def test_near_miss_what_ordinary_traffic_does_daily_is_info() -> None:
    """The same where every ship does so."""
    assert {d.priority for d in hits(rates=COMMON)} == {"info"}


@pytest.mark.parametrize(
    ("expected", "highest"),
    [
        (ADVISORY_PER_1000_SHIP_DAYS * 1.01, "info"),
        (ADVISORY_PER_1000_SHIP_DAYS, "advisory"),
        (WARNING_PER_1000_SHIP_DAYS * 1.01, "advisory"),
        (WARNING_PER_1000_SHIP_DAYS, "urgent"),
        (None, "urgent"),
    ],
)
def test_rarity_is_the_ceiling(expected: float | None, highest: str) -> None:
    """At most five advisories and half a warning in 1,000 ship-days, by construction."""
    assert rarity(expected) == highest


def test_over_the_traffic_it_was_counted_in_the_promise_holds() -> None:
    """However strong its alerts are, no more of them than promised pass each cut."""
    strengths = np.random.default_rng(3).gamma(1.0, 3.0, 2_000)
    rates = count(strengths.tolist(), 50_000)
    told = [rarity(rates.expected_per_1000_ship_days(s)) for s in strengths]
    assert 0 < sum(t == "urgent" for t in told) <= WARNING_PER_1000_SHIP_DAYS * 50
    assert 0 < sum(t != "info" for t in told) <= ADVISORY_PER_1000_SHIP_DAYS * 50


def test_a_dragged_anchor_is_advisory_anywhere_and_a_warning_before_an_asset() -> None:
    """What lies on the ground uncharted can be hit as well; an hour before a charted one it presses."""
    drag = event("anchor_drag_under_way", 0, peak_score=12.0)
    assert assess(drag)[0].priority == "advisory"
    assert assess((drag, Knowledge(ahead=(("a", 1800.0),))))[0].priority == "warning"


def test_one_hit_and_the_next_asset_ahead_is_urgent() -> None:
    """Preventing the next hit is what AIS can do."""
    drag = event("anchor_drag_under_way", 0, peak_score=12.0)
    crossing = event("crossing", 10, asset="a")
    towards = (drag, Knowledge(ahead=(("b", 1800.0),)))
    assert assess(towards, crossing)[-1].priority == "urgent"


def test_near_miss_the_asset_just_hit_is_not_the_next() -> None:
    """A ship over the cable still has it ahead by her last course; that is one hit, not a second to come."""
    drag = (event("anchor_drag_under_way", 0, peak_score=12.0), Knowledge(ahead=(("a", 5.0),)))
    assert assess(drag, event("crossing", 10, asset="a"))[-1].priority == "warning"


def test_over_ground_too_deep_for_her_anchor_there_is_no_hit() -> None:
    """She drifted over the cable with 500 m of water under it."""
    known = Knowledge(depth_m=500.0, anchor_reach_m=90.0)
    deep = assess(event("drifting", 0), (event("crossing", 10, asset="a", passage=Passage(1.0)), known))
    shoal = assess(event("drifting", 0), event("crossing", 10, asset="a", passage=Passage(1.0)))
    assert (deep[-1].priority, shoal[-1].priority) == ("info", "warning")
    assert deep[-1].strength < shoal[-1].strength
    assert Reason("anchor_reach", 90.0, 500.0, "m", 0.5) in deep[-1].reasons


def test_a_list_lifts_nothing() -> None:
    """A watchlisted ship that loiters is a ship that loiters; context is not conduct."""
    alone = assess(event("loitering", 0, asset="a"))
    listed = assess(event("loitering", 0, asset="a"), event("watchlisted_near", 1, asset="a"))
    assert [d.priority for d in (*alone, *listed)] == ["info"] * 3


def test_a_cap_holds_for_conduct_that_is_capped_altogether() -> None:
    """An officer's cap on drifting does not hide the false position found with it."""
    policy = Policy(caps={"drifting": "info"})
    ahead = Knowledge(ahead=(("a", 600.0),))
    assert assess((event("drifting", 0), ahead), policy=policy)[-1].priority == "info"
    both = [(event("drifting", 0), ahead), event("position_spoofed", 1)]
    assert assess(*both, policy=policy)[-1].priority == "advisory"


def test_engine_trouble_takes_nothing_off() -> None:
    """She says she is not under command, and drifts over a cable all the same."""
    says = (Reason("status_not_under_command", 2, None, "", 2.0),)
    drafts = assess(event("drifting", 0, reasons=says), event("crossing", 10, asset="a"))
    assert drafts[-1].priority == "warning"
    assert drafts[-1].innocent_readings[0].code == "engine_stopped"


def test_weather_that_slows_everybody_takes_it_down() -> None:
    """Peers slowed and a sea that expects it: a strong innocent reading; peers that go on refute it."""
    drag = event("anchor_drag_under_way", 0, peak_score=12.0)
    gale = Knowledge(peers=6, peers_speed_share=0.7, sea_speed_share=0.75, wave_m=5.0)
    calm = Knowledge(peers=6, peers_speed_share=1.0, wave_m=0.5)
    [stormy], [clear] = assess((drag, gale)), assess((drag, calm))
    assert (stormy.priority, clear.priority) == ("info", "advisory")
    weather = {i.code: i for i in stormy.innocent_readings}["weather"]
    assert weather.fits is True
    assert [s["code"] for s in weather.as_json()["for"]] == ["peers_slow", "sea_speed_share"]
    assert {i.code: i for i in clear.innocent_readings}["weather"].fits is False


def test_in_a_charted_anchorage_she_lies_as_ships_do() -> None:
    """One step less; where anchorages are charted and she is in none, the reading does not fit."""
    lying = event("anchored_near", 0, asset="a", distance_m=100.0)
    there, elsewhere = (Knowledge(sigma_m=50.0, in_anchorage=known) for known in (True, False))
    assert assess((lying, there))[0].priority == "info"
    assert assess((lying, elsewhere))[0].priority == "advisory"


def traffic(ships: int) -> Traffic:
    """Give a day of five-minute bins with so many ships in each, visible as they close."""
    bins = np.arange(288, dtype=np.int64)
    return Traffic((bins + 1) * 5 * MINUTE_US, np.full(288, ships, dtype=np.int64))


def test_a_budget_cuts_by_the_traffic_heard() -> None:
    """An alert expected 4 times in 1,000 ship-days is daily among 1,000 ships and yearly among three."""
    rates = count([4.5] * 40, 10_000)
    ahead = Knowledge(ahead=(("a", 600.0),))
    drift = event("drifting", 1440)
    for ships, priority in ((1000, "info"), (3, "advisory")):
        policy = Policy(rates, alarms_per_day=0.5)
        assert assess((drift, ahead), policy=policy, traffic=traffic(ships))[0].priority == priority


def test_a_budget_looks_no_farther_than_the_moment() -> None:
    """Ships heard later in the same piece of input do not count yet."""
    half = Traffic(traffic(1).visible_us, np.repeat([10, 1000], 144))
    assert half.ship_days_a_day(DAY_US // 2) == 10.0
    assert half.ship_days_a_day(0) is None


def test_an_alert_once_shown_stays_shown() -> None:
    """Traffic grows, the cut moves; what the officer has seen does not slip back to info."""
    rates = count([4.5] * 40, 10_000)
    assessor = Assessor(Policy(rates, alarms_per_day=0.5))
    drift = event("drifting", 300)
    [first] = assessor.assess([(drift, Knowledge(ahead=(("a", 600.0),)))], traffic=traffic(3))
    [last] = assessor.assess([(ended(drift, 320), Knowledge())], traffic=traffic(1000))
    assert (first.priority, last.priority) == ("advisory", "advisory")
