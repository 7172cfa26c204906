"""Draw a ship's track in words, exactly, and get it as columns or as REPORTS rows.

>>> track = sail((59.9, 25.6), (59.9, 25.4), at_kn=12).slow_to(6, for_min=20).stop(for_min=5)
>>> sorted(set(track.columns()["sog_kn"].tolist()))
[0.0, 6.0, 12.0]

Legs follow geodesics of WGS 84 (pyproj). Rows stand on a grid of ``every_s`` from the start; a row on
the seam of two legs belongs to the later one. Nothing is noisy until ``noisy`` is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyproj import Geod

from seavigil.hashing import mix
from seavigil.records import REPORTS, SECOND_US, TimeSource, Transceiver, parse_time_us, table

F64 = NDArray[np.float64]
Place = tuple[float, float]

WGS84 = Geod(ellps="WGS84")
KN_MS = 1852.0 / 3600.0
UNDER_WAY, AT_ANCHOR, MOORED = 0, 1, 5


def sail(
    *through: Place,
    at_kn: float = 10.0,
    start: str | int = "2025-01-01T00:00:00Z",
    every_s: float = 10.0,
    course_deg: float = 0.0,
    nav_status: int = UNDER_WAY,
) -> Sail:
    """Begin at the first (lat, lon) and sail through the others at ``at_kn``.

    ``start`` is RFC 3339 or microseconds. ``course_deg`` matters only where one place alone is given.
    """
    start_us = parse_time_us(start) if isinstance(start, str) else start
    first, *rest = through
    return Sail(start_us, every_s, first, course_deg, at_kn, nav_status).to(*rest)


@dataclass(frozen=True)
class Sail:
    """A track so far; every verb gives a new one that goes on from its end."""

    start_us: int
    every_s: float
    place: Place
    course_deg: float
    speed_kn: float
    nav_status: int = UNDER_WAY
    legs: tuple[Leg, ...] = ()
    noise: Noise | None = None
    has_heading: bool = True

    # where she goes

    def to(self, *through: Place, at_kn: float | None = None) -> Sail:
        """Sail on through places (lat, lon)."""
        kn, track = self.speed_kn if at_kn is None else at_kn, self
        for lat, lon in through:
            course, _, metres = WGS84.inv(track.place[1], track.place[0], lon, lat)
            seconds = metres / (kn * KN_MS)
            track = track._add(Straight(track.place, course, kn, kn, seconds, None, track.nav_status))
        return track

    def on(self, course_deg: float, *, for_min: float, at_kn: float | None = None) -> Sail:
        """Sail on a course."""
        kn = self.speed_kn if at_kn is None else at_kn
        return self._straight(course_deg, kn, kn, for_min)

    def keep_on(self, *, for_min: float) -> Sail:
        """Go on as before."""
        return self._straight(self.course_deg, self.speed_kn, self.speed_kn, for_min)

    def slow_to(self, kn: float, *, for_min: float, over_min: float = 0.0) -> Sail:
        """Change speed, evenly over ``over_min`` (at once if 0), then hold it; ``for_min`` is both."""
        eased = self._straight(self.course_deg, self.speed_kn, kn, over_min) if over_min else self
        return eased._straight(eased.course_deg, kn, kn, for_min - over_min)

    def stop(self, *, for_min: float, nav_status: int | None = None) -> Sail:
        """Lie still, bow where it was; the speed from before is taken up again afterwards."""
        still = self._straight(self.course_deg, 0.0, 0.0, for_min, self.course_deg, nav_status)
        return replace(still, speed_kn=self.speed_kn)

    def drift(self, kn: float, cog_deg: float, *, for_min: float, heading_deg: float | None = None) -> Sail:
        """Be set along ``cog_deg`` with the bow elsewhere (beam on unless ``heading_deg`` is given)."""
        bow = (cog_deg + 90.0) % 360.0 if heading_deg is None else heading_deg
        return self._straight(cog_deg, kn, kn, for_min, bow)

    def circle(self, radius_m: float, *, for_min: float, at_kn: float | None = None) -> Sail:
        """Go round to starboard on a circle that touches the course she is on."""
        kn = self.speed_kn if at_kn is None else at_kn
        centre = _go(self.place, self.course_deg + 90.0, radius_m)
        leg = Round(centre, radius_m, self.course_deg - 90.0, kn, for_min * 60.0, self.nav_status)
        return self._add(leg)

    def anchor(
        self, radius_m: float, *, for_min: float, arc_deg: float = 60.0, period_min: float = 15.0
    ) -> Sail:
        """Lie to an anchor ``radius_m`` ahead, status "at anchor", swinging to and fro over an arc."""
        anchor = _go(self.place, self.course_deg, radius_m)
        leg = Swing(anchor, radius_m, self.course_deg + 180.0, arc_deg, period_min * 60.0, for_min * 60.0)
        return replace(self._add(leg), speed_kn=self.speed_kn, course_deg=self.course_deg)

    def silent(self, *, for_min: float, at_kn: float | None = None) -> Sail:
        """Sail on along her course, at her speed or ``at_kn``, without being heard."""
        unheard = self.on(self.course_deg, for_min=for_min, at_kn=at_kn)
        return replace(unheard, legs=(*self.legs, replace(unheard.legs[-1], heard=False)))

    # what she says

    def status(self, nav_status: int) -> Sail:
        """Send this navigational status from here on."""
        return replace(self, nav_status=nav_status)

    def without_heading(self) -> Sail:
        """Send no heading at all, as most class B ships do."""
        return replace(self, has_heading=False)

    def noisy(
        self,
        seed: int = 1,
        *,
        position_m: float = 4.0,
        sog_kn: float = 0.1,
        cog_deg: float = 1.0,
        heading_deg: float = 0.5,
    ) -> Sail:
        """Add normal errors of these standard deviations, the same for the same seed."""
        return replace(self, noise=Noise(seed, position_m, sog_kn, cog_deg, heading_deg))

    # what comes of it

    @property
    def end_us(self) -> int:
        """Give when the last leg ends."""
        return self.start_us + round(sum(leg.seconds for leg in self.legs) * SECOND_US)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Give ``time_us, lat_deg, lon_deg, sog_kn, cog_deg, heading_deg, nav_status``, a row a report."""
        return {name: column.copy() for name, column in self._drawn.items()}

    def reports(
        self,
        mmsi: int = 299_100_001,
        *,
        source: str = "drawn",
        station: str | None = None,
        transceiver: Transceiver = Transceiver.CLASS_A,
    ) -> pa.Table:
        """Give the track as a REPORTS table; class B rows have type 18 and no status."""
        drawn = self._drawn
        n = len(drawn["time_us"])
        ship = np.full(n, mmsi, dtype=np.uint32)
        seen = (drawn[name] for name in ("time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg"))
        payload_id = mix(ship, *seen)
        class_b = transceiver == Transceiver.CLASS_B
        columns: Mapping[str, Any] = {
            **{name: column for name, column in drawn.items() if not (class_b and name == "nav_status")},
            "report_id": mix(payload_id, np.zeros(n, dtype=np.uint64), drawn["time_us"] // SECOND_US),
            "payload_id": payload_id,
            "time_source": np.full(n, TimeSource.MESSAGE),
            "received_us": drawn["time_us"],
            "source": [source] * n,
            "station": [station] * n,
            "mmsi": ship,
            "msg_type": np.full(n, 18 if class_b else 1),
            "transceiver": np.full(n, transceiver),
            "position_accuracy_high": np.ones(n, dtype=bool),
            "utc_second": drawn["time_us"] // SECOND_US % 60,
        }
        return table(REPORTS, columns, rows=n)

    @cached_property
    def _drawn(self) -> dict[str, NDArray[Any]]:
        if not self.legs:
            raise ValueError("nothing drawn yet: give sail() two places, or go on with a verb")
        ends = np.cumsum([leg.seconds for leg in self.legs])
        t = np.arange(0.0, ends[-1] + 1e-6, self.every_s)
        which = np.minimum(np.searchsorted(ends, t + 1e-6), len(self.legs) - 1)
        begins = np.concatenate([[0.0], ends[:-1]])
        parts = [leg.at(t[which == i] - begins[i]) for i, leg in enumerate(self.legs)]
        rows = np.hstack(parts)
        status = np.array([leg.nav_status for leg in self.legs], dtype=np.uint8)[which]
        heard = np.array([leg.heard for leg in self.legs])[which]
        time_us = self.start_us + np.round(t * SECOND_US).astype(np.int64)
        names = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg")
        told = rows if self.noise is None else self.noise.over(rows)
        if not self.has_heading:
            told = np.vstack([told[:4], np.full(len(t), np.nan)])
        drawn = {"time_us": time_us, **dict(zip(names, told, strict=True)), "nav_status": status}
        return {name: column[heard] for name, column in drawn.items()}

    def _straight(
        self,
        course_deg: float,
        from_kn: float,
        to_kn: float,
        minutes: float,
        heading_deg: float | None = None,
        nav_status: int | None = None,
    ) -> Sail:
        status = self.nav_status if nav_status is None else nav_status
        leg = Straight(self.place, course_deg, from_kn, to_kn, minutes * 60.0, heading_deg, status)
        return self._add(leg)

    def _add(self, leg: Leg) -> Sail:
        lat, lon, sog, cog, _ = leg.at(np.array([leg.seconds]))[:, 0].tolist()
        return replace(self, place=(lat, lon), course_deg=cog, speed_kn=sog, legs=(*self.legs, leg))


@dataclass(frozen=True)
class Noise:
    """Standard deviations of the errors that ``Sail.noisy`` adds."""

    seed: int
    position_m: float
    sog_kn: float
    cog_deg: float
    heading_deg: float

    def over(self, rows: F64) -> F64:
        """Give rows of lat, lon, SOG, COG, heading with errors on each."""
        lat, lon, sog, cog, heading = rows
        draw = np.random.default_rng(self.seed).normal(size=(5, rows.shape[1]))
        east, north = self.position_m * draw[:2]
        lon, lat, _ = WGS84.fwd(lon, lat, np.degrees(np.arctan2(east, north)), np.hypot(east, north))
        sog = np.abs(sog + self.sog_kn * draw[2])
        cog = (cog + self.cog_deg * draw[3]) % 360.0
        return np.array([lat, lon, sog, cog, (heading + self.heading_deg * draw[4]) % 360.0])


@dataclass(frozen=True)
class Straight:
    """A geodesic from a place, at a speed that changes evenly."""

    origin: Place
    course_deg: float
    from_kn: float
    to_kn: float
    seconds: float
    heading_deg: float | None
    nav_status: int
    heard: bool = True

    def at(self, t: F64) -> F64:
        """Give lat, lon, SOG, COG, heading at seconds from the leg's beginning."""
        gain = (self.to_kn - self.from_kn) / self.seconds if self.seconds else 0.0
        metres = (self.from_kn + gain * t / 2.0) * t * KN_MS
        lat, lon, cog = _along(self.origin, np.full(len(t), self.course_deg), metres)
        heading = cog if self.heading_deg is None else np.full(len(t), self.heading_deg % 360.0)
        return np.array([lat, lon, self.from_kn + gain * t, cog, heading])


@dataclass(frozen=True)
class Round:
    """A circle to starboard round a centre."""

    centre: Place
    radius_m: float
    from_bearing_deg: float
    kn: float
    seconds: float
    nav_status: int
    heard: bool = True

    def at(self, t: F64) -> F64:
        """Give lat, lon, SOG, COG, heading at seconds from the leg's beginning."""
        bearing = self.from_bearing_deg + np.degrees(self.kn * KN_MS * t / self.radius_m)
        lat, lon, outward = _along(self.centre, bearing, np.full(len(t), self.radius_m))
        cog = (outward + 90.0) % 360.0
        return np.array([lat, lon, np.full(len(t), self.kn), cog, cog])


@dataclass(frozen=True)
class Swing:
    """A ship at anchor, to and fro over an arc, bow to the anchor."""

    anchor: Place
    radius_m: float
    bearing_deg: float
    arc_deg: float
    period_s: float
    seconds: float
    nav_status: int = AT_ANCHOR
    heard: bool = True

    def at(self, t: F64) -> F64:
        """Give lat, lon, SOG, COG, heading at seconds from the leg's beginning."""
        turn = 2.0 * np.pi / self.period_s
        bearing = self.bearing_deg + self.arc_deg / 2.0 * np.sin(turn * t)
        rate = np.radians(self.arc_deg / 2.0) * turn * np.cos(turn * t)
        lat, lon, outward = _along(self.anchor, bearing, np.full(len(t), self.radius_m))
        sog = np.abs(rate) * self.radius_m / KN_MS
        cog = (outward + np.where(rate < 0, -90.0, 90.0)) % 360.0
        return np.array([lat, lon, sog, cog, (outward + 180.0) % 360.0])


Leg = Straight | Round | Swing


def together(*tables: pa.Table) -> pa.Table:
    """Put the reports of several ships into one table, in time order."""
    return pa.concat_tables(tables).sort_by([("time_us", "ascending"), ("mmsi", "ascending")])


def _go(place: Place, bearing_deg: float, metres: float) -> Place:
    lon, lat, _ = WGS84.fwd(place[1], place[0], bearing_deg, metres)
    return lat, lon


def _along(origin: Place, bearing_deg: F64, metres: F64) -> tuple[F64, F64, F64]:
    """Give lat, lon and onward direction at distances from a place."""
    n = len(metres)
    lon, lat, back = WGS84.fwd(np.full(n, origin[1]), np.full(n, origin[0]), bearing_deg % 360.0, metres)
    return lat, lon, (back + 180.0) % 360.0
