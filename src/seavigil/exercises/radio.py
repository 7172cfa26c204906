"""How invented ships are heard: when they send, what their sets measure, who receives it, how it is written.

Reporting intervals: ITU-R M.1371-5, annex 1, tables 1 and 2. Everything else (range, loss, delay,
clock error, noise of the sets) is a plausible invention, drawn by ``Chance`` from its own keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises import encode
from seavigil.exercises.chance import Chance
from seavigil.exercises.motion import AT_ANCHOR, MOORED, Tracks
from seavigil.exercises.payload import Payload
from seavigil.exercises.sentences import sentences
from seavigil.exercises.sets import SOUND, Draw, Faults, Sets, Ship
from seavigil.geodesy import metres_per_degree

__all__ = ["Aid", "Draw", "Sent", "Ship", "Station", "broadcast", "intervals_a_s", "receive", "shore"]

F64 = NDArray[np.float64]
I8 = NDArray[np.int8]

STATIC_INTERVAL_S = 360.0
BASE_STATION_INTERVAL_S = 10.0
AID_INTERVAL_S = 180.0
#: "Changing course" is more than this off the mean heading of the last 30 s (M.1371-5, annex 2, 4.3.1).
TURNING_DEG = 5.0
TURNING_OVER_S = 30
LONGEST_INTERVAL_S = 180.0


@dataclass(frozen=True)
class Station:
    """A receiving base station; ``range_km`` is where half of the class A messages are lost.

    ``silent_s`` is when it hears nothing: seconds of the exercise, from and to.
    """

    name: str
    mmsi: int
    lat_deg: float
    lon_deg: float
    range_km: float
    clock_error_s: float
    delay_s: float
    silent_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Aid:
    """An aid to navigation that sends where it is (type 21)."""

    mmsi: int
    name: str
    lat_deg: float
    lon_deg: float
    aid_type: int


@dataclass(frozen=True)
class Sent:
    """One message on the air: when, from where, how far it carries."""

    time_s: float
    payload: Payload
    mmsi: int
    lat_deg: float
    lon_deg: float
    class_b: bool = False


def intervals_a_s(sog_kn: F64, heading_deg: F64, nav_status: I8, step_s: float = 1) -> F64:
    """Give the class A reporting interval step by step (M.1371-5, annex 1, table 1)."""
    turning = _turning(heading_deg, step_s)
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


def send_times_s(interval_s: F64, phase: float, chance: Chance, mmsi: int, step_s: float = 1) -> F64:
    """Give the send times for an interval that may change each step, within a tenth of it (slots)."""
    turns = np.concatenate([[0.0], np.cumsum(step_s / interval_s[:-1])])
    due: F64 = np.interp(np.arange(phase, turns[-1]), turns, step_s * np.arange(len(interval_s)))
    here = interval_s[(due / step_s).astype(np.int64)]
    slot = chance.uniform(Draw.SLOT, mmsi, np.arange(len(due)))
    times: F64 = np.clip(due + 0.2 * (slot - 0.5) * here, 0.0, step_s * (len(interval_s) - 1) - 0.001)
    return times


def report_times_s(ship: Ship, row: int, tracks: Tracks, chance: Chance) -> tuple[F64, F64]:
    """Give when a ship sends her positions, and the interval in force then (s)."""
    sog = np.hypot(tracks.east_kn[row], tracks.north_kn[row])
    status, heading, step_s = tracks.nav_status[row], tracks.heading_deg[row], tracks.step_s
    interval = intervals_b_s(sog) if ship.class_b else intervals_a_s(sog, heading, status, step_s)
    phase = float(chance.uniform(Draw.PHASE, ship.mmsi)[0])
    times = on_air(ship, send_times_s(interval, phase, chance, ship.mmsi, step_s))
    return times, interval[(times / step_s).astype(np.int64)]


def static_times_s(ship: Ship, seconds: float, chance: Chance) -> F64:
    """Give when a ship sends her static data: every six minutes."""
    first = STATIC_INTERVAL_S * float(chance.uniform(Draw.STATIC, ship.mmsi)[0])
    return on_air(ship, np.arange(first, seconds - 5.0, STATIC_INTERVAL_S))


def broadcast(
    ships: Sequence[Ship], tracks: Tracks, began_s: int, chance: Chance, faults: Faults = SOUND
) -> Iterator[Sent]:
    """Give every message that the ships send, ship by ship; row ``i`` of ``tracks`` is ``ships[i]``."""
    sets = Sets(ships, chance, faults)
    for row, ship in enumerate(ships):
        yield from _dynamic(ship, row, tracks, began_s, chance, sets)
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


def receive(sent: Sequence[Sent], stations: Sequence[Station], chance: Chance, began_s: int = 0) -> bytes:
    """Write what the stations heard, in order of arrival: tag block, sentence, CR LF.

    A message heard by several stations stands there several times, each with that station's name
    and the second of its clock. ``began_s`` is the Unix time from which the stations' silences count.
    """
    heard: list[tuple[float, int, int]] = []
    time_s = np.array([message.time_s for message in sent])
    mmsi = np.array([message.mmsi for message in sent])
    at_ms = np.round(time_s * 1000.0).astype(np.int64)
    for which, station in enumerate(stations):
        keys = (mmsi, at_ms, station.mmsi)
        open_ears = ~silent(station.silent_s, time_s - began_s)
        rows = np.flatnonzero(open_ears & (chance.uniform(Draw.HEARD, *keys) < _odds(sent, station)))
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
    lat, lon = np.array([m.lat_deg for m in sent]), np.array([m.lon_deg for m in sent])
    return odds_heard(station, lat, lon, np.array([m.class_b for m in sent]))


def odds_heard(station: Station, lat_deg: F64, lon_deg: F64, class_b: NDArray[np.bool_]) -> F64:
    """Give how likely each message is heard: nearly sure close by, half at range, class B at 0.6 of it."""
    north_m, east_m = metres_per_degree(np.array([station.lat_deg]))
    north, east = (lat_deg - station.lat_deg) * north_m, (lon_deg - station.lon_deg) * east_m
    reach_km = station.range_km * np.where(class_b, 0.6, 1.0)
    off_km = np.hypot(north, east) / 1000.0
    odds: F64 = 0.985 / (1.0 + np.exp(np.minimum((off_km - reach_km) / (0.08 * reach_km), 500.0)))
    return odds


def silent(spans_s: Sequence[tuple[float, float]], times_s: F64) -> NDArray[np.bool_]:
    """Tell which times lie within one of the spans (from, to)."""
    within = np.zeros(len(times_s), dtype=bool)
    for off, on in spans_s:
        within |= (times_s >= off) & (times_s < on)
    return within


def on_air(ship: Ship, times_s: F64) -> F64:
    """Give the times at which the ship's set is on."""
    return times_s[~silent(ship.silent_s, times_s)]


