"""What is known around an event for its innocent readings: the place, the sea, the others, her own normal."""

from __future__ import annotations

from typing import Any

import numpy as np

from seavigil import geodesy
from seavigil.behaviours import Surroundings
from seavigil.events import Event
from seavigil.normal.depth import chain_m
from seavigil.normal.log import Log
from seavigil.normal.places import ANCHORAGE, PILOT, PORT
from seavigil.normal.weather import expected_speed_share
from seavigil.records import DAY_US
from seavigil.risk.cases import CONTEXT
from seavigil.vessel import Static

#: A pilot boat within so much of a ship in the same five minutes is with her (own choice: three cables).
_WITH_HER_M = 555.6
#: Fewer visits than this say nothing about what is usual at a place (own choice).
_LEAST_VISITS = 20
_PILOT_VESSEL = 50  # ITU-R M.1371-5 table 53


def around(event: Event, static: Static, surroundings: Surroundings) -> dict[str, Any]:
    """Give the fields of Knowledge that tell of the surroundings, as of ``event.known_at_us``.

    Of events without a ship or a position nothing is asked; of what is context only, the depth.
    """
    if event.mmsi is None or event.lat_deg is None or event.lon_deg is None:
        return {}
    lat, lon = np.array([event.lat_deg]), np.array([event.lon_deg])
    ground = _ground(surroundings, static, lat, lon)
    if event.behaviour in CONTEXT:
        return ground
    row = _newest_row(event, surroundings)
    own_kn = None if row is None else _number(row.own_sog_kn)
    return {
        **ground,
        **_place(surroundings, lat, lon),
        **_sea(surroundings, event, static, own_kn, (event.lat_deg, event.lon_deg)),
        **({} if row is None else _others(row)),
        "gnss_degraded": _degraded(surroundings, lat, lon, event.known_at_us),
        "own_sog_kn": own_kn,
        "pilot_boat_near": None if row is None else _pilot_boat(row, surroundings, event.known_at_us),
    }


def _newest_row(event: Event, surroundings: Surroundings) -> Log | None:
    """Give the newest row of her log that was visible by then, if it tells of the last day."""
    mmsi, _, part = event.vessel_id.partition("#")
    own = surroundings.log.of(int(mmsi), int(part or 1) - 1)
    at = int(np.searchsorted(own.visible_us, event.known_at_us, side="right")) - 1
    lately = at >= 0 and own.start_us[at] > event.known_at_us - DAY_US
    return own.rows(slice(at, at + 1)) if lately else None


def _ground(surroundings: Surroundings, static: Static, lat: Any, lon: Any) -> dict[str, Any]:
    """Give depth and reach; adrift her anchor may hang straight, so all of its chain counts."""
    chain = _number(np.atleast_1d(chain_m(static.length_m or np.nan, static.ship_type)))
    return {
        "depth_m": _number(surroundings.depth.at(lat, lon)),
        "anchor_reach_m": None if chain is None else round(chain, 1),
    }


def _place(surroundings: Surroundings, lat: Any, lon: Any) -> dict[str, Any]:
    places = surroundings.places
    usual = surroundings.pattern.slowdown_usual(lat, lon)
    told = usual.rests_on[0] >= _LEAST_VISITS
    return {
        "in_anchorage": bool(places.in_anchorage(lat, lon)[0]) if places.knows(ANCHORAGE) else None,
        "in_pilot_area": bool(places.in_pilot_area(lat, lon)[0]) if places.knows(PILOT) else None,
        "port_m": float(places.port_distance_m(lat, lon)[0]) if places.knows(PORT) else None,
        "slow_share": float(usual.share[0]) if told else None,
    }


def _sea(
    surroundings: Surroundings, event: Event, static: Static, own_kn: float | None, at: tuple[float, float]
) -> dict[str, Any]:
    told = surroundings.weather.at(*at, event.known_at_us)
    length_m = np.nan if static.length_m is None else static.length_m
    share = None
    if own_kn and event.cog_deg is not None:
        left = expected_speed_share(told, length_m, event.cog_deg, own_kn, static.ship_type)
        share = _number(np.atleast_1d(left))
    return {"wave_m": _number(told.wave_m), "sea_speed_share": share}


def _others(row: Log) -> dict[str, Any]:
    count = _number(row.peers)
    return {"peers": int(count or 0), "peers_speed_share": _number(row.peers_sog_share)}


def _pilot_boat(row: Log, surroundings: Surroundings, known_at_us: int) -> bool:
    """Whether a ship that calls herself a pilot vessel was close by in the same bin."""
    there = surroundings.log.during(int(row.start_us[0]))
    away_m = geodesy.distance_m(there.lat_deg, there.lon_deg, row.lat_deg, row.lon_deg)
    close = there.ship[(away_m <= _WITH_HER_M) & (there.ship != row.ship[0])]
    types = (surroundings.statics.known(int(ship) // 256, known_at_us).ship_type for ship in close)
    return any(kind == _PILOT_VESSEL for kind in types)


def _degraded(surroundings: Surroundings, lat: Any, lon: Any, known_at_us: int) -> bool | None:
    gnss = surroundings.gnss
    known = len(gnss.bin_visible_us) > 0 and gnss.bin_visible_us[0] <= known_at_us
    return bool(gnss.degraded(lat, lon, known_at_us)[0]) if known else None


def _number(values: Any) -> float | None:
    value = float(values[0])
    return value if np.isfinite(value) else None
