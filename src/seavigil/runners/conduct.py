"""What a ship did about one passage, and what is known of her there: the signs that fit and misfit a fault.

Each passage is judged from what was known so long after it as is known after the fault: passages at other
times, to which the suspects are compared, may not tell more of what came after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours import Surroundings
from seavigil.behaviours.anchor_drag_under_way import weigh
from seavigil.events import Event
from seavigil.forecast.presence import Presence, Sign
from seavigil.normal.depth import anchor_reach_m, chain_m
from seavigil.normal.log import Log
from seavigil.normal.places import ANCHORAGE
from seavigil.records import HOUR_US, MINUTE_US, Flag, Transceiver

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Behaviours that say something of a passage: how long before and after it they may lie, in minutes, and
#: whether they must be about the same asset. Own choices: an anchor catches within minutes; what a ship does
#: about it she does within two hours.
WINDOWS_MIN: dict[str, tuple[float, float, bool]] = {
    "dragging_at_anchor": (30.0, 60.0, False),
    "slow_crossing": (30.0, 30.0, True),
    "sudden_stop": (10.0, 120.0, False),
    "drifting": (30.0, 60.0, False),
    "repeated_crossing": (180.0, 180.0, True),
    "zigzag": (180.0, 180.0, True),
    "loitering": (60.0, 60.0, True),
    "trawling_over": (15.0, 15.0, True),
    "gone_dark": (60.0, 180.0, False),
    "identity_conflict": (60.0, 360.0, False),
    "position_spoofed": (60.0, 180.0, False),
}
#: A dip found at a crossing (`drag_dips`), or a doubtful crossing, is this passage's when so near in time.
_SAME_DIP_US = 15 * MINUTE_US
#: A dip, or a drag that was told, at another asset counts for so long.
_SAME_DRAG_US = 12 * HOUR_US
#: Rows of the log about a passage: from so long before (one bin that is hers alone) to so long after.
_BEFORE_US, _AFTER_US = 20 * MINUTE_US, 40 * MINUTE_US
#: Crossings of the same asset farther off in time than this are part of her routine, not of this passage.
_ROUTINE_APART_US = 90 * MINUTE_US
_DOUBTFUL = Flag.SHARED_MMSI | Flag.SPEED_DISAGREES | Flag.IMPOSSIBLE_SPEED


#: The id of an asset, and one passage of it.
Passage = tuple[str, Presence]


@dataclass(frozen=True)
class Known:
    """The events and logs that all passages are judged from, each ship's in order of time."""

    events: dict[str, list[Event]]
    surroundings: Surroundings
    log: Log
    as_of_us: int
    after_us: int


def known_of(
    events: Iterable[Event], surroundings: Surroundings, log: Log, as_of_us: int, after_us: int
) -> Known:
    """Put together what was known at ``as_of_us``; of any passage no more than ``after_us`` later counts."""
    by_ship: dict[str, list[Event]] = {}
    for event in events:
        by_ship.setdefault(event.vessel_id, []).append(event)
    return Known(by_ship, surroundings, log, as_of_us, after_us)


def with_conduct(passages: Sequence[Passage], known: Known) -> list[Presence]:
    """Give passages with their signs, in the same order; each comes with the id of its asset."""
    by_ship: dict[str, list[int]] = {}
    for at, (_, one) in enumerate(passages):
        by_ship.setdefault(one.vessel_id, []).append(at)
    done = [one for _, one in passages]
    for rows in by_ship.values():
        signs = _signs_of_ship([passages[i] for i in rows], known)
        for at, found in zip(rows, signs, strict=True):
            done[at] = replace(done[at], signs=tuple(found))
    return done


def _signs_of_ship(passages: Sequence[Passage], known: Known) -> Iterator[list[Sign]]:
    """Give the signs of each passage of one ship."""
    mmsi, _, said = passages[0][1].vessel_id.partition("#")
    part = int(said or 1) - 1
    log = known.log.of(int(mmsi), part)
    about = np.zeros(len(log), dtype=np.bool_)
    times_us: dict[str, list[int]] = {}
    for asset_id, one in passages:
        about |= _about(log, one.crossed_at_us)
        times_us.setdefault(asset_id, []).append(one.crossed_at_us)
    nats, expected_kn = weigh(log, int(mmsi), part, about, known.surroundings)
    for asset_id, one in passages:
        until_us = min(known.as_of_us, one.crossed_at_us + known.after_us)
        rows = np.flatnonzero(_about(log, one.crossed_at_us) & (log.visible_us <= until_us))
        yield [
            *_events(one, asset_id, known.events.get(one.vessel_id, ()), until_us),
            *_way(log, rows, nats, expected_kn, one),
            *_there(log, rows, one, known.surroundings),
            *_routine(times_us[asset_id], one.crossed_at_us),
        ]


def _about(log: Log, at_us: int) -> NDArray[np.bool_]:
    return np.asarray((log.last_us >= at_us - _BEFORE_US) & (log.first_us <= at_us + _AFTER_US))