def _turning(heading_deg: F64, step_s: float) -> NDArray[np.bool_]:
    """Tell where the heading is off its mean of the last 30 s."""
    heading = np.degrees(np.unwrap(np.radians(heading_deg)))
    total = np.concatenate([[0.0], np.cumsum(heading)])
    steps = np.arange(len(heading))
    since = np.maximum(steps - max(round(TURNING_OVER_S / step_s), 2) + 1, 0)
    mean = (total[steps + 1] - total[since]) / (steps + 1 - since)
    turning: NDArray[np.bool_] = np.abs(heading - mean) > TURNING_DEG
    return turning


def _dynamic(
    ship: Ship, row: int, tracks: Tracks, began_s: int, chance: Chance, sets: Sets
) -> Iterator[Sent]:
    """Give a ship's position reports: the fix of the last whole second, with the errors of her sets."""
    times, interval = report_times_s(ship, row, tracks, chance)
    fix = times.astype(np.int64)
    said = sets.measure(tracks, np.full(len(fix), row), fix)
    # her message is heard from where she is, which is where it says unless her sets are at fault
    sound = sets.faults == SOUND
    lat, lon = (said.lat_deg, said.lon_deg) if sound else tracks.at(np.full(len(fix), row), fix).place
    for i, (time_s, second, gap_s) in enumerate(
        zip(times.tolist(), fix.tolist(), interval.tolist(), strict=True)
    ):
        facts = said.facts(i) | {"utc_second": (began_s + second) % 60}
        if ship.class_b:
            payload = encode.position_b(ship.mmsi, **facts)
        else:
            kind = 3 if gap_s in (LONGEST_INTERVAL_S, 10.0 / 3.0) else 1
            facts |= {"nav_status": int(said.nav_status[i]), "rot_deg_min": float(said.rot_deg_min[i])}
            payload = encode.position_a(ship.mmsi, msg_type=kind, **facts)
        yield Sent(began_s + time_s, payload, ship.mmsi, float(lat[i]), float(lon[i]), ship.class_b)


def _static(ship: Ship, row: int, tracks: Tracks, began_s: int, chance: Chance) -> Iterator[Sent]:
    """Give a ship's static data: type 5 every six minutes, or types 24 A and B a few seconds apart."""
    for time_s in static_times_s(ship, tracks.seconds, chance).tolist():
        step = int(time_s / tracks.step_s)
        lat, lon = float(tracks.lat_deg[row, step]), float(tracks.lon_deg[row, step])
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
