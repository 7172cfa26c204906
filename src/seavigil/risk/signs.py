"""Signs that speak for or against an innocent reading of a case.

Each sign is one function: it looks at the events of a case and at what is known around them and gives its
signs, or none where nothing is known. Weights: 1 an ordinary sign, 2 a strong one, 3 enough by itself;
below zero they speak against. Weights and limits are our own choices unless a source is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from seavigil.events import Event
from seavigil.records import HOUR_US
from seavigil.risk.knowledge import Knowledge
from seavigil.risk.retraction import GNSS_DEGRADED, HEARD_LATE

#: Fewer peers than this say nothing about the water.
LEAST_PEERS = 3
#: Peers that keep this share of their speed go on; those at SLOW_SHARE or less are slowed too.
GOES_ON_SHARE, SLOW_SHARE = 0.95, 0.9
#: A ship drifts at 1 to 5 kn (the drift rule of the Danish Maritime Authority); faster, an engine drives her.
MAKES_WAY_KN = 5.0
#: A pilot is taken within minutes; slow for longer than this is something else.
BOARDING_US = HOUR_US
#: Up to 1.25 m of wave height the sea is called slight (WMO code table 3700): no ship slows for it.
CALM_WAVE_M = 1.25
#: Roads and waiting places lie within so much of a port (10 nautical miles), and not beyond 50.
NEAR_PORT_M, FAR_FROM_PORT_M = 18_520.0, 92_600.0
#: A line crossed every hour: somebody is always near it in time.
CROSSED_DAILY = 24
#: Where half of the ships go slowly, slow is what ships do.
USUAL_SHARE = 0.5


@dataclass(frozen=True)
class Sign:
    """One thing seen that speaks for (weight above 0) or against (below 0) a reading."""

    code: str
    observed: float
    unit: str
    weight: float


@dataclass(frozen=True)
class Case:
    """The events to read, what is known around the newest, and what held them back when found."""

    events: tuple[Event, ...]
    known: Knowledge
    held: frozenset[str] = frozenset()

    def of(self, *behaviours: str) -> list[Event]:
        """Give the events of these behaviours."""
        return [e for e in self.events if e.behaviour in behaviours]


def not_under_command(case: Case) -> Iterator[Sign]:
    """She says so herself."""
    if any(r.code == "status_not_under_command" for e in case.events for r in e.reasons):
        yield Sign("status_not_under_command", 2, "", 1.0)


def peers_go_on(case: Case) -> Iterator[Sign]:
    """Trouble of her own: the others keep their speed. So do they beside a ship that drags."""
    if _peers(case) and case.known.peers_speed_share is not None:
        share = case.known.peers_speed_share
        if share >= GOES_ON_SHARE:
            yield Sign("peers_keep_speed", round(share, 2), "1", 0.5)


def peers_go_on_too(case: Case) -> Iterator[Sign]:
    """Weather slows everybody: where the others keep their speed it is not the weather."""
    for sign in peers_go_on(case):
        yield Sign(sign.code, sign.observed, sign.unit, -2.0)


def peers_slow(case: Case) -> Iterator[Sign]:
    """The others on the same water are slowed as well."""
    share = case.known.peers_speed_share
    if _peers(case) and share is not None and share <= SLOW_SHARE:
        yield Sign("peers_slow", round(share, 2), "1", 2.0)


def sea_expects_it(case: Case) -> Iterator[Sign]:
    """Wind and sea alone would take that much way off a ship of her size."""
    share = case.known.sea_speed_share
    if share is not None and share <= SLOW_SHARE:
        yield Sign("sea_speed_share", round(share, 2), "1", 1.0)


def more_than_the_others(case: Case) -> Iterator[Sign]:
    """What slows others is taken off before a drag is told, and no sea comes and goes at a charted line."""
    reasons = [r for e in case.of("anchor_drag_under_way") for r in e.reasons]
    dips = sum(r.code == "dip_at_crossing" for r in reasons)
    if dips:
        yield Sign("dip_at_line", dips, "times", -3.0)
    if any(r.code == "slower_than_usual" and r.expected and r.observed < r.expected for r in reasons):
        yield Sign("slower_than_others", 1, "", -1.0)


def sea_is_calm(case: Case) -> Iterator[Sign]:
    """There is no sea to slow her."""
    wave_m = case.known.wave_m
    if wave_m is not None and wave_m <= CALM_WAVE_M:
        yield Sign("wave_height", round(wave_m, 1), "m", -1.5)


def makes_way(case: Case) -> Iterator[Sign]:
    """Faster than any ship drifts: her engine turns."""
    speeds = [e.sog_kn for e in case.events if e.sog_kn is not None and e.behaviour != "crossing"]
    if speeds and speeds[-1] > MAKES_WAY_KN:
        yield Sign("makes_way", round(speeds[-1], 1), "kn", -1.0)


def pilot_place(case: Case) -> Iterator[Sign]:
    """At a pilot boarding place; or, where such places are known, not at one."""
    if case.known.in_pilot_area is not None:
        yield Sign(
            "pilot_place", int(case.known.in_pilot_area), "", 2.0 if case.known.in_pilot_area else -1.0
        )


def pilot_boat(case: Case) -> Iterator[Sign]:
    """A pilot boat is with her."""
    if case.known.pilot_boat_near:
        yield Sign("pilot_boat_near", 1, "", 2.0)


def longer_than_a_boarding(case: Case) -> Iterator[Sign]:
    """It has gone on for longer than it takes to board."""
    slow = [e for e in case.events if e.behaviour != "crossing"]
    longest_us = max((e.known_at_us - e.began_us for e in slow), default=0)
    if longest_us > BOARDING_US:
        yield Sign("slow_for", round(longest_us / 1e6), "s", -2.0)


def anchorage(case: Case) -> Iterator[Sign]:
    """In a charted anchorage."""
    if case.known.in_anchorage:
        yield Sign("charted_anchorage", 1, "", 2.0)


def no_anchorage(case: Case) -> Iterator[Sign]:
    """Anchorages are known, and she is in none."""
    if case.known.in_anchorage is False:
        yield Sign("charted_anchorage", 0, "", -1.0)


def says_at_anchor(case: Case) -> Iterator[Sign]:
    """She lies there openly."""
    if any(r.code == "status_at_anchor" for e in case.events for r in e.reasons):
        yield Sign("status_at_anchor", 1, "", 0.5)


def near_port(case: Case) -> Iterator[Sign]:
    """Near enough to a port to wait for it."""
    if case.known.port_m is not None and case.known.port_m <= NEAR_PORT_M:
        yield Sign("port_near", round(case.known.port_m), "m", 1.0)


def far_from_port(case: Case) -> Iterator[Sign]:
    """Ports are known, and none is near."""
    if case.known.port_m is not None and case.known.port_m > FAR_FROM_PORT_M:
        far_m = case.known.port_m if isfinite(case.known.port_m) else FAR_FROM_PORT_M  # none was measured
        yield Sign("port_far", round(far_m), "m", -1.0)


def usual_here(case: Case) -> Iterator[Sign]:
    """Ships ordinarily go slowly at this place."""
    share = case.known.slow_share
    if share is not None and share >= USUAL_SHARE:
        yield Sign("slow_here_usually", round(share, 2), "1", 1.0)


def own_speed(case: Case) -> Iterator[Sign]:
    """At her own usual speed, or well below it."""
    now = [e.sog_kn for e in case.events if e.sog_kn is not None]
    own_kn = case.known.own_sog_kn
    if own_kn and now:
        share = now[-1] / own_kn
        yield Sign("own_speed_share", round(share, 2), "1", 0.5 if share >= SLOW_SHARE else -1.0)


def asset_again_and_again(case: Case) -> Iterator[Sign]:
    """Fishing seeks fish: over one cable and back again and again is something else."""
    again = case.of("repeated_crossing", "survey_pattern")
    if again:
        yield Sign("over_it_again", len(again), "events", -1.0)


def gnss_degraded(case: Case) -> Iterator[Sign]:
    """Receivers all around were jammed or misled."""
    if case.known.gnss_degraded or GNSS_DEGRADED in case.held:
        yield Sign("gnss_degraded", 1, "", 3.0)


def gnss_sound(case: Case) -> Iterator[Sign]:
    """The other ships around show sound positions."""
    if case.known.gnss_degraded is False:
        yield Sign("gnss_degraded", 0, "", -1.0)


def crossed_daily(case: Case) -> Iterator[Sign]:
    """Ships cross there all day: one of them is always near in time."""
    times = [r.observed for e in case.events for r in e.reasons if r.code == "asset_crossed_daily"]
    if times:
        weight = 1.0 if times[-1] >= CROSSED_DAILY else 0.5
        yield Sign("asset_crossed_daily", times[-1], "times", weight)


def others_fit(case: Case) -> Iterator[Sign]:
    """Another ship may have done it as well."""
    ships = [r.observed for e in case.events for r in e.reasons if r.code == "others_fit_fault"]
    if ships:
        yield Sign("others_fit_fault", ships[-1], "ships", 1.0)


def heard_late(case: Case) -> Iterator[Sign]:
    """Reports that came late show her there all the while."""
    if HEARD_LATE in case.held:
        yield Sign("heard_late", 1, "", 3.0)


def _peers(case: Case) -> bool:
    return case.known.peers >= LEAST_PEERS
