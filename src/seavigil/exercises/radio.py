"""How invented ships are heard: when they send, what their sets measure, who receives it, how it is written.

Reporting intervals: ITU-R M.1371-5, annex 1, tables 1 and 2. Everything else (range, loss, delay,
clock error, noise of the sets) is a plausible invention, drawn by ``Chance`` from its own keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises import encode
from seavigil.exercises.chance import Chance
from seavigil.exercises.motion import AT_ANCHOR, MOORED, Tracks
from seavigil.exercises.payload import Payload
from seavigil.exercises.sentences import sentences
from seavigil.geodesy import metres_per_degree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

STATIC_INTERVAL_S = 360.0
BASE_STATION_INTERVAL_S = 10.0
AID_INTERVAL_S = 180.0
#: "Changing course" is more than this off the mean heading of the last 30 s (M.1371-5, annex 2, 4.3.1).
TURNING_DEG = 5.0
TURNING_OVER_S = 30
LONGEST_INTERVAL_S = 180.0


class Draw(IntEnum):
    """First key of every number drawn, so that no two uses share their luck."""

    PHASE = 1
    SLOT = 2
    FIX = 3
    VELOCITY = 4
    HEADING = 5
    HEARD = 6
    DELAY = 7
    STATIC = 8


@dataclass(frozen=True)
class Station:
    """A receiving base station; ``range_km`` is where half of the class A messages are lost."""

    name: str
    mmsi: int
    lat_deg: float
    lon_deg: float
    range_km: float
    clock_error_s: float
    delay_s: float


@dataclass(frozen=True)
class Aid:
    """An aid to navigation that sends where it is (type 21)."""

    mmsi: int
    name: str
    lat_deg: float
    lon_deg: float
    aid_type: int


@dataclass(frozen=True)
class Ship:
    """What a ship says of herself, and when her set is off (``silent_s``: from, to)."""

    mmsi: int
    name: str
    callsign: str
    ship_type: int
    dimensions: encode.Dimensions = encode.UNKNOWN
    draught_m: float = 0.0
    destination: str = ""
    class_b: bool = False
    has_compass: bool = True
    accurate: bool = True
    silent_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Sent:
    """One message on the air: when, from where, how far it carries."""

    time_s: float
    payload: Payload
    mmsi: int
    lat_deg: float
    lon_deg: float
    class_b: bool = False


def intervals_a_s(sog_kn: F64, heading_deg: F64, nav_status: I64) -> F64:
    """Give the class A reporting interval second by second (M.1371-5, annex 1, table 1)."""
    turning = _turning(heading_deg)
    steps = [
        np.isin(nav_status, (AT_ANCHOR, MOORED)) & (sog_kn <= 3.0),
        np.isin(nav_status, (AT_ANCHOR, MOORED)),
        (sog_kn <= 14.0) & ~turning,
        sog_kn <= 14.0,
        (sog_kn <= 23.0) & ~turning,
    ]
    interval: F64 = np.select(steps, [LONGEST_INTERVAL_S, 10.0, 10.0, 10.0 / 3.0, 6.0], 2.0)
    return interval


def intervals_b_s(sog_kn: F64) -> F64:
    """Give the class B (carrier sense) reporting interval (M.1371-5, annex 1, table 2)."""
    interval: F64 = np.where(sog_kn <= 2.0, LONGEST_INTERVAL_S, 30.0)
    return interval


def send_times_s(interval_s: F64, phase: float, chance: Chance, mmsi: int) -> F64:
    """Give the send times for an interval that may change each second, within a tenth of it (slots)."""
    turns = np.concatenate([[0.0], np.cumsum(1.0 / interval_s[:-1])])
    due: F64 = np.interp(np.arange(phase, turns[-1]), turns, np.arange(len(interval_s)))
    here = interval_s[due.astype(np.int64)]
    slot = chance.uniform(Draw.SLOT, mmsi, np.arange(len(due)))
    times: F64 = np.clip(due + 0.2 * (slot - 0.5) * here, 0.0, len(interval_s) - 1.001)
    return times


def broadcast(ships: Sequence[Ship], tracks: Tracks, began_s: int, chance: Chance) -> Iterator[Sent]:
    """Give every message that the ships send, ship by ship; row ``i`` of ``tracks`` is ``ships[i]``."""
    for row, ship in enumerate(ships):
        yield from _dynamic(ship, row, tracks, began_s, chance)
        yield from _static(ship, row, tracks, began_s, chance)


def shore(
    stations: Sequence[Station], aids: Sequence[Aid], began_s: int, seconds: int, chance: Chance
) -> Iterator[Sent]:
    """Give what base stations and aids to navigation send."""
    for station in stations:
        first = BASE_STATION_INTERVAL_S * float(chance.uniform(Draw.PHASE, station.mmsi)[0])
        for time_s in np.arange(first, seconds, BASE_STATION_INTERVAL_S).tolist():
            at, lon = station.lat_deg, station.lon_deg
            message = encode.base_station(station.mmsi, time_s=began_s + int(time_s), lat_deg=at, lon_deg=lon)
            yield Sent(began_s + time_s, message, station.mmsi, at, lon)
    for aid in aids:
        first = AID_INTERVAL_S * float(chance.uniform(Draw.PHASE, aid.mmsi)[0])
        for time_s in np.arange(first, seconds, AID_INTERVAL_S).tolist():
            message = encode.aid_to_navigation(
                aid.mmsi,
                aid_type=aid.aid_type,
                name=aid.name,
                lat_deg=aid.lat_deg,
                lon_deg=aid.lon_deg,
                utc_second=int(began_s + time_s) % 60,
            )
            yield Sent(began_s + time_s, message, aid.mmsi, aid.lat_deg, aid.lon_deg)


def receive(sent: Sequence[Sent], stations: Sequence[Station], chance: Chance) -> bytes:
    """Write what the stations heard, in order of arrival: tag block, sentence, CR LF.

    A message heard by several stations stands there several times, each with that station's name
    and the second of its clock.
    """
    heard: list[tuple[float, int, int]] = []
    time_s = np.array([message.time_s for message in sent])
    mmsi = np.array([message.mmsi for message in sent])
    at_ms = np.round(time_s * 1000.0).astype(np.int64)
    for which, station in enumerate(stations):
        keys = (mmsi, at_ms, station.mmsi)
        rows = np.flatnonzero(chance.uniform(Draw.HEARD, *keys) < _odds(sent, station))
        delay = station.delay_s * (0.5 + chance.uniform(Draw.DELAY, *keys))
        heard += zip((time_s + delay)[rows].tolist(), rows.tolist(), [which] * len(rows), strict=True)
    heard.sort()
    lines = []
    parts = 0
    for _, row, which in heard:
        message, station = sent[row], stations[which]
        parts += message.payload.parts > 1
        clock_s = int(message.time_s + station.clock_error_s)
        where = {"channel": "AB"[int(at_ms[row]) % 2], "station": station.name}
        lines.append(sentences(message.payload, sequence=parts % 10, time_s=clock_s, **where))
    return b"".join(lines)


def _odds(sent: Sequence[Sent], station: Station) -> F64:
    """Give how likely each message is heard: nearly sure close by, half at range, class B at 0.6 of it."""
    lat, lon = np.array([m.lat_deg for m in sent]), np.array([m.lon_deg for m in sent])
    north_m, east_m = metres_per_degree(np.array([station.lat_deg]))
    off_km = np.hypot((lat - station.lat_deg) * north_m, (lon - station.lon_deg) * east_m) / 1000.0
    reach_km = station.range_km * np.where([m.class_b for m in sent], 0.6, 1.0)
    odds: F64 = 0.985 / (1.0 + np.exp((off_km - reach_km) / (0.08 * reach_km)))
    return odds


def _turning(heading_deg: F64) -> NDArray[np.bool_]:
    """Tell where the heading is off its mean of the last 30 s."""
    heading = np.degrees(np.unwrap(np.radians(heading_deg)))
    total = np.concatenate([[0.0], np.cumsum(heading)])
    seconds = np.arange(len(heading))
    since = np.maximum(seconds - TURNING_OVER_S + 1, 0)
    mean = (total[seconds + 1] - total[since]) / (seconds + 1 - since)
    turning: NDArray[np.bool_] = np.abs(heading - mean) > TURNING_DEG
    return turning


def _on_air(ship: Ship, times_s: F64) -> F64:
    for off, on in ship.silent_s:
        times_s = times_s[(times_s < off) | (times_s >= on)]
    return times_s


def _dynamic(ship: Ship, row: int, tracks: Tracks, began_s: int, chance: Chance) -> Iterator[Sent]:
    """Give a ship's position reports: the fix of the last whole second, with the errors of her sets."""
    sog = np.hypot(tracks.east_kn[row], tracks.north_kn[row])
    heading = tracks.heading_deg[row]
    interval = intervals_b_s(sog) if ship.class_b else intervals_a_s(sog, heading, tracks.nav_status[row])
    phase = float(chance.uniform(Draw.PHASE, ship.mmsi)[0])
    times = _on_air(ship, send_times_s(interval, phase, chance, ship.mmsi))
    fix = times.astype(np.int64)
    lat, lon = _fixes(ship, row, tracks, fix, chance)
    sog, cog = _velocities(ship, row, tracks, fix, chance)
    compass = (heading[fix] + 0.4 * chance.normal(Draw.HEADING, ship.mmsi, fix)) % 360.0
    columns = (times, fix, lat, lon, sog, cog, compass, tracks.rot_deg_min[row][fix], interval[fix])
    for time_s, second, *place_and_way, bow, rot, gap_s in zip(*(c.tolist() for c in columns), strict=True):
        la, lo, kn, course = place_and_way
        facts = {
            "lat_deg": la,
            "lon_deg": lo,
            "sog_kn": kn,
            "cog_deg": course,
            "heading_deg": bow if ship.has_compass else None,
            "utc_second": (began_s + second) % 60,
            "position_accuracy_high": ship.accurate,
        }
        if ship.class_b:
            payload = encode.position_b(ship.mmsi, **facts)
        else:
            status = int(tracks.nav_status[row, second])
            kind = 3 if gap_s in (LONGEST_INTERVAL_S, 10.0 / 3.0) else 1
            payload = encode.position_a(ship.mmsi, msg_type=kind, nav_status=status, rot_deg_min=rot, **facts)
        yield Sent(began_s + time_s, payload, ship.mmsi, la, lo, ship.class_b)