def _events(one: Presence, asset_id: str, events: Iterable[Event], until_us: int) -> Iterator[Sign]:
    """Give a sign for each kind of conduct found about the passage, and the strongest dips."""
    at_us = one.crossed_at_us
    found: dict[str, Sign] = {}
    for event in events:
        if event.known_at_us > until_us:
            continue
        if event.behaviour == "anchor_drag_under_way":
            code = _dip_code(event, asset_id, at_us)
            if code and (code not in found or found[code].observed < round(event.peak_score)):
                found[code] = Sign(code, round(event.peak_score), unit="nats", episode=event.event_id)
        elif event.behaviour in WINDOWS_MIN:
            before, after, same = WINDOWS_MIN[event.behaviour]
            ended_us = max(event.began_us, event.ended_us or until_us)
            close = event.began_us <= at_us + after * MINUTE_US and ended_us >= at_us - before * MINUTE_US
            if close and (not same or event.asset_id in (asset_id, None)):
                found.setdefault(event.behaviour, Sign(event.behaviour, episode=event.event_id))
        elif event.behaviour == "crossing" and _doubtful(event, asset_id, at_us):
            found["position_doubtful"] = Sign("position_doubtful")
    yield from found.values()


def _doubtful(event: Event, asset_id: str, at_us: int) -> bool:
    close = event.asset_id == asset_id and abs(event.began_us - at_us) <= _SAME_DIP_US
    return close and bool(event.flags & _DOUBTFUL)


def _dip_code(event: Event, asset_id: str, at_us: int) -> str | None:
    if event.asset_id is None or event.began_us > at_us + _SAME_DIP_US:
        return None
    if event.asset_id == asset_id and abs(event.began_us - at_us) <= _SAME_DIP_US:
        return "dip_at_crossing"
    return "dip_elsewhere" if at_us - event.began_us <= _SAME_DRAG_US else None


def _way(log: Log, rows: I64, nats: F64, expected_kn: F64, one: Presence) -> Iterator[Sign]:
    """Say how steadily she went by her log: the drag's evidence, her speed, a check at the line."""
    if not len(rows):
        return
    if np.isfinite(nats[rows]).any():
        most = round(float(np.nanmax(nats[rows])), 2)
        yield Sign("drag_evidence", most, unit="nats", span_us=_span_us(log, rows))
    here = rows[np.argmin(np.abs(log.start_us[rows] + 150_000_000 - one.crossed_at_us))]
    if np.isfinite(expected_kn[here]) and np.isfinite(log.sog_kn[here]):
        speeds = round(float(log.sog_kn[here]), 1), round(float(expected_kn[here]), 1)
        yield Sign("speed_there", *speeds, "kn", span_us=_span_us(log, rows[rows == here]))
    before = rows[log.last_us[rows] < one.crossed_at_us]
    after = rows[
        (log.last_us[rows] >= one.crossed_at_us) & (log.first_us[rows] <= one.crossed_at_us + 10 * MINUTE_US)
    ]
    if len(before) and len(after):
        was, least = float(np.nanmedian(log.sog_kn[before])), float(np.nanmin(log.sog_least_kn[after]))
        if was >= 3.0 and np.isfinite(least):
            speeds = round(least, 1), round(was, 1)
            yield Sign("least_speed_after", *speeds, "kn", span_us=_span_us(log, after))


def _span_us(log: Log, rows: I64) -> tuple[int, int]:
    return int(log.first_us[rows].min()), int(log.last_us[rows].max())


def _there(log: Log, rows: I64, one: Presence, surroundings: Surroundings) -> Iterator[Sign]:
    """Say what is known of the place and of her there: depth, anchorage, class, satellite navigation."""
    if not len(rows):
        return
    here = rows[np.argmin(np.abs(log.start_us[rows] + 150_000_000 - one.crossed_at_us))]
    lat, lon = log.lat_deg[[here]], log.lon_deg[[here]]
    if log.transceiver[here] == Transceiver.CLASS_B:
        yield Sign("class_b")
    depth_m = float(surroundings.depth.at(lat, lon)[0])
    under_way = (one.sog_kn or 0.0) > 3.0
    reach = anchor_reach_m if under_way else chain_m
    reach_m = float(reach(np.nan if one.ship.length_m is None else one.ship.length_m, one.ship.ship_type))
    if np.isfinite(depth_m) and np.isfinite(reach_m):
        yield Sign("anchor_reach", round(reach_m, 1), round(depth_m, 1), "m")
    places = surroundings.places
    if log.nav_status[here] in (1, 5):
        in_roads = places.knows(ANCHORAGE) and bool(places.in_anchorage(lat, lon)[0])
        yield Sign("says_at_anchor", 1.0 if in_roads else 0.0)
    if surroundings.gnss.degraded(lat, lon, one.crossed_at_us).any():
        yield Sign("gnss_degraded")


def _routine(times_us: Sequence[int], at_us: int) -> Iterator[Sign]:
    others = sum(abs(t - at_us) > _ROUTINE_APART_US for t in times_us)
    if others:
        yield Sign("crosses_routinely", float(others), unit="times")