def _fixes(ship: Ship, row: int, tracks: Tracks, fix: I64, chance: Chance) -> tuple[F64, F64]:
    """Give positions with GNSS error: a slow wander of some metres and a little noise on each fix."""
    lat = tracks.lat_deg[row][fix]
    off = []
    for axis in (0, 1):
        phase = 2.0 * np.pi * chance.uniform(Draw.FIX, ship.mmsi, axis, np.arange(3))
        waves = np.sin(2.0 * np.pi * fix[:, None] / np.array([97.0, 311.0, 1013.0]) + phase)
        wander = waves @ np.array([1.0, 1.5, 2.0])
        jitter = 0.7 * chance.normal(Draw.FIX, ship.mmsi, axis + 10, fix)
        off.append(wander * (1.0 if ship.accurate else 2.0) + jitter)
    north_m, east_m = metres_per_degree(lat)
    return lat + off[0] / north_m, tracks.lon_deg[row][fix] + off[1] / east_m


def _velocities(ship: Ship, row: int, tracks: Tracks, fix: I64, chance: Chance) -> tuple[F64, F64]:
    """Give SOG and COG as measured: 0.04 kn of noise on each axis, so a ship lying still has any course."""
    east = tracks.east_kn[row][fix] + 0.04 * chance.normal(Draw.VELOCITY, ship.mmsi, 0, fix)
    north = tracks.north_kn[row][fix] + 0.04 * chance.normal(Draw.VELOCITY, ship.mmsi, 1, fix)
    return np.hypot(east, north), np.degrees(np.arctan2(east, north)) % 360.0


def _static(ship: Ship, row: int, tracks: Tracks, began_s: int, chance: Chance) -> Iterator[Sent]:
    """Give a ship's static data: type 5 every six minutes, or types 24 A and B a few seconds apart."""
    seconds = tracks.lat_deg.shape[1] - 1
    first = STATIC_INTERVAL_S * float(chance.uniform(Draw.STATIC, ship.mmsi)[0])
    for time_s in _on_air(ship, np.arange(first, seconds - 5.0, STATIC_INTERVAL_S)).tolist():
        lat, lon = float(tracks.lat_deg[row, int(time_s)]), float(tracks.lon_deg[row, int(time_s)])
        for wait_s, payload in _says(ship):
            yield Sent(began_s + time_s + wait_s, payload, ship.mmsi, lat, lon, ship.class_b)


def _says(ship: Ship) -> list[tuple[float, Payload]]:
    known: dict[str, Any] = {"ship_type": ship.ship_type, "callsign": ship.callsign}
    known["dimensions"] = ship.dimensions
    if ship.class_b:
        name = encode.static_b_name(ship.mmsi, name=ship.name)
        return [(0.0, name), (4.0, encode.static_b_ship(ship.mmsi, vendor="EXR", **known))]
    voyage: dict[str, Any] = {"draught_m": ship.draught_m, "destination": ship.destination}
    return [(0.0, encode.static_a(ship.mmsi, name=ship.name, **known, **voyage))]
